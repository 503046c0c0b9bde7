import Foundation

/// Some numbers with probabilities.
public struct FiniteDistribution: Distribution {
    /// The values that can be drawn, in increasing order, each once.
    public let values: [Double]
    public let probabilities: [Double]
    /// P(X <= value) for each, and P(X > value), each summed from its own end so that it is exact where it is small.
    private let cumulative: [Double]
    private let above: [Double]
    private let table: AliasTable

    /// nil when the weights cannot be probabilities.
    public init?(values: [Double], weights: [Double]) {
        guard values.count == weights.count, !values.contains(where: \.isNaN) else { return nil }
        var (sorted, merged): ([Double], [Double]) = ([], [])
        for i in values.indices.sorted(by: { values[$0] < values[$1] }) where weights[i] != 0 {
            if sorted.last == values[i] { merged[merged.count - 1] += weights[i] } else {
                sorted.append(values[i])
                merged.append(weights[i])
            }
        }
        guard let table = AliasTable(weights: merged) else { return nil }
        (self.values, self.table, probabilities) = (sorted, table, table.probabilities)
        var sum = CompensatedSum()
        cumulative = table.probabilities.map { p in
            sum.add(p)
            return sum.value
        }
        sum = CompensatedSum()
        above = table.probabilities.reversed().map { p in
            defer { sum.add(p) }
            return sum.value
        }.reversed()
    }

    public var isDiscrete: Bool { true }
    public var byteCount: Int { values.count * 52 }
    public func draw(using generator: inout Generator) -> Double { values[table.draw(using: &generator)] }
    public func logDensity(_ x: Double) -> Double {
        let i = values.partitionPoint { $0 < x }
        return i < values.count && values[i] == x ? log(probabilities[i]) : -.infinity
    }
    public func cdf(_ x: Double) -> Double {
        let i = values.partitionPoint { $0 <= x }
        return i == 0 ? 0 : i == values.count ? 1 : cumulative[i - 1]
    }
    public func survival(_ x: Double) -> Double {
        let i = values.partitionPoint { $0 <= x }
        return i == 0 ? 1 : above[i - 1]
    }
    public func quantile(_ p: Double) -> Double {
        // From a half on 1 - p is exact, and what lies above has its digits where what lies below is rounded to 1.
        p > 0.5 ? quantile(upper: 1 - p) : values[min(values.count - 1, cumulative.partitionPoint { $0 < p })]
    }
    public func quantile(upper q: Double) -> Double { values[min(values.count - 1, above.partitionPoint { $0 > q })] }
    public var mean: Double { zip(values, probabilities).reduce(0) { $0 + $1.0 * $1.1 } }
    public var variance: Double {
        let mean = mean
        return zip(values, probabilities).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 }
    }
    public var standardDeviation: Double {
        let mean = mean
        let scale = Double(powerOfTwoNear: values.reduce(0) { max($0, abs($1 - mean)) })
        return scale * zip(values, probabilities).reduce(0) { $0 + ($1.0 - mean) / scale * (($1.0 - mean) / scale) * $1.1 }.squareRoot()
    }
    public var support: ClosedRange<Double> { values[0]...values[values.count - 1] }
    public var entropy: Double? { probabilities.entropy }

    public func divergence(from other: any Distribution) -> Double? {
        guard other.isDiscrete else { return nil }
        return zip(values, probabilities).reduce(0) { $0 + ($1.1 > 0 ? $1.1 * (log($1.1) - other.logDensity($1.0)) : 0) }
    }
}

extension Double {
    /// The power of two below a positive number, by which a division costs no digit; 1 for one that has none.
    init(powerOfTwoNear x: Double) {
        self = x > 0 && x < .infinity ? Double(sign: .plus, exponent: max(-1000, x.exponent), significand: 1) : 1
    }
}

extension Sequence<Double> {
    /// -sum of p log p over probabilities, in nats.
    public var entropy: Double { reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) } }
}

extension Array<Double> {
    /// How many of the first elements a condition holds for, in an array where it holds for none after those. O(log n).
    func partitionPoint(where holds: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
