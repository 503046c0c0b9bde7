extension Correlation {
    /// Kendall's tau with pairs weighted so that the top counts most (Vigna, 2015), ties counted right, in O(n log n); nan where
    /// one list is constant.
    ///
    /// The weight of a pair is the sum of 1 / (1 + r) over its two elements, r being the rank of an element, 0 for the greatest.
    /// It is the mean of the two taus with ranks by `x` (ties by `y`) and by `y` (ties by `x`).
    public static func weightedKendall(_ x: [Double], _ y: [Double], check: () throws -> Void) rethrows -> Double {
        require(x.count == y.count, "there are \(x.count) numbers in one list and \(y.count) in the other")
        guard x.count > 1, !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
        return (try weightedByFirst(x, y, check) + weightedByFirst(y, x, check)) / 2
    }

    /// The weighted tau with ranks by `x`.
    private static func weightedByFirst(_ x: [Double], _ y: [Double], _ check: () throws -> Void) rethrows -> Double {
        let n = x.count
        let order = try order(x, thenBy: y, check: check)
        var sorted = order.map { (value: y[$0], weight: 0.0) }
        for i in 0..<n { sorted[i].weight = 1 / Double(n - i) }
        let all = tieWeight(sorted.map(\.weight)) { _ in true }
        let tiesX = tieWeight(sorted.map(\.weight)) { x[order[$0]] == x[order[$0 - 1]] }
        let tiesBoth = tieWeight(sorted.map(\.weight)) { x[order[$0]] == x[order[$0 - 1]] && y[order[$0]] == y[order[$0 - 1]] }
        let discordant = try sortCountingInversions(&sorted, check)
        let tiesY = tieWeight(sorted.map(\.weight)) { sorted[$0].value == sorted[$0 - 1].value }
        guard tiesX < all, tiesY < all else { return .nan }
        let score = all - tiesX - tiesY + tiesBoth - 2 * discordant
        return score / (all - tiesX).squareRoot() / (all - tiesY).squareRoot()
    }

    /// The summed weight of all pairs within runs of neighbours, `continues(i)` telling whether i is in one run with i - 1. In a run
    /// of k each weight is in k - 1 pairs.
    private static func tieWeight(_ weights: [Double], _ continues: (Int) -> Bool) -> Double {
        var total = 0.0
        var (sum, length) = (0.0, 0)
        for i in weights.indices {
            if i > 0, !continues(i) {
                total += sum * Double(length - 1)
                (sum, length) = (0, 0)
            }
            sum += weights[i]
            length += 1
        }
        return total + sum * Double(max(0, length - 1))
    }

    /// Sorts by value, by merging; gives the summed weight of the pairs that stood in the wrong order.
    private static func sortCountingInversions(
        _ elements: inout [(value: Double, weight: Double)], _ check: () throws -> Void
    ) rethrows -> Double {
        var buffer = elements
        var total = 0.0
        var width = 1
        while width < elements.count {
            for start in stride(from: 0, to: elements.count, by: 2 * width) {
                try check()
                let middle = min(start + width, elements.count)
                let end = min(start + 2 * width, elements.count)
                var (left, right) = (start, middle)
                var leftWeight = elements[start..<middle].reduce(0) { $0 + $1.weight }
                for k in start..<end {
                    if k & 0xffff == 0 { try check() }
                    if right >= end || (left < middle && elements[left].value <= elements[right].value) {
                        buffer[k] = elements[left]
                        leftWeight -= elements[left].weight
                        left += 1
                    } else {
                        buffer[k] = elements[right]
                        total += leftWeight + Double(middle - left) * elements[right].weight
                        right += 1
                    }
                }
            }
            swap(&elements, &buffer)
            width *= 2
        }
        return total
    }
}
