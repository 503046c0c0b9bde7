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

/// `padash completions`
struct Completions: CommandAction {
    static let command = Command(
        "completions", .choice(name: "shell", words: Shell.allCases.map(\.rawValue)),
        "print a script that lets Tab complete padash commands in a shell",
        does: Completions.self)

    private let shell: Shell

    init(_ arguments: CommandArguments) { shell = arguments.operands.first.flatMap(Shell.init) ?? .bash }

    func run() -> Int32 { Report.say(shell.completions) }
}

extension Command {
    /// What completes in it: its own options, and help.
    var completedOptions: [CommandOption] { operand == .script ? [] : options + [CommandTable.help] }
}
