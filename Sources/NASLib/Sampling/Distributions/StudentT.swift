import Foundation

/// Gamma((v + 1) / 2) / (Gamma(v / 2) sqrt(v pi) scale) (1 + z^2 / v)^(-(v + 1) / 2) with z = (x - location) / scale.
public struct StudentT: Distribution {
    /// v, the degrees of freedom: the smaller, the heavier the tails.
    public let freedom: Double
    public let location: Double
    public let scale: Double

    /// Student's t with `freedom` > 0 degrees of freedom, multiplied by `scale` > 0 and moved by `location`.
    public init(freedom: Double, location: Double, scale: Double) {
        require(freedom > 0, "Student's t has more than 0 degrees of freedom, not \(freedom)")
        require(scale > 0, "a scale is positive, not \(scale)")
        (self.freedom, self.location, self.scale) = (freedom, location, scale)
    }

    /// A normal number divided by the root of an independent chi square over v.
    public func draw(using generator: inout Generator) -> Double {
        let z = generator.normal()
        let logChiSquare = Gamma(shape: max(freedom / 2, .leastNonzeroMagnitude), scale: 2).logDraw(using: &generator)
        return location + scale * z * exp(0.5 * (log(freedom) - logChiSquare))
    }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        let tail = (freedom + 1) / 2 * SpecialFunctions.logOnePlusSquare(of: z / freedom.squareRoot())
        return logHalfStep - 0.5 * log(freedom * .pi) - log(scale) - tail
    }

    /// log(Gamma((v + 1) / 2) / Gamma(v / 2)); of a large v from the asymptotic series, as the two cancel.
    private var logHalfStep: Double {
        let half = freedom / 2
        return half > 200 ? 0.5 * log(half) - 1 / (8 * half) + 1 / (192 * half * half * half) : lgamma(half + 0.5) - lgamma(half)
    }

    public var center: Double? { location }
    public func cdf(_ x: Double) -> Double { share(above: (location - x) / scale) }
    public func survival(_ x: Double) -> Double { share(above: (x - location) / scale) }
    private func share(above z: Double) -> Double {
        guard z.isFinite else { return z > 0 ? 0 : z < 0 ? 1 : .nan }
        guard abs(z) < 1e150 else {
            // The first term of the series, beside which the others vanish; z^2 may be beyond the doubles.
            let tail = exp(freedom / 2 * (log(freedom) - 2 * log(abs(z))) + logHalfStep - 0.5 * log(.pi) - log(freedom))
            return z > 0 ? tail : 1 - tail
        }
        let (x, y) = (freedom / (freedom + z * z), z * z / (freedom + z * z))
        let tail = 0.5 * SpecialFunctions.incompleteBeta(freedom / 2, 0.5, x, y).lower
        return z > 0 ? tail : 1 - tail
    }
    public var mean: Double { freedom > 1 ? location : .nan }
    public var variance: Double { freedom > 2 ? scale * scale * freedom / (freedom - 2) : freedom > 1 ? .infinity : .nan }
    public var standardDeviation: Double { freedom > 2 ? scale * (freedom / (freedom - 2)).squareRoot() : variance }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? {
        let half = freedom / 2
        let slope = SpecialFunctions.digamma(half + 0.5) - SpecialFunctions.digamma(half)
        return (half + 0.5) * slope + 0.5 * log(freedom * .pi) - logHalfStep + log(scale)
    }
}
