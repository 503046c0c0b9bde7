/// Draws in proportion to weights that change: O(log n) for a draw and for an update.
///
/// A complete binary tree of partial sums; node i has children 2i and 2i+1, the leaves are the weights.
public struct SumTree: Sendable {
    public let count: Int
    private let leaves: Int
    private var sums: [Double]

    /// Weights must be finite and not negative.
    public init(weights: [Double]) {
        precondition(weights.allSatisfy { $0 >= 0 && $0.isFinite })
        count = weights.count
        var leaves = 1
        while leaves < max(1, weights.count) { leaves *= 2 }
        self.leaves = leaves
        sums = Array(repeating: 0, count: 2 * leaves)
        for (i, weight) in weights.enumerated() { sums[leaves + i] = weight }
        for i in stride(from: leaves - 1, to: 0, by: -1) { sums[i] = sums[2 * i] + sums[2 * i + 1] }
    }

    public var total: Double { sums[1] }

    public subscript(index: Int) -> Double {
        get { sums[leaves + index] }
        set {
            precondition(newValue >= 0 && newValue.isFinite)
            var node = leaves + index
            sums[node] = newValue
            while node > 1 {
                node /= 2
                sums[node] = sums[2 * node] + sums[2 * node + 1]
            }
        }
    }

    /// nil when all weights are zero.
    public func draw(using generator: inout Generator) -> Int? {
        guard total > 0 else { return nil }
        var target = generator.uniform() * total
        var node = 1
        while node < leaves {
            let left = sums[2 * node]
            // Rounding may lead past the last weight; where only one side has any, go there.
            if (target < left || sums[2 * node + 1] == 0) && left > 0 {
                node = 2 * node
            } else {
                target -= left
                node = 2 * node + 1
            }
        }
        return node - leaves
    }
}
