import Foundation

/// A weight-sharing network over the NAS-Bench-201 space: each step trains one path through it.
///
/// Normalisation has neither gamma and beta nor running statistics: it uses the batch's own, also in evaluation.
public final class Supernet: @unchecked Sendable {
    public let input: ImageShape
    public let channels: Int
    public let cells: Int
    public let classes: Int
    let store = ParameterStore()
    let network: NASBench201Network
    private let executor: Executor
    private var rankers: [Executor] = []
    /// Set it to stop a running call: that throws `Interrupted` and leaves the weights as they were.
    public var cancellation: UnsafePointer<Int32>?

    /// - Parameters:
    ///   - channels: of the first stage, a multiple of 8; each later stage has twice as many.
    ///   - cells: in each of the three stages.
    ///   - input: height and width must be multiples of 4.
    public init(channels: Int, cells: Int, classes: Int, input: ImageShape, generator: inout Generator, pool: WorkerPool = .shared) throws {
        guard channels > 0, channels % 8 == 0 else {
            throw ShapeError("a supernet's channels must be a multiple of 8, not \(channels)")
        }
        guard cells > 0 else { throw ShapeError("a supernet needs at least one cell in each stage") }
        guard classes > 1 else { throw ShapeError("a classifier needs at least two classes") }
        guard input.height % 4 == 0, input.width % 4 == 0, input.height > 0, input.width > 0, input.channels > 0 else {
            throw ShapeError("images of \(input.height)x\(input.width) cannot be halved twice: sides must be multiples of 4")
        }
        self.input = input
        self.channels = channels
        self.cells = cells
        self.classes = classes
        network = NASBench201Network(input: input, channels: channels, cells: cells, classes: classes, path: nil, store: store, generator: &generator)
        executor = Executor(store: store, pool: pool)
    }

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
        var result = try accumulateGradient(path: path, batch: batch, adds: false)
        let ranges = executor.activeRanges()
        if let clip = options.clip, result.gradientNorm > Double(clip) { result.clipScale = Double(clip) / (result.gradientNorm + 1e-6) }
        executor.descend(ranges, options, scale: Float(result.clipScale))
        return result
    }

    /// The gradient of one path on a batch, left in the store; with `adds`, on top of what is there.
    private func accumulateGradient(path: Path, batch: Batch, adds: Bool) throws -> StepResult {
        try check(path: path, shape: batch.dataset.shape, classes: batch.dataset.classes)
        guard batch.count > 0 else { throw ShapeError("the batch is empty") }
        executor.prepare(network.plan(for: path), batchSize: batch.count, withGradient: true)
        guard executor.run(batch: batch, statistics: .batch, backward: true, isCancelled: cancellation) else { throw Interrupted() }
        let squares = executor.collectGradient(executor.activeRanges(), adds: adds)
        var norms = Array(repeating: 0.0, count: NASBench201Network.edges.count)
        for (i, state) in executor.convolutions.enumerated() {
            if let choice = network.choiceOfLayer[state.layer.index] { norms[choice] += squares[i].squareRoot() }
        }
        return StepResult(
            loss: executor.losses.reduce(0, +) / Double(batch.count), accuracy: Double(executor.isCorrect.count(where: \.self)) / Double(batch.count),
            candidateGradientNorms: norms, exampleGradientBounds: executor.gradientBounds, gradientNorm: squares.reduce(0, +).squareRoot(), clipScale: 1)
    }

    private func check(path: Path, shape: ImageShape, classes: Int) throws {
        guard path.choices.count == 6, path.choices.allSatisfy({ $0 < 5 }) else { throw ShapeError("the path is not one of NAS-Bench-201") }
        guard shape == input else {
            throw ShapeError(
                "the supernet takes images of \(input.height)x\(input.width)x\(input.channels), the data has \(shape.height)x\(shape.width)x\(shape.channels)")
        }
        guard classes <= self.classes else { throw ShapeError("the supernet tells \(self.classes) classes apart, the data has \(classes)") }
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
                    results[i] = rankers[thread].evaluate(self.network.plan(for: paths[i]), dataset, indices, batchSize: batchSize, statistics: .batch)
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

    /// Forward only, batch by batch.
    func evaluate(_ plan: Plan, _ dataset: Dataset, _ indices: [Int], batchSize: Int, statistics: Statistics) -> Supernet.Evaluation {
        var loss = 0.0
        var correct = 0
        for start in stride(from: 0, to: indices.count, by: batchSize) {
            let part = Array(indices[start..<min(start + batchSize, indices.count)])
            prepare(plan, batchSize: part.count, withGradient: false)
            _ = run(dataset, part, weights: nil, statistics: statistics, backward: false, isCancelled: nil)
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
