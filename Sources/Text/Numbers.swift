import Foundation

/// Numbers as text.
package enum Numbers {
    /// The shortest text of a number that reads back to the same bits, always with a point or exponent.
    package static func shortest(_ x: Double) -> String {
        if x.isNaN { return "nan" }
        if x.isInfinite { return x < 0 ? "-inf" : "inf" }
        return withShortExponent(x.description)
    }

    /// A number rounded for a reader, with the given number of decimals.
    package static func fixed(_ x: Double, _ decimals: Int) -> String {
        let text = String(format: "%.\(decimals)f", x)
        // No "-0.00".
        return text.hasPrefix("-") && text.dropFirst().allSatisfy { $0 == "0" || $0 == "." } ? String(text.dropFirst()) : text
    }

    /// A number in the given number of significant digits, with an exponent where the number is very large or small.
    package static func significant(_ x: Double, _ digits: Int) -> String { withShortExponent(String(format: "%.\(digits)g", x)) }

    /// 1e-05 and 1e+16 as 1e-5 and 1e16.
    package static func withShortExponent(_ text: String) -> String {
        guard let e = text.utf8.firstIndex(of: UInt8(ascii: "e")) else { return text }
        let digits = text[text.index(after: e)...]
        let sign = digits.hasPrefix("-") ? "-" : ""
        let exponent = digits.drop { $0 == "-" || $0 == "+" || $0 == "0" }
        var mantissa = String(text[..<e])
        if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
        return "\(mantissa)e\(sign)\(exponent)"
    }
}
