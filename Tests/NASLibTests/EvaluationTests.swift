import Foundation
import Testing

@testable import NASLib

/// How rankings and zero-cost proxies are judged, by the definitions.
@Suite struct EvaluationTests {
    let truth: [Double] = [90, 70, 80, 60, 80]
    let predicted: [Double] = [1, 5, 4, 3, 2]

    @Test func precisionCountsWhatBothHaveAtTheTop() {
        #expect(TopRanks.precision(predicted, truth, k: 1, check: {}) == 0)
        // {1, 2} and {0, 2}: of the two with 80 the first comes first.
        #expect(TopRanks.precision(predicted, truth, k: 2, check: {}) == 0.5)
        #expect(TopRanks.precision(predicted, truth, k: 5, check: {}) == 1)
    }

    @Test func bestRankIsAShare() {
        #expect(TopRanks.bestRank(predicted, truth, k: 1, check: {}) == 4.0 / 5)
        #expect(TopRanks.bestRank(predicted, truth, k: 2, check: {}) == 2.0 / 5)
        #expect(TopRanks.bestRank(predicted, truth, k: 5, check: {}) == 1.0 / 5)
    }

    @Test func regretIsWhatIsMissed() {
        #expect(TopRanks.regret(predicted, truth, k: 1, check: {}) == 20)
        #expect(TopRanks.regret(predicted, truth, k: 2, check: {}) == 10)
        #expect(TopRanks.regret(predicted, truth, k: 5, check: {}) == 0)
    }

    @Test func binsKeepTheirBest() {
        // Bins of 10: {60}, {70}, {80, 80 and 90}.
        #expect(TopRanks.binnedKendall(predicted, truth, bins: 3, check: {}) == Correlation.kendall([1, 5, 3], [90, 70, 60], check: {}))
        #expect(TopRanks.binnedKendall(predicted, truth, bins: 1000, check: {}) == Correlation.kendall([1, 5, 4, 3], [90, 70, 80, 60], check: {}))
        #expect(TopRanks.binnedKendall([1, 2], [3, 3], bins: 4, check: {}).isNaN)
    }

    @Test func eigenvaluesHaveTheRightSumsOfPowers() throws {
        var generator = Generator(seed: 2)
        let rows = (0..<20).map { _ in (0..<30).map { _ in generator.uniform() } }
        let matrix = try #require(SymmetricMatrix(correlationsOf: rows))
        let values = matrix.eigenvalues()
        // The trace of a correlation matrix is its size, that of its square the sum of its squared elements.
        #expect(abs(values.reduce(0, +) - 20) < 1e-10)
        var squares = 20.0
        for a in 0..<20 { for b in 0..<a { squares += 2 * pow(Correlation.pearson(rows[a], rows[b]), 2) } }
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } - squares) < 1e-10)
        #expect(SymmetricMatrix(correlationsOf: [[1, 1], [1, 2]]) == nil)
    }

    @Test func determinants() {
        var matrix = SymmetricMatrix(size: 2)
        for (value, a, b) in [(3.0, 0, 0), (2, 1, 1), (1, 0, 1)] { matrix.add(value, a, b) }
        #expect(abs(matrix.logarithmOfDeterminant() - 1.6094379124341003) < 1e-14)
        var singular = SymmetricMatrix(size: 2)
        for (a, b) in [(0, 0), (1, 1), (0, 1)] { singular.add(1, a, b) }
        #expect(singular.logarithmOfDeterminant() == -.infinity)
    }

    /// With statistics of the data at hand, a network evaluates as with the batch's own.
    @Test func recalibrationSetsTheStatisticsOfTheData() throws {
        let data = try Digits.load(Digits.Options())
        let space = NASBench201(channels: 8, cells: 1)
        let path = Path([3, 2, 1, 4, 3, 2])
        var generator = Generator(seed: 1)
        let net = try Supernet(space: space, input: data.valid.shape, path: path, generator: &generator)
        let fresh = try net.evaluate(path: path, on: data.valid).loss
        try net.recalibrate(on: data.valid)
        let executor = Executor(store: net.store, pool: WorkerPool(threadCount: 1))
        let byBatch = try executor.evaluate([net.network.plan(for: path)], data.valid, batchSize: data.valid.count, statistics: .batch)[0].loss
        let recalibrated = try net.evaluate(path: path, on: data.valid).loss
        // The variances differ by the divisors n and n - 1.
        #expect(abs(recalibrated - byBatch) < 1e-3 * byBatch && abs(fresh - byBatch) > 1e-2 * byBatch)
        let supernet = try Supernet(space: space, input: data.valid.shape, generator: &generator)
        #expect(throws: NASError.self) { try supernet.recalibrate(on: data.valid) }
    }

    /// Scores do not depend on the threads, and a network whose output does not depend on the image is told apart.
    @Test func proxiesOfManyPaths() throws {
        let data = try Digits.load(Digits.Options()).train
        let space = NASBench201(channels: 8, cells: 1)
        let paths = [0, 7812, 15_624, 4000].map { space.path(at: $0) }
        let batch = Batch(dataset: data, indices: Array(0..<16))
        for proxy in Proxy.allCases {
            let scores = try space.scores(proxy, of: paths, batch: batch, seed: 3)
            let onOneThread = try space.scores(proxy, of: paths, batch: batch, seed: 3, pool: WorkerPool(threadCount: 1))
            #expect(scores == onOneThread)
            #expect(scores.allSatisfy { !$0.isNaN }, "\(proxy)")
        }
        let jacov = try space.scores(.jacov, of: paths, batch: batch)
        #expect(jacov[0] == -.infinity && jacov[1].isFinite)
        let (params, cost) = (try space.scores(.params, of: paths, batch: batch), try space.cost(of: paths[2], input: data.shape))
        #expect(params[2] == Double(cost.parameters))
    }
}

/// Tables of accuracies from files.
@Suite struct BenchmarkFileTests {
    @Test func jsonAsPublished() throws {
        let text = #"{"00000001": {"mean_acc": 64.2, "std": 0.1, "test_acc": [64.1, 64.3]}, "00000000": {"mean_acc": 45, "std": 0.05, "test_acc": []}}"#
        let table = try BenchmarkTable.read(json: text, file: "a.json")
        #expect(table.name == "nasbenchmacro" && table.columns == ["mean_acc", "std"] && table.architectures == ["00000000", "00000001"])
        #expect(table.column("mean_acc") == [45, 64.2])
    }

    @Test(arguments: [
        ("{", "not JSON"), ("{}", "has no architectures"), (#"{"00000000": {"a": "x"}}"#, "has no number for the architecture"),
        (#"{"00000000": {"a": 1}, "00000001": {"b": 1}}"#, #"has no number "a" for the architecture "00000001""#),
        (#"{"00000009": {"a": 1}}"#, "a.json"), ("[1]", "not JSON with a map"),
    ]) func mistakesInJSON(_ text: String, _ message: String) {
        let error = #expect(throws: NASError.self) { try BenchmarkTable.read(json: text, file: "a.json") }
        #expect(error?.message.contains(message) == true)
    }

    @Test func fidelities() throws {
        let table = try #require(TrainedTable.named("digits")).table
        #expect(table.fidelities(of: "test") == [3, 6])
        #expect(table.fidelities(of: "tes").isEmpty)
    }
}
