import Foundation

/// The functions behind densities and tail probabilities, exact also for large arguments, where the textbook formulas cancel.
enum SpecialFunctions {
    // MARK: - Densities by the saddle point (Loader, 2000)

    /// log Gamma(z + 1) - ((z + 1/2) log z - z + log(2 pi) / 2), which Stirling's formula leaves out.
    static func stirlingError(_ z: Double) -> Double {
        if z < 16 { return lgamma(z + 1) - (z + 0.5) * log(z) + z - 0.5 * log(2 * .pi) }
        let square = z * z
        return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - 1 / 1188.0 / square) / square) / square) / square) / z
    }

    /// x log(x / m) + m - x without cancellation, for x > 0.
    static func deviance(_ x: Double, _ m: Double) -> Double {
        guard abs(x - m) < 0.1 * (x + m) else { return x * log(x / m) + m - x }
        let v = (x - m) / (x + m)
        var (sum, term, divisor) = ((x - m) * v, 2 * x * v, 3.0)
        while true {
            term *= v * v
            let next = sum + term / divisor
            if next == sum { return sum }
            (sum, divisor) = (next, divisor + 2)
        }
    }

    /// log(rate^k exp(-rate) / Gamma(k + 1)) for k >= 0, not only whole ones.
    static func logPoisson(_ k: Double, rate: Double) -> Double {
        if rate == 0 { return k == 0 ? 0 : -.infinity }
        if k < 16 { return (k == 0 ? 0 : k * log(rate)) - rate - lgamma(k + 1) }
        return -stirlingError(k) - deviance(k, rate) - 0.5 * log(2 * .pi * k)
    }

    /// log(Gamma(n + 1) / (Gamma(k + 1) Gamma(n - k + 1)) p^k q^(n - k)) for k from 0 to n and q = 1 - p, not only whole ones.
    static func logBinomial(_ k: Double, of n: Double, _ p: Double, _ q: Double) -> Double {
        if k == 0 { return n == 0 ? 0 : n * (p < 0.5 ? log1p(-p) : log(q)) }
        if k == n { return n * (q < 0.5 ? log1p(-q) : log(p)) }
        let m = n - k
        return stirlingError(n) - stirlingError(k) - stirlingError(m) - deviance(k, n * p) - deviance(m, n * q) - 0.5 * log(2 * .pi * (k / n) * m)
    }

    /// log(x^a y^b / B(a, b)) for y = 1 - x.
    static func logBetaWeight(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        logBinomial(a, of: a + b, x, y) + log(a / (a + b) * b)
    }

    // MARK: - Tail probabilities

    /// The gamma distribution of a shape and scale 1, below and above x. Each is exact where it is small.
    ///
    /// Below the mean by the power series, above it by Legendre's continued fraction, which take O(sqrt a) terms; for
    /// large shapes by quadrature of the density.
    static func incompleteGamma(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
        if x.isNaN { return (.nan, .nan) }
        guard x > 0 else { return (0, 1) }
        guard x < .infinity else { return (1, 0) }
        if a > 1e4 {
            let slope = abs((a - 1) / x - 1)
            return tails(at: x, isAbove: x > a, slope: slope, variance: a, end: x > a ? .infinity : 0) { logPoisson(a, rate: $0) + log(a) - log($0) }
        }
        let factor = gammaFactor(a, x)
        let part = min(1, exp(logPoisson(a, rate: x)) * factor.numerator / factor.denominator)
        return x < a + 1 ? (part, 1 - part) : (1 - part, part)
    }

    /// Their logarithms for 0 < x < infinity, far out where they themselves are 0 as doubles: below the mean that of the lower part, above it
    /// that of the upper.
    static func logIncompleteGammaTail(_ a: Double, _ x: Double) -> Double { 
        let factor = gammaFactor(a, x)
        return logPoisson(a, rate: x) + log(factor.numerator / factor.denominator)
    }

    /// What the Poisson probability of a at the rate x is to be multiplied by, for the part below x where x < a + 1, else for that above.
    private static func gammaFactor(_ a: Double, _ x: Double) -> (numerator: Double, denominator: Double) {
        guard x < a + 1 else { return (a, continuedFraction(start: x + 1 - a) { n in (-n * (n - a), x + 2 * n + 1 - a) }) }
        var (term, sum, n) = (1.0, 1.0, 1.0)
        while term > sum * 0x1p-54 {
            term *= x / (a + n)
            sum += term
            n += 1
        }
        return (sum, 1)
    }

    /// The beta distribution below and above x, for y = 1 - x. Each is exact where it is small.
    ///
    /// By the continued fraction of DLMF 8.17.22, from the side where it converges fast; by quadrature of the density where both
    /// parameters are large.
    static func incompleteBeta(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (lower: Double, upper: Double) {
        if x.isNaN { return (.nan, .nan) }
        guard x > 0 else { return (0, 1) }
        guard y > 0 else { return (1, 0) }
        let isAbove = x > (a + 1) / (a + b + 2)
        if min(a, b) > 3000 {
            let (slope, n) = (abs((a - 1) / x - (b - 1) / y), a + b)
            return tails(at: x, isAbove: isAbove, slope: slope, variance: a / n * (b / n) / (n + 1), end: isAbove ? 1 : 0) {
                logBetaWeight(a, b, $0, 1 - $0) - log($0) - log1p(-$0)
            }
        }
        let weight = exp(logBetaWeight(a, b, x, y))
        let (first, second, near) = isAbove ? (b, a, y) : (a, b, x)
        let fraction = continuedFraction(start: 1) { n in
            let m = (n / 2).rounded(.down)
            let numerator = m * 2 == n
                ? m * (second - m) / ((first + n - 1) * (first + n)) : -(first + m) * (first + second + m) / ((first + n - 1) * (first + n))
            return (numerator * near, 1)
        }
        let tail = min(1, weight / (first * fraction))
        return isAbove ? (1 - tail, tail) : (tail, 1 - tail)
    }

    /// b0 + a1 / (b1 + a2 / (b2 + …)) by the modified method of Lentz; `term` gives a and b for n = 1, 2, …
    private static func continuedFraction(start: Double, term: (Double) -> (a: Double, b: Double)) -> Double {
        /// Keeps quotients finite.
        func nonzero(_ x: Double) -> Double { abs(x) < 1e-300 ? 1e-300 : x }
        var value = nonzero(start)
        var (c, d) = (value, 0.0)
        for n in 1...1_000_000 {
            let (a, b) = term(Double(n))
            d = 1 / nonzero(b + a * d)
            c = nonzero(b + a / c)
            value *= c * d
            if abs(c * d - 1) < 0x1p-52 { break }
        }
        return value
    }

    /// The probabilities on both sides of x, of which the one away from the mode is integrated over the stretch in which the
    /// density falls by a factor of e^45, known from its logarithm's slope at x and its variance.
    private static func tails(
        at x: Double, isAbove: Bool, slope: Double, variance: Double, end: Double, logDensity: (Double) -> Double
    ) -> (lower: Double, upper: Double) {
        let length = min(abs(end - x), variance * ((slope * slope + 90 / variance).squareRoot() - slope))
        let tail = min(1, Quadrature.gaussLegendre(isAbove ? x : x - length, isAbove ? x + length : x) { exp(logDensity($0)) })
        return isAbove ? (1 - tail, tail) : (tail, 1 - tail)
    }

    // MARK: - Logarithmic derivatives of the gamma function

    /// d/dx log Gamma(x) for x > 0.
    static func digamma(_ x: Double) -> Double {
        var (x, shift) = (x, 0.0)
        while x < 12 {
            shift -= 1 / x
            x += 1
        }
        let square = 1 / (x * x)
        return shift + log(x) - 0.5 / x - square * (1 / 12.0 - square * (1 / 120.0 - square * (1 / 252.0 - square * (1 / 240.0 - square * (1 / 132.0 - square * 691 / 32760.0)))))
    }

    /// d/dx digamma(x) for x > 0.
    static func trigamma(_ x: Double) -> Double {
        var (x, shift) = (x, 0.0)
        while x < 12 {
            shift += 1 / (x * x)
            x += 1
        }
        let square = 1 / (x * x)
        return shift + 1 / x + square / 2 + square / x * (1 / 6.0 - square * (1 / 30.0 - square * (1 / 42.0 - square * (1 / 30.0 - square * 5 / 66.0))))
    }

    /// log(1 + z^2), where the square may be beyond the doubles.
    static func logOnePlusSquare(of z: Double) -> Double { abs(z) < 1e150 ? log1p(z * z) : 2 * log(abs(z)) }
}

