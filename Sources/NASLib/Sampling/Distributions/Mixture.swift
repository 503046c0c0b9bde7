import Foundation

/// A sum of densities with weights: draws one of the parts, then from it.
public struct Mixture: Distribution {
    public let parts: [any Distribution]
    private let table: AliasTable
    public let size: Int
    public let isDiscrete: Bool
    public let support: ClosedRange<Double>

    /// nil when the weights cannot be probabilities.
    public init?(_ parts: [any Distribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        self.parts = parts
        self.table = table
        size = mixtureSize(parts.map(\.size))
        isDiscrete = parts.allSatisfy(\.isDiscrete)
        let bounds = zip(parts, table.probabilities).filter { $0.1 > 0 }.map(\.0.support)
        support = (bounds.map(\.lowerBound).min() ?? 0)...(bounds.map(\.upperBound).max() ?? 0)
    }

    public var weights: [Double] { table.probabilities }
    public var byteCount: Int { parts.reduce(0) { $0 + 60 + ($1.size == 1 ? $1.byteCount : 0) } }
    public func draw(using generator: inout Generator) -> Double { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: Double) -> Double { isStopped ? .nan : logSumExp(zip(parts, weights).map { log($1) + $0.logDensity(x) }) }
    public func cdf(_ x: Double) -> Double { min(1, weightedSum { $0.cdf(x) }) }
    public func survival(_ x: Double) -> Double { min(1, weightedSum { $0.survival(x) }) }
    public var mean: Double { weightedSum(of: \.mean) }
    public var variance: Double {
        let mean = mean
        return weightedSum { $0.variance + ($0.mean - mean) * ($0.mean - mean) }
    }
    public var standardDeviation: Double {
        if isStopped { return .nan }
        let (mean, means, deviations) = (mean, parts.map(\.mean), parts.map(\.standardDeviation))
        let scale = Double(powerOfTwoNear: zip(means, deviations).reduce(0) { max($0, $1.1, abs($1.0 - mean)) })
        return scale * parts.indices.reduce(0) { sum, i in
            let (deviation, distance) = (deviations[i] / scale, (means[i] - mean) / scale)
            return sum + (weights[i] > 0 ? weights[i] * (deviation * deviation + distance * distance) : 0)
        }.squareRoot()
    }

    private func weightedSum(of f: (any Distribution) -> Double) -> Double {
        isStopped ? .nan : zip(parts, weights).reduce(0) { $0 + ($1.1 > 0 ? $1.1 * f($1.0) : 0) }
    }

    private var isStopped: Bool { isLongMixtureStopped(size) }
}

/// The same over vectors.
public struct VectorMixture: VectorDistribution {
    public let parts: [any VectorDistribution]
    private let table: AliasTable
    public let size: Int

    /// The parts must be over vectors of one length; nil when the weights cannot be probabilities.
    public init?(_ parts: [any VectorDistribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        precondition(parts.allSatisfy { $0.mean.count == parts[0].mean.count })
        self.parts = parts
        self.table = table
        size = mixtureSize(parts.map(\.size))
    }

    public var weights: [Double] { table.probabilities }
    public var byteCount: Int { parts.reduce(0) { $0 + 60 + ($1.size == 1 ? $1.byteCount : 0) } }
    public func draw(using generator: inout Generator) -> [Double] { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: [Double]) -> Double { isLongMixtureStopped(size) ? .nan : logSumExp(zip(parts, weights).map { log($1) + $0.logDensity(x) }) }
    public var mean: [Double] { weightedSum(of: \.mean) }
    public var variance: [Double] {
        let mean = mean
        return weightedSum { part in zip(part.variance, zip(part.mean, mean)).map { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    }

    private func weightedSum(of f: (any VectorDistribution) -> [Double]) -> [Double] {
        var sum: [Double] = []
        for (part, weight) in zip(parts, weights) {
            if isLongMixtureStopped(size) { break }
            let term = f(part)
            sum = sum.isEmpty ? term.map { weight * $0 } : zip(sum, term).map { $0 + weight * $1 }
        }
        return sum
    }
}

/// A mixture may hold the same mixture many times over, which its evaluation goes through each time.
public let largestMixture = 100_000

private func mixtureSize(_ parts: [Int]) -> Int { parts.reduce(1) { min(largestMixture + 1, $0 + $1) } }

/// Whether a mixture of so many that its evaluation takes long is to give that up. The result is of no use then.
private func isLongMixtureStopped(_ size: Int) -> Bool { size > 100 && Cancellation.isRequested }

/// log of the sum of exp, without overflow on the way; -infinity of nothing, nan where a term is.
public func logSumExp(_ terms: [Double]) -> Double {
    guard let highest = terms.max(), highest > -.infinity, highest < .infinity else {
        return terms.contains(where: \.isNaN) ? .nan : terms.max() ?? -.infinity
    }
    return highest + log(terms.reduce(0) { $0 + exp($1 - highest) })
}
