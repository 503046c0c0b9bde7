extension Lexer {
    /// Passes over blanks, line breaks and comments; true when there was a line break. Collects comments, cells and documentation.
    mutating func skipTrivia() -> Bool {
        var brokeLine = offset == 0
        var lineIsBlank = offset == 0 || offset == 3 && bytes[0] == 0xEF
        var lines: [Span] = []
        loop: while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"):
                offset += 1
            case UInt8(ascii: "\r") where peek(1) == UInt8(ascii: "\n"):
                offset += 1
            case UInt8(ascii: "\n"):
                // In a string that must end on its line, the break is left standing for `breakString`.
                if singleLineStrings > 0 { return true }
                if lineIsBlank { lines.removeAll() }
                offset += 1
                brokeLine = true
                lineIsBlank = true
            case UInt8(ascii: "#"):
                let comment = comment(standsAlone: lineIsBlank)
                if lineIsBlank, bytes[comment.start..<comment.end].starts(with: [0x23, 0x23]) {
                    lines.append(comment)
                } else {
                    lines.removeAll()
                }
                lineIsBlank = false
            default:
                break loop
            }
        }
        if !lines.isEmpty {
            documentation.append((offset, lines))
            if documentation.count > 2 { documentation.removeFirst() }
        }
        return brokeLine
    }

    /// Passes over a comment, to the end of its line.
    private mutating func comment(standsAlone: Bool) -> Span {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
        var end = offset
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        let span = Span(start, end)
        comments.append(span)
        // The braces of a long string are within the string; those of one that breaks off at its line's end are over.
        if standsAlone, modes.isEmpty || singleLineStrings > 0 { markCell(span) }
        return span
    }

    /// `# %% Title` and `#%% Title` begin a cell.
    private mutating func markCell(_ comment: Span) {
        var rest = bytes[(comment.start + 1)..<comment.end].drop { $0 == UInt8(ascii: " ") }
        guard rest.starts(with: [0x25, 0x25]) else { return }
        rest = rest.dropFirst(2).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { rest.removeLast() }
        cells.append(CellMarker(title: String(decoding: rest, as: UTF8.self), span: comment))
    }

    /// The documentation right above the token at `start`: its `##` lines without the marks.
    func documentation(above start: Int) -> String? {
        guard let entry = documentation.last(where: { $0.token == start }) else { return nil }
        return entry.lines.map { line in
            let text = bytes[(line.start + 2)..<line.end]
            return String(decoding: text.first == UInt8(ascii: " ") ? text.dropFirst() : text, as: UTF8.self)
        }.joined(separator: "\n")
    }
}
