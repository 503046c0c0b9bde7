import Foundation

/// Numbers as text, rounded for a reader.
enum Numbers {
    /// With that many decimals.
    static func fixed(_ x: Double, _ decimals: Int) -> String {
        let text = String(format: "%.\(decimals)f", x)
        // No "-0.00".
        return text.hasPrefix("-") && text.dropFirst().allSatisfy { $0 == "0" || $0 == "." } ? String(text.dropFirst()) : text
    }

    /// In that many significant digits, with an exponent where the number is very large or small.
    static func significant(_ x: Double, _ digits: Int) -> String { Printer.withShortExponent(String(format: "%.\(digits)g", x)) }
}
