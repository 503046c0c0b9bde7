import Foundation
import Testing

@testable import padash

/// The script for bash, loaded into bash and asked as the Tab key asks it.
@Suite struct BashCompletion {
    /// What completes the last of `words` in a folder with a script, another file and a folder.
    private func completions(_ words: String...) throws -> Set<String> {
        let folder = try TemporaryFolder()
        for name in ["search.pada", "notes.txt"] { _ = try folder.file(name, "") }
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("runs"), withIntermediateDirectories: false)
        let line = (["padash"] + words).map { "'\($0)'" }.joined(separator: " ")
        let result = try Binary.shell("""
            cd '\(folder.url.path)' && source <($PADASH completions bash) && complete -p padash >/dev/null || exit 1
            COMP_WORDS=(\(line)); COMP_CWORD=\(words.count); _padash && printf '%s\\n' "${COMPREPLY[@]}"
            """)
        #expect(result.code == 0 && result.errors == "")
        return Set(result.output.split(separator: "\n").map(String.init))
    }

    @Test func commandsAndScriptsComeFirst() throws {
        #expect(try completions("") == Set(CommandTable.commands.map(\.name) + ["search.pada", "runs"]))
        #expect(try completions("-") == Set(CommandTable.options.flatMap(\.names)))
        #expect(try completions("ch") == ["check"])
        #expect(try completions("sea") == ["search.pada"])
    }

    @Test func aScriptTakesAnyFiles() throws {
        #expect(try completions("run", "") == ["search.pada", "runs"])
        #expect(try completions("run", "search.pada", "") == ["search.pada", "runs", "notes.txt"])
        #expect(try completions("search.pada", "no") == ["notes.txt"])
    }

    @Test func optionsAndTheirValues() throws {
        #expect(try completions("fmt", "--c") == ["--check"])
        #expect(try completions("fmt", "") == ["search.pada", "runs"])
        #expect(try completions("doc", "--format", "") == ["markdown", "html"])
        #expect(try completions("doc", "--format", "=", "ht") == ["html"])
        #expect(try completions("doc", "-o", "n") == ["notes.txt"])
        #expect(try completions("completions", "") == ["bash", "zsh", "fish"])
    }
}

/// The table, and what is made of it.
@Suite struct TableOfCommands {
    @Test func everyCommandIsRead() throws {
        for command in CommandTable.commands {
            let operand = switch command.operand {
            case .folder, .pages: [String]()
            case .script, .file, .files: ["a.pada"]
            case .choice(_, let words): [words[0]]
            }
            _ = try Invocation([command.name] + operand, isInputTerminal: true)
            guard case .help(let asked?) = try Invocation([command.name, "--help"], isInputTerminal: true) else {
                Issue.record("no help on \(command.name)")
                continue
            }
            #expect(asked.name == command.name)
            #expect(Usage.text.contains("padash \(command.operand == .script ? "[run] FILE" : command.usage)"))
        }
    }

    @Test func everyShellKnowsEveryCommandAndOption() {
        for shell in Shell.allCases {
            let words = Set(shell.completions.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
            for command in CommandTable.commands {
                #expect(words.contains(command.name), "\(shell)")
                for name in command.options.flatMap(\.names) {
                    #expect(words.contains(shell == .fish ? String(name.drop { $0 == "-" }) : name), "\(shell) \(name)")
                }
            }
        }
    }

    @Test func optionsOfCommands() throws {
        func read<Action: CommandAction>(_ arguments: String...) throws -> Action? {
            guard case .command(let action) = try Invocation(arguments, isInputTerminal: true) else { return nil }
            return action as? Action
        }
        #expect(try read("doc") == Documentation.reference(.markdown, path: nil))
        #expect(try read("doc", "--format=html", "-o", "a.html") == Documentation.reference(.html, path: "a.html"))
        #expect(try read("doc", "--site", "out", "a.md", "b.md") == Documentation.site(folder: "out", pages: ["a.md", "b.md"]))
        #expect(try read("check", "--strict", "a", "--", "--b") == Check(paths: ["a", "--b"], isStrict: true))
        #expect(try read("run", "a", "--help") == ScriptCommand(.named("a"), ["--help"]))
        for mistake in [["doc", "--format", "pdf"], ["doc", "x"], ["doc", "-o"], ["doc", "--site"], ["doc", "--site", "out", "-o", "x"], ["doc", "--site", "out", "--format", "html"], ["completions"], ["completions", "tcsh"], ["fmt", "--chekc", "a"]] {
            #expect(throws: Invocation.Mistake.self) { try Invocation(mistake, isInputTerminal: true) }
        }
    }
}
