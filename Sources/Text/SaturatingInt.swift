extension Int {
    /// The whole part of a double; the nearest int if it is out of range, 0 for nan. `Int(_:)` would end the process there: for a user's
    /// number, use this or `Int(exactly:)`.
    @inlinable package init(saturating x: Double) {
        // 2^63 itself is no int, and the double before it is.
        if x >= 0x1p63 { self = .max } else if x > -0x1p63 { self.init(x) } else { self = x.isNaN ? 0 : .min }
    }
}
