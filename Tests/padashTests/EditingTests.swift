import Foundation
import Testing

/// Entries of several lines, as they look on the screen.
@Suite(.serialized) struct EditingTests {
    private let up = "\u{1B}[A", down = "\u{1B}[B", endOfLine = "\u{5}"

    @Test func aRecalledEntryIsEditedLineByLine() throws {
        let terminal = try Terminal()
        try terminal.enter("fn f(x) {", at: "In [1]: ")
        try terminal.enter("x * 3", at: "   ...: ")
        try terminal.enter("}", at: "   ...: ")
        try terminal.wait(for: "In [2]: ")
        terminal.type("\(up)\(down)\(endOfLine) + 1\r")
        try terminal.enter("f(7)", at: "In [3]: ")
        try terminal.wait(for: "Out[3]: 22")
        try terminal.wait(for: "In [4]: ")
        #expect(terminal.rows.suffix(6).prefix(5) == ["In [2]: fn f(x) {", "   ...:     x * 3 + 1", "   ...: }", "In [3]: f(7)", "Out[3]: 22"])
    }

    @Test func upGoesFromTheFirstLineToTheEntryBeforeAndDownComesBack() throws {
        let terminal = try Terminal()
        try terminal.enter("10 + 1", at: "In [1]: ")
        try terminal.enter("[1,", at: "In [2]: ")
        try terminal.enter("2]", at: "   ...: ")
        try terminal.wait(for: "In [3]: ")
        terminal.type("7\u{1}\(up)\(up)\(down)\(down)\u{5} + 1\r")
        try terminal.wait(for: "Out[3]: 8")
    }

    @Test func upFindsEntriesThatBeginWithWhatIsTyped() throws {
        let terminal = try Terminal()
        try terminal.enter("let alpha = 1", at: "In [1]: ")
        try terminal.enter("alpha + 1", at: "In [2]: ")
        try terminal.enter("2 * 3", at: "In [3]: ")
        try terminal.wait(for: "In [4]: ")
        terminal.type("let\(up) + 40\r")
        try terminal.enter("alpha", at: "In [5]: ")
        try terminal.wait(for: "Out[5]: 41")
    }

    @Test func controlRSearchesTheHistory() throws {
        let terminal = try Terminal()
        try terminal.enter("let alpha = 1", at: "In [1]: ")
        try terminal.enter("2 * 3", at: "In [2]: ")
        try terminal.wait(for: "In [3]: ")
        terminal.type("\u{12}alph")
        try terminal.wait(for: "let alpha = 1")
        terminal.type("\u{5}1\r")
        try terminal.enter("alpha", at: "In [4]: ")
        try terminal.wait(for: "Out[4]: 11")
    }

    @Test func aLongLineIsWrappedAndTheNewLinesAreIndented() throws {
        let terminal = try Terminal(columns: 30)
        try terminal.enter("for i in 0..1 {", at: "In [1]: ")
        try terminal.enter("print(\"0123456789\" + \"abc\")", at: "   ...: ")
        try terminal.enter("if i > 0 {", at: "   ...: ")
        try terminal.enter("i", at: "   ...: ")
        try terminal.enter("}", at: "   ...: ")
        try terminal.enter("}", at: "   ...: ")
        try terminal.wait(for: "0123456789abc\n")
        let shown = [
            "In [1]: for i in 0..1 {", "   ...:     print(\"0123456789\"", " + \"abc\")", "   ...:     if i > 0 {", "   ...:         i", "   ...:     }", "   ...: }",
            "0123456789abc",
        ]
        #expect(terminal.rows.contains(shown))
    }

