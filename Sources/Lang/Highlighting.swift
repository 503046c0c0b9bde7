/// Classifies the parts of code, for colouring and completion. The text may be unfinished or wrong.
package enum Highlighting {
    package enum Part: Sendable {
        case keyword, constant, number, string, comment
    }

    /// The parts that have a colour, in the order of the text; spans are UTF-8 offsets. O(length).
    package static func parts(of text: String) -> [(span: Span, part: Part)] {
        var lexer = Lexer(Source(name: "", text: text))
        var parts: [(span: Span, part: Part)] = []
        while true {
            let token = lexer.next()
            if token.kind == .end { break }
            if let part = part(token, lexer) { parts.append((token.span, part)) }
        }
        return (parts + lexer.comments.map { ($0, .comment) }).sorted { $0.span.start < $1.span.start }
    }

    private static func part(_ token: Token, _ lexer: Lexer) -> Part? {
        switch token.kind {
        case .nil, .true, .false: .constant
        case .int, .float: .number
        case .stringStart, .stringText, .stringEnd, .rawString: .string
        // A raw string that is still open.
        case .invalid where token.end > token.start + 1 && lexer.bytes[token.start] == UInt8(ascii: "r"): .string
        case let kind: kind.isKeyword ? .keyword : nil
        }
    }

    /// The whole text in pieces, including those without a colour.
    package static func pieces(of text: String) -> [(text: String, part: Part?)] {
        let bytes = Array(text.utf8)
        var pieces: [(text: String, part: Part?)] = []
        var position = 0
        for (span, part) in parts(of: text) where span.start >= position && !span.isEmpty {
            if span.start > position { pieces.append((String(decoding: bytes[position..<span.start], as: UTF8.self), nil)) }
            pieces.append((String(decoding: bytes[span.start..<span.end], as: UTF8.self), part))
            position = span.end
        }
        if position < bytes.count { pieces.append((String(decoding: bytes[position...], as: UTF8.self), nil)) }
        return pieces
    }

    /// The start of the string that is still open at the end of `text`, or nil.
    package static func openString(in text: String) -> Int? {
        var lexer = Lexer(Source(name: "", text: text))
        while true {
            if lexer.offset >= lexer.bytes.count, case .string(let start, let quotes)? = lexer.modes.last { return start + quotes }
            let token = lexer.next()
            switch token.kind {
            case .end: return nil
            case .invalid where token.end == lexer.bytes.count
                && lexer.bytes[token.start...].starts(with: [UInt8(ascii: "r"), UInt8(ascii: "\"")]):
                return token.start + 2
            default: break
            }
        }
    }
}
