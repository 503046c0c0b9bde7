import Foundation
import Synchronization

/// Runs plans: forward, backward, on batches of images.
///
/// All threads run the same program, each on its own images, and meet only where batch normalisation needs statistics
/// of the whole batch. The batch is cut into a number of chunks that depends on its size alone; every sum over the batch
/// is taken within each chunk in order and then over the chunks in order. So results do not depend on the threads.
/// Memory is laid out anew for each plan in buffers that only grow: steps after the largest one allocate nothing.
final class Executor {
    let store: ParameterStore
    let pool: WorkerPool

    /// Per example of the last batch.
    private(set) var losses: [Double] = []
    private(set) var isCorrect: [Bool] = []
    /// ||softmax(z) - onehot(y)||_2, the last-layer bound of an example's gradient norm (Katharopoulos and Fleuret, 2018).
    private(set) var gradientBounds: [Double] = []

    /// How normalisation gets its statistics.
    enum Statistics { case batch, running }

    /// What is differentiated: the mean cross-entropy, or the sum of all outputs.
    enum Objective { case crossEntropy, outputSum }
    var objective = Objective.crossEntropy

    var plan: Plan!
    var batchSize = 0
    var chunkCount = 1
    var convolutions: [ConvolutionState] = []
    /// For each node, the positions of its convolutions in `convolutions`.
    var nodeConvolutions: [[Int]] = []
    /// Batch normalisations that stand by themselves, and for each node their positions.
    var normalizations: [NormalizationState] = []
    var nodeNormalizations: [[Int]] = []
    /// Forward starts with this node, and in it with that convolution: what comes before is still there from the last run.
    var start = (node: 0, convolution: 0)
    /// Decides what dropout drops.
    var dropoutSeed: UInt64 = 0
    /// By the nodes of custom layers, between the forward and the backward pass.
    var customPullbacks: [Int: CustomPullback] = [:]
    /// What a custom layer threw: it stops the run as a cancellation does.
    var failure: (any Error)?
    var values: [Int] = []
    var deltas: [Int] = []
    var features = 0
    var logitDeltas = 0
    /// Doubles for the partial sums of each chunk, and where they start for the final normalisation.
    var headStatistics = 0
    let arena = AlignedBuffer()
    let statistics: StatisticsBuffer
    let transposedWeights = AlignedBuffer()
    /// Gradients of each chunk, one after the other, each as large as the store.
    let partialGradients = AlignedBuffer()
    private var scratch: [Scratch] = []
    private var geometries: [Geometry.Key: Geometry] = [:]

    /// Set from other threads to stop the running step; see `checkpoint`.
    private let abortedAt = Atomic<Int>(Int.max)

    /// One convolution of the plan in memory.
    struct ConvolutionState {
        var layer: ConvolutionLayer
        var source: Int
        var geometry: Geometry
        /// Its outputs before normalisation, in the arena.
        var raw: Int
        /// In `statistics`, see `StatisticsBuffer`.
        var statistics: Int
    }

    /// One batch normalisation by itself in memory. What it normalises is the value of its source.
    struct NormalizationState {
        var layer: NormalizationLayer
        var source: Int
        var node: Int
        var statistics: Int
    }

    /// Buffers of one thread.
    final class Scratch {
        let padded = AlignedBuffer()
        let delta = AlignedBuffer()
        let input = AlignedBuffer()
        let pooled = AlignedBuffer()
        let pooledDelta = AlignedBuffer()
    }

    init(store: ParameterStore, pool: WorkerPool) {
        self.store = store
        self.pool = pool
        statistics = StatisticsBuffer(threadCount: pool.threadCount)
        scratch = (0..<pool.threadCount).map { _ in Scratch() }
    }

    // MARK: - Laying out

