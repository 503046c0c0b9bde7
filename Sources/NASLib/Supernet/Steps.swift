/// A path with the batch that it is trained on.
public struct PathBatch: Sendable {
    public var path: Path
    public var batch: Batch
    /// The path's importance weight, which its gradient is multiplied by.
    public var weight: Double

    /// Importance weights that floats hold, with room for a gradient.
    package static let weights = 1e-25...1e25

    public init(path: Path, batch: Batch, weight: Double = 1) { (self.path, self.batch, self.weight) = (path, batch, weight) }

    /// The batch with its losses multiplied by the path's weight.
    var weighted: Batch {
        guard weight != 1 else { return batch }
        let weights = (batch.weights ?? Array(repeating: 1, count: batch.count)).map { $0 * Float(weight) }
        return Batch(dataset: batch.dataset, indices: batch.indices, items: batch.items, weights: weights)
    }
}

extension Supernet {
    /// What a training step saw of one path.
    public struct StepResult: Sendable, Codable {
        /// Mean cross-entropy of the batch (with the examples' weights where it has them), without the path's weight.
        public var loss: Double
        /// Share of the batch that was classified right; nan where the loss is.
        public var accuracy: Double
        /// For each choice, the gradient norm of its active candidate, summed over the cells, before clipping and without the
        /// path's weight; 0 for a candidate without parameters.
        public var candidateGradientNorms: [Double]
        /// For each example, the last-layer bound of its gradient norm.
        public var exampleGradientBounds: [Double]
        /// For each example its cross-entropy, without its weight.
        public var exampleLosses: [Double]
        /// Norm of the path's whole gradient, times its weight, before clipping.
        public var gradientNorm: Double
        /// The factor that clipping multiplied the gradient by; 1 where it left it.
        public var clipScale: Double

        /// Whether training can go on from there. If not, the step has put numbers that are not finite among the weights.
        public var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
    }

    /// A step over several paths.
    public struct StepResults: Sendable {
        /// The result of each path, in the order in which they were given.
        public var paths: [StepResult]
        /// Norm of the sum of the paths' gradients, before clipping.
        public var gradientNorm: Double
    }

    /// Forward, backward, clipping and one step of gradient descent on the path's weights.
    ///
    /// It allocates nothing where the path was trained not long ago with a batch of the same size (see `LayoutCache`), and nobody
    /// holds the last step's result any more, whose arrays are used again.
    public func step(path: Path, batch: Batch, options: StepOptions) throws -> StepResult {
        try step(PathBatch(path: path, batch: batch), options: options)
    }

    private func step(_ part: PathBatch, options: StepOptions) throws -> StepResult {
        let options = try agree(options, on: [part])
        executor.dropoutSeed = options.seed
        let own = try ownNorms(part, options.sharing)
        var result = try accumulateGradient(part, ownNorms: own, adds: false, options.sharing)
        result.clipScale = options.clipScale(norm: result.gradientNorm)
        try descend(executor.layout.ranges, options, scale: result.clipScale)
        return result
    }

    /// One update by the sum of several paths' gradients (FairNAS, the sandwich rule): forward and backward of each, clipping of
    /// the sum, one step of gradient descent on the weights of all of them.
    public func step(_ parts: [PathBatch], options: StepOptions) throws -> StepResults {
        guard let first = parts.first else { throw NASError(.shape, "there is no path to train") }
        if parts.count == 1 {
            let result = try step(first, options: options)
            return StepResults(paths: [result], gradientNorm: result.gradientNorm)
        }
        let options = try agree(options, on: parts)
        for part in parts { try check(path: part.path, shape: part.batch.dataset.shape, classes: part.batch.dataset.classes) }
        var (results, ranges) = try accumulateGradients(parts, options)
        let norm = executor.squaredNorm(of: ranges).squareRoot()
        let scale = options.clipScale(norm: norm)
        for i in results.indices { results[i].clipScale = scale }
        try descend(ranges, options, scale: scale)
        return StepResults(paths: results, gradientNorm: norm)
    }

