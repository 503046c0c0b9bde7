import Foundation

/// A distribution over paths that learns from gradient norms: one categorical for each choice, or one for all.
///
/// Candidates are drawn in proportion to the gradient norms of their parameters (PA&DA, arXiv 2302.14772):
/// p = s * norm / sum of norms + (1 - s) / n, with the smoothing s. A candidate with parameters that was never seen counts
/// as the mean of the known norms. Candidates without parameters have no norm: they live from the uniform part, or, with
/// `ParameterFree.meanNorm`, count as that mean too.
public final class PathImportance: PathSampler, ImportanceSampler, @unchecked Sendable {
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
    /// For each categorical and candidate, whether it has parameters.
    private let hasParameters: [[Bool]]
    /// For each categorical, its probabilities.
    private var groups: [[Double]]
    private var tables: [AliasTable]
    /// What an epoch has seen: for each categorical and candidate, the mean norm (in reference mode the running value)
    /// and how many norms it is of.
    private var observed: [[Double]]
    private var counts: [[Int]]
    /// How many paths were observed since the last refresh; nil where that is not known any more.
    private var observationCount: Int? = 0
    /// The last known norm; nil as long as none was positive.
    private var known: [[Double?]]

    /// - Parameters:
    ///   - candidates: how many candidates each choice has; equal numbers where the scope is `type`.
    ///   - hasParameters: for each choice, whether its candidates have parameters; without it, all have.
    public init(
        candidates: [Int], hasParameters: [[Bool]]? = nil, mode: SamplingMode = .stable, scope: Scope = .choice,
        parameterFree: ParameterFree = .uniformShare
    ) throws {
        guard let first = candidates.first, candidates.allSatisfy({ (1...256).contains($0) }) else {
            throw NASError(.value, "a sampler needs choices of 1 to 256 candidates each")
        }
        guard scope == .choice || candidates.allSatisfy({ $0 == first }) else {
            throw NASError(.value, "probabilities by type need the same candidates at every choice")
        }
        let hasParameters = hasParameters ?? candidates.map { Array(repeating: true, count: $0) }
        require(hasParameters.map(\.count) == candidates, "hasParameters has an entry for each candidate of each choice")
        self.mode = mode
        self.scope = scope
        self.parameterFree = parameterFree
        choiceCount = candidates.count
        let sizes = scope == .choice ? candidates : [first]
        self.hasParameters = Array(hasParameters[..<sizes.count])
        groups = sizes.map { Array(repeating: 1 / Double($0), count: $0) }
        tables = groups.map(PathImportance.table)
        observed = sizes.map { Array(repeating: 0, count: $0) }
        counts = sizes.map { Array(repeating: 0, count: $0) }
        known = sizes.map { Array(repeating: nil, count: $0) }
    }

    /// A sampler over the paths of a space.
    public convenience init(
        _ space: any SearchSpace, mode: SamplingMode = .stable, scope: Scope = .choice, parameterFree: ParameterFree = .uniformShare
    ) throws {
        try self.init(
            candidates: space.choices.map(\.candidates.count), hasParameters: space.choices.map(\.hasParameters), mode: mode, scope: scope,
            parameterFree: parameterFree)
    }

    private static func table(_ probabilities: [Double]) -> AliasTable {
        guard let table = AliasTable(weights: probabilities) else {
            preconditionFailure("probabilities are finite, and one of them is positive")
        }
        return table
    }

    private func group(of choice: Int) -> Int { scope == .choice ? choice : 0 }

    /// The memory of its numbers for each categorical and candidate.
    public var byteCount: Int { groups.reduce(0) { $0 + 256 + $1.count * 64 } }

    private func contains(_ path: Path) -> Bool {
        path.choices.count == choiceCount && path.choices.enumerated().allSatisfy { Int($0.element) < groups[group(of: $0.offset)].count }
    }

    private func check(_ path: Path) throws {
        guard contains(path) else { throw NASError(.value, "the path is not one of the sampler's space", parameter: "path") }
    }

    /// For each choice, the probabilities of its candidates.
    public var probabilities: [[Double]] { (0..<choiceCount).map { groups[group(of: $0)] } }

    public func drawPaths(using generator: inout Generator) -> [Path] { [draw(using: &generator)] }

    public func draw(using generator: inout Generator) -> Path {
        Path((0..<choiceCount).map { UInt8(tables[group(of: $0)].draw(using: &generator)) })
    }

    /// 0 for a path of another space.
    public func probability(of path: Path) -> Double {
        guard contains(path) else { return 0 }
        return path.choices.enumerated().reduce(1) { $0 * groups[group(of: $1.offset)][Int($1.element)] }
    }

    /// uniform(path) / p(path): what makes the gradient of a step unbiased. Throws for a path that is never drawn.
    public func weight(of path: Path) throws -> Double {
        try check(path)
        // A product over many choices could overflow on the way.
        let logarithm = path.choices.enumerated().reduce(0.0) { sum, choice in
            let p = groups[group(of: choice.offset)]
            return sum - log(p[Int(choice.element)] * Double(p.count))
        }
        let weight = exp(logarithm)
        guard Float(weight).isFinite else { throw never("the path") }
        return weight
    }

