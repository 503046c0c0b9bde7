import Lang
import Runtime

/// What was typed at the prompt: code, or something for the prompt itself.
enum Entry: Equatable {
    case blank
    case code(String)
    case command(PromptCommand, operand: String)
    /// `?name`, `name?`, `help(name)`
    case help(String)
    /// A word after `:` that is no command.
    case unknown(String)
    /// What other prompts take, `%time` and `!ls`, and what to say of it.
    case foreign(String)

    init(_ text: String) {
        let entry = Entry.trimmed(text)
        switch entry {
        case "": self = .blank
        case "exit", "quit", "exit()", "quit()": self = .named("quit")
        case "help", "?": self = .named("help")
        default:
            if entry.hasPrefix(":") {
                let word = String(entry.dropFirst().prefix { !$0.isWhitespace })
                let operand = Entry.trimmed(entry.dropFirst(word.count + 1))
                self = PromptCommand.named(word).map { .command($0, operand: operand) } ?? .unknown(word)
            } else if let advice = Entry.advice(on: entry) {
                self = .foreign(advice)
            } else if let name = Entry.nameAskedFor(entry) {
                self = .help(name)
            } else {
                self = .code(entry)
            }
        }
    }

    private static func advice(on entry: String) -> String? {
        if entry.hasPrefix("!") { return "the prompt runs no shell commands; list_files() lists a folder, Ctrl-Z gives the shell" }
        guard entry.hasPrefix("%") else { return nil }
        let word = String(entry.drop { $0 == "%" }.prefix { !$0.isWhitespace })
        let command = ["timeit": "time", "time": "time", "run": "load", "load": "load", "who": "who", "whos": "who", "reset": "reset",
            "edit": "edit", "save": "save"][word]
        return "the prompt's commands begin with ':'; " + (command.map { ":\($0) is what you want" } ?? ":help lists them")
    }

    private static func named(_ name: String) -> Entry { PromptCommand.named(name).map { .command($0, operand: "") } ?? .blank }

    private static func nameAskedFor(_ entry: String) -> String? {
        if entry.hasPrefix("?") { return name(entry.dropFirst()) }
        if entry.hasSuffix("?") { return name(entry.dropLast()) }
        guard entry.hasPrefix("help("), entry.hasSuffix(")") else { return nil }
        return name(entry.dropFirst(5).dropLast())
    }

    /// A name, perhaps with points; nil for anything else.
    private static func name(_ text: Substring) -> String? {
        let name = trimmed(text)
        guard let first = name.first, first.isLetter || first == "_" else { return nil }
        return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." } ? name : nil
    }

    /// Whether no more lines must follow.
    func isWhole(in session: Session) -> Bool {
        switch self {
        case .code(let code): session.isComplete(code)
        case .command(let command, let code) where command.operand == .code: code.isEmpty || session.isComplete(code)
        default: true
        }
    }

    /// Completes the word that ends at UTF-8 offset `cursor`: where it starts, and what it may become.
    static func completions(of text: String, at cursor: Int, in session: Session) -> (start: Int, candidates: [String]) {
        let typed = String(decoding: text.utf8.prefix(cursor), as: UTF8.self)
        let blanks = typed.prefix { $0.isWhitespace }.utf8.count
        let entry = typed.dropFirst(blanks)
        if entry.hasPrefix("?") { return session.completions(of: text, at: cursor) }
        guard entry.hasPrefix(":") else { return session.completions(of: text, at: cursor) }
        guard let end = entry.firstIndex(where: \.isWhitespace) else {
            return (blanks, PromptCommand.all.map { ":" + $0.name }.filter { $0.hasPrefix(entry) }.sorted())
        }
        guard let command = PromptCommand.named(String(entry[..<end].dropFirst())) else { return (cursor, []) }
        switch command.operand {
        case .none: return (cursor, [])
        case .code, .name: return session.completions(of: text, at: cursor)
        case .file:
            let path = entry[end...].drop(while: \.isWhitespace)
            return FileCompletion.candidates(String(path), endingAt: cursor)
        }
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
