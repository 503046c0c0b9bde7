import Foundation

/// How many of n trials succeed, each with probability p: C(n, k) p^k (1 - p)^(n - k).
public struct Binomial: Distribution {
    public let trials: Int
    public let p: Double

    /// `trials` >= 0, `p` from 0 to 1.
    public init(trials: Int, p: Double) { (self.trials, self.p) = (trials, p) }

    public var isDiscrete: Bool { true }

    /// Splits at the median order statistic, which is beta distributed, until few trials are left: O(log n), exact.
    public func draw(using generator: inout Generator) -> Double {
        var (n, p, successes) = (trials, self.p, 0)
        while n > 24 {
            let a = 1 + n / 2
            let split = Beta(a: Double(a), b: Double(n + 1 - a)).draw(using: &generator)
            if split >= p {
                (n, p) = (a - 1, p / split)
            } else {
                successes += a
                (n, p) = (n - a, (p - split) / (1 - split))
            }
        }
        for _ in 0..<n where generator.uniform() < p { successes += 1 }
        return Double(successes)
    }
    public func logDensity(_ k: Double) -> Double {
        guard support.contains(k), k == k.rounded() else { return -.infinity }
        return SpecialFunctions.logBinomial(k, of: Double(trials), p, 1 - p)
    }
    public func cdf(_ x: Double) -> Double { tails(x).lower }
    public func survival(_ x: Double) -> Double { tails(x).upper }

    /// P(X <= k) is the probability that the (k + 1)-th of n uniform numbers in order exceeds p.
    private func tails(_ x: Double) -> (lower: Double, upper: Double) {
        let (k, n) = (x.rounded(.down), Double(trials))
        guard k >= 0 else { return (0, 1) }
        guard k < n else { return (1, 0) }
        let (upper, lower) = SpecialFunctions.incompleteBeta(k + 1, n - k, p, 1 - p)
        return (lower, upper)
    }
    public var mean: Double { Double(trials) * p }
    public var variance: Double { Double(trials) * p * (1 - p) }
    public var support: ClosedRange<Double> { 0...Double(trials) }
}

/// rate^k exp(-rate) / k!.
public struct Poisson: Distribution {
    public let rate: Double

    /// `rate` >= 0.
    public init(rate: Double) { self.rate = rate }

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
}

/// How many trials it takes to the first success, that one included: p (1 - p)^(k - 1) for k >= 1.
public struct Geometric: Distribution {
    public let p: Double

    /// Above 0 and up to 1.
    public init(p: Double) { self.p = p }

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
}
