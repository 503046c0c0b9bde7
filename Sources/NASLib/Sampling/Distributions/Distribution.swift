import Foundation

/// A distribution over numbers.
public protocol Distribution: Sendable {
    func draw(using generator: inout Generator) -> Double
    /// The logarithm of the density, or of the probability of a discrete distribution; -infinity outside the support.
    func logDensity(_ x: Double) -> Double
    /// nan where it does not exist.
    var mean: Double { get }
    /// nan where it does not exist.
    var variance: Double { get }
    /// The root of the variance, also where that is beyond the doubles.
    var standardDeviation: Double { get }
    /// The least and greatest values that can occur; infinite where there is no bound.
    var support: ClosedRange<Double> { get }
    /// Whether it has probabilities at single values, and not a density.
    var isDiscrete: Bool { get }
    /// How many distributions it is made of, itself included: the work of evaluating it.
    var size: Int { get }
    /// Of its arrays. Of mixtures within a mixture, which may be in several, only the list counts.
    var byteCount: Int { get }
    /// Where a continuous distribution mirrors itself; nil when it is not known to.
    var center: Double? { get }
    /// P(X <= x).
    func cdf(_ x: Double) -> Double
    /// P(X > x), exact also where that is small.
    func survival(_ x: Double) -> Double
    /// log P(X <= x), also where the probability is below the doubles if the distribution knows it there.
    func logCdf(_ x: Double) -> Double
    /// log P(X > x), likewise.
    func logSurvival(_ x: Double) -> Double
    /// The least x with cdf(x) >= p, for p from 0 to 1.
    func quantile(_ p: Double) -> Double
    /// The least x with survival(x) <= q, for q from 0 to 1: exact also for the smallest q.
    func quantile(upper q: Double) -> Double
    /// The expectation of -log density in nats; nil where there is no closed form or sum for it.
    var entropy: Double? { get }
    /// The Kullback-Leibler divergence of the other from this one in nats, the expectation under this one of the difference of their log
    /// densities; nil where there is no closed form or sum for it. Infinite where this one has mass that the other lacks.
    func divergence(from other: any Distribution) -> Double?
    /// The distribution of this kind under which weighted numbers are most likely; nil where the kind has no such estimate here, or the
    /// numbers determine none.
    func fitted(to sample: WeightedNumbers) -> Self?
    /// The parameters of a kind that can be fitted, as numbers and lists of them, in the order of its initializer.
    var arguments: String { get }
}

/// Numbers with weights, which are not negative and not all 0.
public struct WeightedNumbers {
    public let numbers: [Double]
    public let weights: [Double]
    private let total: Double

    /// One weight for each number.
    public init(_ numbers: [Double], weights: [Double]) {
        require(numbers.count == weights.count, "there are \(numbers.count) numbers and \(weights.count) weights")
        (self.numbers, self.weights) = (numbers, weights)
        total = weights.reduce(0, +)
    }

    var mean: Double { mean { $0 } }

    func mean(_ f: (Double) -> Double) -> Double { zip(numbers, weights).reduce(0) { $0 + ($1.1 > 0 ? f($1.0) * $1.1 : 0) } / total }
}

extension Distribution {
    public var isDiscrete: Bool { false }
    public var size: Int { 1 }
    public var byteCount: Int { 0 }
    public var center: Double? { nil }
    public var standardDeviation: Double { variance.squareRoot() }
    public func logCdf(_ x: Double) -> Double { log(cdf(x)) }
    public func logSurvival(_ x: Double) -> Double { log(survival(x)) }

    public func quantile(_ p: Double) -> Double {
        if p == 0.5, let center { return center }
        // What lies above the middle is found from above, where tail probabilities keep their digits.
        if p > 0.5, !isDiscrete { return quantile(upper: 1 - p) }
        if p <= 0 { return support.lowerBound }
        return p >= 1 ? support.upperBound : support.least { cdf($0) >= p }
    }

    public func quantile(upper q: Double) -> Double {
        if q >= 1 { return support.lowerBound }
        return q <= 0 ? support.upperBound : support.least { survival($0) <= q }
    }

    public func fitted(to sample: WeightedNumbers) -> Self? { nil }
    public var arguments: String { "" }
    public func divergence(from other: any Distribution) -> Double? { summedDivergence(from: other) }

    /// Of two discrete distributions.
    func summedDivergence(from other: any Distribution) -> Double? {
        isDiscrete && other.isDiscrete ? expectation { logDensity($0) - other.logDensity($0) } : nil
    }

    public var entropy: Double? { isDiscrete ? expectation { -logDensity($0) } : nil }

    /// The most values of a discrete distribution that are summed over.
    static var valueLimit: Double { 2e6 }

    /// The sum of f over the values of a discrete distribution, weighted by their probabilities; what is left out has a
    /// probability of 1e-20. nil when there are more than `valueLimit` values.
    func expectation(of f: (Double) -> Double) -> Double? {
        let (low, high) = (quantile(1e-20).rounded(.up), quantile(upper: 1e-20))
        guard high - low <= Self.valueLimit else { return nil }
        var sum = 0.0
        for x in stride(from: low, through: high, by: 1) {
            let p = exp(logDensity(x))
            if p > 0 { sum += p * f(x) }
        }
        return sum
    }
}

extension ClosedRange<Double> {
    /// The least double from which on a condition holds, found by bisection of the doubles themselves; the upper end when it never does.
    func least(where holds: (Double) -> Bool) -> Double {
        /// Doubles in the order of ints; its own inverse.
        func flipped(_ bits: Int64) -> Int64 { bits ^ ((bits >> 63) & .max) }
        var (low, high) = (flipped(Int64(bitPattern: lowerBound.bitPattern)), flipped(Int64(bitPattern: upperBound.bitPattern)))
        while low < high {
            let middle = (low & high) + ((low ^ high) >> 1)
            if holds(Double(bitPattern: UInt64(bitPattern: flipped(middle)))) { high = middle } else { low = middle + 1 }
        }
        // No -0.
        return Double(bitPattern: UInt64(bitPattern: flipped(low))) + 0
    }
}
