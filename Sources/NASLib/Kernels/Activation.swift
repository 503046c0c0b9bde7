/// A function of single numbers between layers.
public enum Activation: String, CaseIterable, Sendable {
    case relu, relu6, gelu, swish, sigmoid, tanh
    /// x * relu6(x + 3) / 6 and relu6(x + 3) / 6 (MobileNetV3, Howard et al., 2019).
    case hardSwish = "hard_swish", hardSigmoid = "hard_sigmoid"

    /// Whether f(0) is 0.
    var keepsZero: Bool { self != .sigmoid && self != .hardSigmoid }
}

extension Activation {
    /// y = f(x) for `count` numbers, a multiple of eight. The places may be the same.
    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .relu: Activation.map(x, y, count, Activation.relu)
        case .relu6: Activation.map(x, y, count) { Activation.relu($0).replacing(with: 6, where: $0 .> 6) }
        case .gelu: Activation.map(x, y, count) { $0 * VectorMath.normalShare($0) }
        case .swish: Activation.map(x, y, count) { $0 * VectorMath.sigmoid($0) }
        case .sigmoid: Activation.map(x, y, count, VectorMath.sigmoid)
        case .tanh: Activation.map(x, y, count, VectorMath.tanh)
        case .hardSwish: Activation.map(x, y, count) { $0 * Activation.hardSigmoid($0) }
        case .hardSigmoid: Activation.map(x, y, count, Activation.hardSigmoid)
        }
    }

    /// dx = (adds ? dx : 0) + dy * f'(x) for `count` numbers, a multiple of eight.
    ///
    /// relu' = [x > 0] · relu6' = [0 < x < 6] · gelu' = Φ(x) + x φ(x) · swish' = s + x s (1 - s) · sigmoid' = s (1 - s) · tanh' = 1 - t² ·
    /// hard_sigmoid' = [-3 < x < 3] / 6 · hard_swish' = (2 x + 3) / 6 between -3 and 3, 0 below and 1 above
    func accumulateDelta(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int, adds: Bool) {
        switch self {
        case .relu: Activation.accumulate(dy, x, dx, count, adds) { Vector(repeating: 1).replacing(with: 0, where: $0 .<= 0) }
        case .relu6: Activation.accumulate(dy, x, dx, count, adds) { Vector(repeating: 1).replacing(with: 0, where: $0 .<= 0 .| $0 .>= 6) }
        case .gelu:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let density = VectorMath.exp(x * x * -0.5) * 0.3989422804
                return VectorMath.normalShare(x) + x * density
            }
        case .swish:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let s = VectorMath.sigmoid(x)
                return s + x * s * (1 - s)
            }
        case .sigmoid:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let s = VectorMath.sigmoid(x)
                return s * (1 - s)
            }
        case .tanh:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                let t = VectorMath.tanh(x)
                return 1 - t * t
            }
        case .hardSwish:
            Activation.accumulate(dy, x, dx, count, adds) { x in
                ((2 * x + 3) * Activation.sixth).replacing(with: 0, where: x .<= -3).replacing(with: 1, where: x .>= 3)
            }
        case .hardSigmoid:
            Activation.accumulate(dy, x, dx, count, adds) { Vector(repeating: Activation.sixth).replacing(with: 0, where: $0 .<= -3 .| $0 .>= 3) }
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

    private static let sixth: Float = 1 / 6

    @inline(__always) private static func hardSigmoid(_ x: Vector) -> Vector {
        ((x + 3) * Activation.sixth).replacing(with: 0, where: x .<= -3).replacing(with: 1, where: x .>= 3)
    }

    @inline(__always) private static func relu(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }
}
