import Foundation

/// Training one architecture from scratch, with weights of its own: what a benchmark's truth is made of.
///
/// The network has affine normalisation with running statistics, which evaluation uses. A training runs on one thread,
/// so that several can go side by side (one after the other where there are custom layers), and is determined by the seed.
public struct StandaloneTraining: Sendable {
    public var epochs: Int
    public var batchSize: Int
    /// The learning rate at the start, from which it falls to 0 along a cosine, step by step.
    public var learningRate: Double
    /// The learning rate at each step's progress, in place of that cosine.
    public var schedule: Schedule?
    public var momentum: Double
    public var weightDecay: Double
    /// A rule that takes the place of momentum and weight decay.
    public var rule: (any UpdateRule)?
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

    /// One architecture's training.
    public struct Outcome: Sendable, Equatable, Codable {
        public var scores: [Score]
        /// Where the training diverged, if it did: all later scores are nan.
        public var divergence: Divergence?
    }

    public struct Divergence: Sendable, Equatable, Codable {
        public var epoch: Int
        /// The step within the epoch, counted from 1.
        public var step: Int
    }

    /// Accuracies in percent after an epoch (counted from 1).
    public struct Score: Sendable, Equatable, Codable {
        public var epoch: Int
        public var valid: Double
        /// nil where the epoch is one of those that are not tested.
        public var test: Double?
    }

    /// Trains each architecture and evaluates it after each of the given epochs; as many at a time as the pool has threads.
    ///
    /// - Parameters:
    ///   - parent: a supernet whose weights the architectures start from; without it they start from random ones.
    ///   - testedEpochs: those after which the test part is evaluated too; by itself all that are evaluated.
    ///   - cancellation: throws `NASError.interrupted` soon after it is raised.
    public func run(
        _ paths: [Path], of space: any NetworkSpace, from parent: Supernet? = nil, train: Dataset, valid: Dataset, test: Dataset,
        evaluatedEpochs: [Int], testedEpochs: [Int]? = nil, pool: WorkerPool = .shared, cancellation: Cancellation.Flag? = nil
    ) throws -> [Outcome] {
        try CustomLayer.checkNesting()
        if !space.customFunctions.isEmpty {
            return try paths.map {
                try run(
                    $0, of: space, from: parent, train: train, valid: valid, test: test, evaluatedEpochs: evaluatedEpochs,
                    testedEpochs: testedEpochs,
                    pool: pool, cancellation: cancellation)
            }
        }
        return try pool.crew.map(count: paths.count, purpose: "train_standalone") { range, _ in
            try range.map {
                try run(
                    paths[$0], of: space, from: parent, train: train, valid: valid, test: test, evaluatedEpochs: evaluatedEpochs,
                    testedEpochs: testedEpochs, pool: WorkerPool(threadCount: 1), cancellation: cancellation)
            }
        }
    }

    private func run(
        _ path: Path, of space: any NetworkSpace, from parent: Supernet?, train: Dataset, valid: Dataset, test: Dataset,
        evaluatedEpochs: [Int],
        testedEpochs: [Int]?, pool: WorkerPool, cancellation: Cancellation.Flag?
    ) throws -> Outcome {
        guard train.count > 0, valid.count > 0, test.count > 0, batchSize > 1, epochs > 0 else {
            throw NASError(.shape, "training needs images in every part, epochs and batches of at least 2")
        }
        var generator = Generator(seed: seed)
        var initialization = generator.stream("weights")
        var dropout = generator.stream("dropout")
        var augmentation = generator.stream("augmentation")
        let net = try Supernet(space: space, input: train.shape, path: path, generator: &initialization, pool: pool)
        net.cancellation = cancellation
        if let parent { try net.inherit(from: parent, path: path) }
        var order = Array(0..<train.count)
        let batchSize = min(batchSize, train.count)
        let steps = Double(epochs) * Double((train.count + batchSize - 1) / batchSize)
        var outcome = Outcome(scores: [])
        func isTested(_ epoch: Int) -> Bool { testedEpochs?.contains(epoch) ?? true }
        var step = 0
        generator = generator.stream("order")
        for epoch in 1...epochs {
            generator.shuffle(&order)
            let key = augmentation.next()
            for start in stride(from: 0, to: order.count, by: batchSize) {
                let rate = schedule?.value(at: Double(step) / steps) ?? learningRate * 0.5 * (1 + cos(.pi * Double(step) / steps))
                var options = StepOptions(
                    learningRate: Float(rate), momentum: Float(momentum), weightDecay: Float(weightDecay), clip: nil, rule: rule)
                options.seed = dropout.next()
                let items = Array(order[start..<min(start + batchSize, order.count)])
                let result = try net.step(path: path, batch: train.batch(items, key: key, position: start), options: options)
                step += 1
                guard result.isFinite else {
                    outcome.divergence = Divergence(epoch: epoch, step: start / batchSize + 1)
                    outcome.scores += Set(evaluatedEpochs).filter { $0 >= epoch && $0 <= epochs }.sorted().map {
                        Score(epoch: $0, valid: .nan, test: isTested($0) ? .nan : nil)
                    }
                    return outcome
                }
            }
            if evaluatedEpochs.contains(epoch) {
                outcome.scores.append(Score(
                    epoch: epoch, valid: try net.evaluate(path: path, on: valid, batchSize: 256).top1,
                    test: isTested(epoch) ? try net.evaluate(path: path, on: test, batchSize: 256).top1 : nil))
            }
        }
        return outcome
    }
}
