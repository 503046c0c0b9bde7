import Foundation

/// An expectation under a target distribution p, estimated from n draws of a proposal q with weights w = p / q.
public struct ImportanceEstimate: Sendable {
    public let value: Double
    public let standardError: Double
    /// The number of equally weighted draws that the weights are worth: (sum w)^2 / sum w^2; n where there are no weights.
    public let effectiveSampleSize: Double
    /// That of the terms w |f| that are summed, or of the weights where those are summed, too, and are worse: how many of the draws count.
    /// n when there are no weights, 0 where f is 0 at all draws, nan where it is nan at one.
    public let effectiveTermCount: Double
    /// How many independent deviations the standard error is from; see `interval`.
    public let degreesOfFreedom: Double
    /// The Pareto shape of the largest terms w |f| that are summed, and of the weights where those are summed, too: the greater one. Large
    /// weights where f is 0 do no harm. nil when there are no weights, or none that stand out; nan where f is nan at a draw.
    public let paretoK: Double?
    /// The part of the squared standard error that the draw farthest from the others makes; 0 where all but rounding is the same.
    public let greatestShare: Double
    public let count: Int
    /// p / q of each draw; empty when the draws are the target's own.
    public let weights: [Double]

    /// A function with a known mean under the target, which takes out of f what the two have in common.
    public struct ControlVariate: Sendable {
        let values: [Double]
        let mean: Double

        /// Its value at each draw, and its mean under the target.
        public init(values: [Double], mean: Double) { (self.values, self.mean) = (values, mean) }
    }

    /// f at each draw, at least two, or three with a control variate, whose b takes one. `strata` are the numbers of draws from each of
    /// several proposals, in order; all are from one unless given, as they must be with a control variate.
    ///
    /// The plain estimate is the mean of w f; the self-normalised one is the sum of w f over that of w, which is biased by O(1/n)
    /// and needs p up to a factor only. `check` may throw to stop. A control variate g replaces w f by w f - b (w g - mean of g), b by
    /// least squares. That is a straight line's height where w g has its mean: its standard error has n - 2 degrees of freedom and counts
    /// the error of the slope (`Adjusted`), so that of normal draws the interval holds as often as it says, from three draws on. Numbers
    /// may be of any size.
    public init(
        _ f: [Double], logWeights: [Double]? = nil, isSelfNormalized: Bool = false, control: ControlVariate? = nil, strata: [Int]? = nil,
        check: () throws -> Void) rethrows {
        require(control == nil || strata == nil, "an estimate has a control variate or strata, not both")
        require(f.count >= (control == nil ? 2 : 3), "an estimate needs more than \(f.count) values")
        require(f.count == logWeights?.count ?? f.count, "there are \(f.count) values and \(logWeights?.count ?? 0) weights")
        require(f.count == control?.values.count ?? f.count, "there are \(f.count) values and \(control?.values.count ?? 0) of the control")
        let n = Double(f.count)
        count = f.count
        let factors = logWeights?.map { exp($0) } ?? []
        weights = factors
        effectiveSampleSize = logWeights.map(NASLib.effectiveSampleSize) ?? n
        // Equal weights, but for rounding, are as good as none.
        if let logWeights, logWeights.contains(where: { abs($0 - logWeights[0]) > 1e-9 }) {
            let terms = zip(logWeights, f).map { $0 > -.infinity ? $0 + log(abs($1)) : $0 }
            let summed = isSelfNormalized ? [terms, logWeights] : [terms]
            if terms.contains(where: \.isNaN) { (effectiveTermCount, paretoK) = (.nan, Double.nan) } else {
                effectiveTermCount = summed.map { NASLib.effectiveSampleSize(logWeights: $0) }.min() ?? n
                paretoK = try summed.compactMap { try NASLib.paretoK(logWeights: $0, check: check) }.max()
            }
        } else {
            (effectiveTermCount, paretoK) = (n, nil)
        }
        let freedom = control == nil ? n - 1 : n - 2
        if isSelfNormalized {
            let logTotal = logSumExp(logWeights ?? f.map { _ in 0 })
            let shares = logWeights?.map { exp($0 - logTotal) } ?? f.map { _ in 1 / n }
            let terms = Scaled(zip(f, shares).map { $1 > 0 ? $0 : 0 })
            let adjusted = control.map { Adjusted(terms.values, by: Scaled.distances($0.values, from: $0.mean), shares) }
            let (h, inflation) = (adjusted?.values ?? terms.values, adjusted?.inflation ?? 1)
            let center = ImportanceEstimate.mean(h, shares)
            let distances = Scaled(zip(h, shares).map { $1 > 0 ? $1 * ($0 - center) : 0 })
            let squares = distances.values.reduce(0) { $0 + $1 * $1 }
            value = scalbn(center, terms.exponent)
            standardError = scalbn((squares * n / freedom * inflation).squareRoot(), terms.exponent + distances.exponent)
            degreesOfFreedom = freedom
            let size = scalbn(zip(terms.values, shares).reduce(0) { max($0, abs($1.0 * $1.1)) }, -distances.exponent)
            let farthest = distances.values.reduce(0) { max($0, abs($1)) }
            greatestShare = farthest > ImportanceEstimate.rounding * size ? farthest * farthest / squares : 0
        } else {
            // Extreme weights and values may make ordinary products.
            let highest = logWeights?.max() ?? 0
            let isExtreme = abs(highest) > 100 || exponentToSquare(f) != 0
            let shift =
                logWeights != nil && isExtreme && highest.isFinite ? Int(saturating: (highest / ImportanceEstimate.ln2).rounded(.up)) : 0
            let shifted = shift == 0 ? factors : logWeights?.map { exp($0 - Double(shift) * ImportanceEstimate.ln2) } ?? []
            let terms = Scaled(f, times: shifted, exponent: shift)
            let adjusted = control.map {
                Adjusted(
                    terms.values, by: Scaled.distances($0.values, from: $0.mean, times: shifted, exponent: shift), f.map { _ in 1 / n })
            }
            let (products, inflation) = (adjusted?.values ?? terms.values, adjusted?.inflation ?? 1)
            value = scalbn(Sample(products).mean, terms.exponent)
            var (parts, singles, start): ([ArraySlice<Double>], [Double], Int) = ([], [], 0)
            for size in strata ?? [count] {
                if size == 1 { singles.append(products[start]) } else if size > 1 { parts.append(products[start..<start + size]) }
                start += size
            }
            // Strata of one draw tell nothing of their variance: together they are taken for one stratum, which can only widen it. Of a
            // single one there is its square.
            if singles.count > 1 { parts.append(singles[...]) }
            var variances = parts.map { part in
                let (sample, size) = (Sample(Array(part)), Double(part.count))
                let (center, freedom) = (sample.mean, control == nil ? size - 1 : size - 2)
                let farthest = part.reduce(0) { max($0, abs($1 - center)) }
                let variance = control == nil ? sample.variance : sample.variance * (size - 1) / freedom * inflation
                return (value: variance * size, freedom: freedom, greatest: farthest * farthest * size / freedom * inflation)
            }
            if singles.count == 1 { variances.append((singles[0] * singles[0], 1, 0)) }
            let variance = variances.reduce(0) { $0 + $1.value }
            standardError = scalbn(variance.squareRoot() / n, terms.exponent)
            // Welch and Satterthwaite.
            let spread = variances.reduce(0) { $0 + $1.value / variance * ($1.value / variance) / $1.freedom }
            degreesOfFreedom = spread > 0 && spread.isFinite ? 1 / spread : freedom
            let greatest = variances.reduce(0) { max($0, $1.greatest) }
            let least = ImportanceEstimate.rounding * terms.values.reduce(0) { max($0, abs($1)) }
            greatestShare = greatest > least * least ? greatest / variance : 0
        }
    }

