import Foundation

/// A sum of densities with weights: draws one of the parts, then from it.
public struct Mixture: Distribution {
    public let parts: [any Distribution]
    private let table: AliasTable
    public let size: Int
    public let isDiscrete: Bool
    public let support: ClosedRange<Double>
    /// Computed once: a mixture of mixtures, however deep, takes theirs as they are.
    public let mean: Double
    public let variance: Double
    public let standardDeviation: Double

    /// nil when the weights cannot be probabilities.
    public init?(_ parts: [any Distribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        self.parts = parts
        self.table = table
        size = mixtureSize(parts.map(\.size))
        isDiscrete = parts.allSatisfy(\.isDiscrete)
        let bounds = zip(parts, table.probabilities).filter { $0.1 > 0 }.map(\.0.support)
        support = (bounds.map(\.lowerBound).min() ?? 0)...(bounds.map(\.upperBound).max() ?? 0)
        func weighted(_ numbers: [Double]) -> Double { zip(numbers, table.probabilities).reduce(0) { $0 + ($1.1 > 0 ? $1.1 * $1.0 : 0) } }
        let means = parts.map(\.mean)
        let center = weighted(means)
        mean = center
        variance = weighted(zip(parts, means).map { $0.variance + ($1 - center) * ($1 - center) })
        let deviations = parts.map(\.standardDeviation)
        let scale = Double(powerOfTwoNear: zip(means, deviations).reduce(0) { max($0, $1.1, abs($1.0 - center)) })
        standardDeviation = scale * weighted(zip(means, deviations).map { mean, deviation in
            let (spread, distance) = (deviation / scale, (mean - center) / scale)
            return spread * spread + distance * distance
        }).squareRoot()
    }

    /// Of shares of the whole that are too small for doubles; nil of no parts.
    init?(ofParts parts: [(part: Truncated, logShare: Double)]) {
        guard let greatest = parts.map(\.logShare).max() else { return nil }
        self.init(parts.map(\.part), weights: parts.map { exp($0.logShare - greatest) })
    }

    public var weights: [Double] { table.probabilities }
    public var byteCount: Int { parts.reduce(0) { $0 + 60 + ($1.size == 1 ? $1.byteCount : 0) } }
    public func draw(using generator: inout Generator) -> Double { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: Double) -> Double { isStopped ? .nan : logSumExp(zip(parts, weights).map { log($1) + $0.logDensity(x) }) }
    public func cdf(_ x: Double) -> Double { min(1, weightedSum { $0.cdf(x) }) }
    public func survival(_ x: Double) -> Double { min(1, weightedSum { $0.survival(x) }) }

    private func weightedSum(of f: (any Distribution) -> Double) -> Double {
        isStopped ? .nan : zip(parts, weights).reduce(0) { $0 + ($1.1 > 0 ? $1.1 * f($1.0) : 0) }
    }

    private var isStopped: Bool { isLongMixtureStopped(size) }
}

/// A mixture of distributions over vectors of one length.
public struct VectorMixture: VectorDistribution {
    public let parts: [any VectorDistribution]
    private let table: AliasTable
    public let size: Int
    /// Computed once, as those of a mixture of numbers.
    public let mean: [Double]
    public let variance: [Double]

    /// The parts must be over vectors of one length; nil when the weights cannot be probabilities.
    public init?(_ parts: [any VectorDistribution], weights: [Double]) {
        guard parts.count == weights.count, let table = AliasTable(weights: weights) else { return nil }
        let means = parts.map(\.mean)
        require(means.allSatisfy { $0.count == means[0].count }, "the parts of a mixture are over vectors of one length")
        self.parts = parts
        self.table = table
        size = mixtureSize(parts.map(\.size))
        func weighted(_ vectors: [[Double]]) -> [Double] {
            let zeros = Array(repeating: 0.0, count: means[0].count)
            return zip(vectors, table.probabilities).reduce(zeros) { sum, term in zip(sum, term.0).map { $0 + term.1 * $1 } }
        }
        let center = weighted(means)
        mean = center
        variance = weighted(zip(parts, means).map { part, mean in
            zip(part.variance, zip(mean, center)).map { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        })
    }

    public var weights: [Double] { table.probabilities }
    public var byteCount: Int { parts.reduce(0) { $0 + 60 + ($1.size == 1 ? $1.byteCount : 0) } }
    public func draw(using generator: inout Generator) -> [Double] { parts[table.draw(using: &generator)].draw(using: &generator) }
    public func logDensity(_ x: [Double]) -> Double {
        isLongMixtureStopped(size) ? .nan : logSumExp(zip(parts, weights).map { log($1) + $0.logDensity(x) })
    }
}

/// A mixture may hold the same mixture many times over, which its evaluation goes through each time.
public let largestMixture = 100_000

private func mixtureSize(_ parts: [Int]) -> Int { parts.reduce(1) { min(largestMixture + 1, $0 + $1) } }

/// Whether a mixture of so many that its evaluation takes long is to give that up. The result is of no use then.
private func isLongMixtureStopped(_ size: Int) -> Bool { size > 100 && Cancellation.isRequested }
