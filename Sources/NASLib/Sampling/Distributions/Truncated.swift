import Foundation

/// A distribution kept within an interval: the same density, scaled up.
public struct Truncated: Distribution {
    public let base: any Distribution
    public let support: ClosedRange<Double>
    public private(set) var mean = Double.nan
    public private(set) var variance = Double.nan
    public private(set) var standardDeviation = Double.nan
    /// The base's probability of the interval.
    private let mass: Double
    /// The base's probabilities below and above the interval.
    private let below: (cdf: Double, survival: Double)
    private let above: (cdf: Double, survival: Double)

    /// Where all of the interval lies so far out that its probability has no digits left, or is 0: everything by logarithms.
    private let tail: Tail?

    private struct Tail {
        /// Whether it is the tail above.
        let isUpper: Bool
        /// log of the base's probability beyond the end that is nearer to the middle, and beyond the other end less that.
        let near: Double
        let far: Double
        var logMass: Double { near + log(-expm1(far)) }

        /// Of a log probability beyond a point, the interval's share beyond and before it.
        func shares(_ logBeyond: Double) -> (beyond: Double, before: Double) {
            let x = min(0, logBeyond - near)
            return ((exp(x) - exp(far)) / -expm1(far), -expm1(x) / -expm1(far))
        }
    }

    /// nil when the base's probability of the interval is 0. Of a base that is itself kept within an interval, the distribution is that of
    /// its own base within both: however often it is done, it is no deeper than one.
    public init?(_ whole: any Distribution, to interval: ClosedRange<Double>) {
        let (low, high) = (max(interval.lowerBound, whole.support.lowerBound), min(interval.upperBound, whole.support.upperBound))
        guard low <= high else { return nil }
        let base = (whole as? Truncated)?.base ?? whole
        self.base = base
        support = low...high
        // Of a discrete distribution, both ends count.
        let first = base.isDiscrete ? low.rounded(.up).nextDown : low
        below = (base.cdf(first), base.survival(first))
        above = (base.cdf(high), base.survival(high))
        mass = below.cdf > 0.5 ? below.survival - above.survival : above.cdf - below.cdf
        let isUpper = below.survival < 1e-280
        if !base.isDiscrete, isUpper || above.cdf < 1e-280 {
            let (near, far) = isUpper ? (base.logSurvival(low), base.logSurvival(high)) : (base.logCdf(high), base.logCdf(low))
            guard near > -.infinity, far < near else { return nil }
            tail = Tail(isUpper: isUpper, near: near, far: far - near)
        } else {
            guard mass > 0 else { return nil }
            tail = nil
        }
        (mean, standardDeviation) = moments()
        variance = standardDeviation * standardDeviation
    }

    /// The sums over the values, or the integrals of the quantile function and its square.
    private func moments() -> (mean: Double, standardDeviation: Double) {
        if isDiscrete, let mean = expectation(of: { $0 }), let variance = expectation(of: { ($0 - mean) * ($0 - mean) }) { return (mean, variance.squareRoot()) }
        if let whole = Mixture(ofParts: parts) { return (whole.mean, whole.standardDeviation) }
        let isBounded = support.lowerBound.isFinite && support.upperBound.isFinite
        guard isBounded || base.mean.isFinite else { return (.nan, .nan) }
        if isBounded, !base.standardDeviation.isFinite { return heavyMoments() }
        func integral(_ f: (Double) -> Double) -> Double {
            Quadrature.doubleExponential { f($0 < $1 ? quantile($0) : quantile(upper: $1)) }
        }
        let origin = quantile(0.5)
        let shift = integral { $0 - origin }
        guard isBounded || base.standardDeviation.isFinite else { return (origin + shift, .infinity) }
        let scale = Double(powerOfTwoNear: quantile(0.75) - quantile(0.25))
        return (origin + shift, scale * integral { ($0 - origin - shift) / scale * (($0 - origin - shift) / scale) }.squareRoot())
    }

