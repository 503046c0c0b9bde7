import Lang

/// An entry that is for the prompt itself and not for the language.
enum Directive: Equatable {
    case quit
    case overview
    /// `?name`, `name?`
    case help(String)
    /// `:time code`
    case time(String)
    /// A word after `:` that is none of these.
    case unknown(String)

    private static let commands = ["help", "quit", "time"]

    init?(_ entry: String) {
        let text = entry.trimmed
        switch text {
        case "exit", "quit", "quit()", ":quit", ":q": self = .quit
        case "help", "?", ":help", ":h": self = .overview
        default:
            if text.hasPrefix(":") {
                let word = text.dropFirst().prefix { !$0.isWhitespace }
                let rest = text.dropFirst(word.count + 1).trimmed
                switch word {
                case "help": self = .help(rest)
                case "time": self = .time(rest)
                default: self = .unknown(String(word))
                }
            } else if text.hasPrefix("?"), let name = Directive.name(text.dropFirst()) {
                self = .help(name)
            } else if text.hasSuffix("?"), let name = Directive.name(text.dropLast()) {
                self = .help(name)
            } else {
                return nil
            }
        }
    }

    /// A name, perhaps with points, as help is asked for; nil for anything else.
    private static func name(_ text: Substring) -> String? {
        let name = text.trimmed
        guard let first = name.first, first.isLetter || first == "_" else { return nil }
        return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." } ? name : nil
    }

    static func complaint(about word: String) -> String {
        let near = Suggestion.nearest(to: word, among: commands)
        return "there is no command ':\(word)'" + (near.map { "; did you mean ':\($0)'?" } ?? "; :help lists what there is")
    }

    static let guide = """
        Type Pada code; the value of the last expression is shown as Out[n].

          _  Out[3]         the last value, the value of In [3]
          ?name  name?      help on a function, a variable or a type's members; help() lists the names
          :time CODE        run code and say how long it took
          Tab               complete a name, a member, a map's key or a parameter
          Up  Ctrl-R        earlier entries that begin with what is typed, or contain a word
          Ctrl-C            stop what is running, or drop what is typed
          Ctrl-D  :quit     leave

        An entry goes on to the next line while a bracket or string is open.

        """
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
