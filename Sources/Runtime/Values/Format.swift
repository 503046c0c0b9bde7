import Foundation
import Text

/// Format specs in interpolated strings, `{x:>8.3f}`: Python's, `[[fill]align][sign][0][width][, or _][.precision][type]`.
public struct Format {
    private var fill: Character = " "
    private var alignment: Character?
    /// Whether a 0 before the width asks for zeros between the sign and the digits.
    private var padsWithZeros = false
    private var sign: Character?
    private var width = 0
    private var groups: Character?
    private var precision: Int?
    private var type: Character?
    /// As written.
    private let spec: String

    /// The formatted value; a tensor without axes is formatted as its number.
    public func apply(to value: Value) throws -> String {
        let value = value.tag == .host ? value.scalar.map(Value.float) ?? value : value
        guard value.isNumber, let number = value.number else { return try text(of: value) }
        let isNegative = value.tag == .int ? value.asInt < 0 : number.sign == .minus && !number.isNaN
        return padded(sign: isNegative ? "-" : sign == "+" || sign == " " ? sign.map { String($0) } ?? "" : "",
            try digits(of: value, abs(number)))
    }

    /// Throws an error that names what is wrong with the spec.
    public init(_ spec: String) throws {
        self.spec = spec
        var rest = Array(spec)[...]
        func isAlignment(_ c: Character?) -> Bool { c == "<" || c == ">" || c == "^" || c == "=" }
        var hasFill = false
        if rest.count >= 2, isAlignment(rest.dropFirst().first) {
            hasFill = true
            fill = rest.removeFirst()
            alignment = rest.removeFirst()
        } else if isAlignment(rest.first) {
            alignment = rest.removeFirst()
        }
        if let c = rest.first, c == "+" || c == "-" || c == " " { sign = rest.removeFirst() }
        if rest.first == "0", !hasFill {
            rest.removeFirst()
            fill = "0"
            padsWithZeros = alignment == nil
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
        guard let type else { return }
        if precision != nil, "dxXob".contains(type) {
            throw Format.invalid(spec, "ints have no precision", hint: "{x:.0f} rounds to whole numbers")
        }
        if groups == ",", "xXob".contains(type) {
            throw Format.invalid(spec, "',' is for decimal numbers", hint: "'_' groups the others by four digits")
        }
    }

    private static func number(_ rest: inout ArraySlice<Character>, _ spec: String) throws -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let value = Int(String(digits)), value <= 10_000 else { throw invalid(spec, "widths and precisions go up to 10000") }
        return value
    }

    private static func invalid(_ spec: String, _ problem: String, hint: String? = nil) -> RuntimeError {
        RuntimeError(.value, "the format '\(spec)' is not valid: \(problem)",
            hint: hint ?? "formats look like .3f, .2e, >8, <8, +.1f, 05d, ',' or .1%")
    }

    /// Anything but a number.
    private func text(of value: Value) throws -> String {
        guard type == nil || type == "s", sign == nil, groups == nil, alignment != "=" else {
            throw RuntimeError(.type, "the format '\(spec)' is for numbers, not for \(value.typePhrase)",
                hint: "for text there are widths: {s:>8}, {s:<8}, {s:^8}")
        }
        let text = try Printer.text(value)
        return padded(sign: "", precision.map { String(text.prefix($0)) } ?? text, isNumber: false)
    }

    /// A number without its sign.
    private func digits(of value: Value, _ magnitude: Double) throws -> String {
        switch type {
        case "s": throw RuntimeError(.type, "the format '\(spec)' is for texts, not for \(value.typePhrase)",
            hint: "{x} shows a number as it prints")
        case "d", "x", "X", "o", "b":
            guard value.tag == .int else {
                throw RuntimeError(.type, "the format '\(spec)' is for ints, not for a float", hint: "{x:.0f} rounds to whole numbers")
            }
            return String(value.asInt.magnitude, radix: radix, uppercase: type == "X")
        case "%": return fixed(magnitude * 100, precision ?? 6) + "%"
        case "f", "F":
            if value.tag == .int { return String(value.asInt.magnitude) + zeros(precision ?? 6) }
            let text = fixed(magnitude, precision ?? 6)
            return type == "F" ? text.uppercased() : text
        case let type?: return String(format: "%.\(precision ?? 6)\(type)", magnitude)  // e, E, g, G
        case nil: break
        }
        if value.tag == .int {
            if precision != nil {
                throw RuntimeError(.type, "the format '\(spec)' has a precision, which ints do not have",
                    hint: "{x:.2f} shows ints and floats alike")
            }
            return String(value.asInt.magnitude)
        }
        return precision.map { Format.general(magnitude, $0) } ?? Numbers.shortest(magnitude)
    }

