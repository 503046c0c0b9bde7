import Foundation
import Synchronization

/// Training one architecture from scratch, with weights of its own: what a benchmark's truth is made of.
///
/// The network has affine normalisation with running statistics, which evaluation uses. A training runs on one thread,
/// so that several can go side by side (one after the other where there are custom layers), and is determined by the seed.
public struct StandaloneTraining: Sendable {
    public var epochs: Int
    public var batchSize: Int
    /// At the start; it falls to 0 along a cosine, step by step.
    public var learningRate: Double
    public var momentum: Double
    public var weightDecay: Double
    /// Determines initial weights, the order of the examples, and how they are augmented.
    public var seed: UInt64

    public init(
        epochs: Int = 12, batchSize: Int = 32, learningRate: Double = 0.1, momentum: Double = 0.9,
        weightDecay: Double = 5e-4, seed: UInt64 = 0
    ) {
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
    /// - Parameters:
    ///   - parent: a supernet whose weights the architectures start from; without it they start from random ones.
    ///   - cancellation: throws `Interrupted` soon after it is raised.
    public func run(
        _ paths: [Path], of space: any NetworkSpace, from parent: Supernet? = nil, train: Dataset, valid: Dataset, test: Dataset,
        evaluatedEpochs: [Int], pool: WorkerPool = .shared, cancellation: Cancellation.Flag? = nil
    ) throws -> [[Score]] {
        try CustomLayer.checkNesting()
        if !space.customFunctions.isEmpty {
            return try paths.map {
                try run($0, of: space, from: parent, train: train, valid: valid, test: test, evaluatedEpochs: evaluatedEpochs, pool: pool, cancellation: cancellation)
            }
        }
        var results: [Result<[Score], any Error>] = paths.map { _ in .success([]) }
        let next = Atomic<Int>(0)
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            pool.run { _ in
                while true {
                    let i = next.add(1, ordering: .relaxed).oldValue
                    guard i < paths.count else { return }
                    results[i] = Result {
                        try run(
                            paths[i], of: space, from: parent, train: train, valid: valid, test: test, evaluatedEpochs: evaluatedEpochs,
                            pool: WorkerPool(threadCount: 1), cancellation: cancellation)
                    }
                }
            }
        }
        return try results.map { try $0.get() }
    }

    private func run(
        _ path: Path, of space: any NetworkSpace, from parent: Supernet?, train: Dataset, valid: Dataset, test: Dataset, evaluatedEpochs: [Int],
        pool: WorkerPool, cancellation: Cancellation.Flag?
    ) throws -> [Score] {
        guard train.count > 0, valid.count > 0, test.count > 0, batchSize > 1, epochs > 0 else {
            throw ShapeError("training needs images in every part, epochs and batches of at least 2")
        }
        var generator = Generator(seed: seed)
        var initialization = generator.stream("weights")
        var dropout = generator.stream("dropout")
        var augmentation = generator.stream("augmentation")
        let net = try Supernet(space: space, input: train.shape, path: path, generator: &initialization, pool: pool)
        net.cancellation = cancellation
        if let parent { try net.inherit(from: parent, path: path) }
        var order = Array(0..<train.count)
        let stepsPerEpoch = (train.count + batchSize - 1) / batchSize
        var scores: [Score] = []
        var step = 0
        generator = generator.stream("order")
        for epoch in 1...epochs {
            generator.shuffle(&order)
            let key = augmentation.next()
            for start in stride(from: 0, to: order.count, by: batchSize) {
                let rate = learningRate * 0.5 * (1 + cos(.pi * Double(step) / Double(epochs * stepsPerEpoch)))
                var options = StepOptions(learningRate: Float(rate), momentum: Float(momentum), weightDecay: Float(weightDecay), clip: nil)
                options.seed = dropout.next()
                let items = Array(order[start..<min(start + batchSize, order.count)])
                _ = try net.step(path: path, batch: train.batch(items, key: key, position: start), options: options)
                step += 1
            }
            if evaluatedEpochs.contains(epoch) {
                scores.append(Score(
                    epoch: epoch, valid: try net.evaluate(path: path, on: valid, batchSize: 256).top1,
                    test: try net.evaluate(path: path, on: test, batchSize: 256).top1))
            }
        }
        return scores
    }
}
