import Foundation

/// Tests of whether numbers may come from a distribution.
public enum GoodnessOfFit {
    /// The greatest distance between the numbers' empirical distribution and a continuous one, and the probability of so great a one by
    /// chance. At least one number. O(n log n). `check` may throw to stop.
    public static func kolmogorovSmirnov(
        _ numbers: [Double], _ distribution: any Distribution, check: () throws -> Void
    ) rethrows -> (statistic: Double, pValue: Double) {
        let n = Double(numbers.count)
        var distance = 0.0
        for (i, x) in try numbers.inOrder(check: check).enumerated() {
            try check()
            let p = distribution.cdf(x)
            distance = max(distance, Double(i + 1) / n - p, p - Double(i) / n)
        }
        return (distance, min(1, max(0, kolmogorovSurvival(distance, count: numbers.count))))
    }

    /// P(D >= d) for n numbers: exact, but for more than 1000 numbers in the middle of the distribution, where it is good to 1e-6.
    static func kolmogorovSurvival(_ d: Double, count: Int) -> Double {
        let n = Double(count)
        if d * n <= 0.5 { return 1 }
        if d >= 1 { return 0 }
        // The chance that both one-sided distances are so great is below e^-36 of the sum.
        if n * d * d > 6 || d >= 0.5 { return 2 * smirnovSurvival(d, n) }
        return 1 - (count <= 1000 ? marsaglia(d, count: count) : pelzGood(d * n.squareRoot(), n))
    }

    /// The one-sided distance (Birnbaum and Tingey, 1951): d * sum of C(n, j) (d + j/n)^(j - 1) (1 - d - j/n)^(n - j).
    private static func smirnovSurvival(_ d: Double, _ n: Double) -> Double {
        var sum = 0.0
        for j in stride(from: 0.0, through: (n * (1 - d)).rounded(.down), by: 1) {
            let p = d + j / n
            if p < 1 { sum += exp(SpecialFunctions.logBinomial(j, of: n, p, 1 - p)) / p }
        }
        return d * sum
    }

    /// P(D < d) as a power of a matrix (Marsaglia, Tsang and Wang, 2003).
    private static func marsaglia(_ d: Double, count n: Int) -> Double {
        let k = Int(saturating: Double(n) * d) + 1
        let (m, h) = (2 * k - 1, Double(k) - Double(n) * d)
        var matrix = Array(repeating: Array(repeating: 0.0, count: m), count: m)
        for i in 0..<m {
            for j in 0..<min(m, i + 2) {
                var value = 1.0
                if j == 0 { value -= pow(h, Double(i + 1)) }
                if i == m - 1 { value -= pow(h, Double(m - j)) }
                if i == m - 1, j == 0, h > 0.5 { value += pow(2 * h - 1, Double(m)) }
                matrix[i][j] = value / tgamma(Double(i - j + 2))
            }
        }
        var (power, exponent) = (n, 0)
        var (base, baseExponent) = (matrix, 0)
        var result: [[Double]]?
        func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
            a.map { row in
                var sums = Array(repeating: 0.0, count: m)
                for (x, other) in zip(row, b) where x != 0 { for j in 0..<m { sums[j] += x * other[j] } }
                return sums
            }
        }
        /// Takes out a power of two, so that nothing overflows.
        func scaled(_ matrix: [[Double]], _ exponent: inout Int) -> [[Double]] {
            let middle = matrix[k - 1][k - 1]
            guard middle > 0x1p300 || (middle < 0x1p-300 && middle > 0) else { return matrix }
            let size = middle.exponent
            exponent += size
            return matrix.map { $0.map { Double(sign: .plus, exponent: -size, significand: $0) } }
        }
        while power > 0 {
            if power % 2 == 1 {
                exponent += baseExponent
                result = scaled(result.map { product($0, base) } ?? base, &exponent)
            }
            power /= 2
            if power > 0 {
                baseExponent *= 2
                base = scaled(product(base, base), &baseExponent)
            }
        }
        guard let middle = result?[k - 1][k - 1] else { return 1 }
        return exp(log(middle) + Double(exponent) * log(2) + lgamma(Double(n) + 1) - Double(n) * log(Double(n)))
    }

    /// P(sqrt(n) D < z) from the limit and the first two corrections (Pelz and Good, 1976).
    private static func pelzGood(_ z: Double, _ n: Double) -> Double {
        let square = z * z
        var (limit, first, second, third) = (0.0, 0.0, 0.0, 0.0)
        for k in 0..<40 {
            let (half, whole) = (pow(.pi * (Double(k) + 0.5), 2), pow(.pi * Double(k + 1), 2))
            let decay = exp(-half / (2 * square))
            limit += decay
            first += (half - square) * decay
            second += (6 * pow(z, 6) + 2 * pow(z, 4) + half * (2 * pow(z, 4) - 5 * square) + half * half * (1 - 2 * square)) * decay
            third += whole * exp(-whole / (2 * square))
        }
        let root = (Double.pi / 2).squareRoot()
        return 2 * root / z * limit + 2 * root / (6 * pow(z, 4)) * first / n.squareRoot()
            + (2 * root / (72 * pow(z, 7)) * second - 2 * root / (36 * pow(z, 3)) * third) / n
    }

    /// Pearson's sum of (count - expected)^2 / expected, its degrees of freedom, and the probability of so great a one by chance. The
    /// weights are in proportion to the expected counts, those that are 0 count as impossible; at least two must be positive.
    public static func chiSquare(_ counts: [Double], weights: [Double]) -> (statistic: Double, freedom: Int, pValue: Double) {
        require(counts.count == weights.count, "there are \(counts.count) counts and \(weights.count) weights")
        require(weights.count { $0 > 0 } > 1, "at least two weights are positive")
        let scale = counts.reduce(0, +) / weights.reduce(0, +)
        var statistic = 0.0
        for (count, weight) in zip(counts, weights) {
            if weight > 0 {
                statistic += (count - weight * scale) * (count - weight * scale) / (weight * scale)
            } else if count > 0 {
                statistic = .infinity
            }
        }
        let freedom = weights.count { $0 > 0 } - 1
        return (statistic, freedom, Gamma(shape: Double(freedom) / 2, scale: 2).survival(statistic))
    }
}
