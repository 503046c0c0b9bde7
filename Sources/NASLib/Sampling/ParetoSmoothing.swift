import Foundation

/// Pareto smoothed importance sampling (Vehtari, Simpson, Gelman, Yao and Gabry, 2024): the largest weights are replaced by quantiles of the
/// generalised Pareto distribution that they follow, the i-th of m by that of (i - 1/2) / m, and none is let above the largest weight there
/// was. That takes variance out of the weights and adds some bias; k tells how much of either is left.
public struct ParetoSmoothedWeights: Sendable {
    /// The logarithms of the smoothed weights, which add up to 1.
    public let logWeights: [Double]
    /// See `paretoK(logWeights:check:)`. Where it is nil or infinite, nothing is smoothed.
    public let paretoK: Double?

    /// At least one weight; their logarithms are finite or -infinity, and not all of them that. `check` may throw to stop.
    public init(logWeights: [Double], check: () throws -> Void) rethrows {
        let highest = logWeights.max() ?? 0
        var smoothed = logWeights.map { $0 - highest }
        let tail = try ParetoTail(logWeights: logWeights, check: check)
        if let tail, let (shape, scale) = tail.fit {
            for (i, position) in tail.positions.enumerated() {
                let exponential = -log1p(-(Double(i) + 0.5) / Double(tail.positions.count))
                let excess = scale * (abs(shape) < .ulpOfOne ? exponential : expm1(shape * exponential) / shape)
                smoothed[position] = min(0, log(excess + tail.cutoff))
            }
        }
        let total = logSumExp(smoothed)
        self.logWeights = smoothed.map { $0 - total }
        paretoK = tail.map { $0.fit?.shape ?? .infinity }
    }
}

/// The shape of the generalised Pareto distribution that the largest weights follow (Vehtari, Simpson, Gelman, Yao and Gabry, 2024): the
/// weights have moments up to 1/k. Above 0.7, estimates and their standard errors are not to be relied on.
///
/// The tail is the largest fifth of the weights, at most 3 sqrt n of them. nil when none of these stands out above the others; infinite
/// when fewer than five do, from which nothing can be told. `check` may throw to stop.
package func paretoK(logWeights: [Double], check: () throws -> Void) rethrows -> Double? {
    try ParetoTail(logWeights: logWeights, check: check).map { $0.fit?.shape ?? .infinity }
}

/// The largest weights, which are in units of the greatest.
private struct ParetoTail {
    /// The greatest of the other weights.
    let cutoff: Double
    /// Where the weights above the cutoff stand, in their order.
    let positions: [Int]
    /// The generalised Pareto distribution of what they are above the cutoff; nil of fewer than five.
    let fit: (shape: Double, scale: Double)?

    /// nil when none stands out.
    init?(logWeights: [Double], check: () throws -> Void) rethrows {
        let n = Double(logWeights.count)
        let order = try logWeights.indices.sorted {
            try check()
            return logWeights[$0] != logWeights[$1] ? logWeights[$0] < logWeights[$1] : $0 < $1
        }
        let size = Int(saturating: min(n / 5, 3 * n.squareRoot()).rounded(.up))
        guard size < order.count, let highest = order.last.map({ logWeights[$0] }), highest.isFinite else { return nil }
        let cutoff = exp(max(logWeights[order[order.count - size - 1]] - highest, log(Double.leastNormalMagnitude)))
        func excess(_ position: Int) -> Double { exp(logWeights[position] - highest) - cutoff }
        let positions = order.suffix(size).filter { excess($0) > 0 }
        // Rounding makes equal weights differ in the last digits.
        guard let largest = positions.last, excess(largest) > 1e-12 else { return nil }
        (self.cutoff, self.positions) = (cutoff, positions)
        fit = positions.count < 5 ? nil : generalizedParetoFit(positions.map(excess))
    }
}

/// The posterior mean of the shape by Zhang and Stephens (2009), then drawn to 1/2 as by ten more observations, as Pareto smoothed
/// importance sampling does; and the scale that goes with the shape before that. `xs` are positive and in order.
private func generalizedParetoFit(_ xs: [Double]) -> (shape: Double, scale: Double) {
    let n = Double(xs.count)
    let gridSize = 30 + Int(saturating: n.squareRoot())
    let (greatest, quartile) = (xs[xs.count - 1], xs[Int(saturating: n / 4 + 0.5) - 1])
    let grid = (1...gridSize).map { i in 1 / greatest + (1 - (Double(gridSize) / (Double(i) - 0.5)).squareRoot()) / (3 * quartile) }
    /// The shape for an inverse scale b: the mean of log(1 - b x).
    func shape(_ b: Double) -> Double { xs.reduce(0) { $0 + log1p(-b * $1) } / n }
    let logLikelihoods = grid.map { b in
        let k = shape(b)
        return n * (log(-b / k) - k - 1)
    }
    let total = logSumExp(logLikelihoods)
    let b = zip(grid, logLikelihoods).reduce(0) { $0 + $1.0 * exp($1.1 - total) }
    let k = shape(b)
    return ((n * k + 5) / (n + 10), -k / b)
}
