/// How well two lists of numbers agree. `check` is called on the way through long ones, and may throw to stop.
public enum Correlation {
    /// Kendall's tau-b, ties counted right, in O(n log n) (Knight, 1966); nan where one list is constant.
    ///
    /// tau = (concordant - discordant) / sqrt((n0 - ties in x) * (n0 - ties in y)) over the n0 pairs. Both of one length.
    public static func kendall(_ x: [Double], _ y: [Double], check: () throws -> Void) rethrows -> Double {
        require(x.count == y.count, "there are \(x.count) numbers in one list and \(y.count) in the other")
        guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
        return try pairCounts(x, y, check: check).tau
    }

    /// What tau-b is made of.
    struct PairCounts {
        /// Concordant pairs less discordant ones.
        var score = 0.0
        /// Pairs without a tie in x, and in y.
        var untiedX = 0.0, untiedY = 0.0

        var tau: Double { score / (untiedX * untiedY).squareRoot() }
    }

    /// There must be no nan.
    static func pairCounts(_ x: [Double], _ y: [Double], check: () throws -> Void) rethrows -> PairCounts {
        let n = x.count
        guard n > 1 else { return PairCounts() }
        let order = try self.order(x, thenBy: y, check: check)
        var sorted = order.map { y[$0] }
        let pairs = { (count: Int) in Double(count) * Double(count - 1) / 2 }
        var tiesX = 0.0
        var tiesBoth = 0.0
        var runX = 1
        var runBoth = 1
        for i in 1...n {
            let sameX = i < n && x[order[i]] == x[order[i - 1]]
            if sameX && y[order[i]] == y[order[i - 1]] { runBoth += 1 } else {
                tiesBoth += pairs(runBoth)
                runBoth = 1
            }
            if sameX { runX += 1 } else {
                tiesX += pairs(runX)
                runX = 1
            }
        }
        // Discordant pairs are the inversions of y in the order of x: counted by merging.
        var buffer = sorted
        var discordant = 0.0
        var width = 1
        while width < n {
            for start in stride(from: 0, to: n, by: 2 * width) {
                try check()
                let middle = min(start + width, n)
                let end = min(start + 2 * width, n)
                var (left, right) = (start, middle)
                for k in start..<end {
                    if k & 0xffff == 0 { try check() }
                    if right >= end || (left < middle && sorted[left] <= sorted[right]) {
                        buffer[k] = sorted[left]
                        left += 1
                    } else {
                        buffer[k] = sorted[right]
                        right += 1
                        discordant += Double(middle - left)
                    }
                }
            }
            swap(&sorted, &buffer)
            width *= 2
        }
        var tiesY = 0.0
        var runY = 1
        for i in 1...n {
            if i < n, sorted[i] == sorted[i - 1] { runY += 1 } else {
                tiesY += pairs(runY)
                runY = 1
            }
        }
        let all = pairs(n)
        let concordant = all - tiesX - tiesY + tiesBoth - discordant
        return PairCounts(score: concordant - discordant, untiedX: all - tiesX, untiedY: all - tiesY)
    }

    /// Kendall's tau-b of two lists of one length, ties counted right; nan where one list is constant or holds a nan.
    public static func kendall(_ x: [Double], _ y: [Double]) -> Double { kendall(x, y) {} }

    /// Spearman's rho of two lists of one length, ties sharing their mean rank; nan where one list is constant or holds a nan.
    public static func spearman(_ x: [Double], _ y: [Double]) -> Double { spearman(x, y) {} }

    /// Pearson's r; nan where one list is constant or holds a nan.
    public static func pearson(_ x: [Double], _ y: [Double]) -> Double {
        require(x.count == y.count, "there are \(x.count) numbers in one list and \(y.count) in the other")
        return x.count > 1 ? Sample(x).correlation(with: Sample(y)) : .nan
    }

    /// Spearman's rho: Pearson's r of the ranks, ties sharing their mean rank; nan where one list is constant or holds a nan.
    public static func spearman(_ x: [Double], _ y: [Double], check: () throws -> Void) rethrows -> Double {
        guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
        return pearson(try ranks(x, check: check), try ranks(y, check: check))
    }

    /// Ranks from 1 up, ties sharing their mean rank.
    public static func ranks(_ x: [Double], check: () throws -> Void) rethrows -> [Double] {
        let order = try self.order(x, thenBy: x, check: check)
        var ranks = Array(repeating: 0.0, count: x.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, x[order[end]] == x[order[start]] { end += 1 }
            end = max(end, start + 1)
            for i in start..<end { ranks[order[i]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }

    /// The positions in the order of `x`, those of equals in the order of `y`.
    static func order(_ x: [Double], thenBy y: [Double], check: () throws -> Void) rethrows -> [Int] {
        try x.indices.sorted {
            try check()
            return x[$0] != x[$1] ? x[$0] < x[$1] : y[$0] < y[$1]
        }
    }
}
