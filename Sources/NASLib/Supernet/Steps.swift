/// A path with the batch that it is trained on.
public struct PathBatch: Sendable {
    public var path: Path
    public var batch: Batch

    public init(path: Path, batch: Batch) { (self.path, self.batch) = (path, batch) }
}

extension Supernet {
    /// What a training step saw of one path.
    public struct StepResult: Sendable {
        /// Mean cross-entropy of the batch (with the examples' weights where it has them).
        public var loss: Double
        /// Share of the batch that was classified right.
        public var accuracy: Double
        /// For each choice, the gradient norm of its active candidate, summed over the cells, before clipping; 0 for a
        /// candidate without parameters.
        public var candidateGradientNorms: [Double]
        /// For each example, the last-layer bound of its gradient norm.
        public var exampleGradientBounds: [Double]
        /// For each example its cross-entropy, without its weight.
        public var exampleLosses: [Double]
        /// Norm of the path's whole gradient before clipping.
        public var gradientNorm: Double
        /// What clipping multiplied the gradient by.
        public var clipScale: Double
    }

    /// A step over several paths.
    public struct StepResults: Sendable {
        /// In the order of the paths.
        public var paths: [StepResult]
        /// Norm of the sum of the paths' gradients, before clipping.
        public var gradientNorm: Double
    }

    /// Forward, backward, clipping and one step of gradient descent on the path's weights.
    public func step(path: Path, batch: Batch, options: StepOptions) throws -> StepResult {
        try step([PathBatch(path: path, batch: batch)], options: options).paths[0]
    }

    /// One update by the sum of several paths' gradients (FairNAS, the sandwich rule): forward and backward of each, clipping of
    /// the sum, one step of gradient descent on the weights of all of them.
    public func step(_ parts: [PathBatch], options: StepOptions) throws -> StepResults {
        guard let first = parts.first else { throw ShapeError("there is no path to train") }
        var results: [StepResult] = []
        var ranges: [ParameterRange] = []
        if parts.count == 1 {
            executor.dropoutSeed = options.seed
            results.append(try accumulateGradient(path: first.path, batch: first.batch, adds: false))
            ranges = executor.activeRanges()
        } else {
            store.gradient.update(repeating: 0, count: store.count)
            var seen: Set<Int> = []
            for (i, part) in parts.enumerated() {
                executor.dropoutSeed = options.seed &+ UInt64(i)
                results.append(try accumulateGradient(path: part.path, batch: part.batch, adds: true))
                ranges += executor.activeRanges().filter { seen.insert($0.offset).inserted }
            }
        }
        let norm = parts.count == 1 ? results[0].gradientNorm : executor.squaredNorm(of: ranges).squareRoot()
        if let clip = options.clip, norm > Double(clip) {
            for i in results.indices { results[i].clipScale = Double(clip) / (norm + 1e-6) }
        }
        executor.descend(ranges, options, scale: Float(results[0].clipScale))
        if self.path != nil { executor.updateRunningStatistics() }
        return StepResults(paths: results, gradientNorm: norm)
    }

