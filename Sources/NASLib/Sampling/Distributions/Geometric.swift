import Foundation

/// How many trials it takes to the first success, that one included: p (1 - p)^(k - 1) for k >= 1.
public struct Geometric: Distribution {
    public let p: Double

    /// The number of trials up to the first success, of probability `p` above 0 and up to 1.
    public init(p: Double) {
        require(p > 0 && p <= 1, "a probability of success is above 0 and at most 1, not \(p)")
        self.p = p
    }

    public var isDiscrete: Bool { true }
    public func draw(using generator: inout Generator) -> Double { quantile(upper: 1 - generator.uniform()) }
    public func logDensity(_ k: Double) -> Double {
        guard k >= 1, k < .infinity, k == k.rounded() else { return -.infinity }
        return log(p) + (k == 1 ? 0 : (k - 1) * log1p(-p))
    }
    public func cdf(_ x: Double) -> Double { x >= 1 ? (p == 1 ? 1 : -expm1(x.rounded(.down) * log1p(-p))) : 0 }
    public func survival(_ x: Double) -> Double { x >= 1 ? (p == 1 ? 0 : exp(x.rounded(.down) * log1p(-p))) : 1 }
    public func quantile(upper q: Double) -> Double { p == 1 ? 1 : max(1, (log(q) / log1p(-p)).rounded(.up)) }
    public var mean: Double { 1 / p }
    public var variance: Double { (1 - p) / (p * p) }
    public var support: ClosedRange<Double> { 1...(p == 1 ? 1 : .infinity) }
    public var entropy: Double? { p == 1 ? 0 : -(log1p(-p) * (1 - p) + p * log(p)) / p }

    public func fitted(to sample: WeightedNumbers) -> Geometric? {
        sample.mean >= 1 && sample.mean <= 1e15 ? Geometric(p: 1 / sample.mean) : nil
    }

    public var arguments: String { "\(p)" }
}
