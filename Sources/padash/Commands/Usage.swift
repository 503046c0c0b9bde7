import Library
import Runtime

/// What `--help` prints.
enum Usage {
    static let version = Release.version

    static var text: String {
        let general = [("", "start the interactive prompt, or run a script from a pipe")]
        let commands = CommandTable.commands.map { ($0.operand == .script ? "[run] FILE [ARGS]" : $0.usage, $0.summary) }
        let input = [("- [ARGS]", "run a script from standard input")]
        let options = CommandTable.options.map {
            ($0.names.joined(separator: ", ") + ($0.value.map { " \($0.usage) [ARGS]" } ?? ""), $0.summary)
        }
        return """
            padash \(version): a laboratory for one-shot neural architecture search

            Usage:
            \(table((general + commands + input + options).map { ("padash \($0.0)", $0.1) }))

            A script reads ARGS with args(). Exit codes: 0 success, 1 run-time error,
            2 usage or syntax error, 130 interrupted, and n after exit(n).
            NO_COLOR=1 turns colours off. Start padash and type :help to learn the prompt,
            which first runs $XDG_CONFIG_HOME/padash/rc.pada where there is one.

            """
    }

    static func text(of command: Command) -> String {
        let options = command.options.map { option in
            (option.names.joined(separator: ", ") + (option.value.map { " " + $0.usage } ?? ""), option.summary)
        }
        return "padash \(command.usage)\n\n  \(command.summary)\n" + (options.isEmpty ? "" : "\n\(table(options))\n")
    }

    private static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count + 2))\($0.1)" }.joined(separator: "\n")
    }
}
