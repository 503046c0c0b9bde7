import Foundation

/// A sum of densities with weights: draws one of the parts, then from it.
public struct Mixture: Distribution {
    public let parts: [any Distribution]
    private let table: AliasTable

    /// nil when the weights cannot be probabilities.
    public init?(_ parts: [any Distribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        self.parts = parts
        self.table = table
    }

    public var weights: [Double] { table.probabilities }
    public var isDiscrete: Bool { parts.allSatisfy(\.isDiscrete) }
    public func draw(using generator: inout Generator) -> Double { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: Double) -> Double { logSumExp(zip(parts, weights).map { log($1) + $0.logDensity(x) }) }
    public func cdf(_ x: Double) -> Double { min(1, weightedSum { $0.cdf(x) }) }
    public func survival(_ x: Double) -> Double { min(1, weightedSum { $0.survival(x) }) }
    public var mean: Double { weightedSum(of: \.mean) }
    public var variance: Double {
        let mean = mean
        return weightedSum { $0.variance + ($0.mean - mean) * ($0.mean - mean) }
    }
    public var support: ClosedRange<Double> {
        let bounds = zip(parts, weights).filter { $0.1 > 0 }.map(\.0.support)
        return (bounds.map(\.lowerBound).min() ?? 0)...(bounds.map(\.upperBound).max() ?? 0)
    }

    private func weightedSum(of f: (any Distribution) -> Double) -> Double {
        zip(parts, weights).reduce(0) { $0 + ($1.1 > 0 ? $1.1 * f($1.0) : 0) }
    }
}

/// The same over vectors.
public struct VectorMixture: VectorDistribution {
    public let parts: [any VectorDistribution]
    private let table: AliasTable

    /// The parts must be over vectors of one length; nil when the weights cannot be probabilities.
    public init?(_ parts: [any VectorDistribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        precondition(parts.allSatisfy { $0.mean.count == parts[0].mean.count })
        self.parts = parts
        self.table = table
    }

    public var weights: [Double] { table.probabilities }
    public func draw(using generator: inout Generator) -> [Double] { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: [Double]) -> Double { logSumExp(zip(parts, weights).map { log($1) + $0.logDensity(x) }) }
    public var mean: [Double] { weightedSum(of: \.mean) }
    public var variance: [Double] {
        let mean = mean
        return weightedSum { part in zip(part.variance, zip(part.mean, mean)).map { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    }

    private func weightedSum(of f: (any VectorDistribution) -> [Double]) -> [Double] {
        zip(parts, weights).reduce(Array(repeating: 0, count: parts[0].mean.count)) { sum, part in
            zip(sum, f(part.0)).map { $0 + part.1 * $1 }
        }
    }
}

/// log of the sum of exp, without overflow on the way; -infinity of nothing.
public func logSumExp(_ terms: [Double]) -> Double {
    guard let highest = terms.max(), highest > -.infinity, highest < .infinity else { return terms.max() ?? -.infinity }
    return highest + log(terms.reduce(0) { $0 + exp($1 - highest) })
}
