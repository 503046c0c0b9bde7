import Foundation

/// A function of eight elements at a time. A type and not a closure, so that a loop is compiled for each function.
protocol ElementFunction {
    static func apply(_ x: Vector) -> Vector
}

private enum Negation: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { -x } }
private enum NaturalExponential: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { VectorMath.exp(x) } }
private enum NaturalLogarithm: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { VectorMath.log(x) } }
private enum HyperbolicTangent: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { VectorMath.tanh(x) } }
private enum Sigmoid: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { VectorMath.sigmoid(x) } }
private enum NormalShare: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { VectorMath.normalShare(x) } }
private enum SquareRoot: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { x.squareRoot() } }
private enum Square: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { x * x } }
private enum Cube: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { x * x * x } }
private enum Reciprocal: ElementFunction { @inline(__always) static func apply(_ x: Vector) -> Vector { 1 / x } }
private enum Rectifier: ElementFunction {
    @inline(__always) static func apply(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }
}
private enum Sign: ElementFunction {
    @inline(__always) static func apply(_ x: Vector) -> Vector { x.replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0) }
}
private enum Magnitude: ElementFunction {
    @inline(__always) static func apply(_ x: Vector) -> Vector {
        unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: Vector.self)
    }
}

/// Operations on each element, and on pairs of elements of two tensors broadcast to a common shape.
extension Tensor {
    // MARK: - One tensor

    /// A function of each element.
    func mapped<F: ElementFunction>(by function: F.Type) -> Tensor {
        let count = count
        return Tensor(shape: shape) { target in
            values.withUnsafeBufferPointer { buffer in
                guard let x = buffer.baseAddress else { return }
                Cancellation.inParts(count) { part in
                    var i = part.lowerBound
                    let end = part.upperBound
                    while i &+ 8 <= end {
                        target.store(F.apply(x.vector(at: i)), at: i)
                        i &+= 8
                    }
                    if i < end { target.store(F.apply(x.vector(at: i, count: end &- i)), at: i, count: end &- i) }
                }
            }
        }
    }

    /// f of each element, for functions that the system's mathematical library computes.
    @inline(__always) func mappedEach(_ f: (Float) -> Float) -> Tensor {
        let count = count
        return Tensor(shape: shape) { target in
            values.withUnsafeBufferPointer { x in
                Cancellation.inParts(count) { part in for i in part { target[i] = f(x[i]) } }
            }
        }
    }

    public func negated() -> Tensor { mapped(by: Negation.self) }
    func exp() -> Tensor { mapped(by: NaturalExponential.self) }
    func log() -> Tensor { mapped(by: NaturalLogarithm.self) }
    func tanh() -> Tensor { mapped(by: HyperbolicTangent.self) }
    func sigmoid() -> Tensor { mapped(by: Sigmoid.self) }
    /// The normal distribution's share below each element.
    func normalShare() -> Tensor { mapped(by: NormalShare.self) }
    func squareRoot() -> Tensor { mapped(by: SquareRoot.self) }
    /// max(x, 0); nan stays.
    func relu() -> Tensor { mapped(by: Rectifier.self) }
    func magnitude() -> Tensor { mapped(by: Magnitude.self) }
    /// -1, 0 or 1; nan stays.
    func sign() -> Tensor { mapped(by: Sign.self) }
    func sin() -> Tensor { mappedEach(sinf) }
    func cos() -> Tensor { mappedEach(cosf) }
    func tan() -> Tensor { mappedEach(tanf) }
    func asin() -> Tensor { mappedEach(asinf) }
    func acos() -> Tensor { mappedEach(acosf) }
    func atan() -> Tensor { mappedEach(atanf) }
    func rounded(_ rule: FloatingPointRoundingRule) -> Tensor {
        switch rule {
        case .down: mappedEach(floorf)
        case .up: mappedEach(ceilf)
        case .towardZero: mappedEach(truncf)
        default: mappedEach { $0.rounded(rule) }
        }
    }

