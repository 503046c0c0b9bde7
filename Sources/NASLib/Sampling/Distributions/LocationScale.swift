import Foundation

/// N(mean, deviation^2): exp(-z^2 / 2) / (deviation sqrt(2 pi)) with z = (x - mean) / deviation.
public struct Normal: Distribution {
    public let mean: Double
    public let deviation: Double

    /// `deviation` > 0.
    public init(mean: Double, deviation: Double) { (self.mean, self.deviation) = (mean, deviation) }

    public func draw(using generator: inout Generator) -> Double { mean + deviation * generator.normal() }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - mean) / deviation
        return -(0.5 * z) * z - log(deviation) - 0.5 * log(2 * .pi)
    }
    public func logCdf(_ x: Double) -> Double { logShare(above: (mean - x) / deviation) }
    public func logSurvival(_ x: Double) -> Double { logShare(above: (x - mean) / deviation) }
    private func logShare(above z: Double) -> Double {
        guard z > 30 else { return log(0.5 * erfc(z * 0.5.squareRoot())) }
        // Laplace's continued fraction for Mills' ratio, the share above z by the density there: 1 / (z + 1 / (z + 2 / (z + 3 / (z + …)))).
        let fraction = (1...20).reversed().reduce(z) { z + Double($1) / $0 }
        return -0.5 * z * z - 0.5 * log(2 * .pi) - log(fraction)
    }
    public var center: Double? { mean }
    public func cdf(_ x: Double) -> Double { 0.5 * erfc((mean - x) / deviation * 0.5.squareRoot()) }
    public func survival(_ x: Double) -> Double { 0.5 * erfc((x - mean) / deviation * 0.5.squareRoot()) }
    public var variance: Double { deviation * deviation }
    public var standardDeviation: Double { deviation }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? { 0.5 * log(2 * .pi) + 0.5 + log(deviation) }
}

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
}

/// exp(-|x - mean| / scale) / (2 scale).
public struct Laplace: Distribution {
    public let mean: Double
    public let scale: Double

    /// `scale` > 0.
    public init(mean: Double, scale: Double) { (self.mean, self.scale) = (mean, scale) }

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
}

/// 1 / (pi scale (1 + z^2)) with z = (x - location) / scale: tails so heavy that there is no mean.
public struct Cauchy: Distribution {
    public let location: Double
    public let scale: Double

    /// `scale` > 0.
    public init(location: Double, scale: Double) { (self.location, self.scale) = (location, scale) }

    public func draw(using generator: inout Generator) -> Double { location + scale * tan(.pi * (generator.uniform() - 0.5)) }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        return -logOnePlusSquare(of: z) - log(.pi * scale)
    }
    public func cdf(_ x: Double) -> Double { atan2(scale, location - x) / .pi }
    public func survival(_ x: Double) -> Double { atan2(scale, x - location) / .pi }
    public func quantile(_ p: Double) -> Double { location - scale * cotangent(p) }
    public func quantile(upper q: Double) -> Double { location + scale * cotangent(q) }

    /// 1 / tan(pi p), exact near 1/2 and both ends.
    private func cotangent(_ p: Double) -> Double {
        if p >= 0.75 { return -cotangent(1 - p) }
        return p <= 0 ? .infinity : p > 0.25 ? tan(.pi * (0.5 - p)) : 1 / tan(.pi * p)
    }
    public var mean: Double { .nan }
    public var variance: Double { .nan }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? { log(4 * .pi * scale) }
}

/// Gamma((v + 1) / 2) / (Gamma(v / 2) sqrt(v pi) scale) (1 + z^2 / v)^(-(v + 1) / 2) with z = (x - location) / scale.
public struct StudentT: Distribution {
    /// v, the degrees of freedom: the smaller, the heavier the tails.
    public let freedom: Double
    public let location: Double
    public let scale: Double

    /// `freedom` > 0, `scale` > 0.
    public init(freedom: Double, location: Double, scale: Double) { (self.freedom, self.location, self.scale) = (freedom, location, scale) }

    /// A normal number divided by the root of an independent chi square over v.
    public func draw(using generator: inout Generator) -> Double {
        let z = generator.normal()
        let logChiSquare = Gamma(shape: freedom / 2, scale: 2).logDraw(using: &generator)
        return location + scale * z * exp(0.5 * (log(freedom) - logChiSquare))
    }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        return logHalfStep - 0.5 * log(freedom * .pi) - log(scale) - (freedom + 1) / 2 * logOnePlusSquare(of: z / freedom.squareRoot())
    }

    /// log(Gamma((v + 1) / 2) / Gamma(v / 2)); of a large v from the asymptotic series, as the two cancel.
    private var logHalfStep: Double {
        let half = freedom / 2
        return half > 200 ? 0.5 * log(half) - 1 / (8 * half) + 1 / (192 * half * half * half) : lgamma(half + 0.5) - lgamma(half)
    }

    public var center: Double? { location }
    public func cdf(_ x: Double) -> Double { share(above: (location - x) / scale) }
    public func survival(_ x: Double) -> Double { share(above: (x - location) / scale) }
    private func share(above z: Double) -> Double {
        guard z.isFinite else { return z > 0 ? 0 : z < 0 ? 1 : .nan }
        guard abs(z) < 1e150 else {
            // The first term of the series, beside which the others vanish; z^2 may be beyond the doubles.
            let tail = exp(freedom / 2 * (log(freedom) - 2 * log(abs(z))) + logHalfStep - 0.5 * log(.pi) - log(freedom))
            return z > 0 ? tail : 1 - tail
        }
        let (x, y) = (freedom / (freedom + z * z), z * z / (freedom + z * z))
        let tail = 0.5 * SpecialFunctions.incompleteBeta(freedom / 2, 0.5, x, y).lower
        return z > 0 ? tail : 1 - tail
    }
    public var mean: Double { freedom > 1 ? location : .nan }
    public var variance: Double { freedom > 2 ? scale * scale * freedom / (freedom - 2) : freedom > 1 ? .infinity : .nan }
    public var standardDeviation: Double { freedom > 2 ? scale * (freedom / (freedom - 2)).squareRoot() : variance }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? {
        let half = freedom / 2
        let slope = SpecialFunctions.digamma(half + 0.5) - SpecialFunctions.digamma(half)
        return (half + 0.5) * slope + 0.5 * log(freedom * .pi) - logHalfStep + log(scale)
    }
}

/// exp(-z - exp(-z)) / scale with z = (x - location) / scale: the greatest of many numbers; what softmax sampling adds to logits.
public struct Gumbel: Distribution {
    public let location: Double
    public let scale: Double
    private static let gamma = 0.577_215_664_901_532_860_6

    /// `scale` > 0.
    public init(location: Double, scale: Double) { (self.location, self.scale) = (location, scale) }

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

/// log(1 + z^2), where the square may be beyond the doubles.
private func logOnePlusSquare(of z: Double) -> Double { abs(z) < 1e150 ? log1p(z * z) : 2 * log(abs(z)) }
