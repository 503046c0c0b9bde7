/// Writes a JSON text (RFC 8259) piece by piece, as `JSONReader` reads one: on one line, or each element on a line of its own.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private let indent: Int
    /// What closes each of the objects and arrays that are open.
    private var closers: [UInt8] = []
    /// Whether the innermost of them has no element yet.
    private var isEmpty = true

    /// - Parameter indent: by how many blanks each level is indented; 0 for one line.
    package init(indent: Int = 0) { self.indent = indent }

    /// How many objects and arrays are open.
    package var depth: Int { closers.count }

    package mutating func openArray() { open(UInt8(ascii: "["), UInt8(ascii: "]")) }
    package mutating func openObject() { open(UInt8(ascii: "{"), UInt8(ascii: "}")) }

    private mutating func open(_ opener: UInt8, _ closer: UInt8) {
        bytes.append(opener)
        closers.append(closer)
        isEmpty = true
    }

    /// Comes before each element of an array.
    package mutating func beginElement() {
        if !isEmpty { put(indent > 0 ? "," : ", ") }
        if indent > 0 { breakLine() }
        isEmpty = false
    }

    /// Comes before the value of each member of an object.
    package mutating func key(_ text: UnsafeBufferPointer<UInt8>) {
        beginElement()
        string(text)
        put(": ")
    }

    /// Ends the innermost open object or array.
    package mutating func close() {
        guard let closer = closers.popLast() else { return }
        if indent > 0, !isEmpty { breakLine() }
        bytes.append(closer)
        isEmpty = false
    }

    /// Writes a number, `true`, `false` or `null`.
    package mutating func word(_ word: String) { put(word) }

    /// Writes a text in UTF-8 as a JSON string: each character in one way, and everything on one line. Halves of surrogate pairs are
    /// written as escapes.
    package mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var i = 0
        func next(_ distance: Int) -> UInt8 { i + distance < text.count ? text[i + distance] : 0 }
        while i < text.count {
            let byte = text[i]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7f:
                if let letter = JSONWriter.short[byte] { bytes += [UInt8(ascii: "\\"), letter] } else { escape(Int(byte)) }
            case 0xc2 where next(1) & 0xe0 == 0x80:
                escape(Int(next(1)))
                i += 1
            case 0xe2 where next(1) == 0x80 && next(2) & 0xfe == 0xa8:
                escape(0x2000 + Int(next(2)) - 0x80)
                i += 2
            case 0xed where next(1) >= 0xa0:
                escape(0xd000 | Int(next(1) & 0x3f) << 6 | Int(next(2) & 0x3f))
                i += 2
            default: bytes.append(byte)
            }
            i += 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let short: [UInt8: UInt8] = [
        10: UInt8(ascii: "n"), 9: UInt8(ascii: "t"), 13: UInt8(ascii: "r"), 8: UInt8(ascii: "b"), 12: UInt8(ascii: "f"),
    ]

    /// Writes a code unit as an escape such as `\u00e9`.
    private mutating func escape(_ unit: Int) {
        let digits = String(unit, radix: 16)
        put("\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)")
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(32, count: indent * depth))
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
