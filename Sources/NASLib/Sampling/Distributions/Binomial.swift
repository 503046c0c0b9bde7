import Foundation

/// How many of n trials succeed, each with probability p: C(n, k) p^k (1 - p)^(n - k).
public struct Binomial: Distribution {
    public let trials: Int
    public let p: Double

    /// The number of successes in `trials` >= 0 with probability `p` from 0 to 1 each.
    public init(trials: Int, p: Double) {
        require(trials >= 0, "there are at least 0 trials, not \(trials)")
        require((0...1).contains(p), "a probability is from 0 to 1, not \(p)")
        (self.trials, self.p) = (trials, p)
    }

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

    /// The number of trials stays.
    public func fitted(to sample: WeightedNumbers) -> Binomial? {
        let p = sample.mean / Double(trials)
        return (0...1).contains(p) ? Binomial(trials: trials, p: p) : nil
    }

    public var arguments: String { "\(trials), \(p)" }
}
