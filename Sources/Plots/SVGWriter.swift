import Text

/// Writes elements of SVG, one a line.
struct SVGWriter {
    private(set) var text = ""
    private var open: [String] = []

    /// An element with text in it, or an empty one. Attributes without a value are left out.
    mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>, _ content: String? = nil) {
        text += "<\(name)\(SVGWriter.written(attributes))"
        text += content.map { ">\(SVGWriter.escaped($0))</\(name)>\n" } ?? "/>\n"
    }

    mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        text += "<\(name)\(SVGWriter.written(attributes))>\n"
        open.append(name)
    }

    mutating func end() {
        if let name = open.popLast() { text += "</\(name)>\n" }
    }

    /// Text that is markup already.
    mutating func add(raw: String) { text += raw }

    private static func written(_ attributes: KeyValuePairs<String, String>) -> String {
        attributes.map { $1.isEmpty ? "" : " \($0)=\"\(escaped($1))\"" }.joined()
    }

    /// On one line, without what XML takes for markup or does not allow.
    static func escaped(_ text: String) -> String { text.replacing(/[\n\t]/, with: " ").escapedForHTML }

    /// A coordinate in tenths of a pixel, within a million pixels; what is no number is 0.
    static func number(_ x: Double) -> String {
        let tenths = x.isNaN ? 0 : Int(saturating: (min(max(x, -1e6), 1e6) * 10).rounded())
        let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
    }

    /// About how many pixels a text takes: fonts differ, so it is somewhat more than most take.
    static func width(_ text: String, size: Double = 11) -> Double { Double(DisplayWidth.of(text)) * size * 0.6 }

    /// How many columns of text so many pixels have room for.
    static func columns(_ width: Double, size: Double) -> Int { max(1, Int(saturating: width / (size * 0.6))) }

    /// The text, cut off where it would take more pixels.
    static func fitted(_ text: String, _ width: Double, size: Double = 11) -> String { DisplayWidth.fitted(text, columns: columns(width, size: size)) }
}
