import Lang

/// Parts of Markdown's texts: escapes, entities, labels, addresses and titles of links.
enum MarkdownText {
    typealias Scalars = ArraySlice<Unicode.Scalar>

    static func isEscapable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
        default: false
        }
    }

    /// Without the strokes before punctuation, and with the characters that entities name.
    static func unescaped(_ text: Scalars) -> Scalars {
        guard text.contains(where: { $0 == "\\" || $0 == "&" }) else { return text }
        var result: [Unicode.Scalar] = []
        var i = text.startIndex
        while i < text.endIndex {
            if text[i] == "\\", i + 1 < text.endIndex, isEscapable(text[i + 1]) {
                result.append(text[i + 1])
                i += 2
            } else if text[i] == "&", let (named, end) = entity(text[i...]) {
                result += named
                i = end
            } else {
                result.append(text[i])
                i += 1
            }
        }
        return result[...]
    }

    /// `&amp;`, `&#38;` or `&#x26;` at the beginning.
    static func entity(_ text: Scalars) -> (text: [Unicode.Scalar], end: Int)? {
        guard let end = text.prefix(34).firstIndex(of: ";") else { return nil }
        let name = text[(text.startIndex + 1)..<end]
        if name.first == "#" {
            let isHexadecimal = name.dropFirst().first == "x" || name.dropFirst().first == "X"
            let digits = name.dropFirst(isHexadecimal ? 2 : 1)
            guard (1...(isHexadecimal ? 6 : 7)).contains(digits.count),
                digits.allSatisfy({ $0.isASCII && (isHexadecimal ? $0.properties.isASCIIHexDigit : $0.properties.numericType != nil) }),
                let code = UInt32(String(String.UnicodeScalarView(digits)), radix: isHexadecimal ? 16 : 10)
            else { return nil }
            return ([code == 0 ? "\u{fffd}" : Unicode.Scalar(code) ?? "\u{fffd}"], end + 1)
        }
        return HTMLEntities.named[String(String.UnicodeScalarView(name))].map { ([$0], end + 1) }
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\n" }

    static func skipSpaces(_ text: Scalars, _ start: Int) -> Int { text[start...].firstIndex { !isSpace($0) } ?? text.endIndex }

    // MARK: - Links

    private static let labelLimit = 999
    private static let bracketLimit = 32

    /// `[label]`, and its end; the label in the form in which labels are compared, or empty where it has nothing but blanks in it.
    static func label(_ text: Scalars, _ start: Int) -> (label: String, end: Int)? {
        guard start < text.endIndex, text[start] == "[" else { return nil }
        var i = start + 1
        while i < text.endIndex, i - start <= labelLimit + 1 {
            switch text[i] {
            case "\\": i += 2
            case "[": return nil
            case "]": return (compared(text[(start + 1)..<i]), i + 1)
            default: i += 1
            }
        }
        return nil
    }

    /// A label in one case, with one blank for blanks.
    static func compared(_ label: Scalars) -> String {
        let words = label.split { isSpace($0) }.map { String(String.UnicodeScalarView($0)) }
        // By way of upper case, in which `ß`, the small `ẞ`, is `SS`.
        return words.joined(separator: " ").lowercased().uppercased().lowercased()
    }

    /// `address` or `<address>`, and its end.
    static func address(_ text: Scalars, _ start: Int) -> (address: String, end: Int)? {
        guard start < text.endIndex else { return nil }
        func result(_ range: Range<Int>, _ end: Int) -> (String, Int) { (String(String.UnicodeScalarView(unescaped(text[range]))), end) }
        var i = start
        if text[start] == "<" {
            i += 1
            while i < text.endIndex {
                switch text[i] {
                case "\\": i += 2
                case "\n", "<": return nil
                case ">": return result(start + 1..<i, i + 1)
                default: i += 1
                }
            }
            return nil
        }
        var depth = 0
        scan: while i < text.endIndex {
            switch text[i] {
            case "\\" where i + 1 < text.endIndex && isEscapable(text[i + 1]): i += 1
            case "(":
                depth += 1
                if depth > bracketLimit { return nil }
            case ")":
                if depth == 0 { break scan }
                depth -= 1
            case "\u{0}"..."\u{20}", "\u{7f}": break scan
            default: break
            }
            i += 1
        }
        return depth == 0 ? result(start..<i, i) : nil
    }

    /// `"title"`, `'title'` or `(title)`, and its end.
    static func title(_ text: Scalars, _ start: Int) -> (title: String, end: Int)? {
        guard start < text.endIndex, text[start] == "\"" || text[start] == "'" || text[start] == "(" else { return nil }
        let close = text[start] == "(" ? ")" : text[start]
        var i = start + 1
        while i < text.endIndex {
            if text[i] == "\\" {
                i += 2
            } else if text[i] == close {
                return (String(String.UnicodeScalarView(unescaped(text[(start + 1)..<i]))), i + 1)
            } else if text[i] == "(", close == ")" {
                return nil
            } else {
                i += 1
            }
        }
        return nil
    }
}

extension ArraySlice {
    /// Without those at the end for which `isLeftOut` holds.
    func trimmed(_ isLeftOut: (Element) -> Bool) -> ArraySlice {
        var rest = self
        while let last = rest.last, isLeftOut(last) { rest.removeLast() }
        return rest
    }
}

/// Where the backticks of a text stand. Finds all runs once, and then each next one in constant time on the whole.
struct BacktickRuns {
    private var starts: [Int: ArraySlice<Int>] = [:]

    init(_ text: some Collection<Unicode.Scalar>) {
        var length = 0
        var place = 0
        func end() -> (Int, Int)? { length > 0 ? (length, place - length) : nil }
        for scalar in text {
            if scalar == "`" {
                length += 1
            } else {
                if let (length, start) = end() { starts[length, default: []].append(start) }
                length = 0
            }
            place += 1
        }
        if let (length, start) = end() { starts[length, default: []].append(start) }
    }

    /// The start of the next run of exactly that length from `place` on. Places asked for rise.
    mutating func next(length: Int, from place: Int) -> Int? {
        guard var runs = starts[length] else { return nil }
        starts[length] = nil
        while let first = runs.first, first < place { runs.removeFirst() }
        starts[length] = runs
        return runs.first
    }
}

extension Unicode.Scalar {
    var isBlankOrTab: Bool { self == " " || self == "\t" }
}