    /// With so many decimals, or with zeros before the point for a negative number of them.
    func rounded(decimals: Int) -> Tensor {
        let scale = Foundation.pow(10, Double(abs(decimals)))
        return mappedEach { x in
            let scaled = decimals < 0 ? Double(x) / scale : Double(x) * scale
            // Larger ones have no decimals that far.
            guard abs(scaled) < 0x1p53 else { return x }
            let whole = scaled.rounded(.toNearestOrEven)
            return Float(decimals < 0 ? whole * scale : whole / scale)
        }
    }

    /// 1 where an element fulfils a condition, else 0.
    public func mask(where condition: (Float) -> Bool) -> Tensor { mappedEach { condition($0) ? 1 : 0 } }

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
                if i < count {
                    target.store(f(x.vector(at: i, count: count &- i), y.vector(at: i, count: count &- i)), at: i, count: count &- i)
                }
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
    @inline(__always) static func combineEach(_ a: Tensor, _ b: Tensor, _ operation: String, _ f: (Float, Float) -> Float) throws -> Tensor
    {
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
                        if run & 0xfff == 0xfff, Cancellation.isRequested { return }
                        body(x + offset, stepX, y + starts[run], stepY, to, size)
                        to += size
                        run += 1
                    }
                }
            }
        }
    }

    public static func add(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "addition") { $0 + $1 } }
    public static func subtract(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "subtraction") { $0 - $1 } }
    public static func multiply(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "multiplication") { $0 * $1 } }
    public static func divide(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "division") { $0 / $1 } }
    static func floorDivide(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try combineEach(a, b, "floor division") { $0.floorQuotient(dividingBy: $1) }
    }
    static func remainder(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try combineEach(a, b, "remainder") { $0.floorRemainder(dividingBy: $1) }
    }
    static func hypotenuse(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combineEach(a, b, "hypot", hypotf) }
    static func angle(_ y: Tensor, _ x: Tensor) throws -> Tensor { try combineEach(y, x, "atan2", atan2f) }
    static func maximum(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "maximum") { VectorMath.maximum($0, $1) } }
    static func minimum(_ a: Tensor, _ b: Tensor) throws -> Tensor { try combine(a, b, "minimum") { VectorMath.minimum($0, $1) } }

    static func power(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        if b.count == 1, b.rank <= a.rank {
            // The exponents that formulas have.
            switch b.values[0] {
            case 1: return a
            case 2: return a.mapped(by: Square.self)
            case 3: return a.mapped(by: Cube.self)
            case 0.5: return a.squareRoot()
            case -1: return a.mapped(by: Reciprocal.self)
            default: break
            }
        }
        return try combineEach(a, b, "power", powf)
    }

    /// A comparison: 1 where it holds, 0 where it does not.
    public enum Comparison: String, CaseIterable, Sendable { case less, less_equal, greater, greater_equal, equal, not_equal }

    public static func compare(_ a: Tensor, _ b: Tensor, _ comparison: Comparison) throws -> Tensor {
        let result = switch comparison {
        case .less: try combine(a, b, "less") { Vector.zero.replacing(with: 1, where: $0 .< $1) }
        case .less_equal: try combine(a, b, "less_equal") { Vector.zero.replacing(with: 1, where: $0 .<= $1) }
        case .greater: try combine(a, b, "greater") { Vector.zero.replacing(with: 1, where: $0 .> $1) }
        case .greater_equal: try combine(a, b, "greater_equal") { Vector.zero.replacing(with: 1, where: $0 .>= $1) }
        case .equal: try combine(a, b, "equal") { Vector.zero.replacing(with: 1, where: $0 .== $1) }
        case .not_equal: try combine(a, b, "not_equal") { Vector.zero.replacing(with: 1, where: $0 .!= $1) }
        }
        return try result.complete()
    }

    /// a where the condition is not 0, b elsewhere; all three broadcast to a common shape.
    static func choose(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
        let shape = try broadcastShape(try broadcastShape(a.shape, b.shape, "where"), condition.shape, "where")
        let (condition, a, b) = (try condition.broadcast(to: shape), try a.broadcast(to: shape), try b.broadcast(to: shape))
        return Tensor(shape: shape) { target in
            condition.values.withUnsafeBufferPointer { condition in
                a.values.withUnsafeBufferPointer { a in
                    b.values.withUnsafeBufferPointer { b in
                        for i in 0..<a.count { target[i] = condition[i] != 0 ? a[i] : b[i] }
                    }
                }
            }
        }
    }
}
