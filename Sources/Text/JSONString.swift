/// The text of a JSON string. Unlike a `String` it may hold halves of surrogate pairs, and it is compared code by code.
package struct JSONString: Hashable, Sendable {
    /// UTF-8, with halves in the form that they would have in it: 0xED, 0xA0 to 0xBF, 0x80 to 0xBF.
    private var bytes: [UInt8] = []
    private var hasHalves = false

    init() {}

    package init(_ text: String) { bytes = Array(text.utf8) }

    package init(joining parts: [JSONString]) {
        bytes = parts.flatMap(\.bytes)
        hasHalves = parts.contains(where: \.hasHalves)
    }

    mutating func append(_ part: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: part) }

    mutating func append(_ scalar: Unicode.Scalar) { bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped) }

    mutating func append(half unit: UInt32) {
        hasHalves = true
        for byte in [0xe0 | unit >> 12, 0x80 | unit >> 6 & 0x3f, 0x80 | unit & 0x3f] { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    }

    package var isEmpty: Bool { bytes.isEmpty }

    /// The string's UTF-8, with U+FFFD for halves of surrogate pairs.
    package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        guard hasHalves else { return try bytes.withUnsafeBufferPointer(body) }
        var whole = bytes
        for i in whole.indices where isHalf(at: i) { whole.replaceSubrange(i..<i + 3, with: [0xef, 0xbf, 0xbd]) }
        return try whole.withUnsafeBufferPointer(body)
    }

    package var text: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }

    private func isHalf(at i: Int) -> Bool { hasHalves && bytes[i] == 0xed && bytes[i + 1] >= 0xa0 }

    /// The string with quotes, as it stands in a JSON text, see `JSONWriter.string`.
    package var quoted: String { JSONText.string(self).text }

    func write(to writer: inout JSONWriter) { bytes.withUnsafeBufferPointer { writer.string($0) } }

    func writeKey(to writer: inout JSONWriter) { bytes.withUnsafeBufferPointer { writer.key($0) } }

    /// The lines of the string, each with the line break at its end.
    package var lines: [JSONString] {
        var lines: [JSONString] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
            var line = self
            line.bytes = Array(bytes[start..<end])
            line.hasHalves = hasHalves && line.bytes.indices.contains { isHalf(at: start + $0) }
            lines.append(line)
            start = end
        }
        return lines
    }
}
