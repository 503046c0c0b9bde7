import Foundation

/// rate^k exp(-rate) / k!.
public struct Poisson: Distribution {
    public let rate: Double

    /// A Poisson distribution of mean `rate` >= 0.
    public init(rate: Double) {
        require(rate >= 0, "a rate is at least 0, not \(rate)")
        self.rate = rate
    }

    public var isDiscrete: Bool { true }

    /// Ahrens and Dieter (1974): skips arrivals by gamma draws until few are left, then multiplies uniforms. Exact.
    public func draw(using generator: inout Generator) -> Double {
        var (rate, arrivals) = (self.rate, 0.0)
        while rate > 24 {
            let m = (rate * 7 / 8).rounded(.down)
            let time = Gamma(shape: m, scale: 1).draw(using: &generator)
            if time > rate { return arrivals + Binomial(trials: Int(saturating: m) - 1, p: rate / time).draw(using: &generator) }
            arrivals += m
            rate -= time
        }
        let limit = exp(-rate)
        var product = 1 - generator.uniform()
        while product > limit {
            arrivals += 1
            product *= 1 - generator.uniform()
        }
        return arrivals
    }
    public func logDensity(_ k: Double) -> Double {
        guard k >= 0, k < .infinity, k == k.rounded() else { return -.infinity }
        return SpecialFunctions.logPoisson(k, rate: rate)
    }
    public func cdf(_ x: Double) -> Double { x >= 0 ? SpecialFunctions.incompleteGamma(x.rounded(.down) + 1, rate).upper : 0 }
    public func survival(_ x: Double) -> Double { x >= 0 ? SpecialFunctions.incompleteGamma(x.rounded(.down) + 1, rate).lower : 1 }
    public var mean: Double { rate }
    public var variance: Double { rate }
    public var support: ClosedRange<Double> { 0 ... .infinity }

    public func divergence(from other: any Distribution) -> Double? {
        guard let other = other as? Poisson else { return summedDivergence(from: other) }
        return rate == 0 ? other.rate : other.rate == 0 ? .infinity : SpecialFunctions.deviance(rate, other.rate)
    }

    public func fitted(to sample: WeightedNumbers) -> Poisson? {
        sample.numbers.allSatisfy { $0 >= 0 } && sample.mean <= 1e15 ? Poisson(rate: sample.mean) : nil
    }

    public var arguments: String { "\(rate)" }
}
