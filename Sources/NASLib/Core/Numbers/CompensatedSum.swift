/// A sum of doubles whose rounding errors are summed apart (Knuth's two-sum), so that millions of terms cost no digits.
@frozen public struct CompensatedSum: Sendable {
    @usableFromInline var total: Double
    @usableFromInline var error = 0.0

    @inlinable public init(_ start: Double = 0) { total = start }

    @inlinable public mutating func add(_ x: Double) {
        let sum = total + x
        let added = sum - total
        error += (total - (sum - added)) + (x - added)
        total = sum
    }

    /// Whether no term was infinite or nan, and no sum on the way beyond the doubles. Once false, it stays so.
    @inlinable public var isFinite: Bool { error.isFinite }

    /// The sum so far. Where terms are infinite, or the sum is beyond the doubles, it is the plain sum.
    @inlinable public var value: Double { isFinite ? total + error : total }
}

extension Sequence<Double> {
    /// The sum, with the error of about one rounding.
    @inlinable public func compensatedSum() -> Double {
        var sum = CompensatedSum()
        for x in self { sum.add(x) }
        return sum.value
    }
}
