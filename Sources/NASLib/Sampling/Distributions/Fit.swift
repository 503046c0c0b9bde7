import Foundation

/// The distribution of a given kind under which weighted numbers are most likely; nil where that kind has no such estimate here, or the
/// numbers determine none. The weights are not negative, and not all 0.
///
/// A binomial keeps its number of trials.
public func fitted(_ kind: any Distribution, to numbers: [Double], weights: [Double]) -> (any Distribution)? {
    let total = weights.reduce(0, +)
    func mean(_ f: (Double) -> Double) -> Double { zip(numbers, weights).reduce(0) { $0 + ($1.1 > 0 ? f($1.0) * $1.1 : 0) } / total }
    func normal(_ f: (Double) -> Double) -> Normal? {
        let center = mean(f)
        // Squares of large and of small distances would not be doubles.
        let scale = Double(powerOfTwoNear: numbers.reduce(0) { max($0, abs(f($1) - center)) })
        let deviation = scale * mean { (f($0) - center) / scale * ((f($0) - center) / scale) }.squareRoot()
        return deviation > 0 && deviation.isFinite ? Normal(mean: center, deviation: deviation) : nil
    }
    let average = mean { $0 }
    switch kind {
    case is Normal: return normal { $0 }
    case is LogNormal: return numbers.allSatisfy { $0 > 0 } ? normal(log).map(LogNormal.init) : nil
    case is Exponential: return numbers.allSatisfy { $0 >= 0 } && (1 / average).isFinite ? Exponential(rate: 1 / average) : nil
    case is Laplace:
        let values = FiniteDistribution(values: numbers, weights: weights)
        return values.flatMap { values in
            let center = values.quantile(0.5)
            let scale = mean { abs($0 - center) }
            return scale > 0 && scale.isFinite ? Laplace(mean: center, scale: scale) : nil
        }
    case is Gamma:
        guard numbers.allSatisfy({ $0 > 0 }) else { return nil }
        // log a - digamma(a) = log of the mean - mean of the logarithms, by Newton's method from Minka's start (2002).
        let gap = log(average) - mean(log)
        guard gap > 1e-12, gap.isFinite else { return nil }
        var a = (3 - gap + ((gap - 3) * (gap - 3) + 24 * gap).squareRoot()) / (12 * gap)
        for _ in 0..<20 { a = 1 / (1 / a + (log(a) - SpecialFunctions.digamma(a) - gap) / (a * a * (1 / a - SpecialFunctions.trigamma(a)))) }
        return a > 0 && a.isFinite && (average / a).isFinite && average / a > 0 ? Gamma(shape: a, scale: average / a) : nil
    case is Poisson: return numbers.allSatisfy { $0 >= 0 } && average <= 1e15 ? Poisson(rate: average) : nil
    case is Geometric: return average >= 1 && average <= 1e15 ? Geometric(p: 1 / average) : nil
    case let kind as Binomial:
        let p = average / Double(kind.trials)
        return (0...1).contains(p) ? Binomial(trials: kind.trials, p: p) : nil
    default: return nil
    }
}

/// The same over vectors of one length: a normal distribution with their weighted mean and covariance.
public func fitted(_ kind: any VectorDistribution, to vectors: [[Double]], weights: [Double]) -> (any VectorDistribution)? {
    guard kind is MultivariateNormal else { return nil }
    let (total, n) = (weights.reduce(0, +), kind.mean.count)
    let mean = (0..<n).map { i in zip(vectors, weights).reduce(0) { $0 + $1.0[i] * $1.1 } / total }
    let covariance = (0..<n).map { i in
        (0..<n).map { j in zip(vectors, weights).reduce(0) { $0 + ($1.0[i] - mean[i]) * ($1.0[j] - mean[j]) * $1.1 } / total }
    }
    return MultivariateNormal(mean: mean, covariance: covariance)
}
