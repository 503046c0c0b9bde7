/// Student's t-test of whether two means differ: t is their difference divided by its standard error. Two-sided. Numbers may be of any size.
///
/// nan where nan is among the numbers; of numbers without any spread t is infinite, or nan where the means are the same.
public struct TTest: Sendable {
    /// Mean of the first numbers less that of the second.
    public let difference: Double
    /// Of the difference.
    public let standardError: Double
    public let degreesOfFreedom: Double

    /// Of pairs, at least two: the standard error is that of the mean of x - y, with n - 1 degrees of freedom.
    public init(pairs xs: [Double], _ ys: [Double]) {
        require(xs.count == ys.count && xs.count > 1, "a paired test takes at least two pairs, not \(xs.count) and \(ys.count) numbers")
        let differences = Sample(zip(xs, ys).map { $0 - $1 })
        (difference, standardError, degreesOfFreedom) = (differences.mean, differences.standardError, Double(xs.count - 1))
    }

    /// Of two lists that are drawn independently, at least two numbers each. With unequal variances, s1² / n1 + s2² / n2 is the squared
    /// standard error, with the degrees of freedom of Welch and Satterthwaite; with equal ones (s²: the pooled variance) it is
    /// s² (1 / n1 + 1 / n2), with n1 + n2 - 2.
    public init(_ xs: [Double], _ ys: [Double], equalVariances: Bool) {
        require(xs.count > 1 && ys.count > 1, "a test takes at least two numbers of each, not \(xs.count) and \(ys.count)")
        let (a, b) = (Sample(xs), Sample(ys))
        let (n, m) = (Double(xs.count), Double(ys.count))
        difference = a.mean - b.mean
        if equalVariances {
            degreesOfFreedom = n + m - 2
            let squares = hypotenuse(a.standardDeviation * (n - 1).squareRoot(), b.standardDeviation * (m - 1).squareRoot())
            standardError = squares / degreesOfFreedom.squareRoot() * (1 / n + 1 / m).squareRoot()
        } else {
            standardError = hypotenuse(a.standardError, b.standardError)
            let (first, second) = (a.standardError / standardError, b.standardError / standardError)
            let spread = first * first * first * first / (n - 1) + second * second * second * second / (m - 1)
            // Where both lists are constant, any number does.
            degreesOfFreedom = standardError == 0 ? 1 : 1 / spread
        }
    }

    public var statistic: Double { difference / standardError }
    public var pValue: Double { distribution.map { 2 * $0.survival(abs(statistic)) } ?? .nan }

    /// The ends of a confidence interval of the difference.
    public func interval(level: Double) -> (low: Double, high: Double) {
        let reach = (distribution?.quantile(upper: (1 - level) / 2) ?? .nan) * standardError
        return (difference - reach, difference + reach)
    }

    /// nil where nan is among the numbers.
    private var distribution: StudentT? { degreesOfFreedom.isNaN ? nil : StudentT(freedom: degreesOfFreedom, location: 0, scale: 1) }
}

/// sqrt(x² + y²) for x and y of at least 0, of any size.
private func hypotenuse(_ x: Double, _ y: Double) -> Double {
    let (greater, less) = (max(x, y), min(x, y))
    return greater > 0 && greater < .infinity ? greater * (1 + less / greater * (less / greater)).squareRoot() : x + y
}