    /// A step of SUMNAS, which is Reptile's (Nichol, Achiam and Schulman, 2018): every path takes `innerSteps` steps of gradient
    /// descent from the same weights and from no momentum, and the weights move by `rate` times the mean displacement.
    ///
    /// The results are those of each path's first inner step. Momentum from other steps stays as it was.
    public func reptileStep(_ parts: [PathBatch], innerSteps: Int, rate: Float, options: StepOptions) throws -> StepResults {
        precondition(innerSteps > 0)
        guard !parts.isEmpty else { throw ShapeError("there is no path to train") }
        let count = store.count
        let (weights, momentum) = (Array(UnsafeBufferPointer(start: store.weights, count: count)), Array(UnsafeBufferPointer(start: store.momentum, count: count)))
        var displacement = Array(repeating: Float(0), count: count)
        defer { store.momentum.update(from: momentum, count: count) }
        var results: [StepResult] = []
        do {
            for part in parts {
                store.weights.update(from: weights, count: count)
                store.momentum.update(repeating: 0, count: count)
                for inner in 0..<innerSteps {
                    var options = options
                    options.seed &+= UInt64(results.count * innerSteps + inner)
                    let result = try step(path: part.path, batch: part.batch, options: options)
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
        return StepResults(paths: results, gradientNorm: displacement.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() / Double(parts.count))
    }

    /// The gradient of one path on a batch, left in the store; with `adds`, on top of what is there.
    func accumulateGradient(path: Path, batch: Batch, adds: Bool) throws -> StepResult {
        try check(path: path, shape: batch.dataset.shape, classes: batch.dataset.classes)
        guard batch.count > 0 else { throw ShapeError("the batch is empty") }
        let plan = network.plan(for: path)
        try Executor.checkMemory(plan, batchSize: batch.count, withGradient: true)
        executor.prepare(plan, batchSize: batch.count, withGradient: true)
        try executor.run(batch: batch, statistics: .batch, backward: true, isCancelled: cancellation)
        let ranges = executor.activeRanges()
        let squares = executor.collectGradient(ranges, adds: adds)
        let losses = executor.losses
        return StepResult(
            loss: losses.reduce(0, +) / Double(batch.count), accuracy: Double(executor.isCorrect.count(where: \.self)) / Double(batch.count),
            candidateGradientNorms: network.candidateNorms(choices: space.choices.count, ranges: ranges, squares: squares),
            exampleGradientBounds: executor.gradientBounds, exampleLosses: batch.weights.map { unweighted(losses, $0) } ?? losses,
            gradientNorm: squares.reduce(0, +).squareRoot(), clipScale: 1)
    }

    /// An example of weight 0 has lost its loss: 0 stands for it.
    private func unweighted(_ losses: [Double], _ weights: [Float]) -> [Double] { zip(losses, weights).map { $1 > 0 ? $0 / Double($1) : 0 } }

    /// The loss and gradient of a path on a batch, without a step. The gradient is 0 outside the path.
    public func lossAndGradient(path: Path, batch: Batch) throws -> (loss: Double, gradient: [Float]) {
        store.gradient.update(repeating: 0, count: store.count)
        let result = try accumulateGradient(path: path, batch: batch, adds: false)
        return (result.loss, Array(UnsafeBufferPointer(start: store.gradient, count: store.count)))
    }

    /// For each example of a batch the norm of its loss's own gradient, exactly; batch normalisation goes by the whole batch.
    /// As dear as a backward pass of the batch for each example.
    public func exampleGradientNorms(path: Path, batch: Batch) throws -> [Double] {
        try (0..<batch.count).map { try accumulateGradient(path: path, batch: batch.only($0), adds: false).gradientNorm }
    }

    /// The cross-entropy of each example of a batch, forward only.
    public func exampleLosses(path: Path, batch: Batch) throws -> [Double] {
        try check(path: path, shape: batch.dataset.shape, classes: batch.dataset.classes)
        guard batch.count > 0 else { throw ShapeError("the batch is empty") }
        let plan = network.plan(for: path)
        try Executor.checkMemory(plan, batchSize: batch.count, withGradient: false)
        executor.prepare(plan, batchSize: batch.count, withGradient: false)
        let unweighted = Batch(dataset: batch.dataset, indices: batch.indices)
        try executor.run(batch: unweighted, statistics: self.path == nil ? .batch : .running, backward: false, isCancelled: cancellation)
        return executor.losses
    }
}

extension Batch {
    /// The same batch, of whose mean loss only one example's loss is left.
    func only(_ position: Int) -> Batch {
        var weights = Array(repeating: Float(0), count: count)
        weights[position] = Float(count)
        return Batch(dataset: dataset, indices: indices, items: items, weights: weights)
    }

    /// The same batch with its losses multiplied by a number.
    public func scaled(by factor: Double) -> Batch {
        guard factor != 1 else { return self }
        return Batch(dataset: dataset, indices: indices, items: items, weights: (weights ?? Array(repeating: 1, count: count)).map { $0 * Float(factor) })
    }
}
