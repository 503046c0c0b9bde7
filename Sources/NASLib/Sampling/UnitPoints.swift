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

    /// n numbers, each with its distance from 1: the smaller of the two is exact, and neither is 0.
    public func points(_ n: Int, using generator: inout Generator) -> [(p: Double, rest: Double)] {
        switch self {
        case .independent: return (0..<n).map { _ in UnitPoints.split(generator.uniform()) }
        case .stratified: return (0..<n).map { UnitPoints.split((Double($0) + generator.uniform()) / Double(n)) }
        case .systematic:
            let offset = generator.uniform()
            return (0..<n).map { UnitPoints.split((Double($0) + offset) / Double(n)) }
        case .antithetic:
            var last = (p: 0.0, rest: 0.0)
            return (0..<n).map { i in
                last = i % 2 == 0 ? UnitPoints.split(generator.uniform()) : (last.rest, last.p)
                return last
            }
        case .sobol, .halton:
            var source: Generator? = generator
            let points = self == .sobol
                ? Sobol(dimensions: 1, scrambledBy: &source).points(n) : Halton(dimensions: 1, scrambledBy: &source).points(n)
            if let source { generator = source }
            return points.map { UnitPoints.split($0[0]) }
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
