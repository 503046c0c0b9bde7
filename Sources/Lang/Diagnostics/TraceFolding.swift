/// A call trace made short: a recursion is shown once, with a count.
enum TraceFolding {
    enum Line {
        case entry(Diagnostic.TraceEntry)
        /// The `calls` lines above stand for that many more of the same.
        case `repeat`(calls: Int, times: Int)
        /// So many calls left out in the middle.
        case gap(Int)
    }

    /// The longest cycle of mutually recursive calls that is recognised.
    private static let longestCycle = 6
    private static let maximumLines = 2 * Diagnostic.TraceEntry.shownAtEitherEnd

    /// O(entries).
    static func fold(_ trace: [Diagnostic.TraceEntry]) -> [Line] {
        var lines: [Line] = []
        var i = 0
        while i < trace.count {
            if let (period, times) = cycle(in: trace, at: i) {
                lines += trace[i..<(i + period)].map { .entry($0) }
                lines.append(.repeat(calls: period, times: times - 1))
                i += period * times
            } else {
                lines.append(.entry(trace[i]))
                i += 1
            }
        }
        guard lines.count > maximumLines else { return lines }
        let (head, tail) = (maximumLines / 2, maximumLines / 3)
        return lines.prefix(head) + [.gap(lines.count - head - tail)] + lines.suffix(tail)
    }

    /// The shortest cycle that begins at `start` and comes at least three times.
    private static func cycle(in trace: [Diagnostic.TraceEntry], at start: Int) -> (period: Int, times: Int)? {
        for period in 1...longestCycle {
            var matched = 0
            while start + period + matched < trace.count, same(trace[start + matched], trace[start + period + matched]) { matched += 1 }
            let times = matched / period + 1
            if times >= 3 { return (period, times) }
        }
        return nil
    }

    private static func same(_ a: Diagnostic.TraceEntry, _ b: Diagnostic.TraceEntry) -> Bool {
        a.function == b.function && a.place.span == b.place.span && a.place.source === b.place.source
    }
}
