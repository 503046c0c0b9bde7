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
    let network: DeclaredNetwork
    let executor: Executor
    /// One for each thread, for evaluation.
    var rankers: [Executor] = []
    /// Of training steps.
    var layouts = LayoutCache()
    /// Where ranks share steps.
    var rankedSteps = RankedSteps()
    /// The last training step's numbers: for each place of a candidate the squared gradient norm, for each choice the norm.
    var placeSums: [Double]
    var candidateNorms: [Double]
    /// Set it to stop a running call: that throws `NASError.interrupted` and leaves the weights as they were.
    public var cancellation: Cancellation.Flag?

    /// A network with fresh weights.
    ///
    /// - Parameters:
    ///   - space: what the network's paths choose between.
    ///   - input: height, width and channels of the images.
    ///   - path: the one path of a stand-alone network; nil for a supernet with the weights of all paths.
    ///   - generator: what the weights are drawn with.
    ///   - pool: the threads that work for it.
    /// - Throws: `NASError` where the images or the space's blocks do not fit each other, or the processor does not run the engine.
    public init(
        space: any NetworkSpace, input: ImageShape, path: Path? = nil, generator: inout Generator, pool: WorkerPool = .shared
    ) throws {
        try Processor.check()
        self.space = space
        self.input = input
        self.path = path
        network = try space.makeNetwork(input: input, path: path, store: store, generator: &generator)
        executor = Executor(store: store, pool: pool)
        placeSums = Array(repeating: 0, count: network.places.count)
        candidateNorms = Array(repeating: 0, count: space.choices.count)
    }

    /// Over NAS-Bench-201.
    ///
    /// - Parameters:
    ///   - channels: of the first stage, a multiple of 8; each later stage has twice as many.
    ///   - cells: in each of the three stages.
    ///   - input: height and width must be multiples of 4.
    convenience init(
        channels: Int, cells: Int, classes: Int, input: ImageShape, generator: inout Generator, pool: WorkerPool = .shared
    ) throws {
        try self.init(
            space: NASBench201(channels: channels, cells: cells, classes: classes), input: input, generator: &generator, pool: pool)
    }

    /// Whether steps need random numbers: `StepOptions.seed`.
    public var hasDropout: Bool { network.hasDropout }

    /// How many numbers it trains.
    public var parameterCount: Int {
        store.layers.reduce(0) { $0 + $1.parameterCount }
    }

    /// The bytes of the weights, their momentum and their gradient, of running statistics, and of what an optimizer remembers.
    package var byteCount: Int { store.count * 12 + store.runningCount * 4 + (store.ruleMemory?.byteCount ?? 0) }

    /// Sets the running statistics of a stand-alone network's normalisation to the means over a dataset's batches, as single-path
    /// one-shot search does before it evaluates a path whose weights were trained in others' company.
    public func recalibrate(on dataset: Dataset, batchSize: Int = 512) throws {
        guard let path else {
            throw NASError(.shape, "a supernet has no running statistics to set: it normalises by each batch's own")
        }
        try check(path: path, shape: dataset.shape, classes: dataset.classes)
        guard dataset.count > 1, batchSize > 1 else { throw NASError(.shape, "statistics need at least 2 images") }
        defer { executor.rest() }
        let plan = network.plan(for: path)
        try Executor.checkMemory(plan, batchSize: min(batchSize, dataset.count), withGradient: false)
        // A last batch of one image would tell nothing of the spread.
        for (i, start) in stride(from: 0, to: dataset.count - 1, by: batchSize).enumerated() {
            let part = Array(start..<min(dataset.count, start &+ min(batchSize, dataset.count)))
            try executor.prepare(executor.layout(plan, batchSize: part.count, hasGradient: false))
            try executor.run(dataset, part, weights: nil, statistics: .batch, backward: false, isCancelled: cancellation)
            executor.updateRunningStatistics(share: 1 / Double(i + 1))
        }
    }

    func check(path: Path, shape: ImageShape, classes: Int) throws {
        try CustomLayer.checkNesting()
        try space.check(path)
        if let own = self.path, own != path {
            throw NASError(.shape, "this is the network of one path, \(space.format(own)), and not of another")
        }
        guard shape == input else {
            throw NASError(
                .shape, "the supernet takes images of \(input.height)x\(input.width)x\(input.channels), the data has \(shape.height)x\(shape.width)x\(shape.channels)")
        }
        guard classes <= space.classes else {
            throw NASError(.shape, "the supernet tells \(space.classes) classes apart, the data has \(classes)")
        }
    }
}

