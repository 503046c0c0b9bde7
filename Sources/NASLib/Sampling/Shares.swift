import Foundation

/// Probabilities from gradient norms: finite for any finite norms, however large or small.
enum Shares {
    /// p = smoothing * norm^(1/t) / sum of norm^(1/t) + (1 - smoothing) / n, with the temperature t; uniform where no norm is
    /// positive.
    static func probabilities(of norms: [Double], smoothing: Double, temperature: Double) -> [Double] {
        let n = Double(norms.count)
        guard let largest = norms.max(), largest > 0 else { return norms.map { _ in 1 / n } }
        // A power of two changes no digit of the quotients, and keeps the sum from overflowing.
        var scaled = norms.map { Double(sign: .plus, exponent: -largest.exponent, significand: $0) }
        if temperature != 1 {
            let top = Double(sign: .plus, exponent: -largest.exponent, significand: largest)
            scaled = scaled.map { pow($0 / top, 1 / temperature) }
        }
        let total = scaled.reduce(0, +)
        return scaled.map { smoothing * $0 / total + (1 - smoothing) / n }
    }

    /// The mean after `count` norms, the last of which is `norm`, from the mean before it.
    static func mean(_ mean: Double, adding norm: Double, count: Int) -> Double { mean + (norm - mean) / Double(count) }

    /// The mean of some norms; 0 of none.
    static func mean(of norms: [Double]) -> Double {
        norms.enumerated().reduce(0) { mean($0, adding: $1.element, count: $1.offset + 1) }
    }

    /// (a + b) / 2.
    static func midpoint(_ a: Double, _ b: Double) -> Double { a / 2 + b / 2 }
}
