import Foundation

/// Values as text. What is printed can be read back where the language has a literal for it.
enum Printer {
    /// As `print` and `{x}` show it: strings as they are.
    static func text(_ value: Value) -> String {
        if value.tag == .string { return value.asString.text }
        return literal(value)
    }

    /// As inside containers: strings quoted. With `limit`, cut off after about that many characters.
    static func literal(_ value: Value, limit: Int = .max) -> String {
        var writer = Writer(limit: limit)
        writer.write(value)
        if writer.isFull { return String(writer.text.prefix(limit)) + "…" }
        return writer.text
    }

    /// The shortest text that reads back to the same bits, always with a point or exponent.
    static func text(_ x: Double) -> String {
        if x.isNaN { return "nan" }
        if x.isInfinite { return x < 0 ? "-inf" : "inf" }
        let text = x.description
        guard let e = text.firstIndex(of: "e") else { return text }
        // 1e-05 and 1e+16 as 1e-5 and 1e16.
        let digits = text[text.index(after: e)...]
        let sign = digits.hasPrefix("-") ? "-" : ""
        let exponent = digits.drop { $0 == "-" || $0 == "+" || $0 == "0" }
        var mantissa = String(text[..<e])
        if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
        return "\(mantissa)e\(sign)\(exponent)"
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "{": result += "\\{"
            default:
                if scalar.properties.generalCategory == .control { result += "\\u{\(String(scalar.value, radix: 16))}" } else { result.unicodeScalars.append(scalar) }
            }
        }
        return result + "\""
    }

    /// Whether a map key can be written without quotes.
    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first == "_" || first.properties.isAlphabetic, !keywords.contains(text) else { return false }
        return text.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0) }
    }

    static let keywords: Set<String> = [
        "nil", "true", "false", "let", "var", "fn", "if", "else", "while", "for", "in", "break", "continue", "return", "try", "catch", "throw",
        "import", "as", "and", "or", "not", "is", "do", "with",
    ]

    private struct Writer {
        var text = ""
        let limit: Int
        var isFull = false
        /// Containers being written, so that a cycle ends in `…`.
        private var open: Set<UInt64> = []
        private var depth = 0

        init(limit: Int) { self.limit = limit }

        mutating func write(_ value: Value) {
            // The limit is on characters, but bytes are enough to tell that it is far behind.
            if text.utf8.count > limit, text.count > limit { isFull = true }
            guard !isFull else { return }
            switch value.tag {
            case .nil, .missing: text += "nil"
            case .true: text += "true"
            case .false: text += "false"
            case .int: text += String(value.asInt)
            case .float: text += Printer.text(value.asFloat)
            case .string: text += Printer.quoted(value.asString.text)
            case .range: write(value.asRange)
            case .builtin: text += "<function>"
            case .closure: text += "<function \(value.asClosure.prototype.pointee.prototype.name)>"
            case .host: text += value.hostObject.description
            case .list: nested(value) { $0.writeElements(of: value.asList) }
            case .map: nested(value) { $0.writeEntries(of: value.asMap) }
            }
        }

        private mutating func nested(_ value: Value, _ body: (inout Writer) -> Void) {
            guard depth < 200, open.insert(value.payload).inserted else {
                text += value.tag == .list ? "[…]" : "{…}"
                return
            }
            depth += 1
            body(&self)
            depth -= 1
            open.remove(value.payload)
        }

        private mutating func writeElements(of list: ListRef) {
            text += "["
            for i in 0..<list.count {
                if i > 0 { text += ", " }
                write(list[i])
                if isFull { return }
            }
            text += "]"
        }

        private mutating func writeEntries(of map: MapRef) {
            text += "{"
            for (i, (key, value)) in map.pairs.enumerated() {
                if i > 0 { text += ", " }
                if key.tag == .string {
                    let name = key.asString.text
                    text += Printer.isIdentifier(name) ? name : Printer.quoted(name)
                } else {
                    text += "["
                    write(key)
                    text += "]"
                }
                text += ": "
                write(value)
                if isFull { return }
            }
            text += "}"
        }

        private mutating func write(_ range: RangeRef) {
            if range.step != 1 {
                text += "range(\(range.lower), \(range.upper), by: \(range.step))"
                return
            }
            let upper = range.isClosed ? range.upper - 1 : range.upper
            text += "\(range.hasLower ? String(range.lower) : "")\(range.isClosed ? "..=" : "..")\(range.hasUpper ? String(upper) : "")"
        }
    }
}
