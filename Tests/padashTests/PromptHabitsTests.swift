import Foundation
import Testing

/// What the prompt makes of slips and of other prompts' habits.
@Suite struct PromptHabits {
    @Test func controlDAsksOnceWhereThereAreValues() throws {
        let terminal = try Terminal()
        try terminal.enter("1 + 1", at: "In [1]: ")
        try terminal.enter("let net = 3", at: "In [2]: ")
        try terminal.wait(for: "In [3]: ")
        terminal.type("\u{4}")
        try terminal.wait(for: "Leave padash, and lose its values? [y/N] ")
        terminal.type("\r")
        try terminal.enter("net + 1", at: "In [3]: ")
        try terminal.wait(for: "Out[3]: 4")
        try terminal.wait(for: "In [4]: ")
        terminal.type("\u{4}")
        try terminal.wait(for: "[y/N] ")
        terminal.type("\u{4}")
        #expect(try terminal.exitCode() == 0)
    }

    @Test func aHiddenBuiltInComesBack() throws {
        let terminal = try Terminal()
        try terminal.enter("let max = 3", at: "In [1]: ")
        try terminal.enter("max([1, 2])", at: "In [2]: ")
        try terminal.wait(for: "a variable 'max' hides the built-in function")
        try terminal.wait(for: ":forget max")
        try terminal.enter("let f = () => max([1, 5])", at: "In [3]: ")
        try terminal.enter(":forget max", at: "In [4]: ")
        try terminal.enter("[max([1, 2]), f()]", at: "In [4]: ")
        try terminal.wait(for: "Out[4]: [2, 5]")
        try terminal.enter(":forget maxx", at: "In [5]: ")
        try terminal.wait(for: "no 'maxx' is declared here")
        try terminal.enter(":forget Out", at: "In [5]: ")
        try terminal.wait(for: "no 'Out' is declared here")
        try terminal.enter("Out[4]", at: "In [5]: ")
        try terminal.wait(for: "Out[5]: [2, 5]")
    }

    @Test func whatWasDeletedIsGone() throws {
        let terminal = try Terminal()
        try terminal.enter("1 + 1", at: "In [1]: ")
        try terminal.wait(for: "In [2]: ")
        terminal.type("\u{1B}[A\u{15}\u{4}")
        #expect(try terminal.exitCode() == 0)
        #expect(terminal.rows.last == "In [2]:", "\(terminal.rows)")
    }

    /// The terminal, or the connection, lost the end of it.
    @Test func aPasteWithoutAnEndIsDroppedByControlC() throws {
        let terminal = try Terminal()
        try terminal.wait(for: "In [1]: ")
        terminal.type("\u{1B}[200~1 + 1")
        Thread.sleep(forTimeInterval: 0.3)
        terminal.type("\u{3}")
        try terminal.wait(for: "^C")
        try terminal.enter("6 * 7", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: 42")
        try terminal.wait(for: "In [2]: ")
        terminal.type("\u{1B}[200~[1,\r\n2,\r3]\u{1B}[201~ |> sum\r")
        try terminal.wait(for: "Out[2]: 6")
    }

    @Test func tabAfterTheNameOfAnArgumentDoesNotRepeatIt() throws {
        let terminal = try Terminal()
        try terminal.wait(for: "In [1]: ")
        terminal.type("round(2.5, digits: \t\t1) + 1\r")
        try terminal.wait(for: "Out[1]: 3.5")
        #expect(!terminal.screen.contains("digits: digits"))
    }

    @Test func commandsOfOtherPrompts() throws {
        let terminal = try Terminal()
        try terminal.enter("%timeit 1 + 1", at: "In [1]: ")
        try terminal.wait(for: ":time is what you want")
        try terminal.enter("!ls", at: "In [1]: ")
        try terminal.wait(for: "the prompt runs no shell commands")
    }

    /// A read that waits for a pipe, at the prompt; and a pipe in place of the history.
    @Test func controlCEndsTheWaitForAPipe() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.url.appendingPathComponent("pipe").path
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("padash"), withIntermediateDirectories: true)
        try #require(mkfifo(pipe, 0o600) == 0 && mkfifo(folder.url.appendingPathComponent("padash/history").path, 0o600) == 0)
        let terminal = try Terminal(environment: ["XDG_STATE_HOME": folder.url.path])
        for (number, entry) in ["read_text(\"\(pipe)\")", "import \"\(pipe)\" as p", "read_text(\"/dev/tty\")"].enumerated() {
            try terminal.enter(entry, at: "In [\(number + 1)]: ")
            Thread.sleep(forTimeInterval: 0.5)
            terminal.type("\u{3}")
            try terminal.wait(for: "interrupted")
        }
        try terminal.enter(":load \(pipe)", at: "In [4]: ")
        Thread.sleep(forTimeInterval: 0.5)
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted")
        try terminal.enter("6 * 7", at: "In [4]: ")
        try terminal.wait(for: "Out[4]: 42")
    }
}
