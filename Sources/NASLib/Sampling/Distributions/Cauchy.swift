import Foundation

/// 1 / (pi scale (1 + z^2)) with z = (x - location) / scale: tails so heavy that there is no mean.
public struct Cauchy: Distribution {
    public let location: Double
    public let scale: Double

    /// A Cauchy distribution with its median at `location`, `scale` > 0.
    public init(location: Double, scale: Double) {
        require(scale > 0, "a scale is positive, not \(scale)")
        (self.location, self.scale) = (location, scale)
    }

    public func draw(using generator: inout Generator) -> Double { location + scale * tan(.pi * (generator.uniform() - 0.5)) }
    public func logDensity(_ x: Double) -> Double {
        let z = (x - location) / scale
        return -SpecialFunctions.logOnePlusSquare(of: z) - log(.pi * scale)
    }
    public func cdf(_ x: Double) -> Double { atan2(scale, location - x) / .pi }
    public func survival(_ x: Double) -> Double { atan2(scale, x - location) / .pi }
    public func quantile(_ p: Double) -> Double { location - scale * cotangent(p) }
    public func quantile(upper q: Double) -> Double { location + scale * cotangent(q) }

    /// 1 / tan(pi p), exact near 1/2 and both ends.
    private func cotangent(_ p: Double) -> Double {
        if p >= 0.75 { return -cotangent(1 - p) }
        return p <= 0 ? .infinity : p > 0.25 ? tan(.pi * (0.5 - p)) : 1 / tan(.pi * p)
    }
    public var mean: Double { .nan }
    public var variance: Double { .nan }
    public var support: ClosedRange<Double> { -.infinity ... .infinity }
    public var entropy: Double? { log(4 * .pi * scale) }

    /// Chyzak and Nielsen (2019).
    public func divergence(from other: any Distribution) -> Double? {
        guard let other = other as? Cauchy else { return nil }
        let (sum, distance) = (scale + other.scale, location - other.location)
        return log((sum * sum + distance * distance) / (4 * scale * other.scale))
    }
}
