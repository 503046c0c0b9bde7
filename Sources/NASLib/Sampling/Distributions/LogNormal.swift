import Foundation

/// exp of a normal number: the normal density of log x, divided by x.
public struct LogNormal: Distribution {
    public let logarithm: Normal

    /// The distribution of the logarithm.
    public init(_ logarithm: Normal) { self.logarithm = logarithm }

    public func draw(using generator: inout Generator) -> Double { exp(logarithm.draw(using: &generator)) }
    public func logDensity(_ x: Double) -> Double { x > 0 && x < .infinity ? logarithm.logDensity(log(x)) - log(x) : -.infinity }
    public func cdf(_ x: Double) -> Double { x > 0 ? logarithm.cdf(log(x)) : 0 }
    public func survival(_ x: Double) -> Double { x > 0 ? logarithm.survival(log(x)) : 1 }
    public func logCdf(_ x: Double) -> Double { x > 0 ? logarithm.logCdf(log(x)) : -.infinity }
    public func logSurvival(_ x: Double) -> Double { x > 0 ? logarithm.logSurvival(log(x)) : 0 }
    public func quantile(_ p: Double) -> Double { exp(logarithm.quantile(p)) }
    public func quantile(upper q: Double) -> Double { exp(logarithm.quantile(upper: q)) }
    public var mean: Double { exp(logarithm.mean + logarithm.variance / 2) }
    public var variance: Double { expm1(logarithm.variance) * mean * mean }
    public var support: ClosedRange<Double> { 0 ... .infinity }
    public var entropy: Double? { logarithm.entropy.map { $0 + logarithm.mean } }

    public func divergence(from other: any Distribution) -> Double? {
        (other as? LogNormal).flatMap { logarithm.divergence(from: $0.logarithm) }
    }

    public func fitted(to sample: WeightedNumbers) -> LogNormal? {
        sample.numbers.allSatisfy { $0 > 0 } ? Normal.fitted(to: sample, log).map(LogNormal.init) : nil
    }

    public var arguments: String { logarithm.arguments }
}
