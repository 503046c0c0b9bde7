/// Draws from a fixed discrete distribution in O(1): Vose's alias method. Building takes O(n).
public struct AliasTable: Sendable {
    /// Normalised to sum 1.
    public let probabilities: [Double]
    private var thresholds: [Double]
    private var aliases: [Int32]

    /// Weights must be finite, not negative, and not all zero: nil otherwise.
    public init?(weights: [Double]) { self.init(weights: weights) {} }

    /// A table of weights that are finite, not negative, and not all zero: nil otherwise. `check` is called on the way, and may throw to
    /// stop.
    public init?(weights: [Double], check: () throws -> Void) rethrows {
        let total = weights.reduce(0, +)
        guard total > 0, total.isFinite, weights.allSatisfy({ $0 >= 0 }), weights.count < Int(Int32.max) else { return nil }
        let n = weights.count
        probabilities = weights.map { $0 / total }
        thresholds = probabilities.map { $0 * Double(n) }
        aliases = (0..<n).map { Int32($0) }
        var small: [Int] = []
        var large: [Int] = []
        for i in 0..<n {
            try check()
            if thresholds[i] < 1 { small.append(i) } else { large.append(i) }
        }
        while let less = small.popLast(), let more = large.last {
            try check()
            aliases[less] = Int32(more)
            thresholds[more] -= 1 - thresholds[less]
            if thresholds[more] < 1 {
                large.removeLast()
                small.append(more)
            }
        }
        // What is left over is 1 but for rounding; an outcome of weight 0 must never come up.
        for i in large + small where probabilities[i] > 0 { thresholds[i] = 1 }
    }

    public var count: Int { probabilities.count }

    public func draw(using generator: inout Generator) -> Int {
        let i = generator.below(count)
        return generator.uniform() < thresholds[i] ? i : Int(aliases[i])
    }
}
