import Foundation
import NASLib
import Testing

@Suite struct DistributionTests {
    /// Log densities from scipy 1.17.1 (norm, gamma, beta, expon, binom, poisson, truncnorm; logpdf or logpmf).
    static let densities: [(any Distribution, [(x: Double, expected: Double)])] = [
        (Normal(mean: 1, deviation: 2), [(-1, -2.112085713764618), (0.5, -1.643335713764618), (4, -2.737085713764618)]),
        (Gamma(shape: 2.5, scale: 1.5), [(0.3, -3.3043048472322347), (2, -1.5919582032367454), (9, -4.002508774739001)]),
        (Beta(a: 2, b: 3.5), [(0.1, 0.1908539831330307), (0.5, 0.33082523331183333), (0.95, -4.7837836130008835)]),
        (Exponential(rate: 1.7), [(0, 0.5306282510621704), (0.5, -0.3193717489378296), (3, -4.569371748937829)]),
        (Binomial(trials: 12, p: 0.3), [(0, -4.280099327264789), (4, -1.4647330062449155), (12, -14.447673651911234)]),
        (Poisson(rate: 4.2), [(0, -4.2), (4, -1.637715729190655), (15, -10.573003504501052)]),
    ]

    @Test func densitiesAgreeWithScipy() {
        for (distribution, values) in Self.densities {
            for (x, expected) in values { #expect(abs(distribution.logDensity(x) - expected) < 1e-11, "\(distribution) at \(x)") }
        }
    }

    @Test func truncationAgreesWithScipy() throws {
        let d = try #require(Truncated(Normal(mean: 0, deviation: 1), to: -0.5...1))
        #expect(abs(d.logDensity(0.25) - -0.3205929006518091) < 1e-9)
        #expect(abs(d.mean - 0.20663121806153306) < 1e-9)
        #expect(abs(d.variance - 0.1727732590864931) < 1e-9)
        #expect(d.logDensity(1.1) == -.infinity)
    }

    static let all: [any Distribution] = [
        Normal(mean: -2, deviation: 3), Uniform(low: 1, high: 5), Exponential(rate: 0.5), Gamma(shape: 0.4, scale: 2), Gamma(shape: 7, scale: 0.5),
        Laplace(mean: 1, scale: 2), StudentT(freedom: 9, location: 1, scale: 2), LogNormal(Normal(mean: 0, deviation: 0.4)), Gumbel(location: 2, scale: 3),
        Geometric(p: 0.2), FiniteDistribution(values: [3, -1, 3, 0.5], weights: [1, 2, 1, 4])!, Truncated(Normal(mean: 0, deviation: 1), to: 3...5)!,
        Beta(a: 0.5, b: 0.7), Beta(a: 0.001, b: 0.001), Beta(a: 0.002, b: 1.5), Beta(a: 5, b: 2), Binomial(trials: 10, p: 0.2), Binomial(trials: 1000, p: 0.37), Poisson(rate: 3), Poisson(rate: 250),
        Truncated(Normal(mean: 0, deviation: 1), to: 0...2)!, Truncated(Poisson(rate: 4), to: 2...6)!,
        Mixture([Normal(mean: 0, deviation: 1), Normal(mean: 5, deviation: 0.5)], weights: [1, 3])!,
    ]

    /// Mean and variance of 200,000 draws lie within five standard errors of what they should be.
    @Test(arguments: all.indices) func drawsHaveTheMoments(index: Int) {
        let d = Self.all[index]
        var generator = Generator(seed: UInt64(index))
        let n = 200_000.0
        let draws = (0..<Int(n)).map { _ in d.draw(using: &generator) }
        let mean = draws.reduce(0, +) / n
        let squares = draws.map { ($0 - d.mean) * ($0 - d.mean) }
        let variance = squares.reduce(0, +) / n
        let spread = squares.reduce(0) { $0 + ($1 - variance) * ($1 - variance) } / n
        #expect(abs(mean - d.mean) < 5 * (d.variance / n).squareRoot(), "\(d): mean \(mean)")
        #expect(abs(variance - d.variance) < 5 * (spread / n).squareRoot(), "\(d): variance \(variance)")
        #expect(draws.allSatisfy(d.support.contains))
    }

    /// Far out and of a discrete base, also with more values than are summed over.
    @Test func truncationKeepsItsDigits() throws {
        let tail = try #require(Truncated(Normal(mean: 0, deviation: 1), to: 30 ... .infinity))
        #expect(abs(tail.quantile(0.5) - 30.023_070_467_8) < 1e-9 && abs(tail.survival(tail.quantile(upper: 1e-12)) - 1e-12) < 1e-22)
        let many = try #require(Truncated(Poisson(rate: 1e15), to: 0...1e16))
        #expect(abs(many.mean - 1e15) < 1e3 && abs(many.variance / 1e15 - 1) < 1e-6)
        // Where the tail itself is below the doubles: by mpmath.
        let beyond = try #require(Truncated(Normal(mean: 0, deviation: 1), to: 50...60))
        #expect(abs(beyond.mean - 50.019_984_031_905_638) < 1e-9)
        #expect(Truncated(Uniform(low: 0, high: 1), to: 2...3) == nil)
    }

    @Test func quantilesInvertCumulativeProbabilities() {
        for d in Self.all {
            for p in [1e-6, 0.1, 0.5, 0.8, 0.9999] {
                let x = d.quantile(p)
                // A beta distribution of tiny parameters has its mass closer to 0 and 1 than doubles come.
                if d is Beta, x < 1e-300 || x == 1 { continue }
                if d.isDiscrete { #expect(d.cdf(x) >= p && d.cdf(x - 1) < p, "\(d)") } else { #expect(abs(d.cdf(x) - p) < 1e-12, "\(d) at \(p)") }
                #expect(abs(d.cdf(x) + d.survival(x) - 1) < 1e-12, "\(d)")
            }
        }
    }

    /// Even where the logarithms overflow.
    @Test func betaDrawsAreNumbers() {
        var generator = Generator(seed: 8)
        for shape in [1e-300, .leastNonzeroMagnitude] {
            for _ in 0..<1000 { #expect((0...1).contains(Beta(a: shape, b: shape).draw(using: &generator))) }
        }
    }

    /// Pearson's chi square of counts against probabilities stays below its mean by no more than six deviations above.
    @Test func discreteDrawsFollowTheProbabilities() {
        for d in [Binomial(trials: 60, p: 0.3) as any Distribution, Poisson(rate: 40)] {
            var generator = Generator(seed: 11)
            var counts: [Double: Double] = [:]
            for _ in 0..<200_000 { counts[d.draw(using: &generator), default: 0] += 1 }
            var (square, cells) = (0.0, 0.0)
            for k in 0...200 {
                let expected = exp(d.logDensity(Double(k))) * 200_000
                guard expected > 10 else { continue }
                square += pow(counts[Double(k), default: 0] - expected, 2) / expected
                cells += 1
            }
            #expect(square < cells + 6 * (2 * cells).squareRoot(), "\(d): \(square) over \(cells)")
        }
    }
}
