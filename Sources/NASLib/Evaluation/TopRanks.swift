/// How good the choice is that a prediction makes among architectures of known truth. In both, greater is better; of equals
/// the first comes first. All lists must be of one length, with at least one element. `check` may throw to stop.
public enum TopRanks {
    /// The share of the `k` truly best that is among the `k` with the highest predictions: P@K.
    public static func precision(_ predicted: [Double], _ truth: [Double], k: Int, check: () throws -> Void) rethrows -> Double {
        let chosen = Set(try top(predicted, k, check))
        return Double(try top(truth, k, check).count { chosen.contains($0) }) / Double(min(k, truth.count))
    }

    /// The best true rank among the `k` with the highest predictions, from 1, as a share of all architectures: BR@K.
    public static func bestRank(_ predicted: [Double], _ truth: [Double], k: Int, check: () throws -> Void) rethrows -> Double {
        let best = try bestChosen(predicted, truth, k: k, check)
        return Double(1 + truth.count { $0 > best }) / Double(truth.count)
    }

    /// How much the truly best of the `k` with the highest predictions falls short of the best there is.
    public static func regret(_ predicted: [Double], _ truth: [Double], k: Int, check: () throws -> Void) rethrows -> Double {
        let (best, chosen) = (truth.max() ?? .nan, try bestChosen(predicted, truth, k: k, check))
        // Also where both are infinite.
        return best == chosen ? 0 : best - chosen
    }

    /// Kendall's tau among the truly best architecture of each of `bins` equal intervals of the truth (SUMNAS), infinite ones being in the
    /// first and the last; nan where the finite ones are all the same.
    public static func binnedKendall(_ predicted: [Double], _ truth: [Double], bins: Int, check: () throws -> Void) rethrows -> Double {
        let finite = truth.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max(), high > low else { return .nan }
        let intervals = EqualIntervals(low, high, count: bins)
        var best: [Int: Int] = [:]
        for i in truth.indices {
            let bin = intervals.position(of: truth[i])
            if best[bin].map({ truth[i] > truth[$0] }) ?? true { best[bin] = i }
        }
        let chosen = best.values.sorted()
        return try Correlation.kendall(chosen.map { predicted[$0] }, chosen.map { truth[$0] }, check: check)
    }

    private static func bestChosen(_ predicted: [Double], _ truth: [Double], k: Int, _ check: () throws -> Void) rethrows -> Double {
        try top(predicted, k, check).map { truth[$0] }.max() ?? .nan
    }

    private static func top(_ values: [Double], _ k: Int, _ check: () throws -> Void) rethrows -> ArraySlice<Int> {
        try values.indices.sorted {
            try check()
            return values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1
        }.prefix(k)
    }
}
