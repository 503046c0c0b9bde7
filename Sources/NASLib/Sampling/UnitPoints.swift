/// How numbers from 0 to 1 are chosen whose quantiles make draws of a distribution: each is uniform, together they are more even
/// than independent ones, so that means over them vary less.
public enum UnitPoints: String, CaseIterable, Sendable {
    case independent
    /// One in each of n equal intervals.
    case stratified
    /// The same place in each of n equal intervals.
    case systematic
    /// Pairs u, 1 - u.
    case antithetic
    /// Scrambled points of a low-discrepancy sequence.
    case sobol, halton

    /// n numbers, each with its distance from 1: the smaller of the two is exact, and neither is 0. `check` is called for each, and
    /// may throw to stop.
    public func points(_ n: Int, using generator: inout Generator, check: () throws -> Void) rethrows -> [(p: Double, rest: Double)] {
        if self == .sobol || self == .halton {
            var source: Generator? = generator
            let sequence: any LowDiscrepancySequence = self == .sobol
                ? Sobol(dimensions: 1, scrambledBy: &source) : Halton(dimensions: 1, scrambledBy: &source)
            if let source { generator = source }
            var points: [(p: Double, rest: Double)] = []
            try sequence.forEachPoint(n) { point in
                try check()
                points.append(UnitPoints.split(point[0]))
            }
            return points
        }
        let offset = self == .systematic ? generator.uniform() : 0
        var last = (p: 0.0, rest: 0.0)
        return try (0..<n).map { i in
            try check()
            switch self {
            case .stratified: last = UnitPoints.split((Double(i) + generator.uniform()) / Double(n))
            case .systematic: last = UnitPoints.split((Double(i) + offset) / Double(n))
            case .antithetic where i % 2 == 1: last = (last.rest, last.p)
            default: last = UnitPoints.split(generator.uniform())
            }
            return last
        }
    }

    /// u itself but for 0 and 1, which have no finite quantile.
    private static func split(_ u: Double) -> (p: Double, rest: Double) {
        let p = min(1 - 0x1p-53, max(0x1p-54, u))
        return (p, 1 - p)
    }
}

extension Distribution {
    /// The number at a point of the unit interval, given with its distance from 1.
    public func quantile(at point: (p: Double, rest: Double)) -> Double { point.p < 0.5 ? quantile(point.p) : quantile(upper: point.rest) }
}
