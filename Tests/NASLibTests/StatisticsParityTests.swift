import Foundation
@testable import NASLib
import Testing

/// Against scipy's numbers: `Tests/recorded/statistics_scipy.json`, which the script beside it printed.
@Suite struct StatisticsParity {
    struct Recording: Decodable, Sendable {
        struct KSTest: Decodable, Sendable { let numbers: [Double], statistic, p_value: Double }
        struct ChiSquare: Decodable, Sendable { let counts, weights: [Double], statistic, p_value: Double }
        struct ParetoK: Decodable, Sendable { let log_weights: [Double], k: Double }
        /// n, distance, probability of so great a one.
        let kolmogorov: [[Double]]
        let ks_test: KSTest
        let chi_square: [ChiSquare]
        let sobol, halton: [[Double]]
        let even_pairs: Int
        let pareto_k: [ParetoK]
    }

    let recording: Recording

    init() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        recording = try JSONDecoder().decode(Recording.self, from: Data(contentsOf: tests.appendingPathComponent("recorded/statistics_scipy.json")))
    }

    @Test func kolmogorovSmirnov() {
        #expect(recording.kolmogorov.count == 16)
        for row in recording.kolmogorov {
            let p = GoodnessOfFit.kolmogorovSurvival(row[1], count: Int(row[0]))
            #expect(abs(p - row[2]) < (row[0] > 1000 ? 1e-6 : 1e-12 + 1e-10 * row[2]), "n \(row[0]), d \(row[1]): \(p), \(row[2])")
        }
        let (statistic, p) = GoodnessOfFit.kolmogorovSmirnov(recording.ks_test.numbers, Normal(mean: 0.2, deviation: 1.1), check: {})
        #expect(abs(statistic - recording.ks_test.statistic) < 1e-12 && abs(p - recording.ks_test.p_value) < 1e-10)
    }

    @Test func chiSquare() {
        for expected in recording.chi_square {
            let (statistic, freedom, p) = GoodnessOfFit.chiSquare(expected.counts, weights: expected.weights)
            #expect(abs(statistic - expected.statistic) < 1e-12 && abs(p - expected.p_value) < 1e-12 && freedom == expected.counts.count - 1)
        }
        #expect(GoodnessOfFit.chiSquare([1, 2, 3], weights: [1, 1, 0]).pValue == 0)
    }

    @Test func lowDiscrepancyPoints() {
        var none: Generator?
        // The first three dimensions are everyone's; those after them have direction numbers of our own, no less even in pairs.
        #expect(Sobol(dimensions: 3, scrambledBy: &none).points(32) == recording.sobol)
        let cells = Sobol(dimensions: 64, scrambledBy: &none).points(256).map { $0.map { Int($0 * 16) } }
        let even = (0..<64).reduce(0) { sum, a in sum + (0..<a).count { b in Set(cells.map { 16 * $0[a] + $0[b] }).count == 256 } }
        #expect(even >= recording.even_pairs)
        for (point, expected) in zip(Halton(dimensions: 12, scrambledBy: &none).points(20), recording.halton) {
            for (x, y) in zip(point, expected) { #expect(abs(x - y) < 1e-15) }
        }
    }

    /// Scrambled points are as even: each of 2^k intervals of a dimension holds one of 2^k Sobol points, each of 3^k one of 3^k Halton points.
    @Test func scrambledPointsAreEven() {
        for seed in 0..<3 {
            var generator: Generator? = Generator(seed: UInt64(seed))
            let sobol = Sobol(dimensions: 20, scrambledBy: &generator).points(256)
            for d in 0..<20 { #expect(Set(sobol.map { Int($0[d] * 256) }).count == 256) }
            let halton = Halton(dimensions: 2, scrambledBy: &generator).points(243)
            #expect(Set(halton.map { Int($0[1] * 243) }).count == 243)
            #expect(sobol[0] != sobol[1] && sobol[0].allSatisfy { $0 > 0 && $0 < 1 })
        }
    }

    @Test func paretoShapes() {
        #expect(recording.pareto_k.count == 4)
        for expected in recording.pareto_k {
            let k = paretoK(logWeights: expected.log_weights, check: {}) ?? .nan
            #expect(abs(k - expected.k) < 1e-9)
            // Weights count by their proportions.
            #expect(abs((paretoK(logWeights: expected.log_weights.map { $0 + 700 }, check: {}) ?? .nan) - expected.k) < 1e-9)
        }
        #expect(paretoK(logWeights: Array(repeating: 0.1, count: 1000), check: {}) == nil)
        // Fewer than five that stand out tell nothing of the tail: ArviZ has inf there, too.
        #expect(paretoK(logWeights: [1, 2], check: {}) == .infinity && paretoK(logWeights: [30] + Array(repeating: 0.0, count: 99), check: {}) == .infinity)
    }

    /// Every way of drawing covers the distribution: the mean of f over many runs is right, and the even ones vary less.
    @Test func evenPointsVaryLess() {
        var generator = Generator(seed: 5)
        func spread(_ method: UnitPoints) -> (mean: Double, variance: Double) {
            let means = (0..<400).map { _ in method.points(64, using: &generator, check: {}).reduce(0) { $0 + exp($1.p) } / 64 }
            let mean = means.reduce(0, +) / 400
            return (mean, means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399)
        }
        let plain = spread(.independent)
        for method in UnitPoints.allCases where method != .independent {
            let (mean, variance) = spread(method)
            #expect(abs(mean - (M_E - 1)) < 5 * (variance / 400).squareRoot() + 1e-5, "\(method)")
            #expect(variance < plain.variance / 10, "\(method)")
        }
    }
}
