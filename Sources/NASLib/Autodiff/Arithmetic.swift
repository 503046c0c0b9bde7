/// Arithmetic, element by element with broadcasting. The gradient of a repeated operand is summed over its repetitions.
extension Variable: ArrayArithmetic {
    public static func add(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.add(a.tensor, b.tensor), a, { d, _ in try d.summed(to: shapeA) }, b, { d, _ in try d.summed(to: shapeB) })
    }

    public static func subtract(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.subtract(a.tensor, b.tensor), a, { d, _ in try d.summed(to: shapeA) }, b,
            { d, _ in try d.negated().summed(to: shapeB) })
    }

    /// d(ab) = b da + a db.
    public static func multiply(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.multiply(a.tensor, b.tensor), a, { d, _ in try multiply(d, b).summed(to: shapeA) }, b,
            { d, _ in try multiply(d, a).summed(to: shapeB) })
    }

    /// d(a/b) = da / b - (a/b) / b db.
    public static func divide(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.divide(a.tensor, b.tensor), a, { d, _ in try divide(d, b).summed(to: shapeA) },
            b, { d, y in try divide(multiply(d, y), b).negated().summed(to: shapeB) })
    }

    /// Constant between its steps.
    public static func floorDivide(_ a: Variable, _ b: Variable) throws -> Variable { Variable(try Tensor.floorDivide(a.tensor, b.tensor)) }

    /// a - floor(a/b) b.
    public static func remainder(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.remainder(a.tensor, b.tensor), a, { d, _ in try d.summed(to: shapeA) },
            b, { d, _ in try multiply(d, floorDivide(a, b)).negated().summed(to: shapeB) })
    }

    /// d(a^b) = b a^(b-1) da + a^b ln a db. Where a^b does not depend on one of them the derivative is 0, also at a = 0.
    public static func power(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.power(a.tensor, b.tensor),
            a, { d, _ in
                let slope = try multiply(b, power(a, subtract(b, Variable(1))))
                let isConstant = try Tensor.compare(b.tensor, Tensor(0), .equal)
                return try multiply(d, isConstant.values.contains(1) ? choose(isConstant, Variable(0), slope) : slope).summed(to: shapeA)
            },
            b, { d, y in
                let isConstant = try Tensor.compare(a.tensor, Tensor(0), .equal)
                let logarithm = try choose(isConstant, Variable(1), a).log()
                return try multiply(d, choose(isConstant, Variable(0), multiply(y, logarithm))).summed(to: shapeB)
            })
    }

    /// y = sqrt(a^2 + b^2): dy = (a da + b db) / y.
    public static func hypotenuse(_ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.hypotenuse(a.tensor, b.tensor), a, { d, y in try multiply(d, divide(a, y)).summed(to: shapeA) },
            b, { d, y in try multiply(d, divide(b, y)).summed(to: shapeB) })
    }

    /// The angle of the points (x, y): d = (x dy - y dx) / (x^2 + y^2).
    public static func angle(_ y: Variable, _ x: Variable) throws -> Variable {
        let (shapeY, shapeX) = (y.shape, x.shape)
        func slope(_ side: Variable) throws -> Variable { try divide(side, add(multiply(x, x), multiply(y, y))) }
        return try record(
            try Tensor.angle(y.tensor, x.tensor), y, { d, _ in try multiply(d, slope(x)).summed(to: shapeY) },
            x, { d, _ in try multiply(d, slope(y)).negated().summed(to: shapeX) })
    }

    public func negated() throws -> Variable { try Variable.record(tensor.negated(), self) { d, _ in try d.negated() } }

    /// The greater of two elements; equal ones share the gradient.
    public static func maximum(_ a: Variable, _ b: Variable) throws -> Variable {
        try extreme(a, b, try Tensor.maximum(a.tensor, b.tensor), .greater)
    }
    public static func minimum(_ a: Variable, _ b: Variable) throws -> Variable {
        try extreme(a, b, try Tensor.minimum(a.tensor, b.tensor), .less)
    }

    private static func extreme(_ a: Variable, _ b: Variable, _ result: Tensor, _ wins: Tensor.Comparison) throws -> Variable {
        let (x, y) = (a.tensor, b.tensor)
        func share(_ x: Tensor, _ y: Tensor) throws -> Variable {
            Variable(try Tensor.add(try Tensor.compare(x, y, wins), try Tensor.multiply(try Tensor.compare(x, y, .equal), Tensor(0.5))))
        }
        return try record(
            result, a, { d, _ in try multiply(d, share(x, y)).summed(to: x.shape) }, b,
            { d, _ in try multiply(d, share(y, x)).summed(to: y.shape) })
    }

    /// a where the condition is not 0, b elsewhere.
    public static func choose(_ condition: Tensor, _ a: Variable, _ b: Variable) throws -> Variable {
        let (shapeA, shapeB) = (a.shape, b.shape)
        return try record(
            try Tensor.choose(condition, a.tensor, b.tensor), a, { d, _ in try choose(condition, d, Variable(0)).summed(to: shapeA) },
            b, { d, _ in try choose(condition, Variable(0), d).summed(to: shapeB) })
    }

    /// x, or the end of low ... high that it lies beyond; there the gradient is 0.
    public func clamped(_ low: Float, _ high: Float) throws -> Variable {
        let x = tensor
        let clamped = try Tensor.minimum(try Tensor.maximum(x, Tensor(low)), Tensor(high))
        return try Variable.record(clamped, self) { d, _ in
            try Variable.multiply(
                d,
                Variable(
                    try Tensor.multiply(
                        try Tensor.compare(x, Tensor(low), .greater_equal), try Tensor.compare(x, Tensor(high), .less_equal))))
        }
    }
}
