import Foundation

/// Operations on each element, and on pairs of elements of two tensors broadcast to a common shape.
extension Tensor {
    // MARK: - One tensor

    /// f of each element, eight at a time.
    @inline(__always) func mapped(_ f: (Vector) -> Vector) -> Tensor {
        let count = count
        return Tensor(shape: shape) { target in
            values.withUnsafeBufferPointer { buffer in
                guard let x = buffer.baseAddress else { return }
                var i = 0
                while i &+ 8 <= count {
                    target.store(f(x.vector(at: i)), at: i)
                    i &+= 8
                }
                if i < count { target.store(f(x.vector(at: i, count: count &- i)), at: i, count: count &- i) }
            }
        }
    }

    /// f of each element, for functions that the system's mathematical library computes.
    @inline(__always) func mapped(each f: (Float) -> Float) -> Tensor {
        let count = count
        return Tensor(shape: shape) { target in
            values.withUnsafeBufferPointer { x in
                for i in 0..<count { target[i] = f(x[i]) }
            }
        }
    }

    func negated() -> Tensor { mapped { -$0 } }
    func exp() -> Tensor { mapped { VectorMath.exp($0) } }
    func log() -> Tensor { mapped { VectorMath.log($0) } }
    func tanh() -> Tensor { mapped { VectorMath.tanh($0) } }
    func sigmoid() -> Tensor { mapped { VectorMath.sigmoid($0) } }
    /// The normal distribution's share below each element.
    func normalShare() -> Tensor { mapped { VectorMath.normalShare($0) } }
    func squareRoot() -> Tensor { mapped { (x: Vector) in x.squareRoot() } }
    /// max(x, 0); nan stays.
    func relu() -> Tensor { mapped { $0.replacing(with: 0, where: $0 .< 0) } }
    func magnitude() -> Tensor { mapped { unsafeBitCast(unsafeBitCast($0, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: Vector.self) } }
    /// -1, 0 or 1; nan stays.
    func sign() -> Tensor { mapped { $0.replacing(with: 1, where: $0 .> 0).replacing(with: -1, where: $0 .< 0) } }
    func sin() -> Tensor { mapped(each: sinf) }
    func cos() -> Tensor { mapped(each: cosf) }
    func tan() -> Tensor { mapped(each: tanf) }
    func asin() -> Tensor { mapped(each: asinf) }
    func acos() -> Tensor { mapped(each: acosf) }
    func atan() -> Tensor { mapped(each: atanf) }
    func rounded(_ rule: FloatingPointRoundingRule) -> Tensor {
        switch rule {
        case .down: mapped(each: floorf)
        case .up: mapped(each: ceilf)
        default: mapped(each: rintf)
        }
    }

    // MARK: - Two tensors

    /// f of the elements of two tensors, broadcast to a common shape, eight at a time.
    @inline(__always) static func combine(_ a: Tensor, _ b: Tensor, _ operation: String, _ f: (Vector, Vector) -> Vector) throws -> Tensor {
        try combine(a, b, operation) { x, stepX, y, stepY, target, count in
            var i = 0
            if stepX == 1, stepY == 1 {
                while i &+ 8 <= count {
                    target.store(f(x.vector(at: i), y.vector(at: i)), at: i)
                    i &+= 8
                }
                if i < count { target.store(f(x.vector(at: i, count: count &- i), y.vector(at: i, count: count &- i)), at: i, count: count &- i) }
            } else if stepX == 1 {
                let other = Vector(repeating: y[0])
                while i &+ 8 <= count {
                    target.store(f(x.vector(at: i), other), at: i)
                    i &+= 8
                }
                if i < count { target.store(f(x.vector(at: i, count: count &- i), other), at: i, count: count &- i) }
            } else {
                // Where both repeat there is one element: an axis along which both do is no axis of the result.
                let one = Vector(repeating: x[0])
                while i &+ 8 <= count {
                    target.store(f(one, y.vector(at: i)), at: i)
                    i &+= 8
                }
                if i < count { target.store(f(one, y.vector(at: i, count: count &- i)), at: i, count: count &- i) }
            }
        }
    }

    /// f of the elements one by one, for functions that the system's mathematical library computes.
    @inline(__always) static func combine(_ a: Tensor, _ b: Tensor, _ operation: String, each f: (Float, Float) -> Float) throws -> Tensor {
        try combine(a, b, operation) { x, stepX, y, stepY, target, count in
            for i in 0..<count { target[i] = f(x[i &* stepX], y[i &* stepY]) }
        }
    }

    /// Runs of elements: `(x, its step, y, its step, target, how many)`, steps being 0 or 1.
    @inline(__always) private static func combine(
        _ a: Tensor, _ b: Tensor, _ operation: String,
        runs body: (UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int) -> Void
    ) throws -> Tensor {
        let shape: [Int]
        if a.shape == b.shape || b.shape.isEmpty { shape = a.shape } else if a.shape.isEmpty { shape = b.shape } else {
            shape = try broadcastShape(a.shape, b.shape, operation)
            _ = try count(of: shape)
        }
        return Tensor(shape: shape) { target in
            a.values.withUnsafeBufferPointer { a0 in
                b.values.withUnsafeBufferPointer { b0 in
                    guard let x = a0.baseAddress, let y = b0.baseAddress else { return }
                    // The usual cases have one run.
                    if a.shape == b.shape { return body(x, 1, y, 1, target, a0.count) }
                    if b0.count == 1, a.shape == shape { return body(x, 1, y, 0, target, a0.count) }
                    if a0.count == 1, b.shape == shape { return body(x, 0, y, 1, target, b0.count) }
                    let layouts = Layout.merged([Layout(a.shape).broadcast(to: shape), Layout(b.shape).broadcast(to: shape)])
                    let size = layouts[0].shape.last ?? 1
                    let (stepX, stepY) = (layouts[0].strides.last ?? 1, layouts[1].strides.last ?? 1)
                    var starts: [Int] = []
                    starts.reserveCapacity(shape.reduce(1, *) / size)
                    layouts[1].forEachRun { starts.append($0) }
                    var to = target
                    var run = 0
                    layouts[0].forEachRun { offset in
                        body(x + offset, stepX, y + starts[run], stepY, to, size)
                        to += size
                        run += 1
                    }
                }
            }
        }
    }

    static func add(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "addition") { $0 + $1 } }
    static func subtract(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "subtraction") { $0 - $1 } }
    static func multiply(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "multiplication") { $0 * $1 } }
    static func divide(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "division") { $0 / $1 } }
    static func floorDivide(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "floor division", each: { ($0 / $1).rounded(.down) }) }
    /// a - floor(a / b) b, the sign being that of b.
    static func remainder(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try combine(a, b, "remainder", each: { x, y in
            let rest = fmodf(x, y)
            return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest
        })
    }
    static func maximum(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "maximum") { VectorMath.maximum($0, $1) } }
    static func minimum(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "minimum") { VectorMath.minimum($0, $1) } }

    static func power(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        if b.count == 1, b.rank <= a.rank {
            // The exponents that formulas have.
            switch b.values[0] {
            case 1: return a
            case 2: return a.mapped { $0 * $0 }
            case 3: return a.mapped { $0 * $0 * $0 }
            case 0.5: return a.squareRoot()
            case -1: return a.mapped { 1 / $0 }
            default: break
            }
        }
        return try combine(a, b, "power", each: powf)
    }

    /// A comparison: 1 where it holds, 0 where it does not.
    public enum Comparison: String, CaseIterable, Sendable { case less, less_equal, greater, greater_equal, equal, not_equal }

    public static func compare(_ a: Tensor, _ b: Tensor, _ comparison: Comparison) throws -> Tensor {
        switch comparison {
        case .less: try combine(a, b, "less") { Vector.zero.replacing(with: 1, where: $0 .< $1) }
        case .less_equal: try combine(a, b, "less_equal") { Vector.zero.replacing(with: 1, where: $0 .<= $1) }
        case .greater: try combine(a, b, "greater") { Vector.zero.replacing(with: 1, where: $0 .> $1) }
        case .greater_equal: try combine(a, b, "greater_equal") { Vector.zero.replacing(with: 1, where: $0 .>= $1) }
        case .equal: try combine(a, b, "equal") { Vector.zero.replacing(with: 1, where: $0 .== $1) }
        case .not_equal: try combine(a, b, "not_equal") { Vector.zero.replacing(with: 1, where: $0 .!= $1) }
        }
    }

    /// a where the condition is not 0, b elsewhere; all three broadcast to a common shape.
    static func choose(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
        let shape = try broadcastShape(try broadcastShape(a.shape, b.shape, "where"), condition.shape, "where")
        let (condition, a, b) = (try condition.broadcast(to: shape), try a.broadcast(to: shape), try b.broadcast(to: shape))
        let count = a.count
        return Tensor(shape: shape) { target in
            for i in 0..<count { target[i] = condition.values[i] != 0 ? a.values[i] : b.values[i] }
        }
    }
}
