import Foundation

/// Every number from `low` to `high` equally likely.
public struct Uniform: Distribution {
    public let low: Double
    public let high: Double

    /// A uniform distribution from `low` to `high`, `low` < `high`.
    public init(low: Double, high: Double) {
        require(low < high, "an interval's low end is below its high end: \(low) is not below \(high)")
        (self.low, self.high) = (low, high)
    }

    public func draw(using generator: inout Generator) -> Double { low + (high - low) * generator.uniform() }
    public func logDensity(_ x: Double) -> Double { support.contains(x) ? 0 - log(high - low) : -.infinity }
    public func cdf(_ x: Double) -> Double { min(1, max(0, (x - low) / (high - low))) }
    public func survival(_ x: Double) -> Double { min(1, max(0, (high - x) / (high - low))) }
    public func quantile(_ p: Double) -> Double { p <= 0.5 ? low + p * (high - low) : high - (1 - p) * (high - low) }
    public func quantile(upper q: Double) -> Double { q <= 0.5 ? high - q * (high - low) : low + (1 - q) * (high - low) }
    public var mean: Double { low + (high - low) / 2 }
    public var variance: Double { (high - low) * (high - low) / 12 }
    public var standardDeviation: Double { (high - low) / 12.0.squareRoot() }
    public var support: ClosedRange<Double> { low...high }
    public var entropy: Double? { log(high - low) }

    public func divergence(from other: any Distribution) -> Double? {
        if low < other.support.lowerBound || high > other.support.upperBound { return other.isDiscrete ? nil : .infinity }
        return (other as? Uniform).map { log(($0.high - $0.low) / (high - low)) }
    }
}