    @Test func anEntryHigherThanTheWindowIsSeenAroundTheCursor() throws {
        let terminal = try Terminal(rows: 8)
        try terminal.wait(for: "In [1]: ")
        let lines = (1...20).map { "    \($0)," }.joined(separator: "\n")
        terminal.type("\u{1B}[200~[\n\(lines)\n]\u{1B}[201~")
        try terminal.wait(for: "20,")
        try terminal.wait(for: "]")
        #expect(terminal.rows == (14...20).map { "   ...:     \($0)," } + ["   ...: ]"])
        terminal.type(String(repeating: up, count: 21))
        try terminal.wait(for: "In [1]: [")
        try terminal.wait(for: "7,")
        #expect(terminal.rows == ["In [1]: ["] + (1...7).map { "   ...:     \($0)," })
        terminal.type("\r")
        try terminal.wait(for: "Out[1]: ")
        #expect(terminal.screen.components(separatedBy: "    13,").count > 1)
    }

    @Test func wideCharactersAndTabsKeepTheCursorInPlace() throws {
        let terminal = try Terminal(columns: 40)
        try terminal.wait(for: "In [1]: ")
        terminal.type("\"日本語\u{16}\t\" + \"é\"\u{1}\u{6}\u{4}\u{5}\r")
        try terminal.wait(for: "Out[1]: ")
        #expect(terminal.screen.contains("Out[1]: \"本語\\té\""))
    }

    @Test func aNarrowerWindowShowsTheEntryOnceMore() throws {
        let terminal = try Terminal(columns: 60)
        try terminal.wait(for: "In [1]: ")
        terminal.type("\"0123456789\" + \"0123456789\" + \"end\"")
        try terminal.wait(for: "end\"")
        terminal.resize(columns: 30)
        try terminal.wait(for: "\n6789\" + \"end\"")
        terminal.type("\r")
        try terminal.wait(for: "Out[1]:")
        try terminal.wait(for: "01234567890123456789end")
    }

    @Test func killingGoesToTheEndOfTheLineAndThenTakesTheBreak() throws {
        let terminal = try Terminal()
        try terminal.enter("[10,", at: "In [1]: ")
        try terminal.wait(for: "   ...: ")
        terminal.type("20]\(up)\u{1}\u{6}\u{B}3,\u{B}\u{5}\r")
        try terminal.wait(for: "Out[1]: [3, 20]")
    }

    @Test func controlLClearsTheScreen() throws {
        let terminal = try Terminal()
        try terminal.enter("1 + 1", at: "In [1]: ")
        try terminal.wait(for: "In [2]: ")
        terminal.type("abc\u{C}")
        try terminal.wait(for: "In [2]: abc")
        #expect(terminal.rows == ["In [2]: abc"])
    }

    @Test func altEnterBreaksALineThatIsWhole() throws {
        let terminal = try Terminal()
        try terminal.wait(for: "In [1]: ")
        terminal.type("let a = 20\u{1B}\ra + 1\r")
        try terminal.wait(for: "Out[1]: 21")
    }

    @Test func aDumbTerminalGetsPlainLines() throws {
        let terminal = try Terminal(environment: ["TERM": "dumb"])
        try terminal.enter("[20 + 1,", at: "In [1]: ")
        try terminal.enter("2]", at: "   ...: ")
        try terminal.wait(for: "Out[1]: [21, 2]")
        try terminal.wait(for: "In [2]: ")
        #expect(!terminal.raw.contains("\u{1B}"))
        terminal.type("\u{4}")
        #expect(try terminal.exitCode() == 0)
    }

    @Test func colourIsOfTheEntryTheValueAndTheError() throws {
        let terminal = try Terminal(environment: ["NO_COLOR": ""])
        try terminal.enter("[\"a\", 1]", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: ")
        try terminal.enter("nope + 12", at: "In [2]: ")
        try terminal.wait(for: "name error")
        try terminal.wait(for: "In [3]: ")
        #expect(terminal.raw.contains("Out[1]:\u{1B}[0m [\u{1B}[32m\"\u{1B}[0m"))
        #expect(terminal.raw.contains("nope + \u{1B}[36m12\u{1B}[0m"))
    }
}

extension Array where Element: Equatable {
    func contains(_ part: [Element]) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}
