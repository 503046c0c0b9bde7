import Lang

/// Sentences broken between words.
enum Wrapping {
    /// One line of text as lines of at most `width` columns, all but the first indented.
    static func lines(_ text: String, width: Int, indent: Int = 0) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let size = DisplayWidth.of(line)
            if !line.isEmpty, size + 1 + DisplayWidth.of(word) > max(width, indent + 20), size > indent {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