    /// The sum of several paths' gradients, left in the store, and the ranges that it has.
    private func accumulateGradients(_ parts: [PathBatch], _ options: StepOptions) throws -> ([StepResult], [ParameterRange]) {
        if let ranks = try sharingPaths(parts, options.sharing) { return try accumulateGradients(parts, options, over: ranks) }
        var own: [[Double]?] = []
        for (i, part) in parts.enumerated() {
            executor.dropoutSeed = options.seed &+ UInt64(i)
            own.append(try ownNorms(part, options.sharing))
        }
        store.gradient.update(repeating: 0, count: store.count)
        var ranges = DistinctRanges()
        let results = try parts.enumerated().map { i, part in
            executor.dropoutSeed = options.seed &+ UInt64(i)
            let result = try accumulateGradient(part, ownNorms: own[i], adds: true, options.sharing)
            ranges.add(executor.layout.ranges)
            return result
        }
        return (results, ranges.all)
    }

    private func descend(_ ranges: [ParameterRange], _ options: StepOptions, scale: Double) throws {
        if let rule = options.rule {
            try executor.update(ranges, by: rule, learningRate: Double(options.learningRate), scale: Float(scale))
        } else {
            executor.descend(ranges, options, scale: Float(scale))
        }
        if path != nil { executor.updateRunningStatistics() }
    }

    /// A step of SUMNAS, which is Reptile's (Nichol, Achiam and Schulman, 2018): every path takes `innerSteps` steps of gradient
    /// descent from the same weights and from no momentum, and the weights move by `rate` times the mean displacement.
    ///
    /// The results are those of each path's first inner step. Momentum from other steps stays as it was.
    public func reptileStep(_ parts: [PathBatch], innerSteps: Int, rate: Float, options: StepOptions) throws -> StepResults {
        require(innerSteps > 0, "there must be at least 1 inner step, not \(innerSteps)")
        require(options.rule == nil, "inner steps are plain gradient descent, and take no other rule")
        guard !parts.isEmpty else { throw NASError(.shape, "there is no path to train") }
        let count = store.count
        var rate = rate
        if let ranks = Ranks.inStep {
            try ranks.meet("a step of several inner ones")
            rate = ranks.gather(rate)[0]
        }
        try MemoryAccount.ask(floats: 3 * count)
        let (weights, momentum) = (
            Array(UnsafeBufferPointer(start: store.weights, count: count)), Array(UnsafeBufferPointer(start: store.momentum, count: count))
        )
        var displacement = Array(repeating: Float(0), count: count)
        defer { store.momentum.update(from: momentum, count: count) }
        var results: [StepResult] = []
        do {
            for part in parts {
                store.weights.update(from: weights, count: count)
                store.momentum.update(repeating: 0, count: count)
                for inner in 0..<innerSteps {
                    var options = options
                    options.seed &+= UInt64(truncatingIfNeeded: results.count &* innerSteps &+ inner)
                    let result = try step(part, options: options)
                    if inner == 0 { results.append(result) }
                }
                for i in 0..<count { displacement[i] += store.weights[i] - weights[i] }
            }
        } catch {
            store.weights.update(from: weights, count: count)
            throw error
        }
        let share = rate / Float(parts.count)
        for i in 0..<count { store.weights[i] = weights[i] + share * displacement[i] }
        return StepResults(
            paths: results, gradientNorm: displacement.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() / Double(parts.count))
    }

    /// The norms of a path that has no weight, whose gradient has none.
    func ownNorms(_ part: PathBatch, _ sharing: StepSharing) throws -> [Double]? {
        part.weight == 0 ? try accumulateGradient(path: part.path, batch: part.batch, adds: false, sharing).candidateGradientNorms : nil
    }

    /// The gradient of one path on a batch, times its weight; see below.
    func accumulateGradient(_ part: PathBatch, ownNorms: [Double]?, adds: Bool, _ sharing: StepSharing) throws -> StepResult {
        var result = try accumulateGradient(path: part.path, batch: part.weighted, adds: adds, sharing)
        guard part.weight != 1 else { return result }
        result.loss = part.batch.meanLoss(result.exampleLosses)
        result.candidateGradientNorms = ownNorms ?? result.candidateGradientNorms.map { $0 / part.weight }
        return result
    }

