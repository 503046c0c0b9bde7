import Lang

/// Text in a terminal's colours, or plain. Which one is decided here and nowhere else.
struct Style {
    let isColored: Bool

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
    func code(_ text: String) -> String { isColored ? Highlighting.colored(text) : text }

    /// What `help` says: the first line of each part that is code, the examples, and what stands in backticks.
    func help(_ text: String) -> String {
        guard isColored else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            if index == 0 { return bold(String(line)) }
            if line.hasPrefix("  ") { return Highlighting.colored(String(line)) }
            let pieces = line.split(separator: "`", omittingEmptySubsequences: false)
            // A backtick without its partner is a backtick.
            guard pieces.count > 1, pieces.count % 2 == 1 else { return String(line) }
            return pieces.enumerated().map { $0 % 2 == 1 ? cyan(String($1)) : String($1) }.joined()
        }.joined(separator: "\n")
    }

    private func wrap(_ text: String, _ code: String) -> String { isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
