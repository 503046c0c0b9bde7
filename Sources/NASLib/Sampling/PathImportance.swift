/// A distribution over paths that learns from gradient norms: one categorical for each choice, or one for all.
///
/// Candidates are drawn in proportion to the gradient norms of their parameters (PA&DA, arXiv 2302.14772):
/// p = s * norm / sum of norms + (1 - s) / n, with the smoothing s. Candidates without parameters have no norm: they
/// live from the uniform part, or, with `ParameterFree.meanNorm`, count as the mean of those that have one.
public final class PathImportance: @unchecked Sendable {
    public enum Scope: String, Sendable, CaseIterable {
        /// Each choice has its own probabilities.
        case choice
        /// All choices share the probabilities of the candidates' types.
        case type
    }

    public enum ParameterFree: String, Sendable, CaseIterable { case uniformShare = "uniform", meanNorm = "mean" }

    public let mode: SamplingMode
    public let scope: Scope
    public let parameterFree: ParameterFree
    private let choiceCount: Int
    /// For each categorical, its probabilities.
    private var groups: [[Double]]
    private var tables: [AliasTable]
    /// What an epoch has seen: for each categorical and candidate, the sum of norms (in reference mode the running value)
    /// and how many.
    private var sums: [[Double]]
    private var counts: [[Int]]
    /// The last known norm; nil as long as none was positive.
    private var known: [[Double?]]

    /// - Parameter candidates: how many candidates each choice has; equal numbers where the scope is `type`.
    public init(candidates: [Int], mode: SamplingMode = .stable, scope: Scope = .choice, parameterFree: ParameterFree = .uniformShare) throws {
        guard let first = candidates.first, candidates.allSatisfy({ $0 > 0 }) else { throw SamplingError("there is nothing to choose from") }
        guard scope == .choice || candidates.allSatisfy({ $0 == first }) else {
            throw SamplingError("probabilities by type need the same candidates at every choice")
        }
        self.mode = mode
        self.scope = scope
        self.parameterFree = parameterFree
        choiceCount = candidates.count
        let sizes = scope == .choice ? candidates : [first]
        groups = sizes.map { Array(repeating: 1 / Double($0), count: $0) }
        tables = groups.compactMap { AliasTable(weights: $0) }
        sums = sizes.map { Array(repeating: 0, count: $0) }
        counts = sizes.map { Array(repeating: 0, count: $0) }
        known = sizes.map { Array(repeating: nil, count: $0) }
    }

    private func group(of choice: Int) -> Int { scope == .choice ? choice : 0 }

    /// For each choice, the probabilities of its candidates.
    public var probabilities: [[Double]] { (0..<choiceCount).map { groups[group(of: $0)] } }

    /// Whether steps are to be multiplied by `weight(of:)`.
    public var weightsSteps: Bool { mode == .unbiased }

    public func draw(using generator: inout Generator) -> Path {
        Path((0..<choiceCount).map { UInt8(tables[group(of: $0)].draw(using: &generator)) })
    }

    public func probability(of path: Path) -> Double {
        path.choices.enumerated().reduce(1) { $0 * groups[group(of: $1.offset)][Int($1.element)] }
    }

    /// uniform(path) / p(path): what makes the gradient of a step unbiased.
    public func weight(of path: Path) -> Double {
        path.choices.enumerated().reduce(1) { product, choice in
            let p = groups[group(of: choice.offset)]
            return product / (p[Int(choice.element)] * Double(p.count))
        }
    }

    /// Takes in the gradient norms of one step: one for each choice's candidate, 0 for one without parameters.
    public func observe(_ path: Path, norms: [Double]) throws {
        try SamplingError.check(norms: norms, count: choiceCount, of: "choices")
        guard path.choices.count == choiceCount, path.choices.enumerated().allSatisfy({ Int($0.element) < groups[group(of: $0.offset)].count }) else {
            throw SamplingError("the path is not one of the sampler's space")
        }
        if mode == .reference {
            observeAsReleased(path, norms)
            return
        }
        for (choice, candidate) in path.choices.enumerated() where norms[choice] > 0 {
            sums[group(of: choice)][Int(candidate)] += norms[choice]
            counts[group(of: choice)][Int(candidate)] += 1
        }
    }

    /// For each type in the path, its norm divided by how often it occurs, folded in by (old + new) / 2.
    private func observeAsReleased(_ path: Path, _ norms: [Double]) {
        for g in groups.indices {
            var step = Array(repeating: 0.0, count: groups[g].count)
            var occurrences = Array(repeating: 0, count: groups[g].count)
            for (choice, candidate) in path.choices.enumerated() where group(of: choice) == g {
                step[Int(candidate)] += norms[choice]
                occurrences[Int(candidate)] += 1
            }
            for candidate in step.indices where step[candidate] != 0 {
                sums[g][candidate] = (sums[g][candidate] + step[candidate] / Double(occurrences[candidate])) / 2
            }
        }
    }

    /// Makes the probabilities anew from what was observed since the last time. `smoothing` is the weight of the learnt part.
    public func refresh(smoothing: Double) throws {
        try SamplingError.check(smoothing: smoothing)
        for g in groups.indices {
            let learnt = mode == .reference ? sums[g] : learntNorms(g)
            let total = learnt.reduce(0, +)
            let n = Double(groups[g].count)
            // Where nothing is known the distribution is uniform.
            groups[g] = learnt.map { total > 0 ? smoothing * $0 / total + (1 - smoothing) / n : 1 / n }
            for candidate in groups[g].indices { (sums[g][candidate], counts[g][candidate]) = (0, 0) }
        }
        tables = groups.compactMap { AliasTable(weights: $0) }
    }

    private func learntNorms(_ g: Int) -> [Double] {
        for candidate in groups[g].indices where counts[g][candidate] > 0 {
            known[g][candidate] = sums[g][candidate] / Double(counts[g][candidate])
        }
        let norms = known[g].compactMap(\.self)
        guard !norms.isEmpty else { return Array(repeating: 0, count: known[g].count) }
        let absent = parameterFree == .meanNorm ? norms.reduce(0, +) / Double(norms.count) : 0
        return known[g].map { $0 ?? absent }
    }
}
