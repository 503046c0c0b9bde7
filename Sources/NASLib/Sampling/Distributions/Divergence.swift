import Foundation

/// The Kullback-Leibler divergence of q from p in nats, the expectation under p of log p - log q; nil where there is no closed form
/// or sum for it. Infinite where p has mass that q lacks.
public func divergence(of p: any Distribution, from q: any Distribution) -> Double? {
    switch (p, q) {
    case (let p as Normal, let q as Normal): return divergence(p, q)
    case (let p as LogNormal, let q as LogNormal): return divergence(p.logarithm, q.logarithm)
    case (let p as Exponential, let q as Exponential): return log(p.rate / q.rate) + q.rate / p.rate - 1
    case (let p as Laplace, let q as Laplace):
        let distance = abs(p.mean - q.mean)
        return log(q.scale / p.scale) + (distance + p.scale * exp(-distance / p.scale)) / q.scale - 1
    case (let p as Cauchy, let q as Cauchy):
        let (sum, distance) = (p.scale + q.scale, p.location - q.location)
        return log((sum * sum + distance * distance) / (4 * p.scale * q.scale))
    case (let p as Gamma, let q as Gamma):
        return (p.shape - q.shape) * SpecialFunctions.digamma(p.shape) - lgamma(p.shape) + lgamma(q.shape) + q.shape * log(q.scale / p.scale)
            + p.shape * (p.scale / q.scale - 1)
    case (let p as Beta, let q as Beta):
        let psi = SpecialFunctions.digamma
        return q.logNorm - p.logNorm + (p.a - q.a) * psi(p.a) + (p.b - q.b) * psi(p.b) + (q.a + q.b - p.a - p.b) * psi(p.a + p.b)
    case (let p as Poisson, let q as Poisson): return p.rate == 0 ? q.rate : q.rate == 0 ? .infinity : SpecialFunctions.deviance(p.rate, q.rate)
    case (let p as Uniform, _) where p.support.lowerBound < q.support.lowerBound || p.support.upperBound > q.support.upperBound:
        return q.isDiscrete ? nil : .infinity
    case (let p as Uniform, let q as Uniform): return log((q.high - q.low) / (p.high - p.low))
    case (let p as FiniteDistribution, _) where q.isDiscrete:
        return zip(p.values, p.probabilities).reduce(0) { $0 + ($1.1 > 0 ? $1.1 * (log($1.1) - q.logDensity($1.0)) : 0) }
    case _ where p.isDiscrete && q.isDiscrete: return p.expectation { p.logDensity($0) - q.logDensity($0) }
    default: return nil
    }
}

private func divergence(_ p: Normal, _ q: Normal) -> Double {
    let (ratio, z) = (p.deviation / q.deviation, (p.mean - q.mean) / q.deviation)
    return 0.5 * (ratio * ratio - 1 + z * z) - log(ratio)
}

/// The same over vectors of one length.
public func divergence(of p: any VectorDistribution, from q: any VectorDistribution) -> Double? {
    switch (p, q) {
    case (let p as Dirichlet, let q as Dirichlet):
        let total = SpecialFunctions.digamma(p.alphas.reduce(0, +))
        let terms = zip(p.alphas, q.alphas).map { a, b in (a - b) * (SpecialFunctions.digamma(a) - total) - lgamma(a) + lgamma(b) }
        return terms.reduce(lgamma(p.alphas.reduce(0, +)) - lgamma(q.alphas.reduce(0, +)), +)
    case (let p as MultivariateNormal, let q as MultivariateNormal): return p.divergence(from: q)
    default: return nil
    }
}
