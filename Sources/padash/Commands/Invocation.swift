import Lang

/// What the command line asks for.
enum Invocation: Equatable {
    case interactive
    case file(String, arguments: [String])
    case code(String, arguments: [String])
    /// A script on standard input.
    case input(arguments: [String])
    case help
    case version

    /// A command line that makes no sense.
    struct Mistake: Error {
        var message: String
        var hint: String?
    }

    private static let options = ["-e", "-h", "--help", "-V", "--version"]

    /// Everything after the script belongs to the script.
    init(_ arguments: [String], isInputTerminal: Bool) throws(Mistake) {
        var rest = arguments[...]
        guard let first = rest.popFirst() else {
            self = isInputTerminal ? .interactive : .input(arguments: [])
            return
        }
        switch first {
        case "-h", "--help": self = .help
        case "-V", "--version": self = .version
        case "-": self = .input(arguments: Array(rest))
        case "-e":
            guard let code = rest.popFirst() else { throw Mistake(message: "'-e' needs code to run", hint: "padash -e 'print(1 + 1)'") }
            self = .code(code, arguments: Array(rest))
        case "run", "--":
            guard let file = rest.popFirst() else { throw Mistake(message: "'\(first)' needs a file to run", hint: "padash run search.pada") }
            self = file == "-" ? .input(arguments: Array(rest)) : .file(file, arguments: Array(rest))
        default:
            guard first.hasPrefix("-") else {
                self = .file(first, arguments: Array(rest))
                return
            }
            let name = first.prefix { $0 != "=" }
            let near = Suggestion.nearest(to: String(name), among: Invocation.options)
            throw Mistake(message: "there is no option '\(name)'", hint: near.map { "did you mean '\($0)'?" } ?? "padash --help lists the options")
        }
    }
}
