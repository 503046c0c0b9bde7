extension Double {
    /// The nearest number that lies between the ends; of nan nan, which `max(0, x)` makes 0 of.
    func clamped(to ends: ClosedRange<Double>) -> Double { self < ends.lowerBound ? ends.lowerBound : self > ends.upperBound ? ends.upperBound : self }
}
