extension Correlation {
    /// Kendall's tau-b over the pairs within groups alone; nan where one list is constant in every group.
    ///
    /// tau = sum of (concordant - discordant) / sqrt(sum of (n0 - ties in x) * sum of (n0 - ties in y)), the sums being over the groups, whose
    /// elements have the same number in `groups`. With a single group it is tau-b; without ties, the groups' taus weighted by their pairs.
    public static func kendall(_ x: [Double], _ y: [Double], groups: [Int], check: () throws -> Void) rethrows -> Double {
        require(x.count == y.count && x.count == groups.count, "there are \(x.count), \(y.count) and \(groups.count) elements")
        guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
        var members: [Int: [Int]] = [:]
        for (i, group) in groups.enumerated() { members[group, default: []].append(i) }
        // Whole numbers: their sums are the same in any order.
        var sum = PairCounts()
        for group in members.values {
            let counts = try pairCounts(group.map { x[$0] }, group.map { y[$0] }, check: check)
            sum.score += counts.score
            sum.untiedX += counts.untiedX
            sum.untiedY += counts.untiedY
        }
        return sum.tau
    }

    /// Kendall's partial tau of x and y given z (Kendall, 1942): (xy - xz yz) / sqrt((1 - xz²) (1 - yz²)) with the three taus-b. It is Pearson's
    /// partial correlation of the signs of all pairs' differences. nan where a list is constant, or x or y has the order of z or its reverse.
    public static func kendall(_ x: [Double], _ y: [Double], given z: [Double], check: () throws -> Void) rethrows -> Double {
        require(x.count == y.count && x.count == z.count, "there are \(x.count), \(y.count) and \(z.count) numbers")
        let (xy, xz, yz) = (try kendall(x, y, check: check), try kendall(x, z, check: check), try kendall(y, z, check: check))
        let rest = (1 - xz) * (1 + xz) * (1 - yz) * (1 + yz)
        return rest > 0 ? ((xy - xz * yz) / rest.squareRoot()).clamped(to: -1...1) : .nan
    }
}
