@testable import NASLib
import Testing

/// What training promises: the same bits for any number of threads, the norms that samplers learn from, stopping.
@Suite struct TrainingTests {
    private func train(threads: Int) throws -> (losses: [Double], norms: [[Double]], weights: [Float], ranks: [Supernet.Evaluation]) {
        var generator = Generator(seed: 2)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator, pool: WorkerPool(threadCount: threads))
        let space = NASBench201()
        var (losses, norms): ([Double], [[Double]]) = ([], [])
        for i in 0..<8 {
            let batch = Batch(dataset: data.train, indices: (0..<37).map { ($0 * 13 + i * 37) % data.train.count })
            let step = try net.step(path: space.uniformPath(using: &generator), batch: batch, options: StepOptions(learningRate: 0.05))
            losses.append(step.loss)
            norms.append(step.candidateGradientNorms + step.exampleGradientBounds)
        }
        let ranks = try net.rank(paths: (0..<5).map { space.path(at: $0 * 3000 + 7) }, on: data.valid)
        return (losses, norms, Array(net.weights), ranks)
    }

    @Test func sameBitsForAnyNumberOfThreads() throws {
        let one = try train(threads: 1)
        for threads in [2, 3, 7, 16, 32] {
            let other = try train(threads: threads)
            #expect(one.losses == other.losses)
            #expect(one.norms == other.norms)
            #expect(one.weights == other.weights)
            #expect(one.ranks == other.ranks)
        }
    }

    /// More paths than layouts are kept, the first of them again, and batches of two sizes: a network that has kept some layouts, and lost
    /// others again, does the same as one that is made for every step.
    @Test func keptLayoutsChangeNothing() throws {
        var generator = Generator(seed: 4)
        let data = try Digits.load()
        let space = NASBench201(channels: 8, cells: 1)
        let options = StepOptions(learningRate: 0.05, momentum: 0)
        let kept = try Supernet(space: space, input: data.train.shape, generator: &generator)
        var fresh = try kept.copy()
        for i in 0..<LayoutCache.capacity + 60 {
            let path = space.path(at: i % (LayoutCache.capacity + 20) * 59)
            for path in [path, space.path(at: 7812)] {
                let batch = Batch(dataset: data.train, indices: Array(i..<i + 2 + i % 2))
                fresh = try fresh.copy()
                let (mine, theirs) = (try kept.step(path: path, batch: batch, options: options), try fresh.step(path: path, batch: batch, options: options))
                #expect(mine.loss == theirs.loss && mine.candidateGradientNorms == theirs.candidateGradientNorms)
            }
        }
        #expect(Array(kept.weights) == Array(fresh.weights))
    }

    /// A result keeps its numbers when the network goes on.
    @Test func resultsStayAsTheyWere() throws {
        var generator = Generator(seed: 4)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator)
        let path = Path([3, 2, 3, 2, 3, 2])
        let options = StepOptions(learningRate: 0.05)
        let first = try net.step(path: path, batch: Batch(dataset: data.train, indices: Array(0..<8)), options: options)
        let (losses, bounds, norms) = (first.exampleLosses.map { $0 }, first.exampleGradientBounds.map { $0 }, first.candidateGradientNorms.map { $0 })
        let second = try net.step(path: path, batch: Batch(dataset: data.train, indices: Array(8..<16)), options: options)
        #expect(first.exampleLosses == losses && first.exampleGradientBounds == bounds && first.candidateGradientNorms == norms)
        #expect(second.exampleLosses != losses)
    }

    /// The mean has the weights, the examples' own losses have not.
    @Test func exampleLossesAreWithoutWeights() throws {
        var generator = Generator(seed: 4)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator)
        let path = Path([3, 2, 3, 2, 3, 2])
        let options = StepOptions(learningRate: 0)
        let plain = try net.step(path: path, batch: Batch(dataset: data.train, indices: [0, 1, 2]), options: options)
        let weighted = try net.step(path: path, batch: Batch(dataset: data.train, indices: [0, 1, 2], weights: [2, 0, 0.5]), options: options)
        #expect(weighted.exampleLosses == plain.exampleLosses)
        #expect(abs(weighted.loss - (2 * plain.exampleLosses[0] + 0.5 * plain.exampleLosses[2]) / 3) < 1e-12)
    }

    @Test func trainingLearns() throws {
        var generator = Generator(seed: 1)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator)
        let path = Path([3, 1, 3, 1, 1, 3])
        for epoch in 0..<5 {
            var order = Array(0..<data.train.count)
            generator.shuffle(&order)
            for start in stride(from: 0, to: order.count - 63, by: 64) {
                let batch = Batch(dataset: data.train, indices: Array(order[start..<start + 64]))
                _ = try net.step(path: path, batch: batch, options: StepOptions(learningRate: 0.1 / Float(epoch + 1)))
            }
        }
        #expect(try net.evaluate(path: path, on: data.test).top1 > 90)
    }

    @Test func boundsAreNormsOfTheLogitGradient() throws {
        // An untrained path without any way through gives every class its bias: the bound follows from the softmax of the biases.
        var generator = Generator(seed: 6)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator)
        let step = try net.step(path: Path([0, 0, 0, 0, 0, 0]), batch: Batch(dataset: data.train, indices: Array(0..<20)), options: StepOptions(learningRate: 0))
        #expect(step.candidateGradientNorms == [0, 0, 0, 0, 0, 0])
        #expect(step.exampleGradientBounds.allSatisfy { $0 > 0 && $0 < 2.0.squareRoot() })
        // With probabilities p, ||p - onehot||^2 = sum p^2 - 2 p_y + 1, and the loss is -log p_y: equal labels have equal bounds.
        let byLabel = Dictionary(grouping: 0..<20) { data.train.labels[$0] }
        for members in byLabel.values { #expect(Set(members.map { step.exampleGradientBounds[$0] }).count == 1) }
    }

    @Test func clippingBoundsTheStep() throws {
        var generator = Generator(seed: 6)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator)
        let before = Array(net.weights)
        let options = StepOptions(learningRate: 1, momentum: 0, weightDecay: 0, clip: 0.01)
        let step = try net.step(path: Path([3, 3, 3, 3, 3, 3]), batch: Batch(dataset: data.train, indices: Array(0..<64)), options: options)
        #expect(step.gradientNorm > 0.01)
        let moved = zip(before, net.weights).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
        #expect(abs(moved - 0.01) < 1e-5)
    }

    @Test func standaloneTrainingDependsOnTheSeedAlone() throws {
        let data = try Digits.load()
        let path = Path([3, 0, 1, 2, 4, 1])
        func run(_ seed: UInt64, threads: Int, among others: [Path]) throws -> StandaloneTraining.Outcome {
            try StandaloneTraining(epochs: 2, seed: seed).run(
                others + [path], of: NASBench201(channels: 8, cells: 1), train: data.train, valid: data.valid, test: data.test, evaluatedEpochs: [1, 2],
                pool: WorkerPool(threadCount: threads))[others.count]
        }
        let first = try run(1, threads: 1, among: [])
        #expect(try run(1, threads: 2, among: [Path([1, 1, 1, 1, 1, 1]), Path([2, 2, 2, 2, 2, 2])]) == first)
        #expect(try run(2, threads: 1, among: []) != first)
        #expect(first.scores.map(\.epoch) == [1, 2])
    }

    @Test func cancellingLeavesTheWeights() throws {
        var generator = Generator(seed: 6)
        let data = try Digits.load()
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: data.train.shape, generator: &generator)
        let flag = Cancellation.Flag()
        flag.raise()
        net.cancellation = flag
        let before = Array(net.weights)
        let batch = Batch(dataset: data.train, indices: Array(0..<64))
        #expect(throws: NASError.self) { try net.step(path: Path([3, 3, 3, 3, 3, 3]), batch: batch, options: StepOptions(learningRate: 1)) }
        #expect(throws: NASError.self) { try net.rank(paths: [Path([3, 3, 3, 3, 3, 3])], on: data.valid) }
        #expect(Array(net.weights) == before)
        flag.lower()
        #expect(throws: Never.self) { try net.step(path: Path([3, 3, 3, 3, 3, 3]), batch: batch, options: StepOptions(learningRate: 1)) }
    }

    @Test func misfitsAreRefused() throws {
        var generator = Generator(seed: 6)
        let data = try Digits.load()
        let shape = ImageShape(height: 8, width: 8, channels: 3)
        let net = try Supernet(channels: 8, cells: 1, classes: 10, input: shape, generator: &generator)
        let error = #expect(throws: NASError.self) { try net.rank(paths: [Path([3, 3, 3, 3, 3, 3])], on: data.valid) }
        #expect(error?.message.contains("8x8x3") == true && error?.message.contains("8x8x1") == true)
        #expect(throws: NASError.self) { _ = try Supernet(channels: 12, cells: 1, classes: 10, input: shape, generator: &generator) }
        #expect(throws: NASError.self) {
            _ = try Supernet(channels: 8, cells: 1, classes: 10, input: ImageShape(height: 10, width: 8, channels: 1), generator: &generator)
        }
    }

    /// Fresh changes in each epoch, which depend on the seed alone.
    @Test func trainingAloneAugments() throws {
        let space = try MLP.space(width: 16, depth: 1)
        let data = try Digits.load()
        let small = data.train.subset(Array(0..<60), name: "small")
        let path = space.path(at: 1)
        func train(_ train: Dataset, threads: Int = 1, from parent: Supernet? = nil) throws -> StandaloneTraining.Outcome {
            let training = StandaloneTraining(epochs: 4, batchSize: 20, learningRate: 0.05, seed: 3)
            return try training.run(
                [path, path], of: space, from: parent, train: train, valid: data.valid, test: data.test, evaluatedEpochs: [1, 2, 3, 4],
                pool: WorkerPool(threadCount: threads))[1]
        }
        let plain = try train(small), augmented = try train(try small.augmented(Augmentation(crop: 2)))
        #expect(plain != augmented)
        #expect(try train(try small.augmented(Augmentation(crop: 2)), threads: 2) == augmented)
        // Cutting out nothing but drawing keys all the same leaves everything as it was.
        #expect(try train(try small.augmented(Augmentation())) == plain)
    }
}
