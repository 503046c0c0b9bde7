import Foundation

/// The least power of two that is greater than every number; 0 where all are 0 or some are infinite.
func exponentAbove(_ xs: some Sequence<Double>) -> Int {
    let largest = xs.reduce(0) { max($0, abs($1)) }
    return largest > 0 && largest < .infinity ? Int(largest.exponent) + 1 : 0
}

/// The power of two by which numbers are to be divided so that their squares and products neither overflow nor vanish: 0 for those of
/// ordinary size, and where some are infinite.
func exponentToSquare(_ xs: some Sequence<Double>) -> Int {
    let exponent = exponentAbove(xs)
    return abs(exponent) > 400 ? exponent : 0
}

/// The numbers divided by a power of two.
func divided(_ xs: [Double], byPowerOfTwo exponent: Int) -> [Double] { exponent == 0 ? xs : xs.map { scalbn($0, -exponent) } }