extension Supernet {
    /// Takes over another network's weights for the layers of its path: those of a supernet, say, where training alone
    /// is to start from. Running statistics come along from a stand-alone network; a supernet has none.
    public func inherit(from other: Supernet, path: Path) throws {
        guard other.space === space, other.input == input else {
            throw NASError(.shape, "weights can be taken over from a network of the same space and images only")
        }
        try space.check(path)
        if let own = other.path, own != path {
            throw NASError(.shape, "that network is of one path, \(space.format(own)), and not of this one")
        }
        for (mine, theirs) in zip(network.layers(of: path), other.network.layers(of: path)) {
            store.layers[mine].inherit(from: other.store.layers[theirs], other.store, to: store)
        }
    }
}

extension StoredLayer {
    /// Takes over the numbers of another network's layer at the same place. What one of the two does not have, such as the affine numbers
    /// of a supernet's normalisation, stays as it is.
    fileprivate func inherit(from other: any StoredLayer, _ source: ParameterStore, to store: ParameterStore) {
        let theirs = Array(zip(other.place.offsets, other.slots))
        for (offset, slot) in zip(place.offsets, slots) {
            guard let (from, _) = theirs.first(where: { $0.1.arrays[0].name == slot.arrays[0].name && $0.1.count == slot.count }) else {
                continue
            }
            let (memory, target) = slot.isRunning ? (source.running, store.running) : (source.weights, store.weights)
            (target + offset).update(from: memory + from, count: slot.count)
        }
    }
}

extension Executor {
    func run(batch: Batch, statistics: Share.Statistics, backward: Bool, isCancelled: Cancellation.Flag?) throws {
        try run(batch.dataset, batch.indices, weights: batch.weights, statistics: statistics, backward: backward, isCancelled: isCancelled)
    }

    func run(
        _ dataset: Dataset, _ indices: [Int], weights: [Float]?, statistics: Share.Statistics, backward: Bool,
        isCancelled: Cancellation.Flag?
    ) throws {
        try dataset.images.withUnsafeBufferPointer { images in
            try dataset.labels.withUnsafeBufferPointer { labels in
                try indices.withUnsafeBufferPointer { indices in
                    try (weights ?? []).withUnsafeBufferPointer { buffer in
                        let examples = Share.Examples(
                            images: images.baseAddress!, labels: labels.baseAddress!, indices: indices.baseAddress!,
                            weights: weights == nil ? nil : buffer.baseAddress, imageCount: dataset.shape.count)
                        try run(examples, statistics: statistics, backward: backward, isCancelled: isCancelled)
                    }
                }
            }
        }
    }
}

// MARK: - For tests and benchmarks

/// What the threads of a network have done since it was made.
package struct ThreadWork: Sendable, Equatable {
    /// The multiply-adds of convolutions in training, of each thread.
    package var multiplyAdds: [Int]
    /// How often all threads waited for each other.
    package var barriers: Int
}

extension Supernet {
    /// Counts since the threads are as many as they are.
    package var threadWork: ThreadWork {
        let crew = executor.crew
        return ThreadWork(multiplyAdds: (0..<crew.threadCount).map { executor.multiplyAdds(ofThread: $0) }, barriers: crew.barrierCount)
    }
}

extension Supernet {
    /// The weights themselves.
    package var weights: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: store.weights, count: store.count) }
}
