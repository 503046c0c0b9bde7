import Foundation

/// N(mean, deviation^2): exp(-z^2 / 2) / (deviation sqrt(2 pi)) with z = (x - mean) / deviation.
public struct Normal: Distribution {
    public let mean: Double
    public let deviation: Double

    /// A normal distribution with standard deviation `deviation` > 0.
    public init(mean: Double, deviation: Double) {
        require(deviation > 0, "a standard deviation is positive, not \(deviation)")
        (self.mean, self.deviation) = (mean, deviation)
    }

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

    /// log(s' / s) + ((s / s')^2 + (m - m')^2 / s'^2 - 1) / 2 with the deviations s and the means m.
    public func divergence(from other: any Distribution) -> Double? {
        guard let other = other as? Normal else { return nil }
        let (ratio, z) = (deviation / other.deviation, (mean - other.mean) / other.deviation)
        return 0.5 * (ratio * ratio - 1 + z * z) - log(ratio)
    }

    public func fitted(to sample: WeightedNumbers) -> Normal? { Normal.fitted(to: sample) { $0 } }

    /// With the mean and the deviation of f(x).
    static func fitted(to sample: WeightedNumbers, _ f: (Double) -> Double) -> Normal? {
        let center = sample.mean(f)
        // Squares of large and of small distances would not be doubles.
        let scale = Double(powerOfTwoNear: sample.numbers.reduce(0) { max($0, abs(f($1) - center)) })
        let deviation = scale * sample.mean { (f($0) - center) / scale * ((f($0) - center) / scale) }.squareRoot()
        return deviation > 0 && deviation.isFinite ? Normal(mean: center, deviation: deviation) : nil
    }

    public var arguments: String { "\(mean), \(deviation)" }
}
