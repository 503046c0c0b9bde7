import NASLib
import Testing

@Suite struct SamplerTests {
    @Test func aliasTableDrawsInProportion() throws {
        let weights: [Double] = [5, 0, 1, 3, 1]
        let table = try #require(AliasTable(weights: weights))
        var generator = Generator(seed: 1)
        var counts = Array(repeating: 0.0, count: 5)
        for _ in 0..<100_000 { counts[table.draw(using: &generator)] += 1 }
        #expect(counts[1] == 0)
        for (count, weight) in zip(counts, weights) { #expect(abs(count - weight * 10_000) < 5 * (weight * 10_000).squareRoot() + 1) }
    }

    @Test func aliasTableRefusesWhatIsNoDistribution() {
        #expect(AliasTable(weights: [0, 0]) == nil)
        #expect(AliasTable(weights: [1, -1, 3]) == nil)
        #expect(AliasTable(weights: [.nan]) == nil)
        #expect(AliasTable(weights: []) == nil)
    }

    @Test func sumTreeFollowsUpdates() throws {
        var tree = SumTree(weights: [1, 1, 1, 1, 1])
        tree[0] = 0
        tree[3] = 7
        #expect(tree.total == 10)
        var generator = Generator(seed: 2)
        var counts = Array(repeating: 0.0, count: 5)
        for _ in 0..<100_000 { counts[try #require(tree.draw(using: &generator))] += 1 }
        #expect(counts[0] == 0)
        #expect(abs(counts[3] - 70_000) < 800)
        for i in [1, 2, 4] { #expect(abs(counts[i] - 10_000) < 500) }
        #expect(SumTree(weights: [0, 0]).draw(using: &generator) == nil)
    }

    // MARK: - Paths

    private func path(_ choices: UInt8...) -> Path { Path(choices) }

    @Test func pathsStartUniform() throws {
        let sampler = try PathImportance(candidates: [2, 4])
        #expect(sampler.probability(of: path(1, 3)) == 0.125)
        #expect(try sampler.weight(of: path(1, 3)) == 1)
    }

    @Test func refreshFollowsMeanNorms() throws {
        let sampler = try PathImportance(candidates: [2, 2])
        try sampler.observe(path(0, 0), norms: [1, 4])
        try sampler.observe(path(0, 1), norms: [3, 4])
        try sampler.observe(path(1, 1), norms: [6, 12])
        try sampler.refresh(smoothing: 0.5)
        // Choice 0: means 2 and 6; choice 1: means 4 and 8.
        #expect(sampler.probabilities[0] == [0.25 * 0.5 + 0.25, 0.75 * 0.5 + 0.25])
        let third = 1.0 / 3 * 0.5 + 0.25
        #expect(abs(sampler.probabilities[1][0] - third) < 1e-15)
    }

    @Test func unseenCandidatesKeepTheirLastNorm() throws {
        let sampler = try PathImportance(candidates: [2])
        try sampler.observe(path(0), norms: [1])
        try sampler.observe(path(1), norms: [3])
        try sampler.refresh(smoothing: 1)
        try sampler.observe(path(1), norms: [1])
        try sampler.refresh(smoothing: 1)
        #expect(sampler.probabilities == [[0.5, 0.5]])
    }

    @Test func candidatesWithoutParameters() throws {
        for (free, expected) in [(PathImportance.ParameterFree.uniformShare, [0.1, 0.3, 0.6]), (.meanNorm, [0.8 * 2 / 6 + 0.2 / 3, 0, 0])] {
            let sampler = try PathImportance(candidates: [3], hasParameters: [[false, true, true]], parameterFree: free)
            try sampler.observe(path(0), norms: [0])
            try sampler.observe(path(1), norms: [1])
            try sampler.observe(path(2), norms: [3])
            try sampler.refresh(smoothing: free == .meanNorm ? 0.8 : 0.7)
            if free == .uniformShare {
                for (p, q) in zip(sampler.probabilities[0], [0.1, 0.7 / 4 + 0.1, 0.7 * 3 / 4 + 0.1]) { #expect(abs(p - q) < 1e-15) }
            } else {
                #expect(abs(sampler.probabilities[0][0] - expected[0]) < 1e-15)
            }
        }
    }

    /// A convolution that was not drawn yet must not starve.
    @Test func unseenCandidatesWithParametersCountAsTheMean() throws {
        let sampler = try PathImportance(candidates: [4], hasParameters: [[false, true, true, true]], parameterFree: .uniformShare)
        try sampler.observe(path(1), norms: [1])
        try sampler.observe(path(2), norms: [3])
        try sampler.refresh(smoothing: 1)
        let expected: [Double] = [0, 1.0 / 6, 0.5, 2.0 / 6]
        #expect(sampler.probabilities == [expected])
        #expect(NASBench201().choices[0].hasParameters == [false, false, true, true, false])
    }

    /// By hand from the released code: S = (S + n / count) / 2, one categorical over types.
    @Test func referenceModeIsAsReleased() throws {
        let sampler = try PathImportance(candidates: [3, 3, 3], mode: .reference, scope: .type)
        try sampler.observe(path(1, 1, 2), norms: [2, 4, 8])  // S1 = 3 / 2, S2 = 8 / 2
        try sampler.observe(path(0, 1, 0), norms: [0, 1, 0])  // S1 = (1.5 + 1) / 2
        try sampler.refresh(smoothing: 0.5)
        let total = 1.25 + 4
        let expected = [0.5 / 3, 0.5 * 1.25 / total + 0.5 / 3, 0.5 * 4 / total + 0.5 / 3]
        for p in sampler.probabilities { for (x, y) in zip(p, expected) { #expect(abs(x - y) < 1e-15) } }
        try sampler.refresh(smoothing: 1)
        let third = 1.0 / 3
        #expect(sampler.probabilities[0] == [third, third, third])  // nothing observed: uniform, where the release has nan
    }

    /// The mean of weight x f over draws is the uniform mean of f.
    @Test func weightsMakeItUnbiased() throws {
        let sampler = try PathImportance(candidates: [2, 3], mode: .unbiased)
        for i in 0..<2 { for j in 0..<3 { try sampler.observe(path(UInt8(i), UInt8(j)), norms: [Double(i * 4 + 1), Double(j + 1)]) } }
        try sampler.refresh(smoothing: 0.9)
        var sum = 0.0
        for i in 0..<2 {
            for j in 0..<3 {
                let p = path(UInt8(i), UInt8(j))
                sum += sampler.probability(of: p) * (try sampler.weight(of: p)) * Double(10 * i + j)
            }
        }
        #expect(abs(sum - 6) < 1e-12)
        #expect(sampler.weightsSteps)
    }

    @Test func badNormsAreRefused() throws {
        let sampler = try PathImportance(candidates: [2, 2])
        #expect(throws: NASError.self) { try sampler.observe(path(0, 0), norms: [1]) }
        #expect(throws: NASError.self) { try sampler.observe(path(0, 0), norms: [1, .nan]) }
        #expect(throws: NASError.self) { try sampler.observe(path(0, 0), norms: [1, -1]) }
        #expect(throws: NASError.self) { try sampler.observe(path(0, 2), norms: [1, 1]) }
        #expect(throws: NASError.self) { try sampler.refresh(smoothing: 1.5) }
        #expect(throws: NASError.self) { _ = try PathImportance(candidates: [2, 3], scope: .type) }
    }

    /// Sums of these norms are beyond a double.
    @Test(arguments: SamplingMode.allCases) func hugeNormsOfPathsCount(mode: SamplingMode) throws {
        let sampler = try PathImportance(candidates: [3, 3], mode: mode)
        let huge = Double.greatestFiniteMagnitude
        try sampler.observe(path(0, 1), norms: [huge, huge])
        try sampler.observe(path(0, 1), norms: [huge, huge])
        try sampler.observe(path(1, 2), norms: [huge, huge / 2])
        try sampler.refresh(smoothing: 0.5)
        var generator = Generator(seed: 9)
        for _ in 0..<100 { #expect(sampler.draw(using: &generator).choices.count == 2) }
        for p in sampler.probabilities { #expect(abs(p.reduce(0, +) - 1) < 1e-12) }
        #expect(sampler.probabilities[1][1] > sampler.probabilities[1][2])
    }

    @Test func tinyNormsCount() throws {
        let sampler = try PathImportance(candidates: [2])
        try sampler.observe(path(0), norms: [.leastNonzeroMagnitude])
        try sampler.observe(path(1), norms: [3 * .leastNonzeroMagnitude])
        try sampler.refresh(smoothing: 1)
        #expect(sampler.probabilities == [[0.25, 0.75]])
    }

    /// The probability of the whole path, 1e-400, is no double.
    @Test func weightsOfLongPaths() throws {
        let sampler = try PathImportance(candidates: Array(repeating: 10, count: 400))
        #expect(try sampler.weight(of: Path(Array(repeating: 3, count: 400))) == 1)
    }

    @Test func whatIsNeverDrawnHasNoWeight() throws {
        let sampler = try PathImportance(candidates: [2, 2], mode: .reference)
        try sampler.observe(path(0, 0), norms: [1, 1])
        try sampler.refresh(smoothing: 1)
        #expect(throws: NASError.self) { try sampler.weight(of: path(1, 0)) }
        #expect(throws: NASError.self) { try sampler.weight(of: path(1)) }
        #expect(sampler.probability(of: path(0, 7)) == 0)
    }

    // MARK: - Items

    @Test(arguments: SamplingMode.allCases) func hugeNormsOfItemsCount(mode: SamplingMode) throws {
        let sampler = try ItemImportance(count: 3, mode: mode)
        let huge = Double.greatestFiniteMagnitude
        try sampler.observe([0, 0, 1], norms: [huge, huge, huge])
        try sampler.refresh(smoothing: 1)
        #expect(sampler.probabilities[0] == sampler.probabilities[1])
        #expect(abs(sampler.probabilities.reduce(0, +) - 1) < 1e-12)
    }

    @Test func itemsNeverDrawnHaveNoWeight() throws {
        let sampler = try ItemImportance(count: 2, mode: .reference)
        try sampler.observe([0], norms: [1])
        try sampler.refresh(smoothing: 1)
        #expect(throws: NASError.self) { try sampler.weight(of: 1) }
        #expect(throws: NASError.self) { try sampler.weight(of: 2) }
    }

    @Test func firstEpochTakesEachItemOnce() throws {
        var generator = Generator(seed: 3)
        #expect(try ItemImportance(count: 50).epoch(using: &generator).sorted() == Array(0..<50))
    }

    @Test func itemsFollowTheirNorms() throws {
        let sampler = try ItemImportance(count: 4)
        try sampler.observe([0, 1, 1, 2], norms: [1, 2, 4, 2])
        try sampler.refresh(smoothing: 1)
        // Norms 1, 3, 2; the fourth was never seen and counts as their mean, 2.
        #expect(sampler.probabilities == [0.125, 0.375, 0.25, 0.25])
        #expect(try sampler.weight(of: 0) == 2)
        var generator = Generator(seed: 5)
        var counts = Array(repeating: 0.0, count: 4)
        for _ in 0..<10_000 { for i in sampler.epoch(using: &generator) { counts[i] += 1 } }
        for (count, p) in zip(counts, sampler.probabilities) { #expect(abs(count - p * 40_000) < 600) }
    }

    @Test func referenceModeForgetsUnseenItems() throws {
        let sampler = try ItemImportance(count: 3, mode: .reference)
        try sampler.observe([0, 1, 0], norms: [1, 3, 2])
        try sampler.refresh(smoothing: 1)
        #expect(sampler.probabilities == [1.5, 3, 0].map { $0 / 4.5 })
    }
}
