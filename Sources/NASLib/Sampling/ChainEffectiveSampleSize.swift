import Foundation

/// How many independent draws tell as much of the mean as those of a Markov chain, which depend on one another: n / (1 + 2 times the sum of
/// the autocorrelations), of which as many are taken as pairs of neighbours are positive, and no pair greater than the one before it (Geyer,
/// 1992).
///
/// The two halves of the chain count as two chains, so that one that still drifts has few (Vehtari, Gelman, Simpson, Carpenter and Bürkner,
/// 2021). nan of fewer than four numbers, and where one is not finite. O(n) for each autocorrelation. `check` may throw to stop.
package func chainEffectiveSampleSize(_ chain: [Double], check: () throws -> Void) rethrows -> Double {
    guard chain.count >= 4, chain.allSatisfy(\.isFinite) else { return .nan }
    let n = chain.count / 2
    let total = Double(2 * n)
    let scaled = divided(chain, byPowerOfTwo: exponentToSquare(chain))
    guard scaled.contains(where: { $0 != scaled[0] }) else { return total }
    let halves = [scaled.prefix(n), scaled.suffix(n)].map(Array.init)
    let means = halves.map { Sample($0).mean }
    let distances = zip(halves, means).map { half, mean in half.map { $0 - mean } }
    func autocovariance(_ lag: Int) -> Double {
        distances.reduce(0) { sum, d in sum + (0..<n - lag).reduce(0) { $0 + d[$1] * d[$1 + lag] } } / total
    }
    let within = autocovariance(0)
    let variance = within + (means[0] - means[1]) * (means[0] - means[1]) / 2
    func correlation(_ lag: Int) throws -> Double {
        try check()
        return 1 - (within * Double(n) / Double(n - 1) - autocovariance(lag)) / variance
    }
    var correlations = [1, try correlation(1)] + Array(repeating: 0.0, count: n)
    var (even, odd) = (correlations[0], correlations[1])
    var lag = 1
    while lag < n - 3, even + odd > 0 {
        (even, odd) = (try correlation(lag + 1), try correlation(lag + 2))
        if even + odd >= 0 { (correlations[lag + 1], correlations[lag + 2]) = (even, odd) }
        lag += 2
    }
    let last = lag - 2
    if even > 0 { correlations[last + 1] = even }
    for i in stride(from: 2, to: last, by: 2) {
        let before = correlations[i - 2] + correlations[i - 1]
        if correlations[i] + correlations[i + 1] > before { (correlations[i], correlations[i + 1]) = (before / 2, before / 2) }
    }
    let time = 2 * correlations[...last].reduce(0, +) + correlations[last + 1] - 1
    return total / max(time, 1 / log10(total))
}
