/// Cuts a source into tokens, one at each call, in time linear in its length and without recursion.
///
/// Strings with interpolation are the only nested part of the lexical grammar. A stack of modes tells whether the
/// next byte belongs to a string's text or to an expression in its braces.
struct Lexer {
    let source: Source
    let bytes: [UInt8]
    var offset = 0
    var modes: [Mode] = []
    /// How many of `modes` are strings that must end on their line.
    var singleLineStrings = 0

    var diagnostics: [Diagnostic] = []
    var comments: [Span] = []
    var cells: [CellMarker] = []
    /// The `##` lines found right above the next token, and that token's offset.
    var documentation: [(token: Int, lines: [Span])] = []
    /// Strings that nothing closes: from the mark that is missing its partner to where the string was given up. What stands there was
    /// read as something it is not.
    var brokenText: [Span] = []
    /// The source ends inside a string that more lines could close.
    var endsInsideString = false

    enum Mode {
        case string(start: Int, quotes: Int)
        /// Inside a string's braces. Brackets are counted so that a colon nested in them is not a format spec.
        case interpolation(start: Int, brackets: Int, braces: Int)
    }

    init(_ source: Source) {
        self.source = source
        bytes = source.bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The byte `distance` further on, or 0 past the end (a NUL in the source is an error anyway).
    @inline(__always)
    func peek(_ distance: Int = 0) -> UInt8 {
        let i = offset + distance
        return i < bytes.count ? bytes[i] : 0
    }

    mutating func next() -> Token {
        if case .string(let start, let quotes)? = modes.last { return stringPiece(start: start, quotes: quotes) }
        let startsLine = skipTrivia()
        var token: Token
        if startsLine, singleLineStrings > 0 {
            token = breakString()
        } else if offset >= bytes.count {
            token = modes.isEmpty ? Token(kind: .end, start: offset, end: offset, startsLine: startsLine) : breakString()
        } else {
            token = code()
        }
        token.startsLine = startsLine
        return token
    }

    /// A token of ordinary code.
    private mutating func code() -> Token {
        let first = peek()
        if first < 0x80 {
            if Self.isDigit(first) { return number() }
            if Self.isLetter(first) || first == UInt8(ascii: "_") { return word() }
            if first == UInt8(ascii: "\"") { return openString(prefix: 0) }
            return punctuation(first)
        }
        let scalar = decodeScalar(at: offset)
        if scalar.value.properties.isXIDStart { return word() }
        return strangeCharacter()
    }

    func token(_ kind: Token.Kind, length: Int) -> Token {
        Token(kind: kind, start: offset, end: offset + length, startsLine: false)
    }

    mutating func report(_ message: String, _ span: Span, hint: String? = nil) {
        diagnostics.append(Diagnostic(.syntax, message, at: .init(source, span), hint: hint))
    }
}

// MARK: Words

extension Lexer {
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// Whether a byte goes on with a word, as far as ASCII tells.
    static func continuesWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") }

    /// The scalar at an offset and its length in bytes. The source came from a `String`, so it is valid UTF-8.
    func decodeScalar(at index: Int) -> (value: Unicode.Scalar, length: Int) {
        let first = UInt32(bytes[index])
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard length > 1, index + length <= bytes.count else { return (Unicode.Scalar(bytes[index]), 1) }
        var value = first & (0xFF >> UInt32(length + 1))
        for byte in bytes[(index + 1)..<(index + length)] { value = value << 6 | UInt32(byte & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    static let longestWord = 1_000

    /// Where the word that begins or goes on at `index` ends.
    func wordEnd(from index: Int) -> Int {
        var end = index
        while end < bytes.count {
            if bytes[end] < 0x80 {
                guard Self.continuesWord(bytes[end]) else { break }
                end += 1
            } else {
                let scalar = decodeScalar(at: end)
                guard scalar.value.properties.isXIDContinue else { break }
                end += scalar.length
            }
        }
        return end
    }

    private mutating func word() -> Token {
        let end = wordEnd(from: offset)
        let length = end - offset
        if length == 1, end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            switch peek() {
            case UInt8(ascii: "r"):
                return openString(prefix: 1)
            case UInt8(ascii: "f"), UInt8(ascii: "b"), UInt8(ascii: "u"):
                report("a string takes no prefix '\(Character(Unicode.Scalar(peek())))'", Span(offset, end),
                       hint: peek() == UInt8(ascii: "f") ? "every string interpolates: \"acc {acc:.3f}\""
                       : "only r\"…\" (raw) has a prefix")
                offset += 1
                return openString(prefix: 0)
            default: break
            }
        }
        defer { offset = end }
        if length > Self.longestWord {
            report("a name of \(length) bytes is too long", Span(offset, end), hint: "the most is \(Self.longestWord)")
            return token(.invalid, length: length)
        }
        return token(Keywords.kind(of: bytes[offset..<end]) ?? .identifier, length: length)
    }
}
