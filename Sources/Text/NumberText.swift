/// Numbers in text: the one reader behind `int`, `float`, CSV, JSON and the literals of the language.
///
/// A number is decimal: an optional sign, digits with at most one point among or beside them, an optional exponent. Blanks and line breaks
/// around it do not count. Nothing else is let through: no NUL, no second sign, no hexadecimal float.
package enum NumberText {
    /// The int that a text shows; nil where it shows none, or one of more than 64 bits.
    /// - Parameter underscores: whether single underscores may stand between digits.
    package static func int(_ text: UnsafeBufferPointer<UInt8>, underscores: Bool = false) -> Int? {
        guard let (digits, isNegative) = unsigned(text) else { return nil }
        // Up to 18 digits cannot overflow.
        if !underscores, digits.count <= 18 {
            var value = 0
            for byte in digits {
                guard byte &- 48 <= 9 else { return nil }
                value = value &* 10 &+ Int(byte &- 48)
            }
            return isNegative ? 0 &- value : value
        }
        return magnitude(digits, radix: 10, underscores: underscores).flatMap { signed($0, isNegative) }
    }

    /// The int that a literal shows: decimal, or with `0x`, `0o` or `0b`; single underscores may stand between digits.
    package static func literalInt(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let (digits, isNegative) = unsigned(text) else { return nil }
        guard digits.count > 2, digits[digits.startIndex] == UInt8(ascii: "0"), let radix = radices[digits[digits.startIndex + 1]] else {
            return int(text, underscores: true)
        }
        guard let magnitude = magnitude(digits.dropFirst(2), radix: radix, underscores: true) else { return nil }
        return signed(magnitude, isNegative)
    }

    private static let radices: [UInt8: UInt64] = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2]

    private static func signed(_ magnitude: UInt64, _ isNegative: Bool) -> Int? {
        if isNegative { return magnitude <= UInt64(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int(exactly: magnitude)
    }

    /// The int that digits of a radix up to 16 show; nil if there are none, or other characters, a loose underscore, or more than 64 bits.
    package static func magnitude(_ digits: some Collection<UInt8>, radix: UInt64, underscores: Bool) -> UInt64? {
        var value: UInt64 = 0
        var isAfterDigit = false
        for byte in digits {
            guard let digit = digit(byte), digit < radix else {
                guard underscores, isAfterDigit, byte == UInt8(ascii: "_") else { return nil }
                isAfterDigit = false
                continue
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
            isAfterDigit = true
        }
        return isAfterDigit ? value : nil
    }

    @inline(__always) private static func digit(_ byte: UInt8) -> UInt64? {
        if byte &- 48 <= 9 { return UInt64(byte &- 48) }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? UInt64(letter) + 10 : nil
    }

    /// Whether the text is digits alone, perhaps with a sign: an int, or one that is too large.
    package static func isWhole(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let (digits, _) = unsigned(text) else { return false }
        return digits.allSatisfy { $0 &- 48 <= 9 }
    }

    /// Whether a digit follows a 0 at the start, as in `007`: often a name and not a number.
    package static func hasLeadingZero(_ text: UnsafeBufferPointer<UInt8>) -> Bool { unsigned(text).map { startsWithZero($0.0) } ?? false }

    private static func startsWithZero(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        digits.count > 1 && digits[digits.startIndex] == UInt8(ascii: "0") && digits[digits.startIndex + 1] &- 48 <= 9
    }

    /// The double nearest to the number that a text shows; `nan`, `inf` and `infinity` in any case are such numbers too.
    package static func float(_ text: UnsafeBufferPointer<UInt8>, underscores: Bool = false) -> Double? {
        guard let (digits, isNegative) = unsigned(text) else { return nil }
        if let special = special(digits) { return isNegative ? -special : special }
        return Decimal(digits, underscores: underscores).flatMap { value(of: $0, digits, isNegative) }
    }

    /// The double that a text shows with a point, an exponent or a word, and without digits after a leading 0.
    package static func plainFloat(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard let (digits, isNegative) = unsigned(text) else { return nil }
        if let special = special(digits) { return isNegative ? -special : special }
        guard let decimal = Decimal(digits, underscores: false), !decimal.isWhole, !startsWithZero(digits) else { return nil }
        return value(of: decimal, digits, isNegative)
    }

    @inline(__always)
    private static func value(of decimal: Decimal, _ digits: Slice<UnsafeBufferPointer<UInt8>>, _ isNegative: Bool) -> Double? {
        // Up to 15 digits: the quotient of two numbers that doubles hold exactly.
        if decimal.isShort(digits: 15, places: 22) {
            let magnitude = Double(decimal.mantissa) / powers[-decimal.exponent]
            return isNegative ? -magnitude : magnitude
        }
        return Double(plain(digits)).map { isNegative ? -$0 : $0 }
    }

    /// The 32-bit float nearest to the number that a text shows, rounded once.
    package static func single(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
        guard let (digits, isNegative) = unsigned(text) else { return nil }
        if let special = special(digits) { return Float(isNegative ? -special : special) }
        guard let decimal = Decimal(digits, underscores: false) else { return nil }
        if decimal.isShort(digits: 7, places: 10) {
            let magnitude = Float(decimal.mantissa) / Float(powers[-decimal.exponent])
            return isNegative ? -magnitude : magnitude
        }
        return Float(plain(digits)).map { isNegative ? -$0 : $0 }
    }

    private static let powers: [Double] = (0...22).map { Double("1e\($0)") ?? 1 }

    private static func plain(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        digits.contains(UInt8(ascii: "_")) ? String(decoding: digits.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
            : String(decoding: digits, as: UTF8.self)
    }

    private static func special(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Double? {
        guard let first = digits.first, first > UInt8(ascii: "9"), digits.count <= 8 else { return nil }
        switch String(decoding: digits, as: UTF8.self).lowercased() {
        case "nan": return .nan
        case "inf", "infinity": return .infinity
        default: return nil
        }
    }

    /// An unsigned decimal number that was checked from end to end.
    private struct Decimal {
        /// The digits before an exponent as one number; wrapped where they do not fit.
        var mantissa: UInt64 = 0
        /// Minus the number of digits after the point.
        var exponent = 0
        private var significant = 0
        private var hasExponent = false
        private var hasPoint = false
        var isWhole: Bool { !hasPoint && !hasExponent }

        /// Whether the mantissa is exact, and the power of ten that it is divided by, too.
        @inline(__always) func isShort(digits: Int, places: Int) -> Bool { !hasExponent && significant <= digits && exponent >= -places }

        @inline(__always) init?(_ digits: Slice<UnsafeBufferPointer<UInt8>>, underscores: Bool) {
            var i = digits.startIndex
            var count = 0
            while i < digits.endIndex {
                let byte = digits[i]
                if byte &- 48 <= 9 {
                    mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
                    count &+= 1
                    if mantissa != 0 || significant > 0 { significant &+= 1 }
                    if hasPoint { exponent &-= 1 }
                } else if byte == UInt8(ascii: "."), !hasPoint {
                    hasPoint = true
                } else if byte == UInt8(ascii: "_"), underscores {
                    guard Decimal.isBetweenDigits(i, digits) else { return nil }
                } else {
                    break
                }
                i &+= 1
            }
            guard count > 0 else { return nil }
            guard i < digits.endIndex else { return }
            guard digits[i] | 0x20 == UInt8(ascii: "e") else { return nil }
            hasExponent = true
            i &+= 1
            if i < digits.endIndex, digits[i] == UInt8(ascii: "+") || digits[i] == UInt8(ascii: "-") { i &+= 1 }
            guard i < digits.endIndex else { return nil }
            while i < digits.endIndex {
                guard digits[i] &- 48 <= 9 || (underscores && Decimal.isBetweenDigits(i, digits)) else { return nil }
                i &+= 1
            }
        }

        private static func isBetweenDigits(_ i: Int, _ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
            digits[i] == UInt8(ascii: "_") && i > digits.startIndex && i + 1 < digits.endIndex && digits[i - 1] &- 48 <= 9
                && digits[i + 1] &- 48 <= 9
        }
    }

    /// The text without sign and the blanks and line breaks around; nil where nothing is left.
    @inline(__always)
    private static func unsigned(_ text: UnsafeBufferPointer<UInt8>) -> (Slice<UnsafeBufferPointer<UInt8>>, isNegative: Bool)? {
        var (start, end) = (0, text.count)
        while start < end, isBlank(text[start]) { start &+= 1 }
        while end > start, isBlank(text[end &- 1]) { end &-= 1 }
        guard start < end else { return nil }
        let isNegative = text[start] == UInt8(ascii: "-")
        if isNegative || text[start] == UInt8(ascii: "+") { start &+= 1 }
        guard start < end else { return nil }
        return (text[start..<end], isNegative)
    }

    @inline(__always) private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
}
