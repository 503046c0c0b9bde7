import NASLib
import Testing

/// Against scipy 1.17.1: stats.kendalltau, spearmanr and pearsonr of the same lists.
@Suite struct CorrelationTests {
    let x: [Double] = [1, 2, 2, 3, 5, 8, 8, 8, 9, 10]
    let y: [Double] = [3, 1, 4, 4, 2, 9, 9, 7, 7, 10]
    let a = (0..<1000).map { (i: Int) -> Double in Double(i * 7919 % 1009) }
    let b = (0..<1000).map { (i: Int) -> Double in Double((i * i * 31 + i * 17) % 499) }
    let c = (0..<1000).map { (i: Int) -> Double in Double(i * 7919 % 1009 / 10 + i % 7 * 5) }

    @Test func kendallWithTies() { #expect(abs(Correlation.kendall(x, y, check: {}) - 0.6506496351610378) < 1e-14) }
    @Test func kendallOfLongLists() {
        #expect(abs(Correlation.kendall(a, b, check: {}) - 0.03224274008816521) < 1e-14)
        #expect(abs(Correlation.kendall(a, c, check: {}) - 0.7943531737794445) < 1e-14)
    }
    @Test func spearmanSharesRanks() {
        #expect(abs(Correlation.spearman(x, y, check: {}) - 0.8105746418436737) < 1e-14)
        #expect(abs(Correlation.spearman(a, c, check: {}) - 0.9490274963502532) < 1e-14)
    }
    @Test func pearson() { #expect(abs(Correlation.pearson(x, y) - 0.8676737977281954) < 1e-14) }
    @Test func constantsHaveNone() {
        #expect(Correlation.kendall([1, 1, 1], [1, 2, 3], check: {}).isNaN)
        #expect(Correlation.pearson([2, 2], [1, 3]).isNaN)
        #expect(Correlation.pearson([0.1, 0.1, 0.1], [1, 2, 4]).isNaN)
        #expect(Correlation.pearson([1, 2, 4], [0.1, 0.1, 0.1]).isNaN)
        #expect(Correlation.spearman([0.1, 0.1, 0.1], [1, 2, 4], check: {}).isNaN)
    }
    @Test func extremes() {
        #expect(Correlation.kendall([1, 2], [5, 9], check: {}) == 1)
        #expect(Correlation.kendall([1, 2, 3], [3, 2, 1], check: {}) == -1)
    }
    @Test func nanHasNoRank() {
        for f in [{ Correlation.kendall($0, $1, check: {}) }, { Correlation.spearman($0, $1, check: {}) }, Correlation.pearson] {
            #expect(f([1, .nan, 3], [1, 2, 3]).isNaN)
            #expect(f([1, 2, 3], [.nan, 2, 3]).isNaN)
        }
    }

    /// scipy 1.17.1, stats.weightedtau.
    @Test func weightedKendall() {
        #expect(abs(Correlation.weightedKendall(x, y, check: {}) - 0.75183969539778) < 1e-14)
        #expect(abs(Correlation.weightedKendall(a, b, check: {}) - 0.05628459558298804) < 1e-13)
        #expect(abs(Correlation.weightedKendall(a, c, check: {}) - 0.8623268923945193) < 1e-13)
        #expect(Correlation.weightedKendall([1, 1], [1, 2], check: {}).isNaN)
        #expect(Correlation.weightedKendall([1, .nan], [1, 2], check: {}).isNaN)
    }

    /// The definition, pair by pair.
    @Test func kendallAgreesWithItsDefinition() {
        var generator = Generator(seed: 4)
        for n in [2, 3, 17, 200] {
            let x = (0..<n).map { _ in Double(generator.below(max(2, n / 3))) }, y = (0..<n).map { _ in Double(generator.below(max(2, n / 2))) }
            var (score, untiedX, untiedY) = (0.0, 0.0, 0.0)
            for i in 0..<n {
                for j in 0..<i {
                    let (dx, dy) = (x[i] - x[j], y[i] - y[j])
                    score += dx * dy > 0 ? 1 : dx * dy < 0 ? -1 : 0
                    untiedX += dx == 0 ? 0 : 1
                    untiedY += dy == 0 ? 0 : 1
                }
            }
            let expected = score / (untiedX * untiedY).squareRoot()
            let tau = Correlation.kendall(x, y, check: {})
            #expect(expected.isNaN ? tau.isNaN : abs(tau - expected) < 1e-12)
        }
    }
}
