import Foundation

/// Wilcoxon's signed rank test of whether differences lie as far above 0 as below. Two-sided.
///
/// Differences of 0 are left out; the others are ranked by their size, ties sharing their mean rank. nan where nan is among them.
public struct SignedRankTest: Sendable {
    /// The sum of the ranks of the positive differences or of the negative ones: the smaller.
    public let statistic: Double
    public let pValue: Double
    /// Whether the probability is counted over all signs that the differences could have. It is for up to 50 of them without ties and
    /// zeros, and for up to 13 of any: there as scipy has it. Otherwise it is that of the normal approximation, with the variance that ties leave.
    public let isExact: Bool

    /// At least one difference. `check` may throw to stop.
    public init(_ differences: [Double], check: () throws -> Void) rethrows {
        guard !differences.contains(where: \.isNaN) else {
            (statistic, pValue, isExact) = (.nan, .nan, false)
            return
        }
        let others = differences.filter { $0 != 0 }
        let ranks = try Correlation.ranks(others.map(abs), check: check)
        let above = zip(others, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
        let n = Double(others.count)
        statistic = min(above, n * (n + 1) / 2 - above)
        var tied: [Double: Double] = [:]
        for rank in ranks { tied[rank, default: 0] += 1 }
        let isPlain = others.count == differences.count && tied.count == others.count
        isExact = differences.count <= (isPlain ? 50 : 13) || others.isEmpty
        if isExact { pValue = min(1, 2 * SignedRankTest.share(of: ranks, upTo: statistic)) } else {
            let ties = tied.values.reduce(0) { $0 + ($1 * $1 - 1) * $1 }
            let deviation = ((n * (n + 1) * (2 * n + 1) - ties / 2) / 24).squareRoot()
            pValue = erfc((n * (n + 1) / 4 - statistic) / deviation / 2.0.squareRoot())
        }
    }

    /// The share of the choices of ranks, each of which is taken or not, whose sum is at most so large.
    private static func share(of ranks: [Double], upTo sum: Double) -> Double {
        // Twice a rank is whole.
        let doubled = ranks.map { Int(saturating: 2 * $0) }
        var shares = Array(repeating: 0.0, count: doubled.reduce(1, +))
        shares[0] = 1
        for rank in doubled {
            for i in shares.indices.reversed() { shares[i] = (shares[i] + (i >= rank ? shares[i - rank] : 0)) / 2 }
        }
        return shares[...Int(saturating: 2 * sum)].reduce(0, +)
    }
}
