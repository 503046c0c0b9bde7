import Text

extension Lexer {
    /// `42`, `1_000`, `0xff`, `0o17`, `0b101`, `2.5`, `1e-3`. A point counts only before a digit, so `1..3` is a range and `1.foo` a
    /// member.
    mutating func number() -> Token {
        let start = offset
        if peek() == UInt8(ascii: "0") {
            switch peek(1) | 0x20 {
            case UInt8(ascii: "x"): return integer(radix: 16)
            case UInt8(ascii: "o"): return integer(radix: 8)
            case UInt8(ascii: "b"): return integer(radix: 2)
            default: break
            }
        }
        skipDigits()
        var isFloat = false
        if peek() == UInt8(ascii: "."), Self.isDigit(peek(1)) {
            isFloat = true
            offset += 1
            skipDigits()
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            let signed = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
            if Self.isDigit(peek(signed ? 2 : 1)) {
                isFloat = true
                offset += signed ? 2 : 1
                skipDigits()
            }
        }
        if let invalid = checkNumberEnd(from: start) { return invalid }
        return isFloat ? floatLiteral(from: start) : decimalLiteral(from: start)
    }

    private mutating func skipDigits() {
        while Self.isDigit(peek()) || peek() == UInt8(ascii: "_") { offset += 1 }
    }

    /// Complains when a word or a loose underscore is glued to the number.
    private mutating func checkNumberEnd(from start: Int) -> Token? {
        let digitsEnd = offset
        let end = wordEnd(from: offset)
        if end > offset {
            let suffix = String(decoding: bytes[offset..<end], as: UTF8.self)
            let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
            let isExponent = suffix == "e" || suffix == "E"
            offset = end
            return invalid(isExponent ? "the exponent has no digits" : "a number is followed by '\(suffix)'", from: start,
                           hint: isExponent ? "write \(digits)e0, or leave the 'e' out" : "to multiply, write \(digits) * \(suffix)")
        }
        for i in start..<digitsEnd where bytes[i] == UInt8(ascii: "_") {
            if i + 1 >= digitsEnd || !Self.isDigit(bytes[i + 1]) || !Self.isDigit(bytes[i - 1]) {
                return invalid("an underscore in a number must be between two digits", from: start)
            }
        }
        return nil
    }

    private mutating func decimalLiteral(from start: Int) -> Token {
        let digits = bytes[start..<offset].filter { $0 != UInt8(ascii: "_") }
        if digits.count > 1, digits[0] == UInt8(ascii: "0") {
            let text = String(decoding: digits.drop { $0 == UInt8(ascii: "0") }, as: UTF8.self)
            return invalid("an int does not start with 0", from: start,
                hint: text.isEmpty ? "write 0" : "write \(text), or 0o\(text) for octal")
        }
        return literal(digits: digits, radix: 10, from: start)
    }

    private mutating func integer(radix: Int) -> Token {
        let start = offset
        offset += 2
        let end = wordEnd(from: offset)
        let digits = bytes[offset..<end].filter { $0 != UInt8(ascii: "_") }
        let name = radix == 16 ? "hexadecimal" : radix == 8 ? "octal" : "binary"
        let underscore = UInt8(ascii: "_")
        let isLoose = (offset..<end).contains { bytes[$0] == underscore && ($0 == offset || $0 + 1 == end || bytes[$0 + 1] == underscore) }
        offset = end
        guard !digits.isEmpty else { return invalid("the \(name) number has no digits", from: start) }
        guard !isLoose else { return invalid("an underscore in a number must be between two digits", from: start) }
        if let wrong = digits.first(where: { Unicode.Scalar($0).digit(radix: radix) == nil }) {
            return invalid("'\(wrong < 0x80 ? String(Unicode.Scalar(wrong)) : "…")' is not a digit of a \(name) number", from: start)
        }
        return literal(digits: digits, radix: radix, from: start)
    }

    /// The magnitude may reach 2^63, which only a minus sign makes an int; the parser checks that.
    private mutating func literal(digits: [UInt8], radix: Int, from start: Int) -> Token {
        guard let value = NumberText.magnitude(digits, radix: UInt64(radix), underscores: false), value <= 1 << 63 else {
            let text = String(decoding: bytes[start..<offset], as: UTF8.self)
            return invalid("the int \(text.count > 30 ? "literal" : text) is too large", from: start,
                hint: Self.largestIntHint(radix == 10 ? text : nil))
        }
        var token = Token(kind: .int, start: start, end: offset, startsLine: false)
        token.payload = value
        return token
    }

    /// What to write instead of an int literal that does not fit.
    static func largestIntHint(_ text: String?) -> String {
        if let text, text.count <= 30 { return "the largest int is 9223372036854775807; write \(text).0 for a float" }
        return "the largest int is 9223372036854775807; write a float, such as 1e30"
    }

    private mutating func floatLiteral(from start: Int) -> Token {
        let value = Array(bytes[start..<offset]).withUnsafeBufferPointer { NumberText.float($0, underscores: true) }
        guard let value, value.isFinite else {
            return invalid("the float literal is too large", from: start, hint: "the largest float is about 1.8e308")
        }
        var token = Token(kind: .float, start: start, end: offset, startsLine: false)
        token.payload = value.bitPattern
        return token
    }

    private mutating func invalid(_ message: String, from start: Int, hint: String? = nil) -> Token {
        report(message, Span(start, offset), hint: hint)
        return Token(kind: .invalid, start: start, end: offset, startsLine: false)
    }
}

extension Unicode.Scalar {
    /// Its value as a digit in `radix`, or nil.
    fileprivate func digit(radix: Int) -> Int? {
        let value: Int
        switch self {
        case "0"..."9": value = Int(self.value) - 0x30
        case "a"..."f": value = Int(self.value) - 0x61 + 10
        case "A"..."F": value = Int(self.value) - 0x41 + 10
        default: return nil
        }
        return value < radix ? value : nil
    }
}
