extension BinaryFloatingPoint {
    /// What division by b, which is not 0, leaves: it has the sign of b or is 0, and is nearer to 0 than b but for its rounding.
    @inlinable public func floorRemainder(dividingBy b: Self) -> Self {
        let rest = truncatingRemainder(dividingBy: b)
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    }

    /// The whole number q for which q b and that remainder make up this number, as in Python: the quotient itself may be rounded to a
    /// whole number, as that of 1.0 by 0.1 is to 10, where 9 times 0.1 leave nearly 0.1. nan where this number is infinite; of 0 the quotient.
    @inlinable public func floorQuotient(dividingBy b: Self) -> Self {
        guard b != 0 else { return self / b }
        let rest = truncatingRemainder(dividingBy: b)
        let quotient = ((self - rest) / b).rounded() - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0)
        return quotient == 0 ? Self(signOf: self / b, magnitudeOf: 0) : quotient
    }
}