    private var radix: Int {
        switch type {
        case "x", "X": 16
        case "o": 8
        case "b": 2
        default: 10
        }
    }

    /// In so many significant digits, at least one of them after the point, or with an exponent where they would not reach it.
    private static func general(_ x: Double, _ precision: Int) -> String {
        guard x.isFinite else { return Numbers.shortest(x) }
        let digits = max(1, precision)
        let scientific = String(format: "%.\(digits - 1)e", x)
        guard let e = scientific.firstIndex(of: "e"), let exponent = Int(scientific[scientific.index(after: e)...]) else {
            return scientific
        }
        func shortened(_ text: some StringProtocol) -> String {
            guard text.contains(".") else { return String(text) }
            let end = text.lastIndex { $0 != "0" } ?? text.startIndex
            return String(text[end] == "." ? text[..<end] : text[...end])
        }
        if exponent < -4 || exponent >= digits - 1 { return shortened(scientific[..<e]) + scientific[e...] }
        let text = shortened(String(format: "%.\(digits - 1 - exponent)f", x))
        return text.contains(".") ? text : text + ".0"
    }

    private func zeros(_ count: Int) -> String { count == 0 ? "" : "." + String(repeating: "0", count: count) }

    private func fixed(_ x: Double, _ digits: Int) -> String {
        x.isNaN ? "nan" : x.isInfinite ? "inf" : Format.exactlyFixed(x, digits) { String(decoding: $0, as: UTF8.self) }
            ?? String(format: "%.\(digits)f", x)
    }

    /// What a float is as text in a format like `.3f`, without a detour through `String`; nil in any other.
    func plainlyFixed<Text>(_ value: Value, _ make: (UnsafeBufferPointer<UInt8>) -> Text) -> Text? {
        guard type == "f", value.tag == .float, width == 0, sign == nil, groups == nil, value.asFloat.isFinite else { return nil }
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

    private func padded(sign: String, _ text: String, isNumber: Bool = true) -> String {
        let alignment = alignment ?? (!isNumber ? "<" : padsWithZeros ? "=" : ">")
        let isFilledWithDigits = alignment == "=" && fill == "0"
        let text = groups == nil && !isFilledWithDigits ? text : grouped(text, atLeast: isFilledWithDigits ? width - sign.count : 0)
        let missing = width - sign.count - text.count
        guard missing > 0 else { return sign + text }
        let padding = String(repeating: fill, count: missing)
        switch alignment {
        case "<": return sign + text + padding
        case "^": return String(repeating: fill, count: missing / 2) + sign + text + String(repeating: fill, count: missing - missing / 2)
        case "=": return sign + padding + text
        default: return padding + sign + text
        }
    }

    /// Separators between groups of digits in the part before the point: three decimal ones, four others. Zeros before them, in groups too,
    /// make the whole text `count` long, or longer by one where it would begin with a separator.
    private func grouped(_ text: String, atLeast count: Int) -> String {
        let whole = radix == 10 ? text.prefix { ("0"..."9").contains($0) } : text[...]
        let rest = text.dropFirst(whole.count)
        let size = groups == nil || whole.isEmpty ? Int.max : radix == 10 ? 3 : 4
        var digits = whole.count
        while digits + max(0, digits - 1) / size < count - rest.count { digits += 1 }
        let known = Array(whole)
        var result = ""
        for i in 0..<digits {
            if i > 0, (digits - i) % size == 0, let groups { result.append(groups) }
            result.append(i < digits - known.count ? "0" : known[i - (digits - known.count)])
        }
        return result + rest
    }
}
