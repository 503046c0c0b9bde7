import Foundation

/// A function of single numbers between layers.
public enum Activation: String, CaseIterable, Sendable {
    case relu, relu6, gelu, swish, sigmoid, tanh

    /// Whether f(0) is 0.
    var keepsZero: Bool { self != .sigmoid }
}

extension Activation {
    /// y = f(x) for `count` numbers, a multiple of eight. The places may be the same.
    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .relu: Activation.map(x, y, count, Activation.relu)
        case .relu6: Activation.map(x, y, count) { Activation.relu($0).replacing(with: 6, where: $0 .> 6) }
        case .gelu: Activation.map(x, y, count) { $0 * Activation.normalShare($0) }
        case .swish: Activation.map(x, y, count) { $0 * Activation.logistic($0) }
        case .sigmoid: Activation.map(x, y, count, Activation.logistic)
        case .tanh: Activation.map(x, y, count, Activation.hyperbolicTangent)
        }
    }

    /// dx = (adds ? dx : 0) + dy * f'(x) for `count` numbers, a multiple of eight.
    ///
    /// relu' = [x > 0] · relu6' = [0 < x < 6] · gelu' = Φ(x) + x φ(x) · swish' = s + x s (1 - s) · sigmoid' = s (1 - s) · tanh' = 1 - t²
    func accumulateDelta(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int, adds: Bool) {
        switch self {
        case .relu: Activation.accumulate(dy, x, dx, count, adds) { Vector(repeating: 1).replacing(with: 0, where: $0 .<= 0) }
        case .relu6: Activation.accumulate(dy, x, dx, count, adds) { Vector(repeating: 1).replacing(with: 0, where: $0 .<= 0 .| $0 .>= 6) }
        case .gelu:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let density = Activation.exponential(x * x * -0.5) * 0.3989422804
                return Activation.normalShare(x) + x * density
            }
        case .swish:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let s = Activation.logistic(x)
                return s + x * s * (1 - s)
            }
        case .sigmoid:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let s = Activation.logistic(x)
                return s * (1 - s)
            }
        case .tanh:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let t = Activation.hyperbolicTangent(x)
                return 1 - t * t
            }
        }
    }

    @inline(__always)
    private static func map(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int, _ f: (Vector) -> Vector) {
        let from = x.vectors, to = y.vectors
        for i in 0..<count / 8 { to[i] = f(from[i]) }
    }

    @inline(__always)
    private static func accumulate(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ count: Int, _ adds: Bool, _ slope: (Vector) -> Vector
    ) {
        let d = dy.vectors, at = x.vectors, to = dx.vectors
        if adds {
            for i in 0..<count / 8 { to[i] += d[i] * slope(at[i]) }
        } else {
            for i in 0..<count / 8 { to[i] = d[i] * slope(at[i]) }
        }
    }

    @inline(__always) private static func relu(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }

    @inline(__always) private static func logistic(_ x: Vector) -> Vector { 1 / (1 + exponential(-x)) }

    /// (1 - e) / (1 + e) with e = exp(-2|x|), and a series near 0, where that would lose digits.
    @inline(__always) private static func hyperbolicTangent(_ x: Vector) -> Vector {
        let negative = x .< 0
        let size = x.replacing(with: -x, where: negative)
        let e = exponential(size * -2)
        let far = (1 - e) / (1 + e)
        let q = x * x
        var series = Vector(repeating: 62.0 / 2835)
        series = Vector(repeating: -17.0 / 315).addingProduct(series, q)
        series = Vector(repeating: 2.0 / 15).addingProduct(series, q)
        series = Vector(repeating: -1.0 / 3).addingProduct(series, q)
        series = Vector(repeating: 1).addingProduct(series, q)
        return far.replacing(with: -far, where: negative).replacing(with: x * series, where: size .< 0.2)
    }

    /// Φ(x), the share of a standard normal below x, from the C library: no short formula keeps its digits in the tail.
    @inline(__always) private static func normalShare(_ x: Vector) -> Vector {
        var result = Vector.zero
        for lane in 0..<8 { result[lane] = 0.5 * erfcf(-x[lane] * 0.70710678) }
        return result
    }

    /// exp(x) to about one unit in the last place: 2^n times a polynomial of the rest, |rest| <= ln(2) / 2.
    @inline(__always) static func exponential(_ x: Vector) -> Vector {
        let bounded = x.replacing(with: -87, where: x .< -87).replacing(with: 88, where: x .> 88)
        // Adding 1.5 * 2^23 rounds to an integer, which stands in the lowest bits of the sum.
        let magic = Vector(repeating: 12_582_912)
        let sum = magic.addingProduct(bounded, Vector(repeating: 1.44269504))
        let n = sum - magic
        let r = bounded.addingProduct(n, Vector(repeating: -0.693359375)).addingProduct(n, Vector(repeating: 2.12194440e-4))
        var p = Vector(repeating: 1.0 / 5040)
        p = Vector(repeating: 1.0 / 720).addingProduct(p, r)
        p = Vector(repeating: 1.0 / 120).addingProduct(p, r)
        p = Vector(repeating: 1.0 / 24).addingProduct(p, r)
        p = Vector(repeating: 1.0 / 6).addingProduct(p, r)
        p = Vector(repeating: 0.5).addingProduct(p, r)
        p = Vector(repeating: 1).addingProduct(p, r)
        p = Vector(repeating: 1).addingProduct(p, r)
        let power = (unsafeBitCast(sum, to: SIMD8<UInt32>.self) &<< 23) &+ SIMD8<UInt32>(repeating: 127 << 23)
        return p * unsafeBitCast(power, to: Vector.self)
    }
}
