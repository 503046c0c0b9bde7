import Foundation

/// x^(a - 1) (1 - x)^(b - 1) / B(a, b) for x from 0 to 1.
public struct Beta: Distribution {
    public let a: Double
    public let b: Double

    /// A beta distribution with `a` > 0 and `b` > 0.
    public init(a: Double, b: Double) {
        require(a > 0 && b > 0, "a and b are positive, not \(a) and \(b)")
        (self.a, self.b) = (a, b)
    }

    public func draw(using generator: inout Generator) -> Double {
        let (left, right) = (Gamma(shape: a, scale: 1), Gamma(shape: b, scale: 1))
        if a < 1 || b < 1 { return 1 / (1 + exp(-left.logDraw(using: &generator) + right.logDraw(using: &generator))) }
        let x = left.draw(using: &generator)
        return x / (x + right.draw(using: &generator))
    }
    public func logDensity(_ x: Double) -> Double {
        guard support.contains(x) else { return -.infinity }
        if a + b > 32, x > 0, x < 1 { return SpecialFunctions.logBetaWeight(a, b, x, 1 - x) - log(x) - log1p(-x) }
        let left = a == 1 ? 0 : (a - 1) * log(x)
        let right = b == 1 ? 0 : (b - 1) * log1p(-x)
        return left + right - logNorm
    }
    /// log B(a, b)
    var logNorm: Double { lgamma(a) + lgamma(b) - lgamma(a + b) }
    public func cdf(_ x: Double) -> Double { SpecialFunctions.incompleteBeta(a, b, x, 1 - x).lower }
    public func survival(_ x: Double) -> Double { SpecialFunctions.incompleteBeta(a, b, x, 1 - x).upper }
    public var mean: Double { a / (a + b) }
    public var variance: Double { a * b / ((a + b) * (a + b) * (a + b + 1)) }
    public var support: ClosedRange<Double> { 0...1 }
    public var entropy: Double? {
        let (left, right, both) = (SpecialFunctions.digamma(a), SpecialFunctions.digamma(b), SpecialFunctions.digamma(a + b))
        return logNorm - (a - 1) * left - (b - 1) * right + (a + b - 2) * both
    }

    public func divergence(from other: any Distribution) -> Double? {
        guard let other = other as? Beta else { return nil }
        let psi = SpecialFunctions.digamma
        return other.logNorm - logNorm + (a - other.a) * psi(a) + (b - other.b) * psi(b) + (other.a + other.b - a - b) * psi(a + b)
    }
}
