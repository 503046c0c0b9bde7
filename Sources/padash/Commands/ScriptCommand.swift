import Lang
import Text

/// `padash run`, and a script without that word.
struct ScriptCommand: CommandAction, Equatable {
    static let command = Command("run", .script, "run a Pada script; 'run' may be left out", does: ScriptCommand.self)

    enum Script: Equatable {
        /// A file, or standard input for `-`.
        case named(String)
        case code(String)
        /// Standard input, which nobody named.
        case pipe
    }

    let script: Script
    let arguments: [String]

    init(_ script: Script, _ arguments: [String]) { (self.script, self.arguments) = (script, arguments) }

    /// Everything after a script belongs to the script.
    init(_ arguments: CommandArguments) { self.init(.named(arguments.operands[0]), Array(arguments.operands.dropFirst())) }

    func run() throws -> Int32 {
        // What mpirun hands on of a terminal is no terminal any more.
        if script == .pipe { try RankedRun.refuse("the prompt", hint: "padash run FILE runs a script, padash - one from a pipe") }
        return try RankedRun.run {
            switch script {
            case .pipe, .named("-"): ScriptRun(source: try Source.read("-"), arguments: arguments, directory: ".").run()
            case .code(let code): ScriptRun(source: Source(name: "-e", text: code), arguments: arguments, directory: ".").run()
            case .named(let path): ScriptRun(source: try Self.source(path), arguments: arguments,
                directory: FilePath.importFolder(path)).run()
            }
        }
    }

    /// A script to run. A word that is no file may be a command mistyped.
    private static func source(_ path: String) throws(Diagnostic) -> Source {
        do {
            return try Source.read(path)
        } catch {
            var diagnostic = error
            let near = Suggestion.nearest(to: path, among: CommandTable.commands.map(\.name))
            if diagnostic.hint == nil, let command = CommandTable.commands.first(where: { $0.name == near }) {
                diagnostic.hint = "did you mean 'padash \(command.usage)'?"
            }
            if diagnostic.hint == nil, ["help", "version"].contains(path) { diagnostic.hint = "did you mean 'padash --\(path)'?" }
            throw diagnostic
        }
    }
}
