import Text

/// What the command line asks for.
enum Invocation: Equatable {
    /// The prompt, with the rc file or without.
    case interactive(readsRC: Bool)
    case file(String, arguments: [String])
    case code(String, arguments: [String])
    /// A script on standard input.
    case input(arguments: [String])
    case format([String], isCheck: Bool)
    case check([String], isStrict: Bool)
    case notebook(NotebookCommand)
    case convert(Convert)
    case results(folder: String, isComparison: Bool, order: String?, isCSV: Bool)
    case documentation(Documentation)
    case kernel(KernelAction, name: String?, prefix: String?, python: String?)
    case completions(Shell)
    /// How to use padash, or one of its commands.
    case help(Command?)
    case version

    /// A command line that makes no sense.
    struct Mistake: Error {
        var message: String
        var hint: String?
    }

    /// Everything after a script belongs to the script.
    init(_ arguments: [String], isInputTerminal: Bool) throws(Mistake) {
        var rest = arguments[...]
        guard let first = rest.popFirst() else {
            self = isInputTerminal ? .interactive(readsRC: true) : .input(arguments: [])
            return
        }
        if let command = CommandTable.commands.first(where: { $0.name == first }) {
            self = try Invocation(command, rest)
        } else if first == "--" {
            self = try Invocation(CommandTable.run, rest)
        } else if first == "-" || !first.hasPrefix("-") {
            self = Invocation(script: first, rest)
        } else if CommandTable.help.names.contains(first) {
            self = .help(nil)
        } else if CommandTable.version.names.contains(first) {
            self = .version
        } else if CommandTable.noRC.names.contains(first) {
            guard rest.isEmpty else { throw Mistake(message: "'\(first)' is for the prompt; a script reads no rc file", hint: "padash \(rest.joined(separator: " "))") }
            self = .interactive(readsRC: false)
        } else if CommandTable.code.names.contains(first) {
            guard let code = rest.popFirst() else { throw Mistake(message: "'\(first)' needs code to run", hint: "padash -e 'print(1 + 1)'") }
            self = .code(code, arguments: Array(rest))
        } else {
            let name = String(first.prefix { $0 != "=" })
            let near = Suggestion.nearest(to: name, among: CommandTable.options.flatMap(\.names))
            throw Mistake(message: "there is no option '\(name)'", hint: near.map { "did you mean '\($0)'?" } ?? "padash --help lists the options")
        }
    }

    private init(script: String, _ rest: ArraySlice<String>) {
        self = script == "-" ? .input(arguments: Array(rest)) : .file(script, arguments: Array(rest))
    }

    private init(_ command: Command, _ rest: ArraySlice<String>) throws(Mistake) {
        if command.operand == .script {
            guard let script = rest.first else { throw Mistake(message: "'\(command.name)' needs a file to run", hint: "padash run search.pada") }
            self = CommandTable.help.names.contains(script) ? .help(command) : Invocation(script: script, rest.dropFirst())
            return
        }
        let arguments = try CommandArguments(command, rest)
        if arguments.asksForHelp {
            self = .help(command)
            return
        }
        switch command {
        case CommandTable.format: self = .format(arguments.operands, isCheck: arguments[CommandTable.formatCheck] != nil)
        case CommandTable.check: self = .check(arguments.operands, isStrict: arguments[CommandTable.checkStrict] != nil)
        case CommandTable.notebook:
            if arguments[CommandTable.watch] != nil, arguments.operands[0] == "-" {
                throw Mistake(message: "'--watch' needs a file: standard input is not saved anew", hint: "padash notebook search.pada --watch")
            }
            self = .notebook(NotebookCommand(
                path: arguments.operands[0], output: arguments[CommandTable.notebookOutput], watches: arguments[CommandTable.watch] != nil,
                keepsGoing: arguments[CommandTable.keepGoing] != nil, hasTiming: arguments[CommandTable.noTiming] == nil))
        case CommandTable.convert:
            self = .convert(Convert(path: arguments.operands[0], output: arguments[CommandTable.convertOutput]))
        case CommandTable.results:
            self = .results(
                folder: arguments.operands.first ?? "results", isComparison: arguments[CommandTable.compareResults] != nil,
                order: arguments[CommandTable.resultsOrder], isCSV: arguments[CommandTable.resultsCSV] != nil)
        case CommandTable.documentation:
            self = .documentation(try Documentation(arguments))
        case CommandTable.kernel:
            self = .kernel(
                arguments.operands.first.flatMap(KernelAction.init) ?? .serve, name: arguments[CommandTable.kernelName],
                prefix: arguments[CommandTable.kernelPrefix], python: arguments[CommandTable.kernelPython])
        case CommandTable.completions: self = .completions(arguments.operands.first.flatMap(Shell.init) ?? .bash)
        default: preconditionFailure("'\(command.name)' is in the table but does nothing")
        }
    }
}
