import Text

/// What the command line asks for.
enum Invocation {
    /// The prompt, with the rc file or without.
    case interactive(readsRC: Bool)
    case command(any CommandAction)
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
            self = isInputTerminal ? .interactive(readsRC: true) : .command(ScriptCommand(.pipe, []))
            return
        }
        if let command = CommandTable.commands.first(where: { $0.name == first }) {
            self = try Invocation(command, rest)
        } else if first == "--" {
            self = try Invocation(ScriptCommand.command, rest)
        } else if first == "-" || !first.hasPrefix("-") {
            self = .command(ScriptCommand(.named(first), Array(rest)))
        } else if CommandTable.help.names.contains(first) {
            self = .help(nil)
        } else if CommandTable.version.names.contains(first) {
            self = .version
        } else if CommandTable.noRC.names.contains(first) {
            guard rest.isEmpty else {
                throw Mistake(message: "'\(first)' is for the prompt; a script reads no rc file",
                    hint: "padash \(rest.joined(separator: " "))")
            }
            self = .interactive(readsRC: false)
        } else if CommandTable.code.names.contains(first) {
            guard let code = rest.popFirst() else {
                throw Mistake(message: "'\(first)' needs code to run", hint: "padash -e 'print(1 + 1)'")
            }
            self = .command(ScriptCommand(.code(code), Array(rest)))
        } else {
            let name = String(first.prefix { $0 != "=" })
            let near = Suggestion.nearest(to: name, among: CommandTable.options.flatMap(\.names))
            throw Mistake(message: "there is no option '\(name)'",
                hint: near.map { "did you mean '\($0)'?" } ?? "padash --help lists the options")
        }
    }

    private init(_ command: Command, _ rest: ArraySlice<String>) throws(Mistake) {
        let arguments = try CommandArguments(command, rest)
        self = arguments.asksForHelp ? .help(command) : .command(try command.action(arguments))
    }
}