    /// The gradient of one path on a batch, left in the store; with `adds`, on top of what is there.
    func accumulateGradient(path: Path, batch: Batch, adds: Bool, _ sharing: StepSharing = StepSharing(.none)) throws -> StepResult {
        try check(path: path, shape: batch.dataset.shape, classes: batch.dataset.classes)
        guard batch.count > 0 else { throw NASError(.shape, "the batch is empty") }
        try prepare(path: path, batchSize: batch.count, sharing)
        defer { executor.rest() }
        try executor.run(batch: batch, statistics: .batch, backward: true, isCancelled: cancellation)
        executor.collectGradient(adds: adds)
        network.candidateNorms(executor.layout.ranges, squares: executor.squares, sums: &placeSums, into: &candidateNorms)
        let losses = executor.losses
        let loss = batch.meanLoss(losses)
        return StepResult(
            loss: loss,
            accuracy: loss.isNaN ? .nan : Double(executor.isCorrect.count(where: \.self)) / Double(batch.count),
            candidateGradientNorms: candidateNorms, exampleGradientBounds: executor.gradientBounds, exampleLosses: losses,
            gradientNorm: executor.squares.reduce(0, +).squareRoot(), clipScale: 1)
    }

    /// Makes ready for a training step, by this rank alone or shared.
    private func prepare(path: Path, batchSize: Int, _ sharing: StepSharing) throws {
        func prepare() throws {
            let layout = try layout(of: path, batchSize: batchSize)
            try executor.prepare(layout, over: try exchange(for: layout, sharing))
        }
        if let ranks = sharingBatch(sharing) { try ranks.together("the memory of a step", prepare) } else { try prepare() }
    }

    /// Where a training step's numbers lie.
    func layout(of path: Path, batchSize: Int) throws -> PlanLayout {
        if let kept = layouts[path, batchSize] { return kept }
        let plan = network.plan(for: path)
        try Executor.checkMemory(plan, batchSize: batchSize, withGradient: true)
        let layout = executor.layout(plan, batchSize: batchSize, hasGradient: true)
        layouts.keep(layout, for: path)
        return layout
    }

    /// The loss and gradient of a path on a batch, without a step. The gradient is 0 outside the path.
    public func lossAndGradient(path: Path, batch: Batch) throws -> (loss: Double, gradient: [Float]) {
        try MemoryAccount.ask(floats: store.count)
        store.gradient.update(repeating: 0, count: store.count)
        let result = try accumulateGradient(path: path, batch: batch, adds: false)
        return (result.loss, Array(UnsafeBufferPointer(start: store.gradient, count: store.count)))
    }

    /// For each example of a batch the norm of its loss's own gradient, exactly; batch normalisation goes by the whole batch.
    /// Takes a forward and a backward pass of the batch for each example.
    public func exampleGradientNorms(path: Path, batch: Batch) throws -> [Double] {
        try (0..<batch.count).map { try accumulateGradient(path: path, batch: batch.only($0), adds: false).gradientNorm }
    }

    /// The cross-entropy of each example of a batch, forward only.
    public func exampleLosses(path: Path, batch: Batch) throws -> [Double] {
        try check(path: path, shape: batch.dataset.shape, classes: batch.dataset.classes)
        guard batch.count > 0 else { throw NASError(.shape, "the batch is empty") }
        let plan = network.plan(for: path)
        try Executor.checkMemory(plan, batchSize: batch.count, withGradient: false)
        try executor.prepare(executor.layout(plan, batchSize: batch.count, hasGradient: false))
        defer { executor.rest() }
        try executor.run(batch: batch, statistics: self.path == nil ? .batch : .running, backward: false, isCancelled: cancellation)
        return executor.losses
    }
}

extension Batch {
    /// The same batch, of whose mean loss only one example's loss is left.
    func only(_ position: Int) -> Batch {
        require(indices.indices.contains(position), "a batch of \(count) examples has no position \(position)")
        var weights = Array(repeating: Float(0), count: count)
        weights[position] = Float(count)
        return Batch(dataset: dataset, indices: indices, items: items, weights: weights)
    }

    /// The mean of the examples' losses, with their weights.
    fileprivate func meanLoss(_ losses: [Double]) -> Double {
        (weights.map { weights in zip(losses, weights).reduce(0) { $0 + Double($1.1) * $1.0 } } ?? losses.reduce(0, +)) / Double(count)
    }
}
