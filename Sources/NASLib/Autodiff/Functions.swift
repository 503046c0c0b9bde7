import Foundation

/// Functions of each element; d is the gradient of the result y.
extension Variable {
    /// d e^x.
    public func exp() throws -> Variable { try Variable.record(tensor.exp(), self) { d, y in try Variable.multiply(d, y) } }

    /// d / x.
    public func log() throws -> Variable { try Variable.record(tensor.log(), self) { d, _ in try Variable.divide(d, self) } }

    /// The logarithm to a base: ln x / ln base.
    public func log(base: Double) throws -> Variable { try Variable.multiply(log(), Variable(Float(1 / Foundation.log(base)))) }

    /// d / 2y.
    public func squareRoot() throws -> Variable {
        try Variable.record(tensor.squareRoot(), self) { d, y in try Variable.divide(d, Variable.multiply(y, Variable(2))) }
    }

    /// d cos x.
    public func sin() throws -> Variable { try Variable.record(tensor.sin(), self) { d, _ in try Variable.multiply(d, cos()) } }

    /// -d sin x.
    public func cos() throws -> Variable { try Variable.record(tensor.cos(), self) { d, _ in try Variable.multiply(d, sin()).negated() } }

    /// d (1 + y^2).
    public func tan() throws -> Variable {
        try Variable.record(tensor.tan(), self) { d, y in try Variable.multiply(d, Variable.add(Variable.multiply(y, y), Variable(1))) }
    }

    /// d / sqrt(1 - x^2).
    public func asin() throws -> Variable {
        try Variable.record(tensor.asin(), self) { d, _ in try Variable.divide(d, oneMinusSquare().squareRoot()) }
    }

    /// -d / sqrt(1 - x^2).
    public func acos() throws -> Variable {
        try Variable.record(tensor.acos(), self) { d, _ in try Variable.divide(d, oneMinusSquare().squareRoot()).negated() }
    }

    /// d / (1 + x^2).
    public func atan() throws -> Variable {
        try Variable.record(tensor.atan(), self) { d, _ in try Variable.divide(d, Variable.add(Variable.multiply(self, self), Variable(1))) }
    }

    private func oneMinusSquare() throws -> Variable { try Variable.subtract(Variable(1), Variable.multiply(self, self)) }

    /// d (1 - y^2).
    public func tanh() throws -> Variable { try Variable.record(tensor.tanh(), self) { d, y in try Variable.multiply(d, y.oneMinusSquare()) } }

    /// 1 / (1 + e^-x): d y (1 - y).
    public func sigmoid() throws -> Variable {
        try Variable.record(tensor.sigmoid(), self) { d, y in try Variable.multiply(d, Variable.subtract(y, Variable.multiply(y, y))) }
    }

    /// max(x, 0): d where x > 0.
    public func relu() throws -> Variable {
        let x = tensor
        return try Variable.record(x.relu(), self) { d, _ in try Variable.multiply(d, Variable(try Tensor.compare(x, Tensor(0), .greater))) }
    }

    /// x times the normal distribution's share below x (Hendrycks and Gimpel, 2016).
    public func gelu() throws -> Variable { try Variable.multiply(self, normalShare()) }

    /// Its derivative is the normal density.
    private func normalShare() throws -> Variable {
        try Variable.record(tensor.normalShare(), self) { d, _ in
            let density = try Variable.multiply(Variable.multiply(self, self), Variable(-0.5)).exp()
            return try Variable.multiply(d, Variable.multiply(density, Variable(Float(1 / (2 * Double.pi).squareRoot()))))
        }
    }

    /// d times the sign of x, 0 at 0.
    public func magnitude() throws -> Variable {
        let x = tensor
        return try Variable.record(x.magnitude(), self) { d, _ in try Variable.multiply(d, Variable(x.sign())) }
    }

    /// Constant between its steps, as rounding is.
    public func sign() -> Variable { Variable(tensor.sign()) }
    public func rounded(_ rule: FloatingPointRoundingRule) -> Variable { Variable(tensor.rounded(rule)) }
    public func rounded(decimals: Int) -> Variable { Variable(tensor.rounded(decimals: decimals)) }
}
