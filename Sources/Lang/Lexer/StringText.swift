/// Turns the raw text between a string's quotes into the characters it stands for:
/// takes the indentation off a multi-line string, then reads the escapes.
struct StringText {
    private let bytes: [UInt8]
    private let isMultiline: Bool
    private let isRaw: Bool
    /// The white space that every line of a multi-line string begins with.
    private var indentation: ArraySlice<UInt8> = []
    private var isFirstPiece = true
    var problems: [(message: String, span: Span, hint: String?)] = []

    private static let newline = UInt8(ascii: "\n")

    /// `pieces` are the string's stretches of text in order; `endsInText` when the last of them touches the closing quotes.
    init(bytes: [UInt8], pieces: [Span], isMultiline: Bool, isRaw: Bool, startsWithText: Bool, endsInText: Bool) {
        self.bytes = bytes
        self.isMultiline = isMultiline
        self.isRaw = isRaw
        isFirstPiece = startsWithText
        guard isMultiline else { return }
        var common: ArraySlice<UInt8>?
        for (i, piece) in pieces.enumerated() {
            var rest = bytes[piece.start..<piece.end]
            while let lineBreak = rest.firstIndex(of: Self.newline) {
                rest = rest[(lineBreak + 1)...]
                let blank = rest.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                let isClosingLine = blank.endIndex == piece.end && i == pieces.count - 1 && endsInText
                let follows = blank.endIndex < piece.end ? bytes[blank.endIndex] : 0
                let isEmptyLine = follows == Self.newline || follows == UInt8(ascii: "\r")
                guard isClosingLine || !isEmptyLine else { continue }
                common = common.map { shared in
                    shared.prefix(zip(shared, blank).prefix { $0 == $1 }.count)
                } ?? blank
            }
        }
        indentation = common ?? []
    }

    /// The characters of one piece. Call once for each, in order.
    mutating func decode(_ piece: Span) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(piece.end - piece.start)
        var i = piece.start
        if isFirstPiece, isMultiline {
            if i < piece.end, bytes[i] == UInt8(ascii: "\r"), i + 1 < piece.end, bytes[i + 1] == Self.newline { i += 1 }
            if i < piece.end, bytes[i] == Self.newline { i = skipIndentation(from: i + 1, to: piece.end) }
        }
        isFirstPiece = false
        while i < piece.end {
            let byte = bytes[i]
            if byte == UInt8(ascii: "\\"), !isRaw {
                i = escape(at: i, end: piece.end, into: &result)
            } else if byte == Self.newline, isMultiline {
                result.append(byte)
                i = skipIndentation(from: i + 1, to: piece.end)
            } else if byte == UInt8(ascii: "\r"), i + 1 < piece.end, bytes[i + 1] == Self.newline {
                i += 1
            } else {
                result.append(byte)
                i += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func skipIndentation(from start: Int, to end: Int) -> Int {
        var i = start
        for byte in indentation where i < end && bytes[i] == byte { i += 1 }
        return i
    }

    /// Reads the escape at `start` and gives the offset after it.
    private mutating func escape(at start: Int, end: Int, into result: inout [UInt8]) -> Int {
        guard start + 1 < end else { return end }
        switch bytes[start + 1] {
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "0"): result.append(0)
        case UInt8(ascii: "\""): result.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "{"): result.append(UInt8(ascii: "{"))
        case UInt8(ascii: "}"): result.append(UInt8(ascii: "}"))
        case UInt8(ascii: "u"): return unicodeEscape(at: start, end: end, into: &result)
        default:
            var after = start + 2
            while after < end, bytes[after] & 0xC0 == 0x80 { after += 1 }
            let text = String(decoding: bytes[start..<after], as: UTF8.self)
            problems.append(("'\(text.trimmedForMessage)' is not an escape", Span(start, after),
                             "the escapes are \\n \\t \\r \\0 \\\" \\\\ \\{ \\} \\u{…}; for a backslash write \\\\ or a raw string r\"…\""))
            return after
        }
        return start + 2
    }

    /// `\u{1F600}`: one to six hexadecimal digits.
    private mutating func unicodeEscape(at start: Int, end: Int, into result: inout [UInt8]) -> Int {
        var i = start + 2
        var value: UInt32 = 0
        var digits = 0
        var isClosed = false
        if i < end, bytes[i] == UInt8(ascii: "{") {
            i += 1
            while i < end, digits < 8, let digit = Character(Unicode.Scalar(bytes[i])).hexDigitValue, bytes[i] < 0x80 {
                value = value << 4 | UInt32(digit)
                digits += 1
                i += 1
            }
            isClosed = i < end && bytes[i] == UInt8(ascii: "}")
            if isClosed { i += 1 }
        }
        if isClosed, (1...6).contains(digits), let scalar = Unicode.Scalar(value) {
            result.append(contentsOf: Array(String(Character(scalar)).utf8))
        } else {
            problems.append((isClosed && digits > 0 ? "there is no such Unicode character" : "a \\u escape is incomplete",
                             Span(start, max(i, start + 2)), "write the character's number in hexadecimal: \\u{1F600}"))
        }
        return i
    }
}

extension String {
    /// For quoting in a sentence: control characters made visible.
    var trimmedForMessage: String {
        unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }
}
