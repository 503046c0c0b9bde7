import Lang
import Text

/// Text in a terminal's colours, or plain. Which one is decided here and nowhere else.
struct Style {
    let isColored: Bool

    static let colored = Style(isColored: true)

    /// For standard output, and for standard error.
    static let output = Style(isColored: Descriptors.isOutputTerminal && Descriptors.allowsColor)
    static let error = Style(isColored: Descriptors.isErrorTerminal && Descriptors.allowsColor)

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    /// Code of the language.
    func code(_ text: String) -> String {
        isColored ? Highlighting.pieces(of: text).map { piece, part in part.map { $0.escape + piece + "\u{1B}[0m" } ?? piece }.joined()
            : text
    }

    func diagnostics(_ diagnostics: [Diagnostic], width: Int) -> String {
        diagnostics.map { $0.rendered(width: width, paint: paint) }.joined(separator: "\n\n")
    }

    private func paint(_ role: Diagnostic.Role, _ text: String) -> String {
        switch role {
        case .error: wrap(text, "1;31")
        case .warning: wrap(text, "1;33")
        case .strong: bold(text)
        case .frame: dim(text)
        case .hint: cyan(text)
        // A line that was cut may begin within a string.
        case .code: text.hasPrefix("…") ? text : code(text)
        }
    }

    /// What `help` says, in lines of at most `width` columns: the usage, the documentation with code in backticks, and
    /// examples, which are indented.
    func help(_ text: String, width: Int) -> String {
        text.harmless.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            if index == 0 { return bold(String(line)) }
            return line.hasPrefix("  ") ? code(String(line)) : sentence(line.wrapped(to: width).joined(separator: "\n"))
        }.joined(separator: "\n")
    }

    private func sentence(_ text: String) -> String {
        let pieces = text.split(separator: "`", omittingEmptySubsequences: false)
        // A backtick without its partner is a backtick.
        guard isColored, pieces.count > 1, pieces.count % 2 == 1 else { return text }
        return pieces.enumerated().map { $0 % 2 == 1 ? cyan(String($1)) : String($1) }.joined()
    }

    private func wrap(_ text: String, _ code: String) -> String { isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}

extension Highlighting.Part {
    /// The sequence that shows the part in its colour.
    var escape: String {
        switch self {
        case .keyword: "\u{1B}[35m"
        case .constant, .number: "\u{1B}[36m"
        case .string: "\u{1B}[32m"
        case .comment: "\u{1B}[2m"
        }
    }
}
