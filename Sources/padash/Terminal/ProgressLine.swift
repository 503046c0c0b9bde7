import Lang
import Text

/// The running progress loops as one line of text, outermost first:
///
///     epochs 3/30 › batches ━━━━━━━━━━──────────  24/48  12/s  0:02 left
struct ProgressLine {
    private var reports: [ProgressReport] = []

    var isEmpty: Bool { reports.isEmpty }

    /// Takes in a report. Gives the report back when it ends the outermost loop.
    mutating func update(_ report: ProgressReport) -> ProgressReport? {
        // Loops inside the one that moved have ended, perhaps by `break`.
        if let index = reports.firstIndex(where: { $0.loop == report.loop }) { reports.removeSubrange(index...) }
        if report.isFinished { return reports.isEmpty ? report : nil }
        reports.append(report)
        return nil
    }

    mutating func clear() { reports = [] }

    /// At most `width` columns.
    func text(width: Int, style: Style) -> String {
        guard let inner = reports.last else { return "" }
        let outer = reports.dropLast().map { "\(ProgressLine.head($0))\(ProgressLine.count($0)) › " }.joined()
        return ProgressLine.text(inner, before: outer, width: width, style: style)
    }

    /// One loop's line.
    static func text(_ report: ProgressReport, before outer: String = "", width: Int, style: Style) -> String {
        let head = outer + Self.head(report)
        let tail = ([count(report)] + [rate(report), time(report)].compactMap(\.self)).joined(separator: "  ")
        let room = min(30, width - DisplayWidth.of(head) - DisplayWidth.of(tail) - 2)
        guard let total = report.total, room >= 5 else { return String(DisplayWidth.prefix(of: head + tail, columns: width)) }
        let filled = total > 0 ? Int(exactly: (Double(room) * min(1, Double(report.completed) / Double(total))).rounded(.down)) ?? 0 : room
        let bar = style.cyan(String(repeating: "━", count: filled)) + style.dim(String(repeating: "─", count: room - filled))
        return "\(head)\(bar)  \(tail)"
    }

    private static func head(_ report: ProgressReport) -> String { report.label.isEmpty ? "" : report.label.filter { !$0.isNewline } + " " }

    private static func count(_ report: ProgressReport) -> String {
        report.total.map { "\(report.completed)/\($0)" } ?? "\(report.completed)"
    }

    private static func rate(_ report: ProgressReport) -> String? {
        guard report.completed > 0, report.elapsed > 0 else { return nil }
        let rate = Double(report.completed) / report.elapsed
        return rate >= 1 ? "\(short(rate))/s" : "\(short(1 / rate)) s each"
    }

    private static func time(_ report: ProgressReport) -> String? {
        if report.isFinished { return clock(report.elapsed) }
        guard let total = report.total, report.completed > 0 else { return nil }
        return clock(report.elapsed / Double(report.completed) * Double(max(0, total - report.completed))) + " left"
    }

    /// About three significant digits.
    private static func short(_ x: Double) -> String {
        if x >= 1e6 { return short(x / 1e6) + "M" }
        if x >= 1e4 { return short(x / 1e3) + "k" }
        if x >= 100 { return "\(Int(exactly: min(x, 1e15).rounded()) ?? 0)" }
        let scale = x >= 10 ? 10.0 : 100.0
        return "\((x * scale).rounded() / scale)"
    }

    /// `0:07`, `12:30`, `3:00:00`.
    private static func clock(_ seconds: Double) -> String {
        let seconds = Int(exactly: min(seconds, 1e9).rounded()) ?? 0
        let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
        return seconds < 3600 ? "\(seconds / 60):\(two(seconds % 60))" : "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}
