import Foundation
import Testing

@Suite(.serialized) struct PromptTests {
    @Test func valuesAreEchoedAndRemembered() throws {
        let terminal = try Terminal()
        try terminal.enter("20 + 1", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: 21")
        try terminal.enter("_ * 2", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 42")
        try terminal.enter("let x = 5", at: "In [3]: ")
        try terminal.enter("Out[1] + Out[2] + x", at: "In [4]: ")
        try terminal.wait(for: "Out[4]: 68")
        try terminal.enter("Out[3]", at: "In [5]: ")
        try terminal.wait(for: "key error")
        try terminal.enter("let x = 6", at: "In [6]: ")
        try terminal.enter("x", at: "In [7]: ")
        try terminal.wait(for: "Out[7]: 6")
    }

    @Test func anEntryOfSeveralLinesIsRecalledAsOne() throws {
        let terminal = try Terminal()
        try terminal.enter("fn f(x) {", at: "In [1]: ")
        try terminal.enter("x * 3", at: "   ...: ")
        try terminal.enter("}", at: "   ...: ")
        try terminal.enter("f(7)", at: "In [2]: ")
        try terminal.wait(for: "Out[2]: 21")
        try terminal.wait(for: "In [3]: ")
        terminal.type("\u{1B}[A\u{1B}[A\r")
        try terminal.wait(for: "In [4]: ")
        #expect(terminal.rows.suffix(4) == ["In [3]: fn f(x) {", "   ...:     x * 3", "   ...: }", "In [4]:"])
    }

    @Test func controlCStopsTheCellAndKeepsTheState() throws {
        let terminal = try Terminal()
        try terminal.enter("var n = 1", at: "In [1]: ")
        try terminal.enter("print(\"go\"); while true { n += 1 }", at: "In [2]: ")
        try terminal.wait(for: "\ngo")
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted: ")
        try terminal.enter("n > 1", at: "In [3]: ")
        try terminal.wait(for: "Out[3]: true")
    }

    @Test func controlCDropsWhatIsTyped() throws {
        let terminal = try Terminal()
        try terminal.wait(for: "In [1]: ")
        terminal.type("fn f() {\r")
        try terminal.wait(for: "   ...: ")
        terminal.type("oops\u{3}")
        try terminal.enter("1", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: 1")
    }

    @Test func tabCompletesNamesMembersAndParameters() throws {
        let terminal = try Terminal()
        try terminal.enter("let accuracies = {validation: 0.5}", at: "In [1]: ")
        try terminal.wait(for: "In [2]: ")
        terminal.type("accu\t.val\t\r")
        try terminal.wait(for: "Out[2]: 0.5")
        try terminal.wait(for: "In [3]: ")
        terminal.type("[i for i in progress(0..3, lab\t\"x\")]\r")
        try terminal.wait(for: "Out[3]: [0, 1, 2]")
    }

    @Test func tabIndents() throws {
        let terminal = try Terminal()
        try terminal.enter("do {", at: "In [1]: ")
        try terminal.wait(for: "   ...: ")
        terminal.type("\t4 }\r")
        try terminal.wait(for: "        4 }")
        try terminal.wait(for: "Out[1]: 4")
    }

    @Test func pastedLinesAreOneEntry() throws {
        let terminal = try Terminal()
        try terminal.wait(for: "In [1]: ")
        terminal.type("\u{1B}[200~fn g(n) {\n    if n < 1 { 0 }\n    else { n + g(n - 1) }\n}\ng(3)\n\u{1B}[201~\r")
        try terminal.wait(for: "Out[1]: 6")
    }

    @Test func controlDAndTheWordsForItLeave() throws {
        for farewell in ["\u{4}", "exit\r", "quit\r", ":quit\r", "exit()\r"] {
            let terminal = try Terminal()
            try terminal.wait(for: "In [1]: ")
            terminal.type(farewell)
            #expect(try terminal.exitCode() == 0)
        }
        let terminal = try Terminal()
        try terminal.enter("exit(3)", at: "In [1]: ")
        #expect(try terminal.exitCode() == 3)
    }

    @Test func controlCTwiceWithNothingTypedOffersToLeave() throws {
        let terminal = try Terminal()
        for (number, answer) in [(1, "n\r"), (2, "\r"), (3, "what?\r")] {
            for _ in 0..<2 {
                try terminal.wait(for: "In [\(number)]: ")
                terminal.type("\u{3}")
                try terminal.wait(for: "^C")
            }
            try terminal.wait(for: "Leave padash? [y/N] ")
            terminal.type(answer)
            try terminal.enter("\(number)", at: "In [\(number)]: ")
            try terminal.wait(for: "Out[\(number)]: \(number)")
        }
        for _ in 0..<2 {
            try terminal.wait(for: "In [4]: ")
            terminal.type("\u{3}")
            try terminal.wait(for: "^C")
        }
        try terminal.wait(for: "Leave padash? [y/N] ")
        terminal.type("y\r")
        #expect(try terminal.exitCode() == 0)
    }

    @Test func helpOnANameAndUnknownCommands() throws {
        let terminal = try Terminal()
        try terminal.enter("?len", at: "In [1]: ")
        try terminal.wait(for: "len(value)")
        try terminal.enter("lenn?", at: "In [1]: ")
        try terminal.wait(for: "did you mean 'len'?")
        try terminal.enter(":hlp", at: "In [1]: ")
        try terminal.wait(for: "did you mean ':help'?")
    }

    @Test func helpOnAVariableShowsItsValueAndItsMembers() throws {
        let terminal = try Terminal()
        try terminal.enter("let runs = table({acc: [90.5]})", at: "In [1]: ")
        try terminal.enter("?runs", at: "In [2]: ")
        try terminal.wait(for: "runs is a table: <table of 1 row: acc>")
        try terminal.wait(for: "members:\n")
        try terminal.wait(for: "table.sort(by, reverse: false)")
    }

    @Test func historyOutlivesTheSession() throws {
        let folder = try TemporaryFolder()
        let state = ["XDG_STATE_HOME": folder.url.path]
        let first = try Terminal(environment: state)
        try first.enter("let s = \"a\\n\" + [", at: "In [1]: ")
        try first.enter("\"b\"][0]", at: "...: ")
        try first.wait(for: "In [2]: ")
        first.type("\u{4}")
        try first.wait(for: "Leave padash, and lose its values? [y/N] ")
        first.type("\u{4}")
        #expect(try first.exitCode() == 0)
        let second = try Terminal(environment: state)
        try second.wait(for: "In [1]: ")
        second.type("\u{1B}[A\r")
        try second.enter("s", at: "In [2]: ")
        try second.wait(for: "Out[2]: \"a\\nb\"")
    }

    @Test func aFolderThatCannotBeWrittenDoesNotMatter() throws {
        let terminal = try Terminal(environment: ["XDG_STATE_HOME": "/proc/nowhere"])
        try terminal.enter("1 + 1", at: "In [1]: ")
        try terminal.wait(for: "Out[1]: 2")
    }

    @Test func colourOnATerminalUnlessUnwanted() throws {
        for (preference, isColored) in [("", true), ("1", false)] {
            let terminal = try Terminal(["-e", "nope"], environment: ["NO_COLOR": preference])
            #expect(try terminal.exitCode() == 1)
            #expect(terminal.screen.contains("name error: "))
            #expect(terminal.raw.contains("\u{1B}[") == isColored)
        }
    }

    @Test func progressIsDrawnOnTheTerminalAndFinishes() throws {
        let terminal = try Terminal(["-e", "for i in progress(0..3, \"steps\") { print(\"at\", i) }"])
        #expect(try terminal.exitCode() == 0)
        #expect(terminal.screen.contains("at 0\n") && terminal.screen.contains("steps ━") && terminal.screen.contains("3/3"))
    }
}
