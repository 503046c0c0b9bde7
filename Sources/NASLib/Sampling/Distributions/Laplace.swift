import Foundation

/// exp(-|x - mean| / scale) / (2 scale).
public struct Laplace: Distribution {
    public let mean: Double
    public let scale: Double

    /// A Laplace distribution around `mean`, `scale` > 0.
    public init(mean: Double, scale: Double) {
        require(scale > 0, "a scale is positive, not \(scale)")
        (self.mean, self.scale) = (mean, scale)
    }

    public func draw(using generator: inout Generator) -> Double {
        let u = generator.uniform()
        return u < 0.5 ? mean + scale * log1p(-2 * u) : mean - scale * log1p(1 - 2 * u)
    }
    public func logDensity(_ x: Double) -> Double { -abs(x - mean) / scale - log(2 * scale) }
    public func cdf(_ x: Double) -> Double { x < mean ? 0.5 * exp((x - mean) / scale) : 1 - 0.5 * exp((mean - x) / scale) }
    public func survival(_ x: Double) -> Double { x > mean ? 0.5 * exp((mean - x) / scale) : 1 - 0.5 * exp((x - mean) / scale) }
    public func logCdf(_ x: Double) -> Double { x < mean ? (x - mean) / scale - log(2) : log(cdf(x)) }
    public func logSurvival(_ x: Double) -> Double { x > mean ? (mean - x) / scale - log(2) : log(survival(x)) }
    public func quantile(_ p: Double) -> Double { p < 0.5 ? mean + scale * log(2 * p) : mean - scale * log(2 * (1 - p)) }
    public func quantile(upper q: Double) -> Double { q < 0.5 ? mean - scale * log(2 * q) : mean + scale * log(2 * (1 - q)) }
    public var variance: Double { 2 * scale * scale }
    public var standardDeviation: Double { 2.0.squareRoot() * scale }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? { 1 + log(2 * scale) }

    public func divergence(from other: any Distribution) -> Double? {
        guard let other = other as? Laplace else { return nil }
        let distance = abs(mean - other.mean)
        return log(other.scale / scale) + (distance + scale * exp(-distance / scale)) / other.scale - 1
    }

    /// The weighted median, and the mean distance from it.
    public func fitted(to sample: WeightedNumbers) -> Laplace? {
        guard let center = FiniteDistribution(values: sample.numbers, weights: sample.weights)?.quantile(0.5) else { return nil }
        let scale = sample.mean { abs($0 - center) }
        return scale > 0 && scale.isFinite ? Laplace(mean: center, scale: scale) : nil
    }

    public var arguments: String { "\(mean), \(scale)" }
}
