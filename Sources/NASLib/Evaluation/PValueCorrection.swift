/// Ways to correct the p-values of several tests for how many they are. Each below a level is then as telling as that of a single test:
/// nan is passed over and stays.
public enum PValueCorrection: String, CaseIterable, Sendable {
    /// The chance of even one false finding is kept (Holm, 1979): the k-th smallest of n is multiplied by n - k + 1, and is none smaller than
    /// the one before it.
    case holm
    /// The expected share of false findings among all is kept (Benjamini and Hochberg, 1995): the k-th smallest of n is multiplied by n / k,
    /// and is none greater than the one after it.
    case benjaminiHochberg = "benjamini_hochberg"

    /// `check` may throw to stop.
    public func corrected(_ ps: [Double], check: () throws -> Void) rethrows -> [Double] {
        let order = try ps.indices.filter { !ps[$0].isNaN }.sorted {
            try check()
            return ps[$0] < ps[$1]
        }
        let n = Double(order.count)
        var corrected = ps
        switch self {
        case .holm:
            var least = 0.0
            for (k, i) in order.enumerated() {
                least = max(least, min(1, ps[i] * (n - Double(k))))
                corrected[i] = least
            }
        case .benjaminiHochberg:
            var greatest = 1.0
            for (k, i) in order.enumerated().reversed() {
                greatest = min(greatest, ps[i] * n / Double(k + 1))
                corrected[i] = greatest
            }
        }
        return corrected
    }
}
