/// How good the choice is that a prediction makes among architectures of known truth. In both, greater is better; of equals
/// the first comes first. All lists must be of one length, with at least one element.
public enum TopRanks {
    /// The share of the `k` truly best that is among the `k` with the highest predictions: P@K.
    public static func precision(_ predicted: [Double], _ truth: [Double], k: Int) -> Double {
        let chosen = Set(top(predicted, k))
        return Double(top(truth, k).count { chosen.contains($0) }) / Double(min(k, truth.count))
    }

    /// The best true rank among the `k` with the highest predictions, from 1, as a share of all architectures: BR@K.
    public static func bestRank(_ predicted: [Double], _ truth: [Double], k: Int) -> Double {
        let best = bestChosen(predicted, truth, k: k)
        return Double(1 + truth.count { $0 > best }) / Double(truth.count)
    }

    /// How much the truly best of the `k` with the highest predictions falls short of the best there is.
    public static func regret(_ predicted: [Double], _ truth: [Double], k: Int) -> Double {
        (truth.max() ?? .nan) - bestChosen(predicted, truth, k: k)
    }

    /// Kendall's tau among the truly best architecture of each of `bins` equal intervals of the truth (SUMNAS).
    public static func binnedKendall(_ predicted: [Double], _ truth: [Double], bins: Int) -> Double {
        guard let low = truth.min(), let high = truth.max(), high > low else { return .nan }
        var best: [Int: Int] = [:]
        for i in truth.indices {
            let bin = min(bins - 1, Int((truth[i] - low) / (high - low) * Double(bins)))
            if best[bin].map({ truth[i] > truth[$0] }) ?? true { best[bin] = i }
        }
        let chosen = best.values.sorted()
        return Correlation.kendall(chosen.map { predicted[$0] }, chosen.map { truth[$0] })
    }

    private static func bestChosen(_ predicted: [Double], _ truth: [Double], k: Int) -> Double {
        top(predicted, k).map { truth[$0] }.max() ?? .nan
    }

    private static func top(_ values: [Double], _ k: Int) -> ArraySlice<Int> {
        values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }.prefix(k)
    }
}
