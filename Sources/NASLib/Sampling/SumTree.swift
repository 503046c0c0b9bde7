/// Draws in proportion to weights that change: O(log n) for a draw and for an update, O(n) to build.
///
/// A binary tree of partial sums in one array; node i has the children 2i and 2i+1, the leaves n ..< 2n are the weights.
public struct SumTree: Sendable {
    public let count: Int
    private var sums: [Double]

    /// Weights must be finite and not negative, and so must be their sum.
    public init(weights: [Double]) {
        count = weights.count
        sums = Array(repeating: 0, count: max(2, 2 * count))
        for (i, weight) in weights.enumerated() {
            require(weight >= 0 && weight.isFinite, "a weight is finite and at least 0, not \(weight)")
            sums[count + i] = weight
        }
        for i in stride(from: count - 1, to: 0, by: -1) { sums[i] = sums[2 * i] + sums[2 * i + 1] }
    }

    public var total: Double { sums[1] }

    public subscript(index: Int) -> Double {
        get { sums[count + index] }
        set {
            require(newValue >= 0 && newValue.isFinite, "a weight is finite and at least 0, not \(newValue)")
            var node = count + index
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
        // Sums near the least double have too few digits to be divided.
        let scale = total < 0x1p-900 ? 0x1p900 : 1
        var target = generator.uniform() * (total * scale)
        var node = 1
        while node < count {
            let left = sums[2 * node] * scale
            // Rounding may lead past the last weight; where only one side has any, go there.
            if (target < left || sums[2 * node + 1] == 0) && left > 0 {
                node = 2 * node
            } else {
                target -= left
                node = 2 * node + 1
            }
        }
        return node - count
    }
}