    /// Gives every value of the plan its place. `withGradient` also lays out what the backward pass needs.
    func prepare(_ plan: Plan, batchSize: Int, withGradient: Bool) {
        self.plan = plan
        self.batchSize = batchSize
        chunkCount = min(batchSize, 4)
        var end = 0
        func take(_ count: Int) -> Int {
            defer { end += (count + 15) / 16 * 16 }
            return end
        }
        convolutions.removeAll(keepingCapacity: true)
        nodeConvolutions.removeAll(keepingCapacity: true)
        normalizations.removeAll(keepingCapacity: true)
        nodeNormalizations.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        deltas.removeAll(keepingCapacity: true)
        var statisticsEnd = 0
        for (n, node) in plan.nodes.enumerated() {
            values.append(take(batchSize * node.count))
            deltas.append(withGradient ? take(batchSize * node.count) : 0)
            var own: [Int] = []
            var ownNormalizations: [Int] = []
            for edge in node.edges {
                switch edge.operation {
                case .convolution(let layer):
                    let shape = sourceShape(edge.source)
                    let halved = layer.poolsFirst ? 2 : 1
                    own.append(convolutions.count)
                    convolutions.append(ConvolutionState(
                        layer: layer, source: edge.source, geometry: geometry(layer.geometry(height: shape.height / halved, width: shape.width / halved)),
                        raw: take(batchSize * node.count), statistics: statisticsEnd))
                    statisticsEnd += StatisticsBuffer.size(channels: layer.outputLanes, chunks: chunkCount)
                case .batchNormalization(let layer):
                    ownNormalizations.append(normalizations.count)
                    normalizations.append(NormalizationState(layer: layer, source: edge.source, node: n, statistics: statisticsEnd))
                    statisticsEnd += StatisticsBuffer.size(channels: node.row, chunks: chunkCount)
                default: break
                }
            }
            nodeConvolutions.append(own)
            nodeNormalizations.append(ownNormalizations)
        }
        headStatistics = statisticsEnd
        statisticsEnd += StatisticsBuffer.size(channels: lanes(plan.finalNormalization.channels), chunks: chunkCount)
        features = take(batchSize * lanes(plan.classifier.inputs))
        logitDeltas = take(batchSize * plan.classifier.outputs)
        _ = arena.ensure(end)
        statistics.ensure(statisticsEnd)
        if withGradient {
            _ = partialGradients.ensure(store.count * chunkCount)
            _ = transposedWeights.ensure(store.count)
        }
        if losses.count != batchSize {
            losses = Array(repeating: 0, count: batchSize)
            isCorrect = Array(repeating: false, count: batchSize)
            gradientBounds = Array(repeating: 0, count: batchSize)
        }
        for thread in scratch {
            for state in convolutions {
                let g = state.geometry
                _ = thread.padded.ensure(g.paddedCount * g.group)
                _ = thread.delta.ensure(g.deltaCount * g.group)
                _ = thread.input.ensure(g.key.height * g.key.width * (g.key.inputs + 7) * g.group)
                if state.layer.poolsFirst {
                    _ = thread.pooled.ensure(g.key.height * g.key.width * g.key.inputs)
                    _ = thread.pooledDelta.ensure(g.key.height * g.key.width * g.key.inputs * 4)
                }
            }
            for state in normalizations { _ = thread.delta.ensure(plan.nodes[state.node].count) }
        }
    }

    /// Throws where a batch would take more than half of the machine's memory.
    static func checkMemory(_ plan: Plan, batchSize: Int, withGradient: Bool) throws {
        var floats = 0.0
        for node in plan.nodes {
            let convolutions = node.edges.count { if case .convolution = $0.operation { true } else { false } }
            floats += Double(node.count) * Double(convolutions + (withGradient ? 2 : 1))
        }
        let bytes = floats * Double(batchSize) * 4
        guard bytes <= Double(ProcessInfo.processInfo.physicalMemory) / 2 else {
            throw SizeError(message: "a batch of \(batchSize) takes \(Int(bytes / 1e9)) GB in this network: smaller batches fit")
        }
    }

    func sourceShape(_ source: Int) -> (height: Int, width: Int, channels: Int) {
        if source < 0 { return (plan.input.height, plan.input.width, plan.input.channels) }
        return (plan.nodes[source].height, plan.nodes[source].width, plan.nodes[source].channels)
    }

    private func geometry(_ key: Geometry.Key) -> Geometry {
        if let known = geometries[key] { return known }
        let made = Geometry(key)
        geometries[key] = made
        return made
    }

    // MARK: - Running

    /// What a batch is: where each example's image and label are, and its importance weight.
    struct Examples {
        var images: UnsafePointer<Float>
        var labels: UnsafePointer<Int32>
        var indices: UnsafePointer<Int>
        var weights: UnsafePointer<Float>?
        var imageCount: Int
    }

