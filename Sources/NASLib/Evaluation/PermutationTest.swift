/// The ways in which the numbers of two lists could have been handed to them. Where it makes no difference which list a number is in, all
/// of them are equally likely.
public enum Exchange: Sendable {
    /// So many pairs, of each of which either number may be in the first list.
    case pairs(Int)
    /// So many numbers in the first list and in the second, any of them in either.
    case lists(Int, Int)

    /// How many ways there are; `Int.max` where an int does not count them.
    public var count: Int {
        switch self {
        case .pairs(let n): return n < 62 ? 1 << n : .max
        case .lists(let n, let m):
            var count = 1
            for k in stride(from: 1, through: min(n, m), by: 1) {
                let (product, overflows) = count.multipliedReportingOverflow(by: n + m - min(n, m) + k)
                if overflows { return .max }
                count = product / k
            }
            return count
        }
    }

    /// The way of a number below `count`: for each place of the first list, then of the second, which of all the numbers it gets, those of the
    /// first list counted first. 0 leaves all as they are.
    public func way(_ number: Int) -> [Int] {
        switch self {
        case .pairs(let n): return Exchange.swapped(n) { number >> $0 & 1 == 1 }
        case .lists(let n, let m):
            var (rest, ways, open) = (number, count, n)
            var (first, second): ([Int], [Int]) = ([], [])
            for i in 0..<n + m {
                // Of the ways that are left, how many have this number in the first list.
                let taken = Exchange.part(open, of: n + m - i, ways)
                if rest < taken {
                    first.append(i)
                    (ways, open) = (taken, open - 1)
                } else {
                    second.append(i)
                    (ways, rest) = (ways - taken, rest - taken)
                }
            }
            return first + second
        }
    }

    /// One of the ways by chance.
    public func draw(using generator: inout Generator) -> [Int] {
        switch self {
        case .pairs(let n): return Exchange.swapped(n) { _ in generator.below(2) == 1 }
        case .lists(let n, let m):
            var places = Array(0..<n + m)
            generator.shuffle(&places)
            return places
        }
    }

    private static func swapped(_ n: Int, _ isSwapped: (Int) -> Bool) -> [Int] {
        let swaps = (0..<n).map(isSwapped)
        return (0..<n).map { swaps[$0] ? n + $0 : $0 } + (0..<n).map { swaps[$0] ? $0 : n + $0 }
    }

    /// ways * open / count, which is whole.
    private static func part(_ open: Int, of count: Int, _ ways: Int) -> Int {
        let (high, low) = ways.multipliedFullWidth(by: open)
        return count.dividingFullWidth((high, low)).quotient
    }
}

/// The probability of a statistic as far out as the one observed, from its values for other ways to hand out the numbers.
public enum PermutationTest {
    /// Two-sided: twice the smaller of the shares that are not above and not below the observed value, which rounding may make differ by
    /// 100 units in the last place. Of ways drawn by chance, the observed one is counted as another (Phipson and Smyth, 2010).
    public static func pValue(_ observed: Double, among values: [Double], areAll: Bool) -> Double {
        guard !observed.isNaN else { return .nan }
        let tolerance = abs(observed) < .infinity ? 100 * Double.ulpOfOne * abs(observed) : 0
        let own = areAll ? 0 : 1
        let below = values.count { $0 <= observed + tolerance } + own
        let above = values.count { $0 >= observed - tolerance } + own
        return min(1, 2 * Double(min(below, above)) / Double(values.count + own))
    }
}
