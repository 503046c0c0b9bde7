/// Equal intervals from one finite number to a greater one, of any size that doubles have.
public struct EqualIntervals: Sendable {
    private let low: Double
    private let high: Double
    private let count: Int

    public init(_ low: Double, _ high: Double, count: Int) {
        precondition(low < high && low.isFinite && high.isFinite && count > 0)
        (self.low, self.high, self.count) = (low, high, count)
    }

    /// The lower end of an interval, or with `count` the upper end of the last.
    public func border(_ i: Int) -> Double {
        if i == count { return high }
        let step = (high - low) / Double(count)
        if step > 0, step.isFinite { return low + Double(i) * step }
        // The step may be below the doubles, or the distance of the ends beyond them.
        let share = Double(i) / Double(count)
        return low * (1 - share) + high * share
    }

    /// The interval that a number lies in: of a border the one above it, beyond the ends the first or the last.
    public func position(of x: Double) -> Int {
        let share = (high - low).isFinite ? (x - low) / (high - low) : (x / 2 - low / 2) / (high / 2 - low / 2)
        var i = Swift.min(count - 1, Swift.max(0, Int(saturating: share * Double(count))))
        // Rounding may lead across a border.
        if i > 0, x < border(i) { i -= 1 } else if i + 1 < count, x >= border(i + 1), border(i) < border(i + 1) { i += 1 }
        return i
    }
}
