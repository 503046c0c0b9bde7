import Text

/// What follows a command on the command line, read by the table: its options and its operands.
struct CommandArguments {
    private(set) var operands: [String] = []
    /// The value of each option given, by its first name; of an option without values, "".
    private var values: [String: String] = [:]
    /// `--help` was among them.
    private(set) var asksForHelp = false

    subscript(_ option: CommandOption) -> String? { values[option.names[0]] }

    init(_ command: Command, _ arguments: ArraySlice<String>) throws(Invocation.Mistake) {
        if command.operand == .script {
            guard let script = arguments.first else {
                throw Invocation.Mistake(message: "'\(command.name)' needs a file to run", hint: "padash run search.pada")
            }
            (operands, asksForHelp) = (Array(arguments), CommandTable.help.names.contains(script))
            return
        }
        var rest = arguments
        var areOptionsOver = false
        while let word = rest.popFirst() {
            if areOptionsOver || word == "-" || !word.hasPrefix("-") {
                operands.append(word)
            } else if word == "--" {
                areOptionsOver = true
            } else if CommandTable.help.names.contains(word) {
                asksForHelp = true
            } else {
                try takeOption(word, of: command, &rest)
            }
        }
        if !asksForHelp { try checkOperands(of: command) }
    }

    /// `--name`, `--name=value` or `--name value`.
    private mutating func takeOption(_ word: String, of command: Command, _ rest: inout ArraySlice<String>) throws(Invocation.Mistake) {
        let name = String(word.prefix { $0 != "=" })
        let given = name.count < word.count ? String(word.dropFirst(name.count + 1)) : nil
        guard let option = command.options.first(where: { $0.names.contains(name) }) else {
            let near = Suggestion.nearest(to: name, among: command.options.flatMap(\.names))
            throw Invocation.Mistake(message: "'padash \(command.name)' has no option '\(name)'",
                hint: near.map { "did you mean '\($0)'?" } ?? "usage: padash \(command.usage)")
        }
        guard let kind = option.value else {
            if given != nil { throw Invocation.Mistake(message: "'\(name)' takes no value", hint: nil) }
            values[option.names[0]] = ""
            return
        }
        guard let value = given ?? rest.popFirst() else {
            throw Invocation.Mistake(message: "'\(name)' needs a value", hint: "usage: padash \(command.usage)")
        }
        if case .choice(let words) = kind, !words.contains(value) { throw Self.notAmong(words, value, as: "'\(name)'") }
        values[option.names[0]] = value
    }

    private func checkOperands(of command: Command) throws(Invocation.Mistake) {
        let usage = "usage: padash \(command.usage)"
        switch command.operand {
        case .pages: break
        case .script, .files:
            if operands.isEmpty { throw Invocation.Mistake(message: "'\(command.name)' needs a file", hint: usage) }
        case .file:
            guard operands.count == 1 else {
                throw Invocation.Mistake(message: "'\(command.name)' needs one file\(operands.isEmpty ? "" : ", not \(operands.count)")",
                    hint: usage)
            }
        case .folder:
            guard operands.count <= 1 else {
                throw Invocation.Mistake(message: "'\(command.name)' takes one folder, not \(operands.count)", hint: usage)
            }
        case .choice(let name, let words):
            guard let word = operands.first, operands.count == 1 else {
                throw Invocation.Mistake(message: "'\(command.name)' needs the name of one \(name)", hint: usage)
            }
            if !words.contains(word) { throw Self.notAmong(words, word, as: "the \(name)") }
        }
    }

    private static func notAmong(_ words: [String], _ value: String, as what: String) -> Invocation.Mistake {
        let near = Suggestion.nearest(to: value, among: words)
        return .init(message: "\(what) cannot be '\(value)'",
            hint: near.map { "did you mean '\($0)'?" } ?? "it is one of \(words.joined(separator: ", "))")
    }
}
