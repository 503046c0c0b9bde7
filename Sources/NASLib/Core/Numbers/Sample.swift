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

/// How far numbers lie from their mean. The distances are divided by a power of two near the largest number, so that their squares and
/// products neither overflow nor vanish.
private struct Deviations {
    private let numbers: [Double]
    private let mean: Double
    private let exponent: Int
    /// Their product is 2^-exponent: that may be beyond the doubles where the product with a number is not.
    private let first, second: Double
    /// The mean, scaled like the numbers.
    private let center: Double

    init(_ xs: [Double]) {
        let exponent = exponentAbove(xs)
        let half = exponent / 2
        let (first, second) = (scalbn(1.0, -half), scalbn(1.0, half - exponent))
        // The mean of equal numbers may differ from them in the last bit, which would leave noise.
        let isConstant = xs.allSatisfy { $0 == xs[0] }
        let center = isConstant ? xs[0] * first * second : xs.lazy.map { $0 * first * second }.compensatedSum() / Double(xs.count)
        (numbers, self.exponent, self.first, self.second, self.center) = (xs, exponent, first, second, center)
        mean = scalbn(center, exponent)
    }

    private var count: Double { Double(numbers.count) }
    private func scaled(_ x: Double) -> Double { x * first * second - center }

    /// The sum of the squared distances, scaled; what the rounding of the mean shifted them by is taken out.
    private var squares: Double {
        var (squares, sum) = (CompensatedSum(), CompensatedSum())
        for x in numbers {
            let distance = scaled(x)
            squares.add(distance * distance)
            sum.add(distance)
        }
        return (squares.value - sum.value * sum.value / count).clamped(to: 0...(.infinity))
    }

    private func products(_ other: Deviations) -> Double {
        var (products, sum, others) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
        for (x, y) in zip(numbers, other.numbers) {
            let (a, b) = (scaled(x), other.scaled(y))
            products.add(a * b)
            sum.add(a)
            others.add(b)
        }
        return products.value - sum.value * others.value / count
    }

    private var scaledDeviation: Double { (squares / (count - 1)).squareRoot() }

    var variance: Double { scalbn(squares / (count - 1), 2 * exponent) }
    var standardDeviation: Double { scalbn(scaledDeviation, exponent) }
    var zScores: [Double]? {
        let deviation = scaledDeviation
        return deviation == 0 ? nil : numbers.map { scaled($0) / deviation }
    }

    func covariance(with other: Deviations) -> Double { scalbn(products(other) / (count - 1), exponent + other.exponent) }

    func correlation(with other: Deviations) -> Double {
        let spread = (squares * other.squares).squareRoot()
        return spread > 0 ? (products(other) / spread).clamped(to: -1...1) : .nan
    }

    func line(to ys: Deviations) -> (slope: Double, intercept: Double, r2: Double)? {
        let (xx, yy, xy) = (squares, ys.squares, products(ys))
        guard xx != 0 else { return nil }
        let slope = scalbn(xy / xx, ys.exponent - exponent)
        return (slope, ys.mean - slope * mean, yy == 0 ? 1 : xy * xy / (xx * yy))
    }
}
