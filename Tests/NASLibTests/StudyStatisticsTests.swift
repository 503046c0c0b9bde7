import Foundation
@testable import NASLib
import Testing

/// Against the numbers of scipy, statsmodels and ArviZ: `Tests/recorded/studies_scipy.json`, which the script beside it printed.
@Suite struct StudyStatistics {
    /// A number, of which JSON has the infinite ones and nan as texts.
    struct Number: Decodable, Sendable {
        let value: Double

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try (try? container.decode(Double.self)) ?? Double(container.decode(String.self)) ?? .nan
        }
    }

    struct Recording: Decodable, Sendable {
        struct TTests: Decodable, Sendable { let xs, ys: [Double], paired, equal: Bool, expected: [Number] }
        struct Wilcoxon: Decodable, Sendable { let differences: [Double], statistic, p_value: Number }
        struct Permutation: Decodable, Sendable { let xs, ys: [Double], paired: Bool, count: Int, statistic, p_value: Double }
        struct Corrections: Decodable, Sendable { let p_values, holm, benjamini_hochberg: [Double] }
        struct BCa: Decodable, Sendable {
            struct Case: Decodable, Sendable { let value: Double, samples, left_out: [Double], acceleration: Double, shares, interval: [Double] }
            let cases: [Case], xs, many: [Double]
        }
        struct Taus: Decodable, Sendable { let x, y: [Double], z: [Int], partial, within: Double }
        struct PSIS: Decodable, Sendable { let log_weights, smoothed: [Number], k: Number }
        struct Chain: Decodable, Sendable { let chain: [Double], ess: Number }
        let t_tests: [TTests], wilcoxon: [Wilcoxon], permutation: [Permutation], corrections: [Corrections]
        let bca: BCa, taus: Taus, psis: [PSIS], chains: [Chain]
    }

    let recording: Recording

    init() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        recording = try JSONDecoder().decode(Recording.self, from: Data(contentsOf: tests.appendingPathComponent("recorded/studies_scipy.json")))
    }

    private func isNear(_ x: Double, _ expected: Double, _ tolerance: Double = 1e-12) -> Bool {
        x == expected || (x.isNaN && expected.isNaN) || abs(x - expected) <= tolerance * abs(expected)
    }

    // MARK: - Tests

    @Test func tTests() {
        #expect(recording.t_tests.count == 26)
        for expected in recording.t_tests {
            let test = expected.paired ? TTest(pairs: expected.xs, expected.ys) : TTest(expected.xs, expected.ys, equalVariances: expected.equal)
            let interval = test.interval(level: 0.9)
            for (x, y) in zip([test.statistic, test.degreesOfFreedom, test.pValue, interval.low, interval.high], expected.expected) {
                #expect(isNear(x, y.value, 1e-11), "\(x), \(y.value) of \(expected)")
            }
        }
    }

    @Test func numbersOfAnySizeAreTested() {
        let (xs, ys) = ([5.0, 7, 9], [4.0, 5, 6.5])
        let plain = TTest(xs, ys, equalVariances: false)
        for scale in [1e-300, 1e300] {
            let scaled = TTest(xs.map { $0 * scale }, ys.map { $0 * scale }, equalVariances: false)
            #expect(isNear(scaled.statistic, plain.statistic) && isNear(scaled.degreesOfFreedom, plain.degreesOfFreedom))
            #expect(isNear(TTest(xs.map { $0 * scale }, ys.map { $0 * scale }, equalVariances: true).pValue, TTest(xs, ys, equalVariances: true).pValue))
        }
        #expect(TTest([1, .nan], [1, 2], equalVariances: false).pValue.isNaN && TTest(pairs: [1, .infinity], [1, 2]).pValue.isNaN)
    }

    @Test func signedRanks() {
        #expect(recording.wilcoxon.count == 23)
        for expected in recording.wilcoxon {
            let test = SignedRankTest(expected.differences, check: {})
            #expect(test.statistic == expected.statistic.value && isNear(test.pValue, expected.p_value.value), "\(expected)")
            // Signs changed, it is the same test.
            #expect(SignedRankTest(expected.differences.map(-), check: {}).pValue == test.pValue)
        }
        #expect(SignedRankTest([1, .nan], check: {}).pValue.isNaN)
        // Where all are 0, nothing can be said against it.
        #expect(SignedRankTest(Array(repeating: 0, count: 30), check: {}).pValue == 1)
    }

    @Test func permutations() {
        #expect(recording.permutation.count == 6)
        for expected in recording.permutation {
            let exchange: Exchange = expected.paired ? .pairs(expected.xs.count) : .lists(expected.xs.count, expected.ys.count)
            let (numbers, n) = (expected.xs + expected.ys, expected.xs.count)
            let ways = (0..<exchange.count).map(exchange.way)
            #expect(ways.count == expected.count && ways[0] == Array(numbers.indices) && Set(ways.map { Set($0.prefix(n)) }).count == ways.count)
            #expect(ways.allSatisfy { $0.sorted() == Array(numbers.indices) })
            let differences = ways.map { way in Sample(way.prefix(n).map { numbers[$0] }).mean - Sample(way.dropFirst(n).map { numbers[$0] }).mean }
            #expect(isNear(differences[0], expected.statistic) && PermutationTest.pValue(differences[0], among: differences, areAll: true) == expected.p_value)
        }
        #expect(Exchange.lists(40, 40).count == .max && Exchange.pairs(70).count == .max && Exchange.lists(1, 9998).count == 9999)
    }

    /// Each way to hand out the numbers comes equally often.
    @Test func randomWaysAreUniform() {
        var generator = Generator(seed: 1)
        for exchange in [Exchange.pairs(3), .lists(2, 3)] {
            let n = if case .lists(let n, _) = exchange { n } else { 3 }
            var counts: [Set<Int>: Double] = [:]
            for _ in 0..<4000 { counts[Set(exchange.draw(using: &generator).prefix(n)), default: 0] += 1 }
            #expect(counts.count == exchange.count && GoodnessOfFit.chiSquare(Array(counts.values), weights: counts.map { _ in 1 }).pValue > 0.01)
        }
    }

    @Test func correctedPValues() {
        for expected in recording.corrections {
            for (x, y) in zip(PValueCorrection.holm.corrected(expected.p_values, check: {}), expected.holm) { #expect(isNear(x, y)) }
            for (x, y) in zip(PValueCorrection.benjaminiHochberg.corrected(expected.p_values, check: {}), expected.benjamini_hochberg) { #expect(isNear(x, y)) }
        }
        #expect(PValueCorrection.holm.corrected([0.04, .nan, 0.01], check: {}).map { $0.isNaN ? -1 : $0 } == [0.04, -1, 0.02])
    }

    // MARK: - Intervals

    @Test func bcaIntervals() {
        #expect(recording.bca.cases.count == 4)
        for expected in recording.bca.cases {
            let bca = BCaInterval(value: expected.value, samples: expected.samples, leftOut: expected.left_out)
            #expect(abs(bca.acceleration - expected.acceleration) < 1e-12)
            for (x, y) in zip(bca.shares(level: 0.9), expected.shares) { #expect(isNear(x, y)) }
            for (x, y) in zip(Sample(expected.samples).quantiles(bca.shares(level: 0.9), check: {}), expected.interval) { #expect(isNear(x, y)) }
        }
    }

    /// A statistic without bias and skewness has the percentile interval; one that all samples exceed has none.
    @Test func bcaOfEvenSamples() {
        let even = BCaInterval(value: 0, samples: [-2, -1, 1, 2], leftOut: [-1, 0, 1])
        #expect(even.bias == 0 && even.acceleration == 0)
        for (x, y) in zip(even.shares(level: 0.9), [0.05, 0.95]) { #expect(isNear(x, y)) }
        #expect(BCaInterval(value: 0, samples: [1, 2], leftOut: [-1, 0, 1]).shares(level: 0.9).allSatisfy { $0.isNaN })
        #expect(BCaInterval(value: 1, samples: [0, 2], leftOut: [1, 1]).shares(level: 0.9).allSatisfy { $0.isNaN })
        // The influences of 0, 0, 3 on the mean are in proportion to -1, -1, 2: 6 / (6 * 6^1.5).
        #expect(isNear(BCaInterval(value: 1, samples: [0, 2], leftOut: [1.5, 1.5, 0]).acceleration, 1 / (6 * 6.0.squareRoot())))
    }

    // MARK: - Taus

    @Test func conditionalTaus() {
        let taus = recording.taus
        #expect(isNear(Correlation.kendall(taus.x, taus.y, given: taus.z.map(Double.init), check: {}), taus.partial))
        #expect(isNear(Correlation.kendall(taus.x, taus.y, groups: taus.z, check: {}), taus.within))
        // By hand: the pair of the first group disagrees, and of the three of the second two agree.
        #expect(Correlation.kendall([1, 2, 1, 2, 3], [2, 1, 1, 3, 2], groups: [0, 0, 1, 1, 1], check: {}) == 0)
        let (x, y) = ([1.0, 5, 2, 2, 9], [2.0, 1, 3, 3, 7])
        #expect(Correlation.kendall(x, y, groups: [4, 4, 4, 4, 4], check: {}) == Correlation.kendall(x, y, check: {}))
        #expect(Correlation.kendall(x, y, groups: [0, 1, 2, 3, 4], check: {}).isNaN)
        // Of what has the order of z nothing is left; of a constant z there is no tau.
        #expect(Correlation.kendall(x, y, given: x, check: {}).isNaN && Correlation.kendall(x, y, given: [1, 1, 1, 1, 1], check: {}).isNaN)
        #expect(Correlation.kendall([1, .nan], [1, 2], groups: [0, 0], check: {}).isNaN)
    }

    // MARK: - Weights

    @Test func smoothedWeights() {
        #expect(recording.psis.count == 10)
        for expected in recording.psis {
            let smooth = ParetoSmoothedWeights(logWeights: expected.log_weights.map(\.value), check: {})
            #expect(isNear(smooth.paretoK ?? .nan, expected.k.value, 1e-9))
            for (x, y) in zip(smooth.logWeights, expected.smoothed) { #expect(isNear(x, y.value, 1e-9)) }
        }
        let equal = ParetoSmoothedWeights(logWeights: [3, 3, 3, 3], check: {})
        #expect(equal.paretoK == nil && equal.logWeights.allSatisfy { isNear($0, -log(4)) })
        #expect(ParetoSmoothedWeights(logWeights: [800], check: {}).logWeights == [0])
    }

    @Test func effectiveSizesOfChains() {
        #expect(recording.chains.count == 8)
        for expected in recording.chains { #expect(isNear(chainEffectiveSampleSize(expected.chain, check: {}), expected.ess.value, 1e-10)) }
        #expect(chainEffectiveSampleSize([1, 2, .infinity, 4], check: {}).isNaN)
    }
}
