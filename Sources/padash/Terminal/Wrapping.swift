import Lang

/// Sentences broken between words.
enum Wrapping {
    /// One line of text as lines of at most `width` columns, all but the first indented.
    static func lines(_ text: String, width: Int, indent: Int = 0) -> [String] {
        var lines: [String] = []
        var line = String(text.prefix { $0 == " " })
        for word in text.drop(while: { $0 == " " }).split(separator: " ", omittingEmptySubsequences: false) {
            let size = DisplayWidth.of(line)
            if size + 1 + DisplayWidth.of(word) > max(width, indent + 20), size > indent {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += (line.allSatisfy { $0 == " " } ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
