/// A piece of source text under a name: a file, a REPL cell, or a `-e` argument.
package final class Source: Sendable {
    /// The source's name in diagnostics: a file's path as given, or `In [3]`.
    package let name: String
    package let text: String
    /// The text in UTF-8; spans are offsets into these bytes.
    package let bytes: [UInt8]
    /// Offset of the first byte of each line.
    package let lineStarts: [Int]
    /// Whether this is a module included in the library: errors in it are shown at the call that led there.
    package let isLibrary: Bool

    package init(name: String, text: String, isLibrary: Bool = false) {
        self.name = name
        self.text = text
        self.isLibrary = isLibrary
        bytes = Array(text.utf8)
        var starts = [0]
        for (i, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(i + 1) }
        lineStarts = starts
    }

    /// The line and column of an offset, both from 1; the column counts characters as a reader would.
    package func position(at offset: Int) -> (line: Int, column: Int) {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let before = bytes[lineStarts[low]..<offset]
        // In ASCII a byte is a character, which matters on lines of many megabytes. A line holds no "\r\n".
        let column = before.allSatisfy { $0 < 0x80 } ? before.count : String(decoding: before, as: UTF8.self).count
        return (low + 1, column + 1)
    }

    /// The text of a line (from 1) without its line break.
    package func line(_ number: Int) -> String {
        guard lineStarts.indices.contains(number - 1) else { return "" }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    package func text(of span: Span) -> String {
        String(decoding: bytes[span.start..<span.end], as: UTF8.self)
    }
}

/// A half-open range of UTF-8 offsets in one source.
package struct Span: Hashable, Sendable {
    private var low: UInt32
    private var high: UInt32

    package init(_ start: Int, _ end: Int) {
        low = UInt32(clamping: start)
        high = UInt32(clamping: max(start, end))
    }

    package var start: Int { Int(low) }
    package var end: Int { Int(high) }
    package var isEmpty: Bool { low == high }

    /// The smallest span that covers two spans.
    package func union(_ other: Span) -> Span { Span(min(start, other.start), max(end, other.end)) }
}
