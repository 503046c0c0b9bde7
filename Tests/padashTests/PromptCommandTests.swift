import Foundation
import Testing

@Suite(.serialized) struct PromptCommandTests {
    @Test func timeRunsCodeAgainAndAgainAndShowsItsValueOnce() throws {
        let terminal = try Terminal()
        try terminal.enter(":time 20 + 1", at: "In [1]: ")
        let shown = try terminal.wait(for: "at best")
        #expect(shown.contains("Out[1]: 21"))
        let runs = try #require(shown.firstMatch(of: /median of (\d+) runs/)?.1)
        #expect(try #require(Int(runs)) > 100)
        try terminal.enter("_ + 1", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 22")
        try terminal.enter(":time", at: "In [3]: ")
        try terminal.wait(for: ":time needs code")
        try terminal.enter(":time throw \"no\"", at: "In [3]: ")
        try terminal.wait(for: "error: no")
    }

    @Test func timedCodeMayTakeSeveralLinesAndIsStoppedByControlC() throws {
        let terminal = try Terminal()
        try terminal.enter(":time do {", at: "In [1]: ")
        try terminal.enter("print(\"go\")", at: "   ...: ")
        try terminal.enter("while true { }", at: "   ...: ")
        try terminal.enter("}", at: "   ...: ")
        try terminal.wait(for: "\ngo\n")
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted: ")
        try terminal.enter("1", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 1")
    }

    @Test func whoListsNamesTypesAndValues() throws {
        let terminal = try Terminal(columns: 50)
        try terminal.enter(":who", at: "In [1]: ")
        try terminal.wait(for: "nothing is declared yet")
        try terminal.enter("let numbers = list(0..1000); fn twice(x, by: 2) = x * by; let s = \"text\"", at: "In [1]: ")
        try terminal.enter(":who", at: "In [2]: ")
        try terminal.wait(for: "In [2]: ")
        let rows = terminal.rows
        #expect(rows.contains("twice    function  (x, by: 2)"))
        #expect(rows.contains("s        string    \"text\""))
        let numbers = try #require(rows.first { $0.hasPrefix("numbers  list") })
        #expect(numbers.hasSuffix(" more]") && numbers.count <= 50)
    }

    @Test func resetForgetsEverything() throws {
        let terminal = try Terminal()
        try terminal.enter("let first = 1", at: "In [1]: ")
        try terminal.enter("let [a, b] = [1, 2]", at: "In [2]: ")
        try terminal.enter(":reset", at: "In [3]: ")
        try terminal.enter("a", at: "In [1]: ")
        try terminal.wait(for: "'a' is not known")
        try terminal.enter("let a = 5; a", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 5")
        try terminal.enter("_ + Out[2]", at: "In [3]: ")
        try terminal.wait(for: "Out[3]: 10")
        try terminal.enter("Out", at: "In [4]: ")
        try terminal.wait(for: "{[2]: 5, [3]: 10, ")
    }

    @Test func saveWritesAScriptThatRunsAndLoadReadsItBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("session.pada").path
        let terminal = try Terminal()
        try terminal.enter(":save \(path)", at: "In [1]: ")
        try terminal.wait(for: "nothing to save")
        try terminal.enter("let n = 20", at: "In [1]: ")
        try terminal.enter("nope", at: "In [2]: ")
        try terminal.enter("fn f(x) {", at: "In [3]: ")
        try terminal.enter("x + n", at: "   ...: ")
        try terminal.enter("}", at: "   ...: ")
        try terminal.enter("let n = n + 1", at: "In [4]: ")
        try terminal.enter("print(\"f gives\", f(1))", at: "In [5]: ")
        try terminal.wait(for: "f gives 22")
        try terminal.enter(":save \(path)", at: "In [6]: ")
        try terminal.wait(for: "4 cells written")
        try terminal.wait(for: "1 with errors left out")
        #expect(try Binary.run([path]).output == "f gives 22\n")
        try terminal.enter(":reset", at: "In [6]: ")
        try terminal.enter(":load \(path)", at: "In [1]: ")
        try terminal.wait(for: "f gives 22")
        try terminal.enter("n", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 21")
    }

    @Test func saveAsksBeforeItReplacesAFileWithALongPathInANarrowWindow() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file(String(repeating: "long-", count: 20) + "name.pada", "print(1)\n")
        let terminal = try Terminal(columns: 30)
        try terminal.enter("print(2)", at: "In [1]: ")
        for answer in ["", "no"] {
            try terminal.enter(":save \(file.path)", at: "In [2]: ")
            try terminal.enter(answer, at: "exists\nReplace it? [y/N] ")
            try terminal.wait(for: "nothing was written")
            #expect(try String(contentsOf: file, encoding: .utf8) == "print(1)\n")
        }
        try terminal.enter(":save \(file.path)", at: "In [2]: ")
        try terminal.enter("y", at: "exists\nReplace it? [y/N] ")
        try terminal.wait(for: "1 cell written")
        #expect(try Binary.run([file.path]).output == "2\n")
    }

    @Test func saveSaysWhatAScriptCannotHave() throws {
        let folder = try TemporaryFolder()
        let terminal = try Terminal()
        try terminal.enter("fn f() = 1", at: "In [1]: ")
        try terminal.enter("fn f() = 2", at: "In [2]: ")
        try terminal.enter("f()", at: "In [3]: ")
        try terminal.enter("_ + 1", at: "In [4]: ")
        try terminal.enter(":save \(folder.url.path)/s.pada", at: "In [5]: ")
        try terminal.wait(for: "warning: 'f' declared more than once")
        try terminal.wait(for: "warning: In [4] uses '_'")
        try terminal.enter(":save /proc/nowhere/s.pada", at: "In [5]: ")
        try terminal.wait(for: "cannot be written: ")
    }

    @Test func loadNamesTheFileInErrorsAndImportsFromItsFolder() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("util.pada", "fn double(x) = 2 * x\n")
        let script = try folder.file("main.pada", "import \"util.pada\" as util\nlet y = util.double(4)\nnope\n")
        let terminal = try Terminal()
        try terminal.enter(":load \(script.path)", at: "In [1]: ")
        try terminal.wait(for: "main.pada:3:1")
        try terminal.enter("y", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 8")
        try terminal.enter(":load \(folder.url.path)/mian.pada", at: "In [3]: ")
        try terminal.wait(for: "did you mean 'main.pada'?")
    }

    @Test func editOpensACellInTheEditorAndRunsIt() throws {
        let terminal = try Terminal(environment: ["EDITOR": "sed -i s/20/40/"])
        try terminal.enter("20 + 1", at: "In [1]: ")
        try terminal.enter("5", at: "In [2]: ")
        try terminal.enter(":edit 1", at: "In [3]: ")
        try terminal.wait(for: "40 + 1")
        try terminal.wait(for: "Out[3]: 41")
        try terminal.enter(":edit 9", at: "In [4]: ")
        try terminal.wait(for: "there is no In [9]")
        // What was edited can be recalled.
        try terminal.wait(for: "In [4]: ")
        terminal.type("\u{1B}[A\u{1B}[A\u{1B}[A\r")
        try terminal.wait(for: "Out[4]: ")
    }

    @Test func anEditorThatFailsRunsNothing() throws {
        for (editor, complaint) in [("false", "ended with code 1"), ("no-such-editor", "cannot be started")] {
            let terminal = try Terminal(environment: ["VISUAL": editor])
            try terminal.enter("1", at: "In [1]: ")
            try terminal.enter(":edit", at: "In [2]: ")
            try terminal.wait(for: complaint)
            try terminal.wait(for: "In [2]: ")
        }
    }

    @Test func helpComesFromTheTableAndCompletes() throws {
        let terminal = try Terminal()
        try terminal.enter(":help", at: "In [1]: ")
        let page = try terminal.wait(for: ":who")
        for name in [":doc NAME", ":edit [N]", ":load FILE", ":quit", ":reset", ":save FILE", ":time CODE"] { #expect(page.contains(name)) }
        try terminal.enter(":doc len", at: "In [1]: ")
        try terminal.wait(for: "len(value)")
        try terminal.enter("help(len)", at: "In [1]: ")
        try terminal.wait(for: "len(value)")
        try terminal.enter(":help :save", at: "In [1]: ")
        try terminal.wait(for: "write the cells")
        try terminal.enter(":", at: "In [1]: ")
        try terminal.wait(for: "a command's name must follow")
        try terminal.wait(for: "In [1]: ")
        terminal.type(":qu\t\r")
        #expect(try terminal.exitCode() == 0)
    }

    @Test func filesCompleteInStringsAndAfterCommands() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("my data-1.txt", "hello")
        _ = try folder.file("script one.pada", "let loaded = 7")
        let terminal = try Terminal(columns: 150)
        try terminal.wait(for: "In [1]: ")
        terminal.type("read_text(\"\(folder.url.path)/my\t\")\r")
        try terminal.wait(for: "Out[1]: \"hello\"")
        try terminal.wait(for: "In [2]: ")
        terminal.type(":load \(folder.url.path)/scr\t\r")
        try terminal.enter("loaded", at: "In [3]: ")
        try terminal.wait(for: "Out[3]: 7")
    }

    @Test func membersKeysAndSeveralCandidatesComplete() throws {
        let terminal = try Terminal()
        try terminal.enter("let runs = [{score: 1, \"odd key\": 2}]; fn train(epochs: 1, rate: 0.5) = epochs", at: "In [1]: ")
        try terminal.wait(for: "In [2]: ")
        // With a blank in it the other key is no member.
        terminal.type("runs[0].\t + runs[0][\"o\t\"]\r")
        try terminal.wait(for: "Out[2]: 3")
        try terminal.wait(for: "In [3]: ")
        terminal.type("train(\t")
        try terminal.wait(for: "epochs:  rate:")
        terminal.type("ep\t9)\r")
        try terminal.wait(for: "Out[3]: 9")
    }
}

/// What runs before the first prompt.
@Suite struct RCFileTests {
    @Test func itsNamesAreThereAtTheFirstPrompt() throws {
        let folder = try configuration("let answer = 42\nprint(\"ready\")")
        let terminal = try Terminal(environment: ["XDG_CONFIG_HOME": folder.url.path])
        try terminal.wait(for: "ready")
        try terminal.enter("answer", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: 42")
    }

    @Test func anErrorInItIsShownAndNoMore() throws {
        for code in ["let answer = 42\nnope", "let = ", "while"] {
            let folder = try configuration(code)
            let terminal = try Terminal(environment: ["XDG_CONFIG_HOME": folder.url.path])
            try terminal.wait(for: "rc.pada:")
            try terminal.enter("1 + 1", at: "In [1]: ")
            try terminal.wait(for: "Out[1]: 2")
        }
    }

    @Test func itIsSkippedOnRequest() throws {
        let folder = try configuration("print(\"ready\")")
        let terminal = try Terminal(["--no-rc"], environment: ["XDG_CONFIG_HOME": folder.url.path])
        #expect(!(try terminal.wait(for: "In [1]: ")).contains("ready"))
        #expect(try Binary.run(["--no-rc", "x.pada"]).code == 2)
    }

    private func configuration(_ code: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("padash"), withIntermediateDirectories: true)
        _ = try folder.file("padash/rc.pada", code)
        return folder
    }
}
