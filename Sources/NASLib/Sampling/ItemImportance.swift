/// A distribution over training examples that learns from the bounds of their gradient norms (Katharopoulos and Fleuret,
/// 2018; PA&DA, arXiv 2302.14772): q = s * norm / sum of norms + (1 - s) / N.
public final class ItemImportance: @unchecked Sendable {
    public let mode: SamplingMode
    public private(set) var probabilities: [Double]
    private var table: AliasTable?
    private var sums: [Double]
    private var counts: [Int32]
    /// Last known norms; below 0 as long as there is none.
    private var known: [Double]

    public init(count: Int, mode: SamplingMode = .stable) throws {
        guard count > 0 else { throw SamplingError("there are no examples to draw") }
        self.mode = mode
        probabilities = Array(repeating: 1 / Double(count), count: count)
        sums = Array(repeating: 0, count: count)
        counts = Array(repeating: 0, count: count)
        known = Array(repeating: -1, count: count)
    }

    public var count: Int { probabilities.count }
    public var weightsSteps: Bool { mode == .unbiased }

    public func draw(using generator: inout Generator) -> Int { table?.draw(using: &generator) ?? generator.below(count) }

    /// As many draws as there are examples: with replacement once the distribution has learnt, before that each once.
    public func epoch(using generator: inout Generator) -> [Int] {
        if let table { return (0..<count).map { _ in table.draw(using: &generator) } }
        var order = Array(0..<count)
        generator.shuffle(&order)
        return order
    }

    /// 1 / (N q): what makes the gradient of a step unbiased.
    public func weight(of index: Int) -> Double { 1 / (Double(count) * probabilities[index]) }

    /// Takes in one norm for each of a batch's examples.
    public func observe(_ indices: [Int], norms: [Double]) throws {
        try SamplingError.check(norms: norms, count: indices.count, of: "examples")
        if let bad = indices.first(where: { !(0..<count).contains($0) }) { throw SamplingError("there is no example \(bad) among \(count)") }
        for (i, norm) in zip(indices, norms) {
            if mode == .reference {
                sums[i] = counts[i] == 0 ? norm : (sums[i] + norm) / 2
            } else {
                sums[i] += norm
            }
            counts[i] += 1
        }
    }

    /// Makes the probabilities anew from what was observed. `smoothing` is the weight of the learnt part. O(N).
    public func refresh(smoothing: Double) throws {
        try SamplingError.check(smoothing: smoothing)
        let learnt = mode == .reference ? sums : learntNorms()
        let total = learnt.reduce(0, +)
        let n = Double(count)
        probabilities = learnt.map { total > 0 ? smoothing * $0 / total + (1 - smoothing) / n : 1 / n }
        table = AliasTable(weights: probabilities)
        for i in sums.indices { (sums[i], counts[i]) = (0, 0) }
    }

    private func learntNorms() -> [Double] {
        for i in sums.indices where counts[i] > 0 { known[i] = sums[i] / Double(counts[i]) }
        let seen = known.filter { $0 >= 0 }
        let mean = seen.isEmpty ? 0 : seen.reduce(0, +) / Double(seen.count)
        return known.map { $0 >= 0 ? $0 : mean }
    }
}
