import Lang

/// Where the target of a link stands in a page's text.
struct LinkPlace {
    let source: Source

    /// The target of a link in the block of these lines, counted from 1, or in the definition of a label; where it is written
    /// in another way, the block's first line.
    func span(of target: String, in lines: ClosedRange<Int>) -> Span {
        let starts = source.lineStarts
        let first = min(max(lines.lowerBound, 1), starts.count)
        let last = min(max(lines.upperBound, first), starts.count)
        let block = starts[first - 1]..<(last < starts.count ? starts[last] : source.bytes.count)
        let target = Array(target.utf8)
        if let span = span(of: target, after: UInt8(ascii: "("), in: block)
            ?? span(of: target, after: UInt8(ascii: ":"), in: 0..<source.bytes.count) {
            return span
        }
        let length = source.bytes[block].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.count
        return Span(block.lowerBound, block.lowerBound + length)
    }

    /// A target after a bracket and the mark, outside of code.
    private func span(of target: [UInt8], after mark: UInt8, in range: Range<Int>) -> Span? {
        let bytes = source.bytes
        var i = range.lowerBound
        while i < range.upperBound {
            switch bytes[i] {
            case UInt8(ascii: "\\"): i += 2
            case UInt8(ascii: "`"): i = endOfCode(at: i, range)
            case UInt8(ascii: "]"):
                i += 1
                guard i < range.upperBound, bytes[i] == mark else { continue }
                var start = i + 1
                while start < range.upperBound, isBlank(bytes[start]) { start += 1 }
                if start < range.upperBound, bytes[start] == UInt8(ascii: "<") { start += 1 }
                if let end = end(of: target, from: start, range) { return Span(start, end) }
            default: i += 1
            }
        }
        return nil
    }

    /// Where the target ends that begins here; nil where another one does.
    private func end(of target: [UInt8], from start: Int, _ range: Range<Int>) -> Int? {
        var i = start
        for byte in target {
            // A mark may have a stroke before it.
            if i + 1 < range.upperBound, source.bytes[i] == UInt8(ascii: "\\"), byte != UInt8(ascii: "\\") || source.bytes[i + 1] == byte {
                i += 1
            }
            guard i < range.upperBound, source.bytes[i] == byte else { return nil }
            i += 1
        }
        guard i < range.upperBound else { return i }
        return isBlank(source.bytes[i]) || source.bytes[i] == UInt8(ascii: ")") || source.bytes[i] == UInt8(ascii: ">") ? i : nil
    }

    /// After the code that begins here, or after these backticks where they begin none.
    private func endOfCode(at start: Int, _ range: Range<Int>) -> Int {
        func run(_ i: Int) -> Int { source.bytes[i..<range.upperBound].prefix { $0 == UInt8(ascii: "`") }.count }
        let length = run(start)
        var i = start + length
        while i < range.upperBound {
            let other = run(i)
            if other == length { return i + other }
            i += max(1, other)
        }
        return start + length
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
}
