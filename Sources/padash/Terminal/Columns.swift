import Text

/// Words in columns, read downwards, as a shell lists files.
enum Columns {
    /// No wider than `width` and no higher than `height`; what does not fit is counted.
    static func text(_ words: [String], width: Int, height: Int) -> String {
        let words = words.map(\.harmless)
        let cell = (words.map { DisplayWidth.of($0) }.max() ?? 0) + 2
        let columns = max(1, (width - 1) / cell)
        let capacity = columns * max(1, height)
        let shown = words.count > capacity ? Array(words.prefix(max(1, capacity - columns))) : words
        let rows = (shown.count + columns - 1) / columns
        var lines = (0..<rows).map { row in
            stride(from: row, to: shown.count, by: rows).map { index in
                let word = shown[index]
                return index + rows < shown.count ? word + String(repeating: " ", count: cell - DisplayWidth.of(word)) : word
            }.joined()
        }
        if shown.count < words.count { lines.append("… \(words.count - shown.count) more") }
        return lines.joined(separator: "\n")
    }
}
