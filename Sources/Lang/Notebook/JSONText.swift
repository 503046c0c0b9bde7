/// A JSON value as it was written: members in their order, numbers digit for digit, and strings with what no text can hold.
public indirect enum JSONText: Equatable, Sendable {
    case object([Member])
    case array([JSONText])
    case string(JSONString)
    /// A number, `true`, `false` or `null`; also `NaN` and `Infinity`, which Python writes.
    case word(String)

    public struct Member: Equatable, Sendable {
        public var key: JSONString
        public var value: JSONText

        public init(_ key: JSONString, _ value: JSONText) { (self.key, self.value) = (key, value) }
    }

    /// What is wrong with a text, and in which of its lines.
    public struct Mistake: Error, Equatable {
        public var message: String
        public var line: Int
    }

    /// - Throws: what is wrong with a text that is not one JSON value.
    public init(_ text: String) throws(Mistake) {
        var reader = JSONTextReader(text)
        self = try reader.whole()
    }

    /// The members of an object; none of anything else.
    public var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// The first member of that name.
    public subscript(name: String) -> JSONText? { members.first { $0.key == JSONString(name) }?.value }

    public var string: JSONString? { if case .string(let string) = self { string } else { nil } }

    /// On one line.
    public var text: String {
        switch self {
        case .object(let members): "{\(members.map { "\($0.key.quoted): \($0.value.text)" }.joined(separator: ", "))}"
        case .array(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .string(let string): string.quoted
        case .word(let word): word
        }
    }
}

/// The text of a JSON string. Unlike a `String` it may hold halves of surrogate pairs, and it is compared code by code.
public struct JSONString: Hashable, Sendable {
    /// In JSON's escapes, each character in one way: on one line, whatever is taken for a line's end.
    private var escaped: [UInt8]

    fileprivate init(escaped: [UInt8]) { self.escaped = escaped }

    public init(_ text: String) {
        escaped = []
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { JSONString.append(scalar, to: &escaped) }
    }

    public var isEmpty: Bool { escaped.isEmpty }

    /// With quotes, as it stands in a JSON text.
    public var quoted: String { "\"\(String(decoding: escaped, as: UTF8.self))\"" }

    /// With U+FFFD for halves of surrogate pairs.
    public var text: String {
        var result: [UInt8] = []
        result.reserveCapacity(escaped.count)
        var i = 0
        while i < escaped.count {
            guard escaped[i] == UInt8(ascii: "\\") else {
                result.append(escaped[i])
                i += 1
                continue
            }
            let (code, length) = JSONString.code(escaped[i...])
            result += String(Unicode.Scalar(code) ?? "\u{fffd}").utf8
            i += length
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Its lines, each with the break at its end.
    public var lines: [JSONString] {
        var lines: [JSONString] = []
        var start = 0
        var i = 0
        while i < escaped.count {
            guard escaped[i] == UInt8(ascii: "\\") else {
                i += 1
                continue
            }
            let (code, length) = JSONString.code(escaped[i...])
            i += length
            if code == 10 {
                lines.append(JSONString(escaped: Array(escaped[start..<i])))
                start = i
            }
        }
        return start < escaped.count ? lines + [JSONString(escaped: Array(escaped[start...]))] : lines
    }

    public init(joining parts: [JSONString]) { escaped = parts.flatMap(\.escaped) }

    /// The UTF-16 code of an escape, and how long the escape is.
    private static func code(_ bytes: ArraySlice<UInt8>) -> (code: UInt32, length: Int) {
        let letter = bytes[bytes.startIndex + 1]
        if letter == UInt8(ascii: "u") {
            return (UInt32(String(decoding: bytes[(bytes.startIndex + 2)..<(bytes.startIndex + 6)], as: UTF8.self), radix: 16) ?? 0xfffd, 6)
        }
        return (short.first { $0.letter == letter }.map { UInt32($0.code) } ?? UInt32(letter), 2)
    }

    fileprivate static let short: [(letter: UInt8, code: UInt8)] = [
        (UInt8(ascii: "n"), 10), (UInt8(ascii: "t"), 9), (UInt8(ascii: "r"), 13), (UInt8(ascii: "b"), 8), (UInt8(ascii: "f"), 12),
    ]

    fileprivate static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar.value {
        case UInt32(UInt8(ascii: "\"")), UInt32(UInt8(ascii: "\\")): bytes += [UInt8(ascii: "\\"), UInt8(scalar.value)]
        case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029:
            if let letter = short.first(where: { UInt32($0.code) == scalar.value })?.letter { bytes += [UInt8(ascii: "\\"), letter] } else { append(unit: scalar.value, to: &bytes) }
        default: bytes += String(scalar).utf8
        }
    }

    /// As `\u00e9`.
    fileprivate static func append(unit: UInt32, to bytes: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        bytes += "\\u\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)".utf8
    }
}

/// Reads a JSON text. O(length).
private struct JSONTextReader {
    private let bytes: [UInt8]
    private var i = 0
    private var depth = 0

    private static let depthLimit = 500

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func whole() throws(JSONText.Mistake) -> JSONText {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { i = 3 }
        let value = try value()
        skipBlanks()
        if i < bytes.count { throw mistake("there is something after its end") }
        return value
    }

    private func mistake(_ message: String) -> JSONText.Mistake {
        JSONText.Mistake(message: message, line: 1 + bytes[..<min(i, bytes.count)].count { $0 == UInt8(ascii: "\n") })
    }

    private mutating func skipBlanks() { while i < bytes.count, [32, 10, 13, 9].contains(bytes[i]) { i += 1 } }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard i < bytes.count, bytes[i] == UInt8(ascii: character) else { return false }
        i += 1
        return true
    }

    private mutating func value() throws(JSONText.Mistake) -> JSONText {
        skipBlanks()
        guard i < bytes.count else { throw mistake("it ends too early") }
        switch bytes[i] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            defer { depth -= 1 }
            if depth > JSONTextReader.depthLimit { throw mistake("it is nested too deeply") }
            return bytes[i] == UInt8(ascii: "{") ? .object(try object()) : .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        default: return .word(try word())
        }
    }

    private mutating func object() throws(JSONText.Mistake) -> [JSONText.Member] {
        i += 1
        var members: [JSONText.Member] = []
        if takes("}") { return members }
        repeat {
            skipBlanks()
            guard i < bytes.count, bytes[i] == UInt8(ascii: "\"") else { throw mistake("a key in quotes is missing") }
            let key = try string()
            if !takes(":") { throw mistake("a colon is missing") }
            members.append(.init(key, try value()))
        } while takes(",")
        if !takes("}") { throw mistake("a comma or } is missing") }
        return members
    }

    private mutating func array() throws(JSONText.Mistake) -> [JSONText] {
        i += 1
        var values: [JSONText] = []
        if takes("]") { return values }
        repeat { values.append(try value()) } while takes(",")
        if !takes("]") { throw mistake("a comma or ] is missing") }
        return values
    }

    private mutating func word() throws(JSONText.Mistake) -> String {
        let start = i
        if let word = ["true", "false", "null", "NaN", "Infinity", "-Infinity"].first(where: { bytes[i...].starts(with: $0.utf8) }) {
            i += word.utf8.count
            return word
        }
        guard passesNumber() else {
            i = start
            throw mistake("a value is missing")
        }
        return String(decoding: bytes[start..<i], as: UTF8.self)
    }

    /// `-12.5e+3`; no zeros before other digits.
    private mutating func passesNumber() -> Bool {
        func passes(_ characters: String) -> Bool {
            guard i < bytes.count, characters.utf8.contains(bytes[i]) else { return false }
            i += 1
            return true
        }
        func passesDigits() -> Bool {
            let start = i
            while i < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[i]) { i += 1 }
            return i > start
        }
        _ = passes("-")
        guard passes("0") || passesDigits() else { return false }
        if passes("."), !passesDigits() { return false }
        if passes("eE") {
            _ = passes("+-")
            return passesDigits()
        }
        return true
    }

    private mutating func string() throws(JSONText.Mistake) -> JSONString {
        i += 1
        var escaped: [UInt8] = []
        while i < bytes.count {
            let byte = bytes[i]
            switch byte {
            case UInt8(ascii: "\""):
                i += 1
                return JSONString(escaped: escaped)
            case UInt8(ascii: "\\"): try readEscape(&escaped)
            case 0..<0x20: throw mistake("a string does not end in its line")
            case 0x7f, 0xc2, 0xe2:
                // Perhaps one that is to be escaped.
                let length = byte == 0x7f ? 1 : byte == 0xc2 ? 2 : 3
                let text = String(decoding: bytes[i..<min(i + length, bytes.count)], as: UTF8.self)
                for scalar in text.unicodeScalars { JSONString.append(scalar, to: &escaped) }
                i += length
            default:
                escaped.append(byte)
                i += 1
            }
        }
        throw mistake("a string has no end")
    }

    private mutating func readEscape(_ escaped: inout [UInt8]) throws(JSONText.Mistake) {
        guard i + 1 < bytes.count else { throw mistake("a string has no end") }
        let letter = bytes[i + 1]
        if letter == UInt8(ascii: "u") {
            guard let unit = unit(at: i) else { throw mistake("\\u is followed by four hexadecimal digits") }
            i += 6
            if unit & 0xfc00 == 0xd800, let low = self.unit(at: i), low & 0xfc00 == 0xdc00 {
                i += 6
                JSONString.append(Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + low & 0x3ff) ?? "\u{fffd}", to: &escaped)
            } else if let scalar = Unicode.Scalar(unit) {
                JSONString.append(scalar, to: &escaped)
            } else {
                JSONString.append(unit: unit, to: &escaped)
            }
            return
        }
        if let code = JSONString.short.first(where: { $0.letter == letter })?.code {
            JSONString.append(Unicode.Scalar(code), to: &escaped)
        } else if [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(letter) {
            JSONString.append(Unicode.Scalar(letter), to: &escaped)
        } else {
            throw mistake("there is no escape '\\\(Character(Unicode.Scalar(letter)))'")
        }
        i += 2
    }

    /// The code of `\u00e9` at a place; nil where there is none.
    private func unit(at start: Int) -> UInt32? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[(start + 2)..<(start + 6)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            unit = unit << 4 + UInt32(digit)
        }
        return unit
    }
}
