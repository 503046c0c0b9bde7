import Foundation

/// A distribution over numbers.
public protocol Distribution: Sendable {
    func draw(using generator: inout Generator) -> Double
    /// The logarithm of the density, or of the probability of a discrete distribution; -infinity outside the support.
    func logDensity(_ x: Double) -> Double
    var mean: Double { get }
    var variance: Double { get }
    /// The least and greatest values that can occur; infinite where there is no bound.
    var support: ClosedRange<Double> { get }
}

/// N(mean, deviation^2): exp(-z^2 / 2) / (deviation sqrt(2 pi)) with z = (x - mean) / deviation.
public struct Normal: Distribution {
    public let mean: Double
    public let deviation: Double

    /// `deviation` > 0.
    public init(mean: Double, deviation: Double) { (self.mean, self.deviation) = (mean, deviation) }

    public func draw(using generator: inout Generator) -> Double { mean + deviation * generator.normal() }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - mean) / deviation
        return -0.5 * z * z - log(deviation) - 0.5 * log(2 * .pi)
    }
    public var variance: Double { deviation * deviation }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
}

/// Every number from `low` to `high` equally likely.
public struct Uniform: Distribution {
    public let low: Double
    public let high: Double

    /// `low` < `high`.
    public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

    public func draw(using generator: inout Generator) -> Double { low + (high - low) * generator.uniform() }
    public func logDensity(_ x: Double) -> Double { support.contains(x) ? 0 - log(high - low) : -.infinity }
    public var mean: Double { low + (high - low) / 2 }
    public var variance: Double { (high - low) * (high - low) / 12 }
    public var support: ClosedRange<Double> { low...high }
}

/// rate exp(-rate x) for x >= 0.
public struct Exponential: Distribution {
    public let rate: Double

    /// `rate` > 0.
    public init(rate: Double) { self.rate = rate }

    public func draw(using generator: inout Generator) -> Double { -log1p(-generator.uniform()) / rate }
    public func logDensity(_ x: Double) -> Double { x >= 0 ? log(rate) - rate * x : -.infinity }
    public var mean: Double { 1 / rate }
    public var variance: Double { 1 / (rate * rate) }
    public var support: ClosedRange<Double> { 0 ... .infinity }
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
        guard x >= 0 else { return -.infinity }
        let power = shape == 1 ? 0 : (shape - 1) * log(x)
        return power - x / scale - lgamma(shape) - shape * log(scale)
    }
    public var mean: Double { shape * scale }
    public var variance: Double { shape * scale * scale }
    public var support: ClosedRange<Double> { 0 ... .infinity }
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
        let left = a == 1 ? 0 : (a - 1) * log(x)
        let right = b == 1 ? 0 : (b - 1) * log1p(-x)
        return left + right + lgamma(a + b) - lgamma(a) - lgamma(b)
    }
    public var mean: Double { a / (a + b) }
    public var variance: Double { a * b / ((a + b) * (a + b) * (a + b + 1)) }
    public var support: ClosedRange<Double> { 0...1 }
}

/// How many of n trials succeed, each with probability p: C(n, k) p^k (1 - p)^(n - k).
public struct Binomial: Distribution {
    public let trials: Int
    public let p: Double

    /// `trials` >= 0, `p` from 0 to 1.
    public init(trials: Int, p: Double) { (self.trials, self.p) = (trials, p) }

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
        let n = Double(trials)
        let successes = k == 0 ? 0 : k * log(p)
        let failures = k == n ? 0 : (n - k) * log1p(-p)
        return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + successes + failures
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