    /// The ends of a confidence interval, by Student's t with the degrees of freedom.
    public func interval(level: Double) -> ClosedRange<Double>? {
        let reach = StudentT(freedom: degreesOfFreedom, location: 0, scale: 1).quantile(upper: (1 - level) / 2) * standardError
        return value - reach <= value + reach ? value - reach...value + reach : nil
    }

    private static let ln2 = log(2.0)
    /// Distances below this share of the numbers are rounding.
    private static let rounding = 1e-9

    fileprivate static func mean(_ xs: [Double], _ shares: [Double]) -> Double {
        zip(xs, shares).lazy.map { $1 > 0 ? $0 * $1 : 0 }.compensatedSum()
    }
}

/// f - b g with the b that leaves the least variance, for a g whose mean is 0.
private struct Adjusted {
    let values: [Double]
    /// What b's own error makes of the variance of the values' mean, for b is from the same draws. With the draws' mean m and variance v of
    /// g, the height of a least squares line at 0 has the variance s^2 / n (1 + m^2 / v), where s^2 is that of what the line leaves.
    let inflation: Double

    init(_ f: [Double], by g: [Double], _ shares: [Double]) {
        let (meanF, meanG) = (ImportanceEstimate.mean(f, shares), ImportanceEstimate.mean(g, shares))
        let spread = ImportanceEstimate.mean(g.map { ($0 - meanG) * ($0 - meanG) }, shares)
        guard spread > 0, spread.isFinite else {
            (values, inflation) = (f, 1)
            return
        }
        let slope = ImportanceEstimate.mean(zip(f, g).map { ($0 - meanF) * ($1 - meanG) }, shares) / spread
        values = zip(f, g).map { $0 - slope * $1 }
        inflation = 1 + meanG * meanG / spread
    }
}

/// Numbers in units of 2^exponent, so that their squares and products neither overflow nor vanish. Those of ordinary size are as they were.
private struct Scaled {
    let values: [Double]
    let exponent: Int

    /// x, or w x with weights in units of 2^exponent: where a weight is 0, x may be anything.
    init(_ xs: [Double], times weights: [Double] = [], exponent: Int = 0) {
        let products: [Double]
        var unit = exponent
        if weights.isEmpty { products = xs } else {
            let rise = min(0, exponentToSquare(xs))
            products = zip(divided(xs, byPowerOfTwo: rise), weights).map { $1 == 0 ? 0 : $0 * $1 }
            unit += rise
        }
        let size = exponentToSquare(products)
        values = divided(products, byPowerOfTwo: size)
        self.exponent = unit + size
    }

    /// How far the numbers, or their products with weights, lie from another, in any unit.
    static func distances(_ xs: [Double], from center: Double, times weights: [Double] = [], exponent: Int = 0) -> [Double] {
        let all = Scaled(xs + [center], times: weights.isEmpty ? [] : weights + [scalbn(1.0, -exponent)], exponent: exponent).values
        return all.dropLast().map { $0 - all[xs.count] }
    }
}

/// Kish's (sum of w)^2 / sum of w^2: how many equally weighted draws tell as much. 0 when all weights are 0.
package func effectiveSampleSize(logWeights: [Double]) -> Double {
    guard let highest = logWeights.max(), highest > -.infinity else { return 0 }
    let weights = logWeights.map { exp($0 - highest) }
    let total = weights.reduce(0, +)
    return total * total / weights.reduce(0) { $0 + $1 * $1 }
}
