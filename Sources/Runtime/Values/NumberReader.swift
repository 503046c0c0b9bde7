/// Numbers in text. White space around them does not count.
enum NumberReader {
    static func int(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let (digits, isNegative) = unsigned(text), !digits.isEmpty, digits.count <= 19 else { return nil }
        var magnitude: UInt = 0
        for byte in digits {
            guard byte &- 48 <= 9 else { return nil }
            magnitude = magnitude &* 10 &+ UInt(byte &- 48)
        }
        if isNegative { return magnitude <= UInt(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int(exactly: magnitude)
    }

    /// The nearest double. A decimal of up to 15 digits is the quotient of two numbers that doubles hold exactly.
    static func float(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard let (digits, isNegative) = unsigned(text), let first = digits.first else { return nil }
        guard first &- 48 <= 9 || first == UInt8(ascii: ".") else { return special(digits).map { isNegative ? -$0 : $0 } }
        var mantissa: UInt64 = 0
        var exponent = 0, significant = 0, count = 0, i = digits.startIndex
        var hasPoint = false
        while i < digits.endIndex {
            let byte = digits[i]
            if byte &- 48 <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
                count &+= 1
                if mantissa != 0 { significant &+= 1 }
                if hasPoint { exponent &-= 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            i &+= 1
        }
        guard count > 0 else { return nil }
        if i < digits.endIndex, digits[i] | 0x20 == UInt8(ascii: "e") {
            // Written out with an exponent, numbers are few: the general way will do.
            return slow(digits, isNegative)
        }
        guard i == digits.endIndex else { return nil }
        guard significant <= 15, exponent >= -22 else { return slow(digits, isNegative) }
        let magnitude = Double(mantissa) / powers[-exponent]
        return isNegative ? -magnitude : magnitude
    }

    private static let powers: [Double] = (0...22).map { Double("1e\($0)") ?? 1 }

    private static func slow(_ digits: Slice<UnsafeBufferPointer<UInt8>>, _ isNegative: Bool) -> Double? {
        Double(String(decoding: digits, as: UTF8.self)).map { isNegative ? -$0 : $0 }
    }

    private static func special(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Double? {
        guard digits.count <= 8 else { return nil }
        switch String(decoding: digits, as: UTF8.self).lowercased() {
        case "nan": return .nan
        case "inf", "infinity": return .infinity
        default: return nil
        }
    }

    /// The text without white space and sign.
    @inline(__always) private static func unsigned(_ text: UnsafeBufferPointer<UInt8>) -> (Slice<UnsafeBufferPointer<UInt8>>, isNegative: Bool)? {
        var (start, end) = (0, text.count)
        while start < end, text[start] == 32 || text[start] == 9 { start &+= 1 }
        while end > start, text[end &- 1] == 32 || text[end &- 1] == 9 { end &-= 1 }
        guard start < end else { return nil }
        let isNegative = text[start] == UInt8(ascii: "-")
        if isNegative || text[start] == UInt8(ascii: "+") { start &+= 1 }
        return (text[start..<end], isNegative)
    }
}