/// Integrals by weighted sums.
enum Quadrature {
    /// The positive nodes of the Gauss-Legendre rule with 8 points on -1...1, and their weights.
    private static let rule: [(node: Double, weight: Double)] = [
        (0.183_434_642_495_649_80, 0.362_683_783_378_361_98), (0.525_532_409_916_328_99, 0.313_706_645_877_887_29),
        (0.796_666_477_413_626_74, 0.222_381_034_453_374_47), (0.960_289_856_497_536_23, 0.101_228_536_290_376_26),
    ]

    /// The integral of a smooth function, on so many panels.
    static func gaussLegendre(_ low: Double, _ high: Double, panels: Int = 24, _ f: (Double) -> Double) -> Double {
        let half = (high - low) / Double(2 * panels)
        var sum = 0.0
        for panel in 0..<panels {
            let middle = low + Double(2 * panel + 1) * half
            for (node, weight) in rule { sum += weight * (f(middle - node * half) + f(middle + node * half)) }
        }
        return sum * half
    }

    /// The integral of f over p from 0 to 1, where f may go to infinity at both ends; it is given p and 1 - p, the smaller of which
    /// is exact (double exponential rule, Takahasi and Mori, 1974).
    static func doubleExponential(_ f: (_ p: Double, _ rest: Double) -> Double) -> Double {
        let step = 1 / 32.0
        var sum = 0.0
        for i in -160...160 {
            let t = Double(i) * step
            let s = .pi / 2 * sinh(t)
            let (p, rest) = (1 / (1 + exp(-2 * s)), 1 / (1 + exp(2 * s)))
            let weight = .pi * cosh(t) * p * rest
            guard p > 1e-300, rest > 1e-300 else { continue }
            sum += weight * f(p, rest)
        }
        return sum * step
    }
}
