import Foundation

/// A distribution over vectors of one length.
public protocol VectorDistribution: Sendable {
    func draw(using generator: inout Generator) -> [Double]
    /// The logarithm of the density; -infinity outside the support, and for a vector of another length.
    func logDensity(_ x: [Double]) -> Double
    var mean: [Double] { get }
    /// Of each component.
    var variance: [Double] { get }
    /// The expectation of -log density in nats; nil where there is no closed form.
    var entropy: Double? { get }
    /// How many distributions it is made of, itself included: the work of evaluating it.
    var size: Int { get }
    /// Of its arrays. Of mixtures within a mixture, which may be in several, only the list counts.
    var byteCount: Int { get }
}

extension VectorDistribution {
    public var entropy: Double? { nil }
    public var size: Int { 1 }
}

/// Gamma(sum of a_i) / (product of Gamma(a_i)) * product of x_i^(a_i - 1) over vectors of shares: x_i >= 0 with sum 1.
public struct Dirichlet: VectorDistribution {
    public let alphas: [Double]

    /// At least two, all > 0.
    public init(alphas: [Double]) { self.alphas = alphas }

    public var byteCount: Int { alphas.count * 8 }

    /// Gamma draws over their sum, by their logarithms: those of small shapes are often below the least double.
    public func draw(using generator: inout Generator) -> [Double] {
        let logarithms = alphas.map { Gamma(shape: $0, scale: 1).logDraw(using: &generator) }
        let highest = logarithms.max() ?? 0
        let values = logarithms.map { exp($0 - highest) }
        let total = values.reduce(0, +)
        return values.map { $0 / total }
    }

    /// The sum may be off by 1e-9, as that of numbers written down or added up often is.
    public func logDensity(_ x: [Double]) -> Double {
        guard x.count == alphas.count, x.allSatisfy({ $0 >= 0 }), abs(x.reduce(0, +) - 1) <= 1e-9 else { return -.infinity }
        let terms = zip(alphas, x).map { a, x in (a == 1 ? 0 : (a - 1) * log(x)) - lgamma(a) }
        // On the border one factor may be 0 and another infinite: the density is then taken as 0.
        guard !terms.contains(-.infinity) else { return -.infinity }
        return terms.reduce(lgamma(alphas.reduce(0, +)), +)
    }

    public var mean: [Double] {
        let total = alphas.reduce(0, +)
        return alphas.map { $0 / total }
    }
    public var variance: [Double] {
        let total = alphas.reduce(0, +)
        return mean.map { $0 * (1 - $0) / (total + 1) }
    }
    public var entropy: Double? {
        let total = alphas.reduce(0, +)
        let terms = alphas.map { lgamma($0) - ($0 - 1) * (SpecialFunctions.digamma($0) - SpecialFunctions.digamma(total)) }
        return terms.reduce(-lgamma(total), +)
    }
}

/// exp(-(x - mean)^T C^-1 (x - mean) / 2) / sqrt((2 pi)^n det C) with the covariance matrix C.
public struct MultivariateNormal: VectorDistribution {
    public let mean: [Double]
    public let covariance: [[Double]]
    /// The lower triangle L with L L^T = C (Cholesky).
    private let factor: [[Double]]

    /// `covariance` must be a square matrix of the mean's size; nil when it is not symmetric and positive definite.
    public init?(mean: [Double], covariance: [[Double]]) {
        precondition(covariance.count == mean.count && covariance.allSatisfy { $0.count == mean.count })
        guard let factor = MultivariateNormal.cholesky(covariance) else { return nil }
        (self.mean, self.covariance, self.factor) = (mean, covariance, factor)
    }

    public var byteCount: Int { mean.count * (mean.count + 4) * 16 }

    private static func cholesky(_ matrix: [[Double]]) -> [[Double]]? {
        let n = matrix.count
        var factor = Array(repeating: Array(repeating: 0.0, count: n), count: n)
        for i in 0..<n {
            for j in 0...i {
                let scale = (abs(matrix[i][i]) * abs(matrix[j][j])).squareRoot()
                guard abs(matrix[i][j] - matrix[j][i]) <= 1e-9 * scale else { return nil }
                let rest = (0..<j).reduce(matrix[i][j]) { $0 - factor[i][$1] * factor[j][$1] }
                if i == j {
                    // What rounding leaves of a singular matrix counts as 0.
                    guard rest > 1e-14 * matrix[i][i], rest.isFinite else { return nil }
                    factor[i][i] = rest.squareRoot()
                } else {
                    factor[i][j] = rest / factor[j][j]
                }
            }
        }
        return factor
    }

    /// mean + L z with independent standard normal z.
    public func draw(using generator: inout Generator) -> [Double] {
        let z = mean.map { _ in generator.normal() }
        return mean.indices.map { i in (0...i).reduce(mean[i]) { $0 + factor[i][$1] * z[$1] } }
    }

    public func logDensity(_ x: [Double]) -> Double {
        guard x.count == mean.count else { return -.infinity }
        return -0.5 * Double(mean.count) * log(2 * .pi) - logDeterminantRoot - 0.5 * squaredNorm(zip(x, mean).map(-))
    }

    /// The logarithm of the square root of det C, the product of L's diagonal.
    private var logDeterminantRoot: Double { factor.indices.reduce(0) { $0 + log(factor[$1][$1]) } }

    /// |L^-1 v|^2 = v^T C^-1 v
    private func squaredNorm(_ v: [Double]) -> Double {
        var z: [Double] = []
        for i in v.indices { z.append((0..<i).reduce(v[i]) { $0 - factor[i][$1] * z[$1] } / factor[i][i]) }
        return z.reduce(0) { $0 + $1 * $1 }
    }

    public var entropy: Double? { 0.5 * Double(mean.count) * (1 + log(2 * .pi)) + logDeterminantRoot }

    /// (tr(C'^-1 C) + (m' - m)^T C'^-1 (m' - m) - n) / 2 + log sqrt(det C' / det C), where C = L L^T makes the trace a sum over L's columns.
    func divergence(from other: MultivariateNormal) -> Double {
        let columns = mean.indices.map { j in factor.map { $0[j] } }
        let trace = columns.reduce(0) { $0 + other.squaredNorm($1) }
        let distance = other.squaredNorm(zip(mean, other.mean).map(-))
        return 0.5 * (trace + distance - Double(mean.count)) + other.logDeterminantRoot - logDeterminantRoot
    }

    public var variance: [Double] { covariance.indices.map { covariance[$0][$0] } }
}
