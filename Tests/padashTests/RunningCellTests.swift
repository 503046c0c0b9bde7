import Foundation
import Testing

/// The terminal while a cell runs.
@Suite(.serialized) struct RunningCellTests {
    private let busy = "print(\"go\"); let start = clock(); while clock() - start < 0.5 { }; print(\"end\")"

    @Test func whatIsTypedMeanwhileWaitsForThePrompt() throws {
        let terminal = try Terminal()
        try terminal.enter(busy, at: "In [1]: ")
        try terminal.wait(for: "\ngo")
        terminal.type("20 + 1")
        #expect(!(try terminal.wait(for: "end\n")).contains("20"))
        try terminal.wait(for: "In [2]: 20 + 1")
        terminal.type("\r")
        try terminal.wait(for: "Out[2]: 21")
    }

    @Test func aLongPasteMeanwhileArrivesWhole() throws {
        let terminal = try Terminal()
        try terminal.enter(busy, at: "In [1]: ")
        try terminal.wait(for: "\ngo")
        terminal.type("\u{1B}[200~len(\"" + String(repeating: "x", count: 9_000) + "\")\u{1B}[201~\r")
        try terminal.wait(for: "Out[2]: 9000")
    }

    @Test func outputAndProgressStayApart() throws {
        let terminal = try Terminal(columns: 60)
        try terminal.enter("for i in progress(0..3, \"steps\") { for j in progress(0..2, \"inner\") { print(\"at\", i, j) } }", at: "In [1]: ")
        try terminal.wait(for: "In [2]: ")
        let rows = terminal.rows.suffix(8)
        #expect(rows.prefix(6) == ["at 0 0", "at 0 1", "at 1 0", "at 1 1", "at 2 0", "at 2 1"])
        let bar = try #require(rows.dropFirst(6).first)
        #expect(bar.hasPrefix("steps ━") && bar.contains("  3/3  "))
        #expect(rows.last == "In [2]:")
    }

    @Test func controlCStopsATrainingStepAndTheNetworkGoesOn() throws {
        let terminal = try Terminal()
        try terminal.enter("let data = digits(); let space = nasbench201(channels: 8, cells: 1); let net = supernet(space, input: data.shape)", at: "In [1]: ")
        try terminal.enter("let batch = [b for b in batches(data.train, size: 256)][0]; let path ~ space", at: "In [2]: ")
        try terminal.enter("print(\"go\"); while true { net.step(path, batch, lr: 0) }", at: "In [3]: ")
        try terminal.wait(for: "\ngo")
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted: ")
        try terminal.enter("let a = net.step(path, batch, lr: 0).loss; a == net.step(path, batch, lr: 0).loss", at: "In [4]: ")
        try terminal.wait(for: "Out[4]: true")
    }

    @Test func controlBackslashEndsPadash() throws {
        let terminal = try Terminal()
        try terminal.enter("print(\"go\"); while true { }", at: "In [1]: ")
        try terminal.wait(for: "\ngo")
        terminal.type("\u{1C}")
        #expect(try terminal.exitCode() == 131)
    }

    @Test func controlBackslashInOneGoWithAnEntryDoesNothing() throws {
        let terminal = try Terminal()
        try terminal.enter("20\u{1C} + 1", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: 21")
        try terminal.enter("print(\"go\"); while true { }\r\u{1C}", at: "In [2]: ")
        try terminal.wait(for: "\ngo")
        usleep(100_000)
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted: ")
        try terminal.enter("_ + 1", at: "In [3]: ")
        try terminal.wait(for: "Out[3]: 22")
    }
}