    /// Takes in a step's norms before clipping; as released, those that clipping left.
    public func observe(_ path: Path, _ seen: PathObservation) throws {
        let norms = seen.candidateGradientNorms, scale = mode == .reference ? seen.clipScale : 1
        try observe(path, norms: scale == 1 ? norms : norms.map { $0 * scale })
    }

    /// Takes in the gradient norms of one step: one for each choice's candidate, 0 for one without parameters.
    public func observe(_ path: Path, norms: [Double]) throws {
        try check(norms: norms, count: choiceCount, of: "choices")
        try check(path)
        observationCount? += 1
        if mode == .reference {
            observeAsReleased(path, norms)
            return
        }
        for (choice, candidate) in path.choices.enumerated() where norms[choice] > 0 {
            let g = group(of: choice)
            counts[g][Int(candidate)] += 1
            observed[g][Int(candidate)] = Shares.mean(observed[g][Int(candidate)], adding: norms[choice], count: counts[g][Int(candidate)])
        }
    }

    /// For each type in the path, its norm divided by how often it occurs, folded in by (old + new) / 2.
    private func observeAsReleased(_ path: Path, _ norms: [Double]) {
        for g in groups.indices {
            var step = Array(repeating: 0.0, count: groups[g].count)
            var occurrences = Array(repeating: 0, count: groups[g].count)
            for (choice, candidate) in path.choices.enumerated() where group(of: choice) == g {
                occurrences[Int(candidate)] += 1
                step[Int(candidate)] = Shares.mean(step[Int(candidate)], adding: norms[choice], count: occurrences[Int(candidate)])
            }
            for candidate in step.indices where step[candidate] != 0 {
                observed[g][candidate] = Shares.midpoint(observed[g][candidate], step[candidate])
            }
        }
    }

    /// Makes the probabilities anew from what was observed since the last time. `smoothing` is the weight of the learnt part,
    /// which is in proportion to norm^(1 / temperature).
    public func refresh(smoothing: Double, temperature: Double = 1) throws {
        try check(smoothing: smoothing)
        try check(temperature: temperature)
        for g in groups.indices {
            groups[g] = Shares.probabilities(
                of: mode == .reference ? observed[g] : learntNorms(g), smoothing: smoothing, temperature: temperature)
            tables[g] = PathImportance.table(groups[g])
            for candidate in groups[g].indices { (observed[g][candidate], counts[g][candidate]) = (0, 0) }
        }
        observationCount = 0
    }

    /// How often a candidate was drawn on average since the last refresh, if that is known: the norm of one that was drawn once or
    /// twice says more of the batch than of the candidate.
    public var drawsPerCandidate: Double? { observationCount.map { Double($0 * choiceCount) / Double(groups.reduce(0) { $0 + $1.count }) } }

    private func learntNorms(_ g: Int) -> [Double] {
        for candidate in groups[g].indices where counts[g][candidate] > 0 { known[g][candidate] = observed[g][candidate] }
        let mean = Shares.mean(of: known[g].compactMap(\.self))
        return zip(known[g], hasParameters[g]).map { norm, hasParameters in norm ?? (hasParameters || parameterFree == .meanNorm ? mean : 0)
        }
    }
}

extension PathImportance: Checkpointable {
    private var structure: String { "mode \"\(mode.rawValue)\", per \(scope.rawValue), candidates \(groups.map(\.count))" }

    public func save(to archive: inout ArchiveWriter) {
        archive.write(structure)
        for g in groups.indices {
            archive.write(groups[g])
            archive.write(observed[g])
            archive.write(counts[g])
            // A known norm is positive.
            archive.write(known[g].map { $0 ?? -1 })
        }
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let saved = try archive.text()
        guard saved == structure else { throw NASError(.value, "the saved sampler has \(saved), this one \(structure)") }
        var state: (groups: [[Double]], tables: [AliasTable], observed: [[Double]], counts: [[Int]], known: [[Double?]]) = (
            [], [], [], [], []
        )
        for group in groups {
            let (probabilities, observed, counts, known) = (
                try archive.doubles(), try archive.doubles(), try archive.ints(), try archive.doubles()
            )
            guard let table = AliasTable(weights: probabilities),
                [probabilities.count, observed.count, counts.count, known.count].allSatisfy({ $0 == group.count })
            else {
                throw archive.error("expected the probabilities and norms of \(group.count) candidates")
            }
            state.groups.append(probabilities)
            state.tables.append(table)
            state.observed.append(observed)
            state.counts.append(counts)
            state.known.append(known.map { $0 < 0 ? nil : $0 })
        }
        return { [self, state] in
            (groups, tables, observed, counts, known) = state
            observationCount = nil
        }
    }
}
