import Foundation

/// Format specs in interpolated strings, `{x:>8.3f}`: Python's, `[[fill]align][sign][0][width][,][.precision][type]`.
struct Format {
    private var fill: Character = " "
    private var alignment: Character?
    private var sign: Character = "-"
    private var width = 0
    private var groups: Character?
    private var precision: Int?
    private var type: Character?
    /// As written.
    private let spec: String

    /// The value in the format; a tensor without axes as its number.
    func apply(to value: Value) throws -> String {
        let value = value.tag == .host ? value.scalar.map(Value.float) ?? value : value
        return padded(try body(of: value), isNumber: value.isNumber)
    }

    /// Throws an error that names what is wrong with the spec.
    init(_ spec: String) throws {
        self.spec = spec
        var rest = Array(spec)[...]
        func isAlignment(_ c: Character?) -> Bool { c == "<" || c == ">" || c == "^" || c == "=" }
        if rest.count >= 2, isAlignment(rest.dropFirst().first) {
            fill = rest.removeFirst()
            alignment = rest.removeFirst()
        } else if isAlignment(rest.first) {
            alignment = rest.removeFirst()
        }
        if let c = rest.first, c == "+" || c == "-" || c == " " { sign = rest.removeFirst() }
        if rest.first == "0" {
            rest.removeFirst()
            if alignment == nil {
                fill = "0"
                alignment = "="
            }
        }
        width = try Format.number(&rest, spec) ?? 0
        if let c = rest.first, c == "," || c == "_" { groups = rest.removeFirst() }
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = try Format.number(&rest, spec) else { throw Format.invalid(spec, "digits must follow the point") }
            precision = digits
        }
        if let c = rest.first {
            guard "fFeEgGdxXobs%".contains(c) else { throw Format.invalid(spec, "'\(c)' is not a format type") }
            type = rest.removeFirst()
        }
        guard rest.isEmpty else { throw Format.invalid(spec, "'\(String(rest))' is left over") }
    }

    private static func number(_ rest: inout ArraySlice<Character>, _ spec: String) throws -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let value = Int(String(digits)), value <= 10_000 else { throw invalid(spec, "widths and precisions go up to 10000") }
        return value
    }

    private static func invalid(_ spec: String, _ problem: String) -> RuntimeError {
        RuntimeError(.value, "the format '\(spec)' is not valid: \(problem)", hint: "formats look like .3f, .2e, >8, <8, +.1f, 05d, ',' or .1%")
    }

    private func body(of value: Value) throws -> String {
        guard let type, type != "s" else {
            if value.isNumber { return signed(try plainNumber(value), isNegative: (value.number ?? 0) < 0) }
            let text = try Printer.text(value)
            return precision.map { String(text.prefix($0)) } ?? text
        }
        guard value.isNumber, let number = value.number else {
            throw RuntimeError(.type, "the format '\(spec)' is for numbers, not for \(value.typePhrase)", hint: "for text there are widths: {s:>8}, {s:<8}, {s:^8}")
        }
        switch type {
        case "d", "x", "X", "o", "b":
            guard value.tag == .int else {
                throw RuntimeError(.type, "the format '\(spec)' is for ints, not for a float", hint: "{x:.0f} rounds to whole numbers")
            }
            let radix = ["x": 16, "X": 16, "o": 8, "b": 2][type] ?? 10
            let digits = String(value.asInt.magnitude, radix: radix, uppercase: type == "X")
            return signed(grouped(digits), isNegative: value.asInt < 0)
        case "%":
            return signed(grouped(fixed(abs(number) * 100, precision ?? 6)) + "%", isNegative: number.sign == .minus && !number.isNaN)
        case "f", "F":
            if value.tag == .int { return signed(grouped(String(value.asInt.magnitude) + zeros(precision ?? 6)), isNegative: value.asInt < 0) }
            return signed(grouped(fixed(abs(number), precision ?? 6)), isNegative: number.sign == .minus && !number.isNaN)
        default:  // e, E, g, G
            let text = String(format: "%.\(precision ?? 6)\(type)", abs(number))
            return signed(grouped(text), isNegative: number.sign == .minus && !number.isNaN)
        }
    }

    private func zeros(_ count: Int) -> String { count == 0 ? "" : "." + String(repeating: "0", count: count) }

    private func fixed(_ x: Double, _ digits: Int) -> String {
        x.isNaN ? "nan" : x.isInfinite ? "inf" : Format.exactlyFixed(x, digits) { String(decoding: $0, as: UTF8.self) } ?? String(format: "%.\(digits)f", x)
    }

    /// What a float is as text in a format like `.3f`, without a detour through `String`; nil in any other.
    func plainlyFixed<Text>(_ value: Value, _ make: (UnsafeBufferPointer<UInt8>) -> Text) -> Text? {
        guard type == "f", value.tag == .float, width == 0, sign == "-", groups == nil, value.asFloat.isFinite else { return nil }
        return Format.exactlyFixed(value.asFloat, precision ?? 6, make)
    }

    /// A finite number with so many digits after the point, rounded as C does (exactly, ties to even); nil where the
    /// numerator does not fit. |x| * 10^digits = significand * 10^digits / 2^shift, and all of that fits 128 bits.
    private static func exactlyFixed<Text>(_ x: Double, _ digits: Int, _ make: (UnsafeBufferPointer<UInt8>) -> Text) -> Text? {
        let shift = 52 - Int(x.exponentBitPattern == 0 ? 1 : x.exponentBitPattern) + 1023
        guard digits <= 15, shift >= 0 else { return nil }
        let significand = x.significandBitPattern | (x.exponentBitPattern == 0 ? 0 : 1 << 52)
        var power: UInt64 = 1
        for _ in 0..<digits { power *= 10 }
        let numerator = UInt128(significand) * UInt128(power)
        // The numerator has at most 103 bits: a longer shift leaves 0 and less than half.
        let kept = UInt128(min(shift, 120))
        var quotient = numerator >> kept
        let remainder = numerator & ((1 << kept) - 1)
        let half: UInt128 = shift == 0 ? 1 : 1 << (kept - 1)
        if remainder > half || (remainder == half && quotient & 1 == 1) { quotient += 1 }
        guard var rest = UInt64(exactly: quotient) else { return nil }
        // From the last digit to the first: 20 at most, a point and a sign.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { bytes in
            var start = bytes.count
            var written = 0
            while rest > 0 || written <= digits {
                if written == digits, digits > 0 {
                    start -= 1
                    bytes[start] = UInt8(ascii: ".")
                }
                start -= 1
                bytes[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                written += 1
            }
            if x.sign == .minus {
                start -= 1
                bytes[start] = UInt8(ascii: "-")
            }
            return make(UnsafeBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// A number without a type: as it prints, or with a precision in significant digits.
    private func plainNumber(_ value: Value) throws -> String {
        if value.tag == .int { return grouped(String(value.asInt.magnitude)) }
        let x = value.asFloat
        if let precision { return grouped(String(format: "%.\(max(1, precision))g", abs(x))) }
        return grouped(Printer.text(abs(x)))
    }

    private func signed(_ digits: String, isNegative: Bool) -> String {
        isNegative ? "-" + digits : sign == "-" ? digits : String(sign) + digits
    }

    /// Separators between groups of three digits, in the part before the point.
    private func grouped(_ digits: String) -> String {
        guard let groups else { return digits }
        let whole = digits.prefix { $0.isHexDigit && $0 != "e" && $0 != "E" }
        var result = ""
        for (i, digit) in whole.enumerated() {
            if i > 0, (whole.count - i) % 3 == 0 { result.append(groups) }
            result.append(digit)
        }
        return result + digits.dropFirst(whole.count)
    }

    private func padded(_ text: String, isNumber: Bool) -> String {
        let missing = width - text.count
        guard missing > 0 else { return text }
        let padding = String(repeating: fill, count: missing)
        switch alignment ?? (isNumber ? ">" : "<") {
        case "<": return text + padding
        case "^": return String(repeating: fill, count: missing / 2) + text + String(repeating: fill, count: missing - missing / 2)
        case "=":
            let signCount = text.first == "-" || text.first == "+" || text.first == " " ? 1 : 0
            return text.prefix(signCount) + padding + text.dropFirst(signCount)
        default: return padding + text
        }
    }
}
