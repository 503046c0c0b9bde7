extension StringProtocol {
    /// The text in lines of at most `width` columns, at least 20 beyond the indentation, broken between words; a longer word has a line of
    /// its own. All lines but the first are indented. An empty text has no lines.
    package func wrapped(to width: Int, indent: Int = 0) -> [String] {
        guard !isEmpty else { return [] }
        var lines: [String] = []
        var line = String(prefix { $0 == " " })
        for word in drop(while: { $0 == " " }).split(separator: " ", omittingEmptySubsequences: false) {
            let size = DisplayWidth.of(line)
            if size + 1 + DisplayWidth.of(word) > Swift.max(width, indent + 20), size > indent {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += (line.allSatisfy { $0 == " " } ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
