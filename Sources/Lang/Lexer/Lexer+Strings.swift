extension Lexer {
    private static let quote = UInt8(ascii: "\"")

    private func isTripleQuote(at index: Int) -> Bool {
        index + 2 < bytes.count && bytes[index] == Self.quote && bytes[index + 1] == Self.quote && bytes[index + 2] == Self.quote
    }

    /// The start of a string whose quotes stand `prefix` bytes further on (1 after `r`).
    mutating func openString(prefix: Int) -> Token {
        let start = offset
        let quotes = isTripleQuote(at: start + prefix) ? 3 : 1
        offset += prefix + quotes
        if prefix == 1 { return rawString(start: start, quotes: quotes) }
        modes.append(.string(start: start, quotes: quotes))
        if quotes == 1 { singleLineStrings += 1 }
        return Token(kind: .stringStart, start: start, end: offset, startsLine: false)
    }

    /// `r"…"`, after its opening quotes: everything up to the next quotes, as it stands.
    private mutating func rawString(start: Int, quotes: Int) -> Token {
        while offset < bytes.count {
            if quotes == 3 ? isTripleQuote(at: offset) : bytes[offset] == Self.quote {
                offset += quotes
                return Token(kind: .rawString, start: start, end: offset, startsLine: false)
            }
            if bytes[offset] == UInt8(ascii: "\n"), quotes == 1 { break }
            offset += 1
        }
        reportOpenString(start: start, quotes: quotes)
        if quotes == 3 { endsInsideString = true }
        return Token(kind: .invalid, start: start, end: offset, startsLine: false)
    }

    /// The next piece of the string that began at `start`: some text, an opening brace, or its end.
    mutating func stringPiece(start: Int, quotes: Int) -> Token {
        let begin = offset
        scan: while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "{"):
                break scan
            case Self.quote where quotes == 1 || isTripleQuote(at: offset):
                break scan
            case UInt8(ascii: "\n") where quotes == 1:
                break scan
            case UInt8(ascii: "\\") where offset + 1 < bytes.count && (quotes == 3 || bytes[offset + 1] != UInt8(ascii: "\n")):
                // The brace of \u{…} opens no expression.
                offset += peek(1) == UInt8(ascii: "u") && peek(2) == UInt8(ascii: "{") ? 3 : 2
            default:
                offset += 1
            }
        }
        if offset > begin { return Token(kind: .stringText, start: begin, end: offset, startsLine: false) }
        switch peek() {
        case UInt8(ascii: "{"):
            modes.append(.interpolation(start: offset, brackets: 0, braces: 0))
            offset += 1
            return Token(kind: .interpolationStart, start: begin, end: offset, startsLine: false)
        case Self.quote:
            offset += quotes
            modes.removeLast()
            if quotes == 1 { singleLineStrings -= 1 }
            return Token(kind: .stringEnd, start: begin, end: offset, startsLine: false)
        default:
            return breakString()
        }
    }

    /// Gives up on a string that its line, or the source, ends inside of.
    mutating func breakString() -> Token {
        let isMultiline = singleLineStrings == 0
        // What is open longest explains most: of the strings that end here, the outermost one's brace, or that string itself.
        let outermost = isMultiline ? 0 : modes.firstIndex { if case .string(_, 1) = $0 { true } else { false } } ?? 0
        let culprit = modes[min(outermost + 1, modes.count - 1)]
        switch culprit {
        case .string(let start, let quotes):
            reportOpenString(start: start, quotes: quotes)
            brokenText.append(Span(start, offset))
        case .interpolation(let start, _, _):
            reportOpenBrace(at: start)
            brokenText.append(Span(start, offset))
        }
        if isMultiline {
            endsInsideString = true
            modes.removeAll()
        } else if offset >= bytes.count {
            modes.removeAll()
            singleLineStrings = 0
        }
        while singleLineStrings > 0, let mode = modes.popLast() {
            if case .string(_, 1) = mode { singleLineStrings -= 1 }
        }
        return Token(kind: .invalid, start: offset, end: offset, startsLine: false)
    }

    private mutating func reportOpenBrace(at start: Int) {
        report("this '{' in a string is not closed", Span(start, start + 1), hint: "for a brace as text, write \\{")
    }

    private mutating func reportOpenString(start: Int, quotes: Int) {
        if quotes == 3 {
            report("this \"\"\" is never closed", Span(start, start + (bytes[start] == Self.quote ? 3 : 4)))
        } else {
            var end = offset
            if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            report("the string is not closed", Span(start, end), hint: "end it with \" on its line, or use \"\"\" for several lines")
        }
    }

    /// The text after a colon in a string's braces, up to the closing brace. The colon is at `offset`.
    mutating func formatSpec() -> Token {
        let start = offset + 1
        offset = start
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "\n") { break }
            if byte == Self.quote { return braceCutOffByQuote(from: start) }
            offset += 1
        }
        return Token(kind: .formatSpec, start: start, end: offset, startsLine: false)
    }

    /// `"{x:.2f"`: the quotes at `offset` end the string although its brace is open.
    private mutating func braceCutOffByQuote(from start: Int) -> Token {
        if case .interpolation(let brace, _, _)? = modes.popLast() { reportOpenBrace(at: brace) }
        if case .string(_, let quotes)? = modes.popLast() {
            offset += quotes == 3 && isTripleQuote(at: offset) ? 3 : 1
            if quotes == 1 { singleLineStrings -= 1 }
        }
        return Token(kind: .invalid, start: start, end: offset, startsLine: false)
    }
}
