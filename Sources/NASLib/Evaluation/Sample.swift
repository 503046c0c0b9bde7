import Foundation

/// Numbers, at least one, and what describes them. All is right from 1e-300 to 1e300, where squares would overflow or vanish.
public struct Sample: Sendable {
    public let numbers: [Double]

    public init(_ numbers: [Double]) { self.numbers = numbers }

    public var mean: Double {
        let (sum, n) = (numbers.compensatedSum(), Double(numbers.count))
        // The sum alone may be beyond the doubles.
        return sum.isFinite || !numbers.allSatisfy(\.isFinite) ? sum / n : numbers.lazy.map { $0 / n }.compensatedSum()
    }

    // With the divisor n - 1; there must be two numbers.
    public var variance: Double { Deviations(numbers).variance }
    public var standardDeviation: Double { Deviations(numbers).standardDeviation }
    /// The standard deviation of the mean.
    public var standardError: Double { Deviations(numbers).standardDeviation / Double(numbers.count).squareRoot() }

    /// How many standard deviations each number lies above the mean; nil when all are the same.
    public var zScores: [Double]? { Deviations(numbers).zScores }

    // With another sample of as many numbers.

    public func covariance(with other: Sample) -> Double { Deviations(numbers).covariance(with: Deviations(other.numbers)) }

    /// Pearson's r; nan where either list is constant or not finite.
    public func correlation(with other: Sample) -> Double { Deviations(numbers).correlation(with: Deviations(other.numbers)) }

    /// The straight line with these xs and some ys that has the least squared distance in y, and the share of the variance that it explains;
    /// nil when all xs are the same.
    public func line(to ys: Sample) -> (slope: Double, intercept: Double, r2: Double)? { Deviations(numbers).line(to: Deviations(ys.numbers)) }

    /// For each share, the number below which that share of the numbers lies, on straight lines between them; nan when one of them is.
    /// O(n log n). `check` may throw to stop.
    public func quantiles(_ shares: [Double], check: () throws -> Void) rethrows -> [Double] {
        guard !numbers.contains(where: \.isNaN) else { return shares.map { _ in .nan } }
        let sorted = try numbers.inOrder(check: check)
        return shares.map { share in
            let position = share * Double(sorted.count - 1)
            let below = min(sorted.count - 1, Int(saturating: position))
            let rest = position - Double(below)
            guard rest > 0, below + 1 < sorted.count else { return sorted[below] }
            let (a, b) = (sorted[below], sorted[below + 1])
            // The distance of two finite numbers may be beyond the doubles.
            return (b - a).isFinite ? a + (b - a) * rest : a * (1 - rest) + b * rest
        }
    }
}

/// How far numbers lie from their mean. The distances are kept divided by a power of two near the largest number, so that their squares and
/// products neither overflow nor vanish.
private struct Deviations {
    private let mean: Double
    /// (x - mean) / 2^exponent.
    private let scaled: [Double]
    private let exponent: Int
    private let sum: Double

    init(_ xs: [Double]) {
        let largest = xs.reduce(0) { max($0, abs($1)) }
        let exponent = largest > 0 && largest < .infinity ? Int(largest.exponent) + 1 : 0
        // In two factors, as a power of two may be beyond the doubles where the product is not.
        let half = exponent / 2
        let (first, second) = (scalbn(1.0, -half), scalbn(1.0, half - exponent))
        let small = xs.map { $0 * first * second }
        // The mean of equal numbers may differ from them in the last bit, which would leave noise.
        let mean = small.allSatisfy { $0 == small[0] } ? small[0] : small.compensatedSum() / Double(xs.count)
        self.exponent = exponent
        self.mean = scalbn(mean, exponent)
        scaled = small.map { $0 - mean }
        sum = scaled.compensatedSum()
    }

    private var count: Double { Double(scaled.count) }

    /// The sum of the squared distances, scaled; what the rounding of the mean shifted them by is taken out.
    private var squares: Double {
        let squares = scaled.lazy.map { $0 * $0 }.compensatedSum() - sum * sum / count
        return squares < 0 ? 0 : squares
    }

    private func products(_ other: Deviations) -> Double {
        zip(scaled, other.scaled).lazy.map { $0 * $1 }.compensatedSum() - sum * other.sum / count
    }

    private var scaledDeviation: Double { (squares / (count - 1)).squareRoot() }

    var variance: Double { scalbn(squares / (count - 1), 2 * exponent) }
    var standardDeviation: Double { scalbn(scaledDeviation, exponent) }
    var zScores: [Double]? {
        let deviation = scaledDeviation
        return deviation == 0 ? nil : scaled.map { $0 / deviation }
    }

    func covariance(with other: Deviations) -> Double { scalbn(products(other) / (count - 1), exponent + other.exponent) }

    func correlation(with other: Deviations) -> Double {
        let spread = (squares * other.squares).squareRoot()
        return spread > 0 ? max(-1, min(1, products(other) / spread)) : .nan
    }

    func line(to ys: Deviations) -> (slope: Double, intercept: Double, r2: Double)? {
        let (xx, yy, xy) = (squares, ys.squares, products(ys))
        guard xx != 0 else { return nil }
        let slope = scalbn(xy / xx, ys.exponent - exponent)
        return (slope, ys.mean - slope * mean, yy == 0 ? 1 : xy * xy / (xx * yy))
    }
}
