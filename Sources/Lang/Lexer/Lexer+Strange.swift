extension Lexer {
    /// Reports a character that begins no token, with what was probably meant, and passes over it (or over the text it quotes).
    mutating func strangeCharacter() -> Token {
        let start = offset
        let (scalar, length) = decodeScalar(at: start)
        offset += length
        if let closing = Self.closingQuotes[scalar] { return quotedText(from: start, closing: closing) }
        if let (meant, kind) = Self.lookalikes[scalar] {
            report("'\(scalar)' is not in the language", Span(start, offset), hint: "write \(meant)")
            if kind == .leftParen || kind == .rightParen { return Token(kind: .invalid, start: start, end: offset, startsLine: false) }
            return Token(kind: kind, start: start, end: offset, startsLine: false)
        }
        let (message, hint) = Self.complaint(about: scalar)
        // A run of the same character is one mistake.
        while offset < bytes.count, bytes[start..<(start + length)].elementsEqual(bytes[offset..<min(offset + length, bytes.count)]) {
            offset += length
        }
        report(message, Span(start, start + length), hint: hint)
        return Token(kind: .invalid, start: start, end: offset, startsLine: false)
    }

    /// Text in quotes that are not ours, to the closing quote on the same line; stands for a string in what follows.
    private mutating func quotedText(from start: Int, closing: Unicode.Scalar) -> Token {
        let textStart = offset
        let close = Array(String(Character(closing)).utf8)
        var i = offset
        while i < bytes.count, bytes[i] != UInt8(ascii: "\n") {
            if bytes[i...].starts(with: close) {
                let text = String(decoding: bytes[textStart..<i], as: UTF8.self)
                offset = i + close.count
                report("strings are written in double quotes", Span(start, offset),
                    hint: "write \"\(text.count > 30 || text.contains("\"") ? "…" : text)\"")
                return Token(kind: .invalid, start: start, end: offset, startsLine: false)
            }
            i += 1
        }
        report("strings are written in double quotes", Span(start, textStart), hint: "write \"…\"")
        offset = singleLineStrings > 0 ? offset : i
        return Token(kind: .invalid, start: start, end: offset, startsLine: false)
    }

    private static let closingQuotes: [Unicode.Scalar: Unicode.Scalar] = [
        "'": "'", "`": "`", "\u{201C}": "\u{201D}", "\u{2018}": "\u{2019}", "\u{201E}": "\u{201C}", "\u{AB}": "\u{BB}",
        "\u{201D}": "\u{201D}", "\u{2019}": "\u{2019}",
    ]

    /// Characters that word processors and papers put in place of ours.
    private static let lookalikes: [Unicode.Scalar: (meant: String, kind: Token.Kind)] = [
        "\u{2212}": ("-", .minus), "\u{2013}": ("-", .minus), "\u{2014}": ("-", .minus), "\u{D7}": ("*", .star), "\u{B7}": ("*", .star),
        "\u{F7}": ("/", .slash),
        "\u{2264}": ("<=", .lessOrEqual), "\u{2265}": (">=", .greaterOrEqual), "\u{2260}": ("!=", .notEqual), "\u{2208}": ("in", .in),
        "\u{2192}": ("=>", .arrow), "\u{21D2}": ("=>", .arrow), "\u{2026}": (".. or ...", .range), "\u{2227}": ("and", .and),
        "\u{2228}": ("or", .or), "\u{AC}": ("not", .not),
        "\u{FF08}": ("(", .leftParen), "\u{FF09}": (")", .rightParen), "\u{FF0C}": (",", .comma), "\u{FF1A}": (":", .colon),
        "\u{FF1B}": (";", .semicolon), "\u{223C}": ("~", .tilde),
    ]

    private static func complaint(about scalar: Unicode.Scalar) -> (String, String?) {
        let number = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - number.count)) + number
        switch scalar {
        case "\0": return ("the source contains a NUL byte", "is this a text file?")
        case "\r": return ("a carriage return stands alone", "save the file with LF or CRLF line ends")
        case "$": return ("'$' is not in the language", "names need no prefix; in a string, write {name}")
        case "\\": return ("'\\' is not in the language",
            "a line continues inside brackets, after an operator, or when the next begins with '|>' or '.'")
        case "\u{A0}", "\u{202F}", "\u{2007}", "\u{3000}",
            "\u{2009}": return ("an unusual blank (\(code)) stands here", "replace it by an ordinary space")
        case _ where scalar.value < 0x20 || scalar.value == 0x7F: return ("a control character (\(code)) stands in the source", nil)
        case _ where scalar.properties.generalCategory == .format: return ("an invisible character (\(code)) stands here", "delete it")
        default: return ("'\(scalar)' (\(code)) is not in the language", nil)
        }
    }
}
