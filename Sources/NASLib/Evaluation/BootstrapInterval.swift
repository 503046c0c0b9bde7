/// Between which quantiles of the samples the interval of a bootstrap is.
public enum BootstrapMethod: String, CaseIterable, Sendable {
    /// The same share of the samples is outside on either side.
    case percentile
    /// See `BCaInterval`.
    case bca
}

/// The bias-corrected and accelerated interval of a bootstrap, BCa (Efron, 1987): where the samples' quantiles are taken.
///
/// With z0 the bias, a the acceleration and z the normal quantile of a share, the share becomes Phi(z0 + (z0 + z) / (1 - a (z0 + z))).
public struct BCaInterval: Sendable {
    /// z0: the normal quantile of the share of the samples whose statistic is below the value, those equal to it counted half.
    public let bias: Double
    /// a: the skewness of the leave-one-out values' influence, sum of U^3 / (6 (sum of U^2)^(3/2)) with U their mean less each; nan where
    /// these are all the same.
    public let acceleration: Double

    /// - Parameters:
    ///   - value: of all numbers.
    ///   - samples: of each sample drawn, at least one.
    ///   - leftOut: of all numbers but one, for each.
    public init(value: Double, samples: [Double], leftOut: [Double]) {
        let (below, atMost) = (samples.count { $0 < value }, samples.count { $0 <= value })
        bias = Normal(mean: 0, deviation: 1).quantile(Double(below + atMost) / Double(2 * samples.count))
        let scaled = divided(leftOut, byPowerOfTwo: exponentAbove(leftOut))
        let mean = Sample(scaled).mean
        let influence = scaled.allSatisfy { $0 == scaled[0] } ? [] : scaled.map { mean - $0 }
        let squares = influence.reduce(0) { $0 + $1 * $1 }
        acceleration = influence.reduce(0) { $0 + $1 * $1 * $1 } / (6 * squares * squares.squareRoot())
    }

    /// The shares of the samples below the ends of an interval; nan where all samples are on one side of the value.
    public func shares(level: Double) -> [Double] {
        let normal = Normal(mean: 0, deviation: 1)
        return [(1 - level) / 2, (1 + level) / 2].map { share in
            let z = bias + normal.quantile(share)
            return bias.isFinite ? normal.cdf(bias + z / (1 - acceleration * z)) : .nan
        }
    }
}
