import Foundation

/// Gamma(sum of a_i) / (product of Gamma(a_i)) * product of x_i^(a_i - 1) over vectors of shares: x_i >= 0 with sum 1.
public struct Dirichlet: VectorDistribution {
    public let alphas: [Double]

    /// A Dirichlet distribution over vectors of as many shares as there are alphas: at least two, all > 0.
    public init(alphas: [Double]) {
        require(alphas.count > 1 && alphas.allSatisfy { $0 > 0 }, "there are at least two alphas, all positive, not \(alphas)")
        self.alphas = alphas
    }

    public var byteCount: Int { alphas.count * 8 }

    /// Gamma draws over their sum, by their logarithms: those of small shapes are often below the least double.
    public func draw(using generator: inout Generator) -> [Double] {
        let logarithms = alphas.map { Gamma(shape: $0, scale: 1).logDraw(using: &generator) }
        let highest = logarithms.max() ?? 0
        let values = logarithms.map { exp($0 - highest) }
        let total = values.reduce(0, +)
        return values.map { $0 / total }
    }

    /// The sum may be off by 1e-9, as that of numbers written down or added up often is.
    public func logDensity(_ x: [Double]) -> Double {
        guard x.count == alphas.count, x.allSatisfy({ $0 >= 0 }), abs(x.reduce(0, +) - 1) <= 1e-9 else { return -.infinity }
        let terms = zip(alphas, x).map { a, x in (a == 1 ? 0 : (a - 1) * log(x)) - lgamma(a) }
        // On the border one factor may be 0 and another infinite: the density is then taken as 0.
        guard !terms.contains(-.infinity) else { return -.infinity }
        return terms.reduce(lgamma(alphas.reduce(0, +)), +)
    }

    public var mean: [Double] {
        let total = alphas.reduce(0, +)
        return alphas.map { $0 / total }
    }
    public var variance: [Double] {
        let total = alphas.reduce(0, +)
        return mean.map { $0 * (1 - $0) / (total + 1) }
    }
    public var entropy: Double? {
        let total = alphas.reduce(0, +)
        let terms = alphas.map { lgamma($0) - ($0 - 1) * (SpecialFunctions.digamma($0) - SpecialFunctions.digamma(total)) }
        return terms.reduce(-lgamma(total), +)
    }

    public func divergence(from other: any VectorDistribution) -> Double? {
        guard let other = other as? Dirichlet else { return nil }
        let total = SpecialFunctions.digamma(alphas.reduce(0, +))
        let terms = zip(alphas, other.alphas).map { a, b in (a - b) * (SpecialFunctions.digamma(a) - total) - lgamma(a) + lgamma(b) }
        return terms.reduce(lgamma(alphas.reduce(0, +)) - lgamma(other.alphas.reduce(0, +)), +)
    }
}
