/// Equal intervals from one finite number to a greater one, of any size that doubles have. Borders never fall.
package struct EqualIntervals: Sendable {
    /// The ends and the step times `factor`, a power of two that makes them ordinary numbers: the step may be below the doubles, or the
    /// distance of the ends beyond them.
    private let low, high, step: Double
    private let factor: Double
    private let count: Int

    package init(_ low: Double, _ high: Double, count: Int) {
        require(low < high && low.isFinite && high.isFinite, "intervals lie between finite ends, not \(low) and \(high)")
        require(count > 0, "there is at least 1 interval, not \(count)")
        let distance = high - low
        factor = distance == .infinity ? 0x1p-2 : distance / Double(count) < .leastNormalMagnitude ? 0x1p200 : 1
        (self.low, self.high, self.count) = (low * factor, high * factor, count)
        step = (high * factor - low * factor) / Double(count)
    }

    /// The lower end of an interval, or with `count` the upper end of the last.
    package func border(_ i: Int) -> Double { (i == count ? high : Swift.min(high, low + Double(i) * step)) / factor }

    /// The interval that a number lies in: of a border the one above it, beyond the ends the first or the last.
    package func position(of x: Double) -> Int {
        let share = (x * factor - low) / (high - low)
        var i = Swift.min(count - 1, Swift.max(0, Int(saturating: share * Double(count))))
        // Rounding may lead across a border.
        if i > 0, x < border(i) { i -= 1 } else if i + 1 < count, x >= border(i + 1), border(i) < border(i + 1) { i += 1 }
        return i
    }
}
