import Foundation
import Synchronization

/// Training one architecture from scratch, with weights of its own: what a benchmark's truth is made of.
///
/// The network has affine normalisation with running statistics, which evaluation uses. A training runs on one thread,
/// so that several can go side by side, and is determined by the seed.
public struct StandaloneTraining: Sendable {
    public var channels: Int
    public var cells: Int
    public var epochs: Int
    public var batchSize: Int
    /// At the start; it falls to 0 along a cosine, step by step.
    public var learningRate: Double
    public var momentum: Double
    public var weightDecay: Double
    /// Determines initial weights and the order of the examples.
    public var seed: UInt64

    public init(
        channels: Int = 8, cells: Int = 1, epochs: Int = 12, batchSize: Int = 32, learningRate: Double = 0.1, momentum: Double = 0.9,
        weightDecay: Double = 5e-4, seed: UInt64 = 0
    ) {
        self.channels = channels
        self.cells = cells
        self.epochs = epochs
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.seed = seed
    }

    /// Accuracies in percent after an epoch (counted from 1).
    public struct Score: Sendable, Equatable {
        public var epoch: Int
        public var valid: Double
        public var test: Double
    }

    /// Trains each architecture and evaluates it after each of the given epochs; as many at a time as the pool has threads.
    ///
    /// - Parameter cancellation: throws `Interrupted` soon after it becomes nonzero.
    public func run(
        _ paths: [Path], train: Dataset, valid: Dataset, test: Dataset, evaluatedEpochs: [Int], pool: WorkerPool = .shared,
        cancellation: UnsafePointer<Int32>? = nil
    ) throws -> [[Score]] {
        var results: [Result<[Score], any Error>] = paths.map { _ in .success([]) }
        nonisolated(unsafe) let cancellation = cancellation
        let next = Atomic<Int>(0)
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            pool.run { _ in
                while true {
                    let i = next.add(1, ordering: .relaxed).oldValue
                    guard i < paths.count else { return }
                    results[i] = Result {
                        try run(paths[i], train: train, valid: valid, test: test, evaluatedEpochs: evaluatedEpochs, cancellation: cancellation)
                    }
                }
            }
        }
        return try results.map { try $0.get() }
    }

    private func run(
        _ path: Path, train: Dataset, valid: Dataset, test: Dataset, evaluatedEpochs: [Int], cancellation: UnsafePointer<Int32>?
    ) throws -> [Score] {
        guard path.choices.count == 6, path.choices.allSatisfy({ $0 < 5 }) else { throw ShapeError("the path is not one of NAS-Bench-201") }
        guard channels > 0, channels % 8 == 0, cells > 0 else { throw ShapeError("channels must be a multiple of 8, and cells at least 1") }
        guard train.count > 0, valid.count > 0, test.count > 0, batchSize > 1, epochs > 0 else { throw ShapeError("training needs images in every part, epochs and batches of at least 2") }
        guard train.shape.height % 4 == 0, train.shape.width % 4 == 0 else {
            throw ShapeError("images of \(train.shape.height)x\(train.shape.width) cannot be halved twice: sides must be multiples of 4")
        }
        var generator = Generator(seed: seed)
        var initialization = generator.stream("weights")
        let store = ParameterStore()
        let network = NASBench201Network(
            input: train.shape, channels: channels, cells: cells, classes: train.classes, path: path, store: store, generator: &initialization)
        let executor = Executor(store: store, pool: WorkerPool(threadCount: 1))
        let plan = network.plan(for: path)
        var order = Array(0..<train.count)
        let stepsPerEpoch = (train.count + batchSize - 1) / batchSize
        var scores: [Score] = []
        var step = 0
        generator = generator.stream("order")
        for epoch in 1...epochs {
            generator.shuffle(&order)
            for start in stride(from: 0, to: order.count, by: batchSize) {
                let rate = learningRate * 0.5 * (1 + cos(.pi * Double(step) / Double(epochs * stepsPerEpoch)))
                let indices = Array(order[start..<min(start + batchSize, order.count)])
                executor.prepare(plan, batchSize: indices.count, withGradient: true)
                if let cancellation, cancellation.pointee != 0 { throw Interrupted() }
                _ = executor.run(train, indices, weights: nil, statistics: .batch, backward: true, isCancelled: nil)
                let ranges = executor.activeRanges()
                _ = executor.collectGradient(ranges)
                executor.descend(
                    ranges, StepOptions(learningRate: Float(rate), momentum: Float(momentum), weightDecay: Float(weightDecay), clip: nil), scale: 1)
                executor.updateRunningStatistics()
                step += 1
            }
            if evaluatedEpochs.contains(epoch) {
                func accuracy(_ data: Dataset) -> Double {
                    executor.evaluate(plan, data, Array(0..<data.count), batchSize: 256, statistics: .running).top1
                }
                scores.append(Score(epoch: epoch, valid: accuracy(valid), test: accuracy(test)))
            }
        }
        return scores
    }
}