    /// Ahrens and Dieter (1974): skips arrivals by gamma draws until few are left, then multiplies uniforms. Exact.
    public func draw(using generator: inout Generator) -> Double {
        var (rate, arrivals) = (self.rate, 0.0)
        while rate > 24 {
            let m = (rate * 7 / 8).rounded(.down)
            let time = Gamma(shape: m, scale: 1).draw(using: &generator)
            if time > rate { return arrivals + Binomial(trials: Int(m) - 1, p: rate / time).draw(using: &generator) }
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
        guard k >= 0, k == k.rounded() else { return -.infinity }
        return (k == 0 ? 0 : k * log(rate)) - rate - lgamma(k + 1)
    }
    public var mean: Double { rate }
    public var variance: Double { rate }
    public var support: ClosedRange<Double> { 0 ... .infinity }
}

/// A distribution kept within an interval: the same density, scaled up. Draws by trying again.
public struct Truncated: Distribution {
    public let base: any Distribution
    public let support: ClosedRange<Double>
    private let logMass: Double
    public let mean: Double
    public let variance: Double

    /// The most values of a discrete base that are summed over.
    public static let valueLimit = 10_000_000

    /// The part of an interval that the mass is looked for in: within 40 standard deviations of the base's mean.
    public static func bulk(of base: any Distribution, within interval: ClosedRange<Double>) -> (low: Double, high: Double) {
        let spread = 40 * base.variance.squareRoot()
        return (
            max(interval.lowerBound, base.support.lowerBound, base.mean - spread), min(interval.upperBound, base.support.upperBound, base.mean + spread))
    }

    /// nil when hardly any of the base's mass (less than 1 in 10,000) lies within the interval, or a discrete base has
    /// more than `valueLimit` values in its bulk.
    ///
    /// The mass and the moments come from Simpson's rule on 20,000 intervals, for a discrete base from its values.
    public init?(_ base: any Distribution, to interval: ClosedRange<Double>, isDiscrete: Bool) {
        self.base = base
        let (low, high) = Truncated.bulk(of: base, within: interval)
        guard isDiscrete ? low <= high && high - low <= Double(Truncated.valueLimit) : low < high else { return nil }
        support = max(interval.lowerBound, base.support.lowerBound)...min(interval.upperBound, base.support.upperBound)
        var (mass, first, second) = (0.0, 0.0, 0.0)
        func add(_ x: Double, _ weight: Double) {
            let density = exp(base.logDensity(x))
            guard density.isFinite else { return }
            mass += weight * density
            first += weight * density * (x - base.mean)
            second += weight * density * (x - base.mean) * (x - base.mean)
        }
        if isDiscrete {
            for k in stride(from: low.rounded(.up), through: high, by: 1) { add(k, 1) }
        } else {
            let n = 20_000
            let h = (high - low) / Double(n)
            for i in 0...n { add(low + Double(i) * h, (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * h / 3) }
        }
        guard mass > 1e-4 else { return nil }
        logMass = log(mass)
        mean = base.mean + first / mass
        variance = second / mass - first / mass * (first / mass)
    }

    public func draw(using generator: inout Generator) -> Double {
        while true {
            let x = base.draw(using: &generator)
            if support.contains(x) { return x }
        }
    }
    public func logDensity(_ x: Double) -> Double { support.contains(x) ? base.logDensity(x) - logMass : -.infinity }
}

/// A sum of densities with weights: draws one of the parts, then from it.
public struct Mixture: Distribution {
    public let parts: [any Distribution]
    private let table: AliasTable

    /// nil when the weights cannot be probabilities.
    public init?(_ parts: [any Distribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        self.parts = parts
        self.table = table
    }

    public var weights: [Double] { table.probabilities }
    public func draw(using generator: inout Generator) -> Double { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: Double) -> Double {
        let terms = zip(parts, weights).map { log($1) + $0.logDensity(x) }
        guard let highest = terms.max(), highest > -.infinity else { return -.infinity }
        return highest + log(terms.reduce(0) { $0 + exp($1 - highest) })
    }
    public var mean: Double { zip(parts, weights).reduce(0) { $0 + $1.1 * $1.0.mean } }
    public var variance: Double { zip(parts, weights).reduce(0) { $0 + $1.1 * ($1.0.variance + ($1.0.mean - mean) * ($1.0.mean - mean)) } }
    public var support: ClosedRange<Double> {
        let bounds = parts.map(\.support)
        return (bounds.map(\.lowerBound).min() ?? 0)...(bounds.map(\.upperBound).max() ?? 0)
    }
}