    /// Between finite ends with tails so heavy that what counts is near the ends, however small its probability: integrals over x = m + s
    /// sinh(u), by logarithms and from the greatest on, since a density, a square and their product may all be beyond the doubles.
    private func heavyMoments() -> (mean: Double, standardDeviation: Double) {
        let (middle, spread) = (quantile(0.5), quantile(0.75) - quantile(0.25))
        let (low, high) = (asinh((support.lowerBound - middle) / spread), asinh((support.upperBound - middle) / spread))
        /// The integral of (x - m)^k as a factor and the logarithm of another.
        func moment(_ k: Double) -> (factor: Double, logScale: Double) {
            func logSize(_ u: Double) -> Double {
                let distance = spread * sinh(u)
                return logDensity(middle + distance) + k * log(abs(distance)) + log(spread) + log(cosh(u))
            }
            var greatest = -Double.infinity
            _ = Quadrature.gaussLegendre(low, high, panels: 800) { u in
                greatest = max(greatest, logSize(u))
                return 0
            }
            let sum = Quadrature.gaussLegendre(low, high, panels: 800) { u in u < 0 && k == 1 ? -exp(logSize(u) - greatest) : exp(logSize(u) - greatest) }
            return (sum, greatest)
        }
        let (first, second) = (moment(1), moment(2))
        let logDeviation = (log(second.factor) + second.logScale) / 2
        let ratio = first.factor * exp(first.logScale - logDeviation)
        return (middle + first.factor * exp(first.logScale), exp(logDeviation) * max(0, 1 - ratio * ratio).squareRoot())
    }

    /// What it is a mixture of, with the logarithms of their shares: within each, quantiles are smooth, as the integrals need them. None
    /// where they are so in all of it.
    private var parts: [(part: Truncated, logShare: Double)] {
        func part(_ whole: any Distribution, _ low: Double, _ high: Double, logWeight: Double) -> (Truncated, Double)? {
            guard low <= high, !Cancellation.isRequested, let part = Truncated(whole, to: low...high) else { return nil }
            // Of one that is itself kept within an interval, the mass is that of its own base.
            return (part, logWeight + part.logMass - ((whole as? Truncated)?.logMass ?? 0))
        }
        let (low, high) = (support.lowerBound, support.upperBound)
        switch base {
        case let mixture as Mixture:
            return zip(mixture.parts, mixture.weights).compactMap { $1 > 0 ? part($0, low, high, logWeight: log($1)) : nil }
        case let laplace as Laplace where low < laplace.mean && laplace.mean < high:
            return [part(laplace, low, laplace.mean, logWeight: 0), part(laplace, laplace.mean, high, logWeight: 0)].compactMap(\.self)
        default: return []
        }
    }

    private var logMass: Double { tail?.logMass ?? log(mass) }

    public var isDiscrete: Bool { base.isDiscrete }
    public var size: Int { base.size + 1 }
    public var byteCount: Int { base.byteCount }

    /// Tries again until a draw is inside, or goes through the quantiles where that would take long.
    public func draw(using generator: inout Generator) -> Double {
        guard mass > 0.05 else { return quantile(generator.uniform()) }
        while true {
            let x = base.draw(using: &generator)
            if support.contains(x) { return x }
        }
    }
    public func logDensity(_ x: Double) -> Double { support.contains(x) ? base.logDensity(x) - logMass : -.infinity }
    public func cdf(_ x: Double) -> Double {
        if x < support.lowerBound { return 0 }
        if x >= support.upperBound { return 1 }
        if let tail { return tail.isUpper ? tail.shares(base.logSurvival(x)).before : tail.shares(base.logCdf(x)).beyond }
        return below.cdf > 0.5 ? (below.survival - base.survival(x)) / mass : (base.cdf(x) - below.cdf) / mass
    }
    public func survival(_ x: Double) -> Double {
        if x < support.lowerBound { return 1 }
        if x >= support.upperBound { return 0 }
        if let tail { return tail.isUpper ? tail.shares(base.logSurvival(x)).beyond : tail.shares(base.logCdf(x)).before }
        return above.survival > 0.5 ? (above.cdf - base.cdf(x)) / mass : (base.survival(x) - above.survival) / mass
    }
    public func quantile(_ p: Double) -> Double {
        if tail != nil { return p <= 0 ? support.lowerBound : p >= 1 ? support.upperBound : support.least { cdf($0) >= p } }
        return clamped(below.cdf > 0.5 ? base.quantile(upper: below.survival - p * mass) : base.quantile(below.cdf + p * mass))
    }
    public func quantile(upper q: Double) -> Double {
        if tail != nil { return q >= 1 ? support.lowerBound : q <= 0 ? support.upperBound : support.least { survival($0) <= q } }
        return clamped(above.survival > 0.5 ? base.quantile(above.cdf - q * mass) : base.quantile(upper: above.survival + q * mass))
    }
    private func clamped(_ x: Double) -> Double { min(support.upperBound, max(support.lowerBound, x)) }
}
