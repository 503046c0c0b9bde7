import Foundation

/// exp(-(x - mean)^T C^-1 (x - mean) / 2) / sqrt((2 pi)^n det C) with the covariance matrix C.
public struct MultivariateNormal: VectorDistribution {
    public let mean: [Double]
    public let covariance: [[Double]]
    /// The lower triangle L with L L^T = C (Cholesky).
    private let factor: [[Double]]

    /// A normal distribution over vectors. `covariance` is a square matrix of the mean's size; nil when it is not symmetric and positive
    /// definite.
    public init?(mean: [Double], covariance: [[Double]]) {
        require(
            covariance.count == mean.count && covariance.allSatisfy { $0.count == mean.count },
            "the covariance of \(mean.count) numbers is a matrix of \(mean.count) by \(mean.count)")
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

    /// (tr(C'^-1 C) + (m' - m)^T C'^-1 (m' - m) - n) / 2 + log sqrt(det C' / det C), where C = L L^T makes the trace a sum over L's
    /// columns.
    public func divergence(from other: any VectorDistribution) -> Double? {
        guard let other = other as? MultivariateNormal else { return nil }
        let columns = mean.indices.map { j in factor.map { $0[j] } }
        let trace = columns.reduce(0) { $0 + other.squaredNorm($1) }
        let distance = other.squaredNorm(zip(mean, other.mean).map(-))
        return 0.5 * (trace + distance - Double(mean.count)) + other.logDeterminantRoot - logDeterminantRoot
    }

    public var variance: [Double] { covariance.indices.map { covariance[$0][$0] } }

    /// The normal distribution with the weighted mean and covariance of `vectors`.
    public func fitted(to vectors: [[Double]], weights: [Double]) -> MultivariateNormal? {
        let (total, n) = (weights.reduce(0, +), mean.count)
        let mean = (0..<n).map { i in zip(vectors, weights).reduce(0) { $0 + $1.0[i] * $1.1 } / total }
        let covariance = (0..<n).map { i in
            (0..<n).map { j in zip(vectors, weights).reduce(0) { $0 + ($1.0[i] - mean[i]) * ($1.0[j] - mean[j]) * $1.1 } / total }
        }
        return MultivariateNormal(mean: mean, covariance: covariance)
    }

    public var arguments: String { "\(mean), \(covariance)" }
}
