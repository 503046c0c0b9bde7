enum FishCompletions {
    static var script: String {
        var lines = ["# Completions of padash for fish:  padash completions fish > ~/.config/fish/completions/padash.fish",
            "complete -c padash -f"]
        let first = "-n __fish_is_first_arg"
        for command in CommandTable.commands {
            lines.append("complete -c padash \(first) -a \(command.name) -d \(quoted(command.summary))")
        }
        lines.append("complete -c padash \(first) -k -a '(__fish_complete_suffix .pada)'")
        let others = CommandTable.commands.filter { $0.operand != .script }.map(\.name).joined(separator: " ")
        lines.append("complete -c padash -n 'not __fish_is_first_arg; and not __fish_seen_subcommand_from \(others)' -F")
        lines += CommandTable.options.map { "complete -c padash \(first)\(flags(of: $0)) -d \(quoted($0.summary))" }
        for command in CommandTable.commands {
            let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
            lines += command.completedOptions.map { "complete -c padash \(condition)\(flags(of: $0)) -d \(quoted($0.summary))" }
            switch command.operand {
            case .script: break
            case .folder: lines.append("complete -c padash \(condition) -a '(__fish_complete_directories)'")
            case .pages: lines.append("complete -c padash \(condition) -k -a '(__fish_complete_suffix .md)'")
            case .file, .files: lines.append("complete -c padash \(condition) -k -a '(__fish_complete_suffix .pada)'")
            case .choice(_, let words): lines.append("complete -c padash \(condition) -a \(quoted(words.joined(separator: " ")))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Its spellings, and what its value may be.
    private static func flags(of option: CommandOption) -> String {
        let names = option.names.map { $0.hasPrefix("--") ? " -l \($0.dropFirst(2))" : " -s \($0.dropFirst())" }.joined()
        return switch option.value {
        case nil: names
        case .text?: names + " -x"
        case .file?: names + " -r -F"
        case .folder?: names + " -x -a '(__fish_complete_directories)'"
        case .choice(let words)?: names + " -x -a \(quoted(words.joined(separator: " ")))"
        }
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'" }
}
