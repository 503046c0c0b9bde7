import Foundation

/// A distribution kept within an interval: the same density, scaled up.
public struct Truncated: Distribution {
    public let base: any Distribution
    public let support: ClosedRange<Double>
    public private(set) var mean = Double.nan
    public private(set) var variance = Double.nan
    /// The base's probability of the interval.
    private let mass: Double
    /// The base's probabilities below and above the interval.
    private let below: (cdf: Double, survival: Double)
    private let above: (cdf: Double, survival: Double)

    /// nil when the base's probability of the interval is 0.
    public init?(_ base: any Distribution, to interval: ClosedRange<Double>) {
        let (low, high) = (max(interval.lowerBound, base.support.lowerBound), min(interval.upperBound, base.support.upperBound))
        guard low <= high else { return nil }
        self.base = base
        support = low...high
        // Of a discrete distribution, both ends count.
        let first = base.isDiscrete ? low.rounded(.up).nextDown : low
        below = (base.cdf(first), base.survival(first))
        above = (base.cdf(high), base.survival(high))
        mass = below.cdf > 0.5 ? below.survival - above.survival : above.cdf - below.cdf
        guard mass > 0 else { return nil }
        (mean, variance) = moments()
    }

    /// The sums over the values, or the integrals of the quantile function and its square.
    private func moments() -> (mean: Double, variance: Double) {
        if isDiscrete, let mean = expectation(of: { $0 }), let variance = expectation(of: { ($0 - mean) * ($0 - mean) }) { return (mean, variance) }
        let isBounded = support.lowerBound.isFinite && support.upperBound.isFinite
        guard isBounded || base.variance.isFinite else { return (.nan, .nan) }
        func integral(_ f: (Double) -> Double) -> Double {
            Quadrature.doubleExponential { f($0 < $1 ? quantile($0) : quantile(upper: $1)) }
        }
        let origin = quantile(0.5)
        let shift = integral { $0 - origin }
        return (origin + shift, integral { ($0 - origin - shift) * ($0 - origin - shift) })
    }

    public var isDiscrete: Bool { base.isDiscrete }
    public var size: Int { base.size + 1 }

    /// Tries again until a draw is inside, or goes through the quantiles where that would take long.
    public func draw(using generator: inout Generator) -> Double {
        guard mass > 0.05 else { return quantile(generator.uniform()) }
        while true {
            let x = base.draw(using: &generator)
            if support.contains(x) { return x }
        }
    }
    public func logDensity(_ x: Double) -> Double { support.contains(x) ? base.logDensity(x) - log(mass) : -.infinity }
    public func cdf(_ x: Double) -> Double {
        if x < support.lowerBound { return 0 }
        if x >= support.upperBound { return 1 }
        return below.cdf > 0.5 ? (below.survival - base.survival(x)) / mass : (base.cdf(x) - below.cdf) / mass
    }
    public func survival(_ x: Double) -> Double {
        if x < support.lowerBound { return 1 }
        if x >= support.upperBound { return 0 }
        return above.survival > 0.5 ? (above.cdf - base.cdf(x)) / mass : (base.survival(x) - above.survival) / mass
    }
    public func quantile(_ p: Double) -> Double {
        clamped(below.cdf > 0.5 ? base.quantile(upper: below.survival - p * mass) : base.quantile(below.cdf + p * mass))
    }
    public func quantile(upper q: Double) -> Double {
        clamped(above.survival > 0.5 ? base.quantile(above.cdf - q * mass) : base.quantile(upper: above.survival + q * mass))
    }
    private func clamped(_ x: Double) -> Double { min(support.upperBound, max(support.lowerBound, x)) }
}
