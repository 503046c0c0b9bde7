import Foundation

/// x^(shape - 1) exp(-x / scale) / (Gamma(shape) scale^shape) for x >= 0.
public struct Gamma: Distribution {
    public let shape: Double
    public let scale: Double

    /// A gamma distribution of mean `shape * scale`, both > 0.
    public init(shape: Double, scale: Double) {
        require(shape > 0 && scale > 0, "shape and scale are positive, not \(shape) and \(scale)")
        (self.shape, self.scale) = (shape, scale)
    }

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

    public func divergence(from other: any Distribution) -> Double? {
        guard let other = other as? Gamma else { return nil }
        return (shape - other.shape) * SpecialFunctions.digamma(shape) - lgamma(shape) + lgamma(other.shape)
            + other.shape * log(other.scale / scale) + shape * (scale / other.scale - 1)
    }

    /// log a - digamma(a) = log of the mean - mean of the logarithms, by Newton's method from Minka's start (2002).
    public func fitted(to sample: WeightedNumbers) -> Gamma? {
        guard sample.numbers.allSatisfy({ $0 > 0 }) else { return nil }
        let average = sample.mean
        let gap = log(average) - sample.mean(log)
        guard gap > 1e-12, gap.isFinite else { return nil }
        var a = (3 - gap + ((gap - 3) * (gap - 3) + 24 * gap).squareRoot()) / (12 * gap)
        for _ in 0..<20 {
            a = 1 / (1 / a + (log(a) - SpecialFunctions.digamma(a) - gap) / (a * a * (1 / a - SpecialFunctions.trigamma(a))))
        }
        return a > 0 && a.isFinite && (average / a).isFinite && average / a > 0 ? Gamma(shape: a, scale: average / a) : nil
    }

    public var arguments: String { "\(shape), \(scale)" }
}
