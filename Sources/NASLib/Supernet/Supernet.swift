import Foundation

/// A weight-sharing network over a space: each step trains one path through it. Or, with a `path`, the stand-alone network
/// of that path.
///
/// In a supernet, normalisation has neither gamma and beta nor running statistics: it uses the batch's own, also in
/// evaluation. A stand-alone network has them.
public final class Supernet: @unchecked Sendable {
    public let space: any NetworkSpace
    public let input: ImageShape
    public let path: Path?
    let store = ParameterStore()
    let network: any Network
    private let executor: Executor
    private var rankers: [Executor] = []
    /// Set it to stop a running call: that throws `Interrupted` and leaves the weights as they were.
    public var cancellation: UnsafePointer<Int32>?

    /// Throws where the images or the space's blocks do not fit each other.
    public init(space: any NetworkSpace, input: ImageShape, path: Path? = nil, generator: inout Generator, pool: WorkerPool = .shared) throws {
        self.space = space
        self.input = input
        self.path = path
        network = try space.makeNetwork(input: input, path: path, store: store, generator: &generator)
        executor = Executor(store: store, pool: pool)
    }

    /// Over NAS-Bench-201.
    ///
    /// - Parameters:
    ///   - channels: of the first stage, a multiple of 8; each later stage has twice as many.
    ///   - cells: in each of the three stages.
    ///   - input: height and width must be multiples of 4.
    public convenience init(
        channels: Int, cells: Int, classes: Int, input: ImageShape, generator: inout Generator, pool: WorkerPool = .shared
    ) throws {
        try self.init(space: NASBench201(channels: channels, cells: cells, classes: classes), input: input, generator: &generator, pool: pool)
    }

    /// Whether steps need random numbers: `StepOptions.seed`.
    public var hasDropout: Bool { network.hasDropout }

    /// How many numbers it trains.
    public var parameterCount: Int { store.count }

    /// What one training step saw.
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
        /// Norm of the whole gradient before clipping.
        public var gradientNorm: Double
        /// What clipping multiplied the gradient by.
        public var clipScale: Double
    }

    /// Forward, backward, clipping and one step of gradient descent on the path's weights.
    public func step(path: Path, batch: Batch, options: StepOptions) throws -> StepResult {
        executor.dropoutSeed = options.seed
        var result = try accumulateGradient(path: path, batch: batch, adds: false)
        let ranges = executor.activeRanges()
        if let clip = options.clip, result.gradientNorm > Double(clip) { result.clipScale = Double(clip) / (result.gradientNorm + 1e-6) }
        executor.descend(ranges, options, scale: Float(result.clipScale))
        if self.path != nil { executor.updateRunningStatistics() }
        return result
    }

    /// The gradient of one path on a batch, left in the store; with `adds`, on top of what is there.
    private func accumulateGradient(path: Path, batch: Batch, adds: Bool) throws -> StepResult {
        try check(path: path, shape: batch.dataset.shape, classes: batch.dataset.classes)
        guard batch.count > 0 else { throw ShapeError("the batch is empty") }
        let plan = network.plan(for: path)
        try Executor.checkMemory(plan, batchSize: batch.count, withGradient: true)
        executor.prepare(plan, batchSize: batch.count, withGradient: true)
        guard executor.run(batch: batch, statistics: .batch, backward: true, isCancelled: cancellation) else { throw Interrupted() }
        let ranges = executor.activeRanges()
        let squares = executor.collectGradient(ranges, adds: adds)
        return StepResult(
            loss: executor.losses.reduce(0, +) / Double(batch.count), accuracy: Double(executor.isCorrect.count(where: \.self)) / Double(batch.count),
            candidateGradientNorms: network.candidateNorms(choices: space.choices.count, ranges: ranges, squares: squares),
            exampleGradientBounds: executor.gradientBounds, gradientNorm: squares.reduce(0, +).squareRoot(), clipScale: 1)
    }

    private func check(path: Path, shape: ImageShape, classes: Int) throws {
        try space.check(path)
        if let own = self.path, own != path { throw ShapeError("this is the network of one path, \(space.format(own)), and not of another") }
        guard shape == input else {
            throw ShapeError(
                "the supernet takes images of \(input.height)x\(input.width)x\(input.channels), the data has \(shape.height)x\(shape.width)x\(shape.channels)")
        }
        guard classes <= space.classes else { throw ShapeError("the supernet tells \(space.classes) classes apart, the data has \(classes)") }
    }

    // MARK: - Evaluation

    /// How well a path does on a dataset.
    public struct Evaluation: Sendable, Equatable {
        /// Share classified right, in percent.
        public var top1: Double
        /// Mean cross-entropy.
        public var loss: Double
    }

    /// Evaluates each path on the whole dataset, several at a time. The result does not depend on the threads.
    public func rank(paths: [Path], on dataset: Dataset, batchSize: Int = 512, progress: (@Sendable (Int) -> Void)? = nil) throws -> [Evaluation] {
        for path in paths { try check(path: path, shape: dataset.shape, classes: dataset.classes) }
        guard dataset.count > 0 else { throw ShapeError("the dataset is empty") }
        for path in paths.prefix(1) { try Executor.checkMemory(network.plan(for: path), batchSize: min(batchSize, dataset.count), withGradient: false) }
        let statistics: Executor.Statistics = path == nil ? .batch : .running
        let pool = executor.pool
        if rankers.isEmpty { rankers = (0..<pool.threadCount).map { _ in Executor(store: store, pool: WorkerPool(threadCount: 1)) } }
        var results = Array(repeating: Evaluation(top1: 0, loss: 0), count: paths.count)
        let indices = Array(0..<dataset.count)
        nonisolated(unsafe) let cancellation = self.cancellation
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            nonisolated(unsafe) let rankers = self.rankers
            pool.run { thread in
                for i in stride(from: thread, to: paths.count, by: pool.threadCount) {
                    if let cancellation, cancellation.pointee != 0 { return }
                    results[i] = rankers[thread].evaluate(
                        self.network.plan(for: paths[i]), dataset, indices, batchSize: batchSize, statistics: statistics, isCancelled: cancellation)
                    if thread == 0 { progress?(i) }
                }
            }
        }
        if let cancellation, cancellation.pointee != 0 { throw Interrupted() }
        return results
    }

    public func evaluate(path: Path, on dataset: Dataset, batchSize: Int = 512) throws -> Evaluation {
        try rank(paths: [path], on: dataset, batchSize: batchSize)[0]
    }
}

