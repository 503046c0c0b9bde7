import Foundation
import NASLib
import Testing

@Suite struct VectorDistributionTests {
    static let dirichlet = Dirichlet(alphas: [0.5, 2, 3.5])
    static let normal = MultivariateNormal(mean: [1, -2, 0.5], covariance: [[2, 0.3, -0.5], [0.3, 1, 0.2], [-0.5, 0.2, 1.5]])!

    /// Log densities from scipy 1.17.1 (dirichlet and multivariate_normal, logpdf).
    @Test func densitiesAgreeWithScipy() {
        let expected: [(any VectorDistribution, [Double], Double)] = [
            (Self.dirichlet, [0.2, 0.3, 0.5], 0.8820313980015224), (Self.dirichlet, [0.01, 0.01, 0.98], 0.6610613362224274),
            (Self.normal, [0, 0, 0], -6.603370141058686), (Self.normal, [1, -2, 0.5], -3.209935797624346), (Self.normal, [3, -1, 2], -5.714481252169801),
        ]
        for (distribution, x, density) in expected { #expect(abs(distribution.logDensity(x) - density) < 1e-12) }
    }

    @Test func outsideTheSupport() {
        for x in [[0.5, 0.5], [0.5, 0.6, -0.1], [0.3, 0.3, 0.3]] { #expect(Self.dirichlet.logDensity(x) == -.infinity) }
        #expect(Self.normal.logDensity([0]) == -.infinity)
    }

    @Test func covariancesMustBePositiveDefinite() {
        for bad: [[Double]] in [[[1, 2], [2, 1]], [[1, 0.5], [0.4, 1]], [[0, 0], [0, 1]], [[0.1, 0.3], [0.3, 0.9]]] {
            #expect(MultivariateNormal(mean: [0, 0], covariance: bad) == nil)
        }
    }

    /// Means and variances of 100,000 draws lie within five standard errors of what they should be, as do the covariances.
    @Test func drawsHaveTheMoments() {
        for d in [Self.dirichlet, Dirichlet(alphas: [0.01, 0.02]), Self.normal] as [any VectorDistribution] {
            var generator = Generator(seed: 6)
            let n = 100_000.0
            let draws = (0..<Int(n)).map { _ in d.draw(using: &generator) }
            for i in d.mean.indices {
                let mean = draws.reduce(0) { $0 + $1[i] } / n
                #expect(abs(mean - d.mean[i]) < 5 * (d.variance[i] / n).squareRoot())
                let squares = draws.map { pow($0[i] - d.mean[i], 2) }
                let variance = squares.reduce(0, +) / n
                #expect(abs(variance - d.variance[i]) < 5 * (squares.reduce(0) { $0 + pow($1 - variance, 2) } / n / n).squareRoot())
            }
            guard let normal = d as? MultivariateNormal else { continue }
            for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                let products = draws.map { ($0[i] - d.mean[i]) * ($0[j] - d.mean[j]) }
                let covariance = products.reduce(0, +) / n
                #expect(abs(covariance - normal.covariance[i][j]) < 5 * (products.reduce(0) { $0 + pow($1 - covariance, 2) } / n / n).squareRoot())
            }
        }
    }

    /// Gamma draws of such shapes are all 0; shares still add up to 1.
    @Test func tinyAlphas() {
        var generator = Generator(seed: 7)
        for _ in 0..<1000 { #expect(abs(Dirichlet(alphas: [1e-4, 1e-5, 1e-300]).draw(using: &generator).reduce(0, +) - 1) < 1e-12) }
    }
}
