/// Supernets that share the paths of a space between them, as few-shot NAS trains (Zhao et al., 2021). A single supernet is a family
/// of one.
public final class SupernetFamily: @unchecked Sendable {
    /// A supernet, and for each choice the candidates whose paths it holds.
    private struct Member {
        var net: Supernet
        var candidates: [Set<UInt8>]

        func holds(_ path: Path) -> Bool { zip(candidates, path.choices).allSatisfy { $0.contains($1) } }
    }

    public let space: any NetworkSpace
    private let members: [Member]

    private init(_ members: [Member], space: any NetworkSpace) { (self.members, self.space) = (members, space) }

    public convenience init(_ net: Supernet) {
        let all = net.space.choices.map { Set($0.candidates.indices.map { UInt8($0) }) }
        self.init([Member(net: net, candidates: all)], space: net.space)
    }

    /// Its supernets.
    public var nets: [Supernet] { members.map(\.net) }

    /// Whether steps need random numbers.
    public var hasDropout: Bool { members.contains(where: \.net.hasDropout) }

    /// The supernet that has the path's weights.
    public func net(of path: Path) throws -> Supernet {
        try space.check(path)
        guard let member = members.first(where: { $0.holds(path) }) else {
            throw NASError(.shape, "no supernet of the family holds the path \(space.format(path))")
        }
        return member.net
    }

    /// Each member becomes one for each group of a choice's candidates that it holds any of, with copies of its weights.
    public func split(choice: Int, groups: [Set<UInt8>]) throws -> SupernetFamily {
        require(space.choices.indices.contains(choice), "\(space.name) has \(space.choices.count) choices, and no choice \(choice)")
        let parts = try members.flatMap { member in
            try groups.compactMap { group in
                let held = member.candidates[choice].intersection(group)
                guard !held.isEmpty else { return nil as Member? }
                var part = Member(net: try member.net.copy(), candidates: member.candidates)
                part.candidates[choice] = held
                return part
            }
        }
        return SupernetFamily(parts, space: space)
    }

    /// The paths by the supernets that have their weights, as positions.
    private func groups(_ paths: [Path]) throws -> [(net: Supernet, positions: [Int])] {
        var groups: [(net: Supernet, positions: [Int])] = []
        for (i, path) in paths.enumerated() {
            let net = try net(of: path)
            if let known = groups.firstIndex(where: { $0.net === net }) {
                groups[known].positions.append(i)
            } else {
                groups.append((net, [i]))
            }
        }
        return groups
    }

    /// Evaluates each path with the weights that it has.
    public func rank(_ paths: [Path], on dataset: Dataset, batchSize: Int = 512) throws -> [Supernet.Evaluation] {
        var scores: [Supernet.Evaluation?] = paths.map { _ in nil }
        for group in try groups(paths) {
            let ranked = try group.net.rank(paths: group.positions.map { paths[$0] }, on: dataset, batchSize: batchSize)
            for (position, score) in zip(group.positions, ranked) { scores[position] = score }
        }
        return scores.compactMap(\.self)
    }
}

/// How a step of a supernet or a family goes.
public struct FamilyStepOptions: Sendable {
    /// The options of the step, or of each inner step where there are some.
    public var options: StepOptions
    /// Steps that each path takes by itself from the same weights, as SUMNAS does; 0 for one step of all paths together.
    public var innerSteps = 0
    /// The share of the inner steps' mean displacement that is taken.
    public var rate: Float = 1
    /// Whether examples' gradient norms are measured exactly, at the price of a backward pass for each example.
    public var measuresNorms = false

    public init(_ options: StepOptions, innerSteps: Int = 0, rate: Float = 1, measuresNorms: Bool = false) {
        require(innerSteps >= 0, "innerSteps must be at least 0, not \(innerSteps)")
        self.options = options
        self.innerSteps = innerSteps
        self.rate = rate
        self.measuresNorms = measuresNorms
    }
}

/// What a step along one or several paths on a batch saw.
public struct FamilyStepResult: Sendable {
    /// The result of each path, in the order in which they were given.
    public let paths: [Supernet.StepResult]
    /// Norm of the gradients' sum, before clipping.
    public let gradientNorm: Double
    /// For each path and example its exact gradient norm; empty where it was not asked for.
    fileprivate let exactNorms: [[Double]]

    /// The mean over the paths.
    public var loss: Double { mean(\.loss) }
    public var accuracy: Double { mean(\.accuracy) }
    public var clipScale: Double { mean(\.clipScale) }
    /// For each example its gradient's norm, or the bound of it where norms were not measured; the mean over the paths.
    public var exampleGradientNorms: [Double] { mean(exactNorms.isEmpty ? paths.map(\.exampleGradientBounds) : exactNorms) }
    /// For each example its cross-entropy, the mean over the paths.
    public var exampleLosses: [Double] { mean(paths.map(\.exampleLosses)) }
    /// Whether training can go on from there.
    public var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }

    private func mean(_ value: KeyPath<Supernet.StepResult, Double>) -> Double {
        paths.reduce(0) { $0 + $1[keyPath: value] } / Double(paths.count)
    }

    private func mean(_ numbers: [[Double]]) -> [Double] {
        guard numbers.count > 1 else { return numbers[0] }
        return numbers[0].indices.map { i in numbers.reduce(0) { $0 + $1[i] } / Double(numbers.count) }
    }
}

extension SupernetFamily {
    /// One step along some paths: each goes with the supernet that holds it, and each supernet has one update.
    ///
    /// - Parameters:
    ///   - weights: the paths' importance weights; all 1 without them.
    ///   - source: dropout's random numbers come from it; nothing is drawn where no layer needs any.
    public func step(
        _ paths: [Path], _ batch: Batch, weights: [Double]? = nil, _ step: FamilyStepOptions, using source: any RandomSource
    ) throws -> FamilyStepResult {
        require((weights?.count ?? paths.count) == paths.count, "there are \(weights?.count ?? 0) weights for \(paths.count) paths")
        var options = step.options
        if hasDropout { options.seed = source.generator.next() }
        let norms = step.measuresNorms ? try paths.map { try net(of: $0).exampleGradientNorms(path: $0, batch: batch) } : []
        var results: [Supernet.StepResult?] = paths.map { _ in nil }
        var square = 0.0
        for group in try groups(paths) {
            let parts = group.positions.map { PathBatch(path: paths[$0], batch: batch, weight: weights?[$0] ?? 1) }
            let result = step.innerSteps > 0
                ? try group.net.reptileStep(parts, innerSteps: step.innerSteps, rate: step.rate, options: options)
                : try group.net.step(parts, options: options)
            for (position, path) in zip(group.positions, result.paths) { results[position] = path }
            square += result.gradientNorm * result.gradientNorm
        }
        guard !results.isEmpty else { throw NASError(.shape, "there is no path to train") }
        return FamilyStepResult(paths: results.compactMap(\.self), gradientNorm: square.squareRoot(), exactNorms: norms)
    }
}

extension SupernetFamily: Checkpointable {
    public func save(to archive: inout ArchiveWriter) {
        archive.write(members.count)
        for net in nets { net.save(to: &archive) }
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let count = try archive.int()
        guard count == members.count else { throw NASError(.value, "the saved family has \(count) supernets, this one \(members.count)") }
        let restorations = try nets.map { try $0.restoration(from: &archive) }
        return { restorations.forEach { $0() } }
    }
}
