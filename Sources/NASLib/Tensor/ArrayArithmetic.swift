/// Arithmetic on arrays, element by element with broadcasting as in NumPy: `2 * x + y`.
///
/// Axes are matched from the last one on; sizes must be equal, or one of them 1. An operator ends the program where shapes do not fit or
/// there is no memory; the functions of the same meaning (`add`, `subtract`, `multiply`, `divide`) throw a `NASError` instead.
public protocol ArrayArithmetic {
    init(_ value: Float)
    static func add(_ a: Self, _ b: Self) throws -> Self
    static func subtract(_ a: Self, _ b: Self) throws -> Self
    static func multiply(_ a: Self, _ b: Self) throws -> Self
    static func divide(_ a: Self, _ b: Self) throws -> Self
    func negated() throws -> Self
}

extension ArrayArithmetic {
    public static func + (a: Self, b: Self) -> Self { unthrowing { try add(a, b) } }
    public static func - (a: Self, b: Self) -> Self { unthrowing { try subtract(a, b) } }
    public static func * (a: Self, b: Self) -> Self { unthrowing { try multiply(a, b) } }
    public static func / (a: Self, b: Self) -> Self { unthrowing { try divide(a, b) } }
    public static prefix func - (a: Self) -> Self { unthrowing { try a.negated() } }

    public static func + (a: Self, b: Float) -> Self { a + Self(b) }
    public static func - (a: Self, b: Float) -> Self { a - Self(b) }
    public static func * (a: Self, b: Float) -> Self { a * Self(b) }
    public static func / (a: Self, b: Float) -> Self { a / Self(b) }

    public static func + (a: Float, b: Self) -> Self { Self(a) + b }
    public static func - (a: Float, b: Self) -> Self { Self(a) - b }
    public static func * (a: Float, b: Self) -> Self { Self(a) * b }
    public static func / (a: Float, b: Self) -> Self { Self(a) / b }

    public static func += (a: inout Self, b: Self) { a = a + b }
    public static func -= (a: inout Self, b: Self) { a = a - b }
    public static func *= (a: inout Self, b: Self) { a = a * b }
    public static func /= (a: inout Self, b: Self) { a = a / b }
}

extension Tensor: ArrayArithmetic {}
