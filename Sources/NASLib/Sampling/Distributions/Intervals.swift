import Foundation

/// Every number from `low` to `high` equally likely.
public struct Uniform: Distribution {
    public let low: Double
    public let high: Double

    /// `low` < `high`.
    public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

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
}

/// x^(a - 1) (1 - x)^(b - 1) / B(a, b) for x from 0 to 1.
public struct Beta: Distribution {
    public let a: Double
    public let b: Double

    /// Both > 0.
    public init(a: Double, b: Double) { (self.a, self.b) = (a, b) }

    public func draw(using generator: inout Generator) -> Double {
        let (left, right) = (Gamma(shape: a, scale: 1), Gamma(shape: b, scale: 1))
        if a < 1 || b < 1 { return 1 / (1 + exp(-left.logDraw(using: &generator) + right.logDraw(using: &generator))) }
        let x = left.draw(using: &generator)
        return x / (x + right.draw(using: &generator))
    }
    public func logDensity(_ x: Double) -> Double {
        guard support.contains(x) else { return -.infinity }
        if a + b > 32, x > 0, x < 1 { return SpecialFunctions.logBetaWeight(a, b, x, 1 - x) - log(x) - log1p(-x) }
        let left = a == 1 ? 0 : (a - 1) * log(x)
        let right = b == 1 ? 0 : (b - 1) * log1p(-x)
        return left + right - logNorm
    }
    /// log B(a, b)
    var logNorm: Double { lgamma(a) + lgamma(b) - lgamma(a + b) }
    public func cdf(_ x: Double) -> Double { SpecialFunctions.incompleteBeta(a, b, x, 1 - x).lower }
    public func survival(_ x: Double) -> Double { SpecialFunctions.incompleteBeta(a, b, x, 1 - x).upper }
    public var mean: Double { a / (a + b) }
    public var variance: Double { a * b / ((a + b) * (a + b) * (a + b + 1)) }
    public var support: ClosedRange<Double> { 0...1 }
    public var entropy: Double? {
        let (left, right, both) = (SpecialFunctions.digamma(a), SpecialFunctions.digamma(b), SpecialFunctions.digamma(a + b))
        return logNorm - (a - 1) * left - (b - 1) * right + (a + b - 2) * both
    }
}

/// rate exp(-rate x) for x >= 0.
public struct Exponential: Distribution {
    public let rate: Double

    /// `rate` > 0.
    public init(rate: Double) { self.rate = rate }

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
}

/// x^(shape - 1) exp(-x / scale) / (Gamma(shape) scale^shape) for x >= 0.
public struct Gamma: Distribution {
    public let shape: Double
    public let scale: Double

    /// Both > 0.
    public init(shape: Double, scale: Double) { (self.shape, self.scale) = (shape, scale) }

    public func draw(using generator: inout Generator) -> Double {
        let (value, logFactor) = parts(using: &generator)
        return value * scale * exp(logFactor)
    }

    /// The logarithm of a draw: of a small shape, draws themselves are often below the least double.
    func logDraw(using generator: inout Generator) -> Double {
        let (value, logFactor) = parts(using: &generator)
        return max(log(value) + log(scale) + logFactor, -.greatestFiniteMagnitude)
    }

    /// Marsaglia and Tsang (2000), for the scale 1; a shape below 1 is drawn one higher and takes the factor U^(1/shape).
    private func parts(using generator: inout Generator) -> (value: Double, logFactor: Double) {
        let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = generator.normal()
            let v = 1 + c * x
            guard v > 0 else { continue }
            let cube = v * v * v
            guard log(1 - generator.uniform()) < 0.5 * x * x + d - d * cube + d * log(cube) else { continue }
            return (d * cube, shape < 1 ? log(1 - generator.uniform()) / shape : 0)
        }
    }
    public func logDensity(_ x: Double) -> Double {
        guard x >= 0, x < .infinity else { return -.infinity }
        if shape > 16, x > 0 { return SpecialFunctions.logPoisson(shape, rate: x / scale) + log(shape) - log(x) }
        let power = shape == 1 ? 0 : (shape - 1) * log(x)
        return power - x / scale - lgamma(shape) - shape * log(scale)
    }
    public func cdf(_ x: Double) -> Double { SpecialFunctions.incompleteGamma(shape, x / scale).lower }
    public func survival(_ x: Double) -> Double { SpecialFunctions.incompleteGamma(shape, x / scale).upper }
    public func logCdf(_ x: Double) -> Double { logPart(cdf(x), x, isFarOut: x < mean) }
    public func logSurvival(_ x: Double) -> Double { logPart(survival(x), x, isFarOut: x > mean) }
    private func logPart(_ part: Double, _ x: Double, isFarOut: Bool) -> Double {
        part < 1e-280 && isFarOut && x > 0 && x < .infinity ? SpecialFunctions.logIncompleteGammaTail(shape, x / scale) : log(part)
    }
    public var mean: Double { shape * scale }
    public var variance: Double { shape * scale * scale }
    public var standardDeviation: Double { shape.squareRoot() * scale }
    public var support: ClosedRange<Double> { 0 ... .infinity }
    public var entropy: Double? {
        // Of a large shape the terms cancel but for these.
        if shape > 1e5 { return log(scale) + 0.5 * log(2 * .pi * M_E * shape) - 1 / (3 * shape) }
        return shape + log(scale) + lgamma(shape) + (1 - shape) * SpecialFunctions.digamma(shape)
    }
}
