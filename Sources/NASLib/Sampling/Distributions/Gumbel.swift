import Foundation

/// exp(-z - exp(-z)) / scale with z = (x - location) / scale: the greatest of many numbers; what softmax sampling adds to logits.
public struct Gumbel: Distribution {
    public let location: Double
    public let scale: Double
    private static let gamma = 0.577_215_664_901_532_860_6

    /// A Gumbel distribution with its mode at `location`, `scale` > 0.
    public init(location: Double, scale: Double) {
        require(scale > 0, "a scale is positive, not \(scale)")
        (self.location, self.scale) = (location, scale)
    }

    public func draw(using generator: inout Generator) -> Double { location - scale * log(-log1p(-generator.uniform())) }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        return z.isInfinite ? -.infinity : -z - exp(-z) - log(scale)
    }
    public func cdf(_ x: Double) -> Double { exp(-exp((location - x) / scale)) }
    public func survival(_ x: Double) -> Double { -expm1(-exp((location - x) / scale)) }
    public func quantile(_ p: Double) -> Double { location - scale * log(-log(p)) }
    public func quantile(upper q: Double) -> Double { location - scale * log(-log1p(-q)) }
    public var mean: Double { location + Gumbel.gamma * scale }
    public var variance: Double { .pi * .pi / 6 * scale * scale }
    public var standardDeviation: Double { .pi / 6.0.squareRoot() * scale }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? { 1 + Gumbel.gamma + log(scale) }
}
