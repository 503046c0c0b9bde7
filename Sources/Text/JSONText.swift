/// A JSON value as it was written: members in their order, numbers digit for digit, and strings with what no text can hold.
package indirect enum JSONText: Equatable, Sendable {
    case object([Member])
    case array([JSONText])
    case string(JSONString)
    /// A number, `true`, `false` or `null`; also `NaN` and `Infinity`, which Python writes.
    case word(String)

    package struct Member: Equatable, Sendable {
        package var key: JSONString
        package var value: JSONText

        package init(_ key: JSONString, _ value: JSONText) { (self.key, self.value) = (key, value) }
    }

    /// - Throws: what is wrong with a text that is not one JSON value.
    package init(_ text: String) throws(JSONReader.Mistake) {
        var text = text
        self = try text.withUTF8 { bytes in
            Result { () throws(JSONReader.Mistake) in
                var reader = JSONReader(bytes, allowsNonFinite: true)
                let value = try JSONText(&reader)
                try reader.finish()
                return value
            }
        }.get()
    }

    private init(_ reader: inout JSONReader) throws(JSONReader.Mistake) {
        switch try reader.next() {
        case .object:
            var members: [Member] = []
            while let key = try reader.nextKey() { members.append(Member(key, try JSONText(&reader))) }
            self = .object(members)
        case .array:
            var values: [JSONText] = []
            while try reader.nextElement() { values.append(try JSONText(&reader)) }
            self = .array(values)
        case .string(let string): self = .string(string)
        case .number(let digits, _): self = .word(String(decoding: digits, as: UTF8.self))
        case .notFinite(let word): self = .word(word)
        case .bool(let bool): self = .word(bool ? "true" : "false")
        case .null: self = .word("null")
        }
    }

    /// The members of an object; empty for any other value.
    package var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// The value of the first member with the given name.
    package subscript(name: String) -> JSONText? { members.first { $0.key == JSONString(name) }?.value }

    package var string: JSONString? { if case .string(let string) = self { string } else { nil } }

    /// The double nearest to a number; nil for anything else.
    package var number: Double? {
        guard case .word(var word) = self, word.utf8.first.map({ $0 &- 48 <= 9 || $0 == UInt8(ascii: "-") }) == true else { return nil }
        return word.withUTF8 { NumberText.float($0) }
    }

    /// A name that occurs twice in one of the value's objects. O(n).
    package var nameGivenTwice: JSONString? {
        switch self {
        case .object(let members):
            var seen: Set<JSONString> = []
            for member in members {
                if !seen.insert(member.key).inserted { return member.key }
                if let name = member.value.nameGivenTwice { return name }
            }
        case .array(let values): for value in values { if let name = value.nameGivenTwice { return name } }
        case .string, .word: break
        }
        return nil
    }

    /// The value as text on one line.
    package var text: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let members):
            writer.openObject()
            for member in members {
                member.key.writeKey(to: &writer)
                member.value.write(to: &writer)
            }
            writer.close()
        case .array(let values):
            writer.openArray()
            for value in values {
                writer.beginElement()
                value.write(to: &writer)
            }
            writer.close()
        case .string(let string): string.write(to: &writer)
        case .word(let word): writer.word(word)
        }
    }
}
