/// A shell that can complete padash's command line, from the same table that reads it.
enum Shell: String, CaseIterable {
    case bash, zsh, fish

    /// What the shell must load.
    var completions: String {
        switch self {
        case .bash: BashCompletions.script
        case .zsh: ZshCompletions.script
        case .fish: FishCompletions.script
        }
    }
}

extension Command {
    /// What completes in it: its own options, and help.
    var completedOptions: [CommandOption] { operand == .script ? [] : options + [CommandTable.help] }
}
