import Foundation

/// rate exp(-rate x) for x >= 0.
public struct Exponential: Distribution {
    public let rate: Double

    /// An exponential distribution of mean 1 / `rate`, `rate` > 0.
    public init(rate: Double) {
        require(rate > 0, "a rate is positive, not \(rate)")
        self.rate = rate
    }

    public func draw(using generator: inout Generator) -> Double { -log1p(-generator.uniform()) / rate }
    public func logDensity(_ x: Double) -> Double { x >= 0 ? log(rate) - rate * x : -.infinity }
    public func cdf(_ x: Double) -> Double { x > 0 ? -expm1(-rate * x) : 0 }
    public func survival(_ x: Double) -> Double { x > 0 ? exp(-rate * x) : 1 }
    public func logSurvival(_ x: Double) -> Double { x > 0 ? -rate * x : 0 }
    public func quantile(_ p: Double) -> Double { 0 - log1p(-p) / rate }
    public func quantile(upper q: Double) -> Double { 0 - log(q) / rate }
    public var mean: Double { 1 / rate }
    public var variance: Double { 1 / (rate * rate) }
    public var standardDeviation: Double { 1 / rate }
    public var support: ClosedRange<Double> { 0 ... .infinity }
    public var entropy: Double? { 1 - log(rate) }

    public func divergence(from other: any Distribution) -> Double? {
        (other as? Exponential).map { log(rate / $0.rate) + $0.rate / rate - 1 }
    }

    public func fitted(to sample: WeightedNumbers) -> Exponential? {
        let rate = 1 / sample.mean
        return sample.numbers.allSatisfy { $0 >= 0 } && rate > 0 && rate.isFinite ? Exponential(rate: rate) : nil
    }

    public var arguments: String { "\(rate)" }
}