    /// Forward over the prepared plan, and backward when asked, leaving each chunk's gradients in `partialGradients`.
    /// Throws `Interrupted` when `isCancelled` became nonzero on the way, and what a custom layer throws.
    func run(_ examples: Examples, statistics mode: Statistics, backward: Bool, isCancelled: UnsafePointer<Int32>?) throws {
        abortedAt.store(.max, ordering: .relaxed)
        failure = nil
        defer { customPullbacks = [:] }
        losses.withUnsafeMutableBufferPointer { losses in
            isCorrect.withUnsafeMutableBufferPointer { isCorrect in
                gradientBounds.withUnsafeMutableBufferPointer { bounds in
                    let results = Results(losses: losses.baseAddress!, isCorrect: isCorrect.baseAddress!, bounds: bounds.baseAddress!)
                    nonisolated(unsafe) let this = self
                    nonisolated(unsafe) let examples = examples
                    nonisolated(unsafe) let results_ = results
                    nonisolated(unsafe) let cancelled = isCancelled
                    pool.run { thread in
                        var worker = Worker(executor: this, thread: thread, examples: examples, results: results_, mode: mode, isTraining: backward, isCancelled: cancelled)
                        guard worker.forward() else { return }
                        if backward { _ = worker.backward() }
                    }
                }
            }
        }
        if abortedAt.load(ordering: .acquiring) != .max { throw failure ?? Interrupted() }
    }

    struct Results {
        var losses: UnsafeMutablePointer<Double>
        var isCorrect: UnsafeMutablePointer<Bool>
        var bounds: UnsafeMutablePointer<Double>
    }

    /// All threads meet here; false when the step is to stop. `number` counts a thread's checkpoints: the first thread
    /// decides before a checkpoint, and the others act on it when they have passed that very one.
    func checkpoint(_ number: Int, thread: Int, isCancelled: UnsafePointer<Int32>?) -> Bool {
        if thread == 0, failure != nil || isCancelled.map({ $0.pointee != 0 }) == true, abortedAt.load(ordering: .relaxed) == .max {
            abortedAt.store(number, ordering: .releasing)
        }
        pool.barrier()
        return abortedAt.load(ordering: .acquiring) > number
    }

    func scratch(_ thread: Int) -> Scratch { scratch[thread] }

    /// The examples of a chunk.
    func range(ofChunk chunk: Int) -> Range<Int> { (batchSize * chunk / chunkCount)..<(batchSize * (chunk + 1) / chunkCount) }

    /// The chunks of a thread.
    func chunks(ofThread thread: Int) -> Range<Int> {
        (chunkCount * thread / pool.threadCount)..<(chunkCount * (thread + 1) / pool.threadCount)
    }
}

/// Statistics of one normalisation in memory: for each chunk two sums a channel (forward, then backward), and the
/// vectors that the sums turn into.
final class StatisticsBuffer {
    private var sums = UnsafeMutablePointer<Double>.allocate(capacity: 1)
    /// Each thread computes the vectors from the sums for itself: that is cheaper than to meet once more.
    private let vectors: [AlignedBuffer]
    private var capacity = 1

    init(threadCount: Int) { vectors = (0..<threadCount).map { _ in AlignedBuffer() } }

    /// In doubles, and at least as much in floats.
    static func size(channels: Int, chunks: Int) -> Int { channels * max(8, 4 * chunks) }

    func ensure(_ count: Int) {
        guard count > capacity else { return }
        sums.deallocate()
        sums = .allocate(capacity: count)
        capacity = count
        for vector in vectors { _ = vector.ensure(count) }
    }

    /// Two sums a channel, of a chunk; pass 0 is forward, pass 1 backward.
    func sums(_ start: Int, chunk: Int, pass: Int, channels: Int) -> UnsafeMutablePointer<Double> {
        sums + start + (chunk * 2 + pass) * 2 * channels
    }

    /// mean, inverse standard deviation, scale, shift, mean delta, mean product; `channels` floats each.
    func vector(_ start: Int, _ kind: Kind, channels: Int, thread: Int) -> UnsafeMutablePointer<Float> {
        vectors[thread].pointer + start + kind.rawValue * channels
    }

    enum Kind: Int { case mean, inverse, scale, shift, meanDelta, meanProduct }

    deinit { sums.deallocate() }
}
