/// Every command and option there is. The command line is read by this table, `--help` prints it, and shells complete from it.
enum CommandTable {
    static let commands = [
        ScriptCommand.command, NotebookCommand.command, Convert.command, ResultsCommand.command, Format.command, Check.command,
        Documentation.command, KernelCommand.command, Completions.command,
    ]

    static let code = CommandOption(names: ["-e"], value: .text("CODE"), summary: "run code given on the command line")
    static let noRC = CommandOption(names: ["--no-rc"], summary: "start the prompt without its rc file")
    static let help = CommandOption(names: ["-h", "--help"], summary: "print this help, or that of a command")
    static let version = CommandOption(names: ["-V", "--version"], summary: "print the version")

    /// Those that stand in place of a command.
    static let options = [code, noRC, help, version]
}

/// What a command line asks for, as read from its words.
protocol CommandAction: SendableMetatype {
    /// Its entry of the table.
    static var command: Command { get }

    init(_ arguments: CommandArguments) throws(Invocation.Mistake)

    /// Gives the exit code.
    func run() throws -> Int32
}

/// A word that says what to do, and what may follow it.
struct Command: Sendable {
    enum Operand: Equatable, Sendable {
        /// One script, and then arguments of its own, whatever they look like.
        case script
        /// One script or notebook.
        case file
        /// A folder, or none.
        case folder
        /// One or more scripts.
        case files
        /// Pages of Markdown, or none.
        case pages
        /// One of a few words; `name` is what the usage calls them.
        case choice(name: String, words: [String])
    }

    let name: String
    let operand: Operand
    let summary: String
    let options: [CommandOption]
    let action: @Sendable (CommandArguments) throws(Invocation.Mistake) -> any CommandAction

    init<Action: CommandAction>(_ name: String, _ operand: Operand, _ summary: String, _ options: CommandOption..., does _: Action.Type) {
        (self.name, self.operand, self.summary, self.options) = (name, operand, summary, options)
        action = { arguments throws(Invocation.Mistake) in try Action(arguments) }
    }

    /// As the usage shows it, without the program's name: `fmt [--check] FILE…`.
    var usage: String {
        let operands = switch operand {
        case .script: " FILE [ARGS]"
        case .file: " FILE"
        case .folder: " [FOLDER]"
        case .files: " FILE…"
        case .pages: " [PAGE.md…]"
        case .choice(_, let words): " " + words.joined(separator: "|")
        }
        return name + options.map { " [\($0.usage)]" }.joined() + operands
    }
}

struct CommandOption: Equatable, Sendable {
    enum Value: Equatable, Sendable {
        /// Any text; the word is what the usage calls it.
        case text(String)
        case file
        case folder
        case choice([String])

        var usage: String {
            switch self {
            case .text(let name): name
            case .file: "FILE"
            case .folder: "FOLDER"
            case .choice(let words): words.joined(separator: "|")
            }
        }
    }

    /// All its spellings.
    var names: [String]
    var value: Value?
    var summary: String

    var usage: String { (names.last ?? "") + (value.map { " " + $0.usage } ?? "") }
}