extension Supernet {
    /// Takes over another network's weights for the layers of its path: those of a supernet, say, where training alone
    /// is to start from.
    public func inherit(from other: Supernet, path: Path) throws {
        guard other.space === space, other.input == input else { throw ShapeError("weights can be taken over from a network of the same space and images only") }
        try space.check(path)
        if let own = other.path, own != path { throw ShapeError("that network is of one path, \(space.format(own)), and not of this one") }
        for (mine, theirs) in zip(network.layers(of: path), other.network.layers(of: path)) {
            for (to, from) in zip(store.ranges[mine], other.store.ranges[theirs]) where to.count == from.count {
                (store.weights + to.offset).update(from: other.store.weights + from.offset, count: to.count)
            }
        }
        (store.weights + network.classifier.weightOffset)
            .update(from: other.store.weights + other.network.classifier.weightOffset, count: network.classifier.weightCount)
    }
}

/// The user stopped a computation.
public struct Interrupted: Error, Sendable {
    public init() {}
}

extension Executor {
    func run(batch: Batch, statistics: Statistics, backward: Bool, isCancelled: UnsafePointer<Int32>?) -> Bool {
        run(batch.dataset, batch.indices, weights: batch.weights, statistics: statistics, backward: backward, isCancelled: isCancelled)
    }

    func run(
        _ dataset: Dataset, _ indices: [Int], weights: [Float]?, statistics: Statistics, backward: Bool, isCancelled: UnsafePointer<Int32>?
    ) -> Bool {
        dataset.images.withUnsafeBufferPointer { images in
            dataset.labels.withUnsafeBufferPointer { labels in
                indices.withUnsafeBufferPointer { indices in
                    (weights ?? []).withUnsafeBufferPointer { buffer in
                        let examples = Examples(
                            images: images.baseAddress!, labels: labels.baseAddress!, indices: indices.baseAddress!,
                            weights: weights == nil ? nil : buffer.baseAddress, imageCount: dataset.shape.count)
                        return run(examples, statistics: statistics, backward: backward, isCancelled: isCancelled)
                    }
                }
            }
        }
    }

    /// Forward only, batch by batch. When `isCancelled` becomes nonzero it ends early, and the result means nothing.
    func evaluate(
        _ plan: Plan, _ dataset: Dataset, _ indices: [Int], batchSize: Int, statistics: Statistics, isCancelled: UnsafePointer<Int32>? = nil
    ) -> Supernet.Evaluation {
        var loss = 0.0
        var correct = 0
        for start in stride(from: 0, to: indices.count, by: batchSize) {
            let part = Array(indices[start..<min(start + batchSize, indices.count)])
            prepare(plan, batchSize: part.count, withGradient: false)
            guard run(dataset, part, weights: nil, statistics: statistics, backward: false, isCancelled: isCancelled) else { break }
            loss += losses.reduce(0, +)
            correct += isCorrect.count(where: \.self)
        }
        return .init(top1: 100 * Double(correct) / Double(indices.count), loss: loss / Double(indices.count))
    }
}

// MARK: - For tests

extension Supernet {
    /// The weights themselves.
    package var weights: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: store.weights, count: store.count) }

    /// Loss and gradient of a path on a batch, without a step. The gradient is 0 outside the path.
    package func lossAndGradient(path: Path, batch: Batch) throws -> (loss: Double, gradient: [Float]) {
        store.gradient.update(repeating: 0, count: store.count)
        let result = try accumulateGradient(path: path, batch: batch, adds: false)
        return (result.loss, Array(UnsafeBufferPointer(start: store.gradient, count: store.count)))
    }
}
