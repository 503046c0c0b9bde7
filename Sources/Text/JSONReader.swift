/// Reads a JSON text (RFC 8259) piece by piece; the caller decides what to make of the pieces. O(length).
///
///     switch try reader.next() {
///     case .object: while let key = try reader.nextKey() { … }      // the value of each by `next` again
///     case .array: while try reader.nextElement() { … }
///     …
///     }
///     try reader.finish()
package struct JSONReader {
    /// A value, or the beginning of an array or object.
    package enum Piece {
        case object, array, null, bool(Bool)
        case string(JSONString)
        /// A number: its bytes in the text, and whether it has neither point nor exponent.
        case number(UnsafeBufferPointer<UInt8>, isWhole: Bool)
        /// `NaN`, `Infinity` or `-Infinity`, which Python writes.
        case notFinite(String)
    }

    /// What is wrong with a text, and where.
    package struct Mistake: Error, Equatable {
        package enum Reason: Sendable { case form, depth, rest }

        package var reason: Reason
        package var message: String
        package var hint: String?
        package var line: Int
        package var column: Int
    }

    /// How deeply objects and arrays may be nested.
    package static let depthLimit = 500

    private let bytes: UnsafeBufferPointer<UInt8>
    private let allowsNonFinite: Bool
    /// Where in the text the last piece began, counted in bytes.
    package private(set) var start = 0
    private var position = 0
    private var depth = 0
    private var isFirst = false
    /// The halves of surrogate pairs in the strings so far, and where they stand.
    package private(set) var halves: [(unit: UInt32, place: Int)] = []

    /// - Parameter bytes: UTF-8, which stays where it is while it is read.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, allowsNonFinite: Bool = false) {
        self.bytes = bytes
        self.allowsNonFinite = allowsNonFinite
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    package mutating func next() throws(Mistake) -> Piece {
        skipBlanks()
        start = position
        switch byte {
        case UInt8(ascii: "{"): return try opened(.object)
        case UInt8(ascii: "["): return try opened(.array)
        case UInt8(ascii: "\""): return .string(try string())
        case nil: throw mistake("the text ends where a value should be")
        case let byte? where byte &- 48 <= 9: return try number()
        default:
            if takes("true") { return .bool(true) }
            if takes("false") { return .bool(false) }
            if takes("null") { return .null }
            if allowsNonFinite, let word = ["NaN", "Infinity", "-Infinity"].first(where: { takes($0) }) { return .notFinite(word) }
            if byte == UInt8(ascii: "-") { return try number() }
            throw mistake("a value should be here, not \(found)",
                hint: "values are null, true, false, numbers, \"texts\", [lists] and {\"objects\": …}")
        }
    }

    /// The key of the object's next member, whose value must be read next; nil at the end of the object.
    package mutating func nextKey() throws(Mistake) -> JSONString? {
        guard try goesOn(to: "}") else { return nil }
        guard byte == UInt8(ascii: "\"") else { throw mistake("a key in double quotes should be here, not \(found)") }
        start = position
        let key = try string()
        skipBlanks()
        guard byte == UInt8(ascii: ":") else { throw mistake("':' should be here, not \(found)") }
        position += 1
        return key
    }

    /// Whether the array has another element, which must be read next.
    package mutating func nextElement() throws(Mistake) -> Bool { try goesOn(to: "]") }

    /// Checks that nothing follows the value.
    package mutating func finish() throws(Mistake) {
        skipBlanks()
        guard position == bytes.count else { throw mistake("something follows the value", reason: .rest) }
    }

    // MARK: - Pieces

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte, byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
    }

    private mutating func takes(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func opened(_ piece: Piece) throws(Mistake) -> Piece {
        guard depth < JSONReader.depthLimit else {
            throw mistake("more than \(JSONReader.depthLimit) brackets inside one another", reason: .depth)
        }
        depth += 1
        position += 1
        isFirst = true
        return piece
    }

    /// Whether something comes before the closing bracket.
    private mutating func goesOn(to bracket: Character) throws(Mistake) -> Bool {
        skipBlanks()
        if byte == bracket.asciiValue {
            position += 1
            depth -= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw mistake("',' or '\(bracket)' should be here, not \(found)") }
        position += 1
        skipBlanks()
        if byte == bracket.asciiValue { throw mistake("a comma must not stand before '\(bracket)'") }
        return true
    }

    private mutating func number() throws(Mistake) -> Piece {
        var isWhole = true
        if byte == UInt8(ascii: "-") { position += 1 }
        let isZero = byte == UInt8(ascii: "0"), first = position
        try digits()
        if isZero, position > first + 1 {
            position = start
            throw mistake("a number must not begin with 0 and go on")
        }
        if byte == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try digits()
        }
        if let e = byte, e | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return .number(UnsafeBufferPointer(rebasing: bytes[start..<position]), isWhole: isWhole)
    }

    private mutating func digits() throws(Mistake) {
        let first = position
        while let byte, byte &- 48 <= 9 { position += 1 }
        if position == first { throw mistake("digits should be here, not \(found)") }
    }

    private mutating func string() throws(Mistake) -> JSONString {
        let opening = position
        position += 1
        var part = position
        var text = JSONString()
        while true {
            guard let byte else {
                position = opening
                throw mistake("the text that begins here is never closed")
            }
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else {
                throw mistake("a line break or control character in a text must be written as an escape such as \\n")
            }
            guard byte == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            text.append(UnsafeBufferPointer(rebasing: bytes[part..<position]))
            try readEscape(&text)
            part = position
        }
        text.append(UnsafeBufferPointer(rebasing: bytes[part..<position]))
        position += 1
        return text
    }

    private mutating func readEscape(_ text: inout JSONString) throws(Mistake) {
        let place = position
        position += 1
        guard let letter = byte else { throw mistake("the text ends in an escape") }
        position += 1
        switch letter {
        case UInt8(ascii: "n"): text.append("\n")
        case UInt8(ascii: "t"): text.append("\t")
        case UInt8(ascii: "r"): text.append("\r")
        case UInt8(ascii: "b"): text.append("\u{8}")
        case UInt8(ascii: "f"): text.append("\u{c}")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(Unicode.Scalar(letter))
        case UInt8(ascii: "u"):
            let unit = try hexadecimal()
            if let scalar = Unicode.Scalar(unit) { return text.append(scalar) }
            // A character beyond 16 bits comes as two escapes.
            let before = position
            if unit < 0xdc00, takes("\\u") {
                let second = try hexadecimal()
                if (0xdc00...0xdfff).contains(second), let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00)) {
                    return text.append(scalar)
                }
                position = before
            }
            text.append(half: unit)
            halves.append((unit, place))
        default:
            position -= 1
            throw mistake("there is no escape \\\(found.filter { $0 != "'" })")
        }
    }

    private mutating func hexadecimal() throws(Mistake) -> UInt32 {
        let end = position + 4
        guard end <= bytes.count, let unit = NumberText.magnitude(bytes[position..<end], radix: 16, underscores: false) else {
            throw mistake("four hexadecimal digits must follow \\u")
        }
        position = end
        return UInt32(unit)
    }

    // MARK: - Places

    private var found: String {
        guard position < bytes.count else { return "the end of the text" }
        return "'\(String(decoding: bytes[position..<min(bytes.count, position + 16)], as: UTF8.self).prefix(1))'"
    }

    private func mistake(_ message: String, reason: Mistake.Reason = .form, hint: String? = nil) -> Mistake {
        let (line, column) = place(of: position)
        return Mistake(reason: reason, message: message, hint: hint, line: line, column: column)
    }

    /// Line and column of an offset, counted from 1.
    package func place(of offset: Int) -> (line: Int, column: Int) {
        let before = bytes[..<min(offset, bytes.count)]
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return (before.count { $0 == 10 } + 1, String(decoding: before[start...], as: UTF8.self).count + 1)
    }
}
