import Foundation
import Synchronization

/// Runs plans: forward, backward, on batches of images.
///
/// All threads run the same program, each on its own images, and meet only where batch normalisation needs statistics
/// of the whole batch. The batch is cut into chunks by its size alone, and every sum over it is taken in their order (see
/// `Partition`). So results do not depend on the threads.
/// Each plan has its layout in buffers that only grow: a step whose layout is kept allocates nothing after the largest one.
final class Executor {
    let store: ParameterStore
    let pool: WorkerPool
    /// Of the pool, for the plan that runs.
    private(set) var crew: Crew

    /// The cross-entropy of each example of the last batch, without its weight.
    private(set) var losses: [Double] = []
    private(set) var isCorrect: [Bool] = []
    /// ||softmax(z) - onehot(y)||_2, the last-layer bound of an example's gradient norm (Katharopoulos and Fleuret, 2018).
    private(set) var gradientBounds: [Double] = []
    /// Of the last collected gradient, the squared norm of each range.
    private(set) var squares: [Double] = []

    var objective = CrossEntropy.Objective.crossEntropy

    /// Of the plan that runs, see `prepare`.
    private(set) var layout: PlanLayout!
    /// Forward starts with this node, and in it with that edge: what comes before is still there from the last run.
    var start = (node: 0, edge: 0)
    /// Decides what dropout drops.
    var dropoutSeed: UInt64 = 0
    /// Where ranks share the batch that runs, what they tell each other.
    private(set) var exchange: BatchExchange?
    /// What a custom layer threw: it stops the run as a cancellation does.
    var failure: (any Error)?
    private(set) var partition = Partition(batchSize: 1, threadCount: 1)
    let arena = AlignedBuffer()
    let statistics = BatchStatistics()
    let transposedWeights = AlignedBuffer()
    /// Gradients of the chunks or groups, one after the other, see `Partition.buffers` and `GradientPlaces`.
    let partialGradients = AlignedBuffer()
    /// Where ranks share the batch, the sums of all of them, see `BatchExchange.addUp`.
    let rankSums = AlignedBuffer(), rankParts = AlignedBuffer()
    /// Of each block of the last collected gradient, the squared norm.
    private var blockSquares: [Double] = []
    private var scratch: [Scratch] = []
    private var geometries: [Geometry.Key: Geometry] = [:]

    /// Set from other threads to stop the running step; see `checkpoint`.
    private let abortedAt = Atomic<Int>(Int.max)

    init(store: ParameterStore, pool: WorkerPool) {
        self.store = store
        self.pool = pool
        crew = pool.crew
    }

    // MARK: - Laying out

    /// The places of a plan. `hasGradient`: also of what the backward pass needs.
    func layout(_ plan: Plan, batchSize: Int, hasGradient: Bool) -> PlanLayout {
        PlanLayout(plan, batchSize: batchSize, hasGradient: hasGradient, geometry: geometry)
    }

    /// What runs next, by this rank alone or by several. Throws where there is no memory for it. What it leaves in its buffers is there
    /// until `rest`.
    func prepare(_ layout: PlanLayout, over exchange: BatchExchange? = nil) throws {
        (self.layout, self.exchange) = (layout, exchange)
        crew = pool.crew
        let rankCount = exchange?.ranks.count ?? 1
        if layout.batchSize != partition.batchSize || crew.threadCount != partition.threadCount || rankCount != partition.rankCount {
            partition = Partition(
                batchSize: layout.batchSize, threadCount: crew.threadCount, rank: exchange?.ranks.rank ?? 0, rankCount: rankCount)
        }
        while scratch.count < crew.threadCount { scratch.append(Scratch()) }
        try workspace.begin(workspaceBytes(for: layout))
        try arena.ensure(layout.arenaCount)
        try statistics.ensure(channels: layout.statisticsCount, partition)
        if layout.hasGradient {
            try partialGradients.ensure(layout.gradientPlaces.count * partition.bufferCount)
            if let exchange {
                for buffer in [rankSums, rankParts] { try buffer.ensure(layout.gradientPlaces.count) }
                try exchange.prepare(layout, partition)
            }
            try transposedWeights.ensure(store.count)
            blockSquares.resize(to: layout.ranges.reduce(0) { $0 + $1.blockCount }, with: 0)
        }
        losses.resize(to: layout.batchSize, with: 0)
        isCorrect.resize(to: layout.batchSize, with: false)
        gradientBounds.resize(to: layout.batchSize, with: 0)
        squares.resize(to: layout.ranges.count, with: 0)
        for thread in scratch {
            try thread.ensure(layout.scratch)
            thread.hasDelta.resize(to: layout.images.count, with: false)
        }
    }

    private lazy var workspace = Workspace { [weak self] in self?.releaseBuffers() }

    /// Its buffers may be taken away until it is prepared again.
    func rest() { workspace.rest() }

    /// What its large buffers will take.
    private func workspaceBytes(for layout: PlanLayout) -> Int {
        var floats = max(arena.capacity, layout.arenaCount)
        floats += max(partialGradients.capacity, layout.hasGradient ? layout.gradientPlaces.count * partition.bufferCount : 0)
        floats += max(rankSums.capacity + rankParts.capacity, exchange == nil ? 0 : 2 * layout.gradientPlaces.count)
        floats += max(transposedWeights.capacity, layout.hasGradient ? store.count : 0)
        for thread in scratch { floats += thread.count(atLeast: layout.scratch) }
        return floats * MemoryLayout<Float>.stride
    }

    /// Only where it rests.
    func releaseBuffers() {
        arena.release()
        for buffer in [partialGradients, rankSums, rankParts] { buffer.release() }
        transposedWeights.release()
        for thread in scratch { thread.release() }
    }

    /// Throws where a batch would take more memory than all executors may, of which so many run at once. It is seen before anything is laid
    /// out.
    static func checkMemory(_ plan: Plan, batchSize: Int, withGradient: Bool, executors: Int = 1) throws {
        var floats = 0.0
        for node in plan.nodes {
            let kept = node.edges.count { $0.layer.keepsOutputs }
            floats += Double(node.count) * Double(kept + (withGradient ? 2 : 1))
        }
        let bytes = floats * Double(batchSize) * 4 * Double(executors)
        guard bytes <= Double(Workspace.Pool.shared.limit) else {
            throw Workspace.Pool.shared.excess(Int(exactly: bytes.rounded()) ?? .max)
        }
    }

    private func geometry(_ key: Geometry.Key) -> Geometry {
        if let known = geometries[key] { return known }
        let made = Geometry(key)
        geometries[key] = made
        return made
    }

    // MARK: - Running

    /// Sums the chunks' gradients of the prepared plan into the store's gradient, in order; with `adds`, on top of what is there.
    /// Each range's squared norm, without what was there, is then in `squares`.
    func collectGradient(adds: Bool = false) {
        exchange?.addUp(rankSums.pointer, parts: rankParts.pointer, count: layout.gradientPlaces.count) {
            onAllThreads(.addUp($0))
        }
        blockSquares.withUnsafeMutableBufferPointer { onAllThreads(.collect(adds: adds, $0.baseAddress!)) }
        var block = 0
        for (i, range) in layout.ranges.enumerated() {
            squares[i] = blockSquares[block..<block + range.blockCount].reduce(0, +)
            block += range.blockCount
        }
    }

    /// Forward over the prepared plan, and backward when asked, which leaves what `collectGradient` adds up.
    /// Throws `NASError.interrupted` when `isCancelled` was raised on the way, and what a custom layer throws.
    func run(_ examples: Share.Examples, statistics mode: Share.Statistics, backward: Bool, isCancelled: Cancellation.Flag?) throws {
        abortedAt.store(.max, ordering: .relaxed)
        failure = nil
        exchange?.begin()
        defer { scratch[0].pullbacks = [:] }
        losses.withUnsafeMutableBufferPointer { losses in
            isCorrect.withUnsafeMutableBufferPointer { isCorrect in
                gradientBounds.withUnsafeMutableBufferPointer { bounds in
                    let results = CrossEntropy.Results(
                        losses: losses.baseAddress!, isCorrect: isCorrect.baseAddress!, bounds: bounds.baseAddress!)
                    onAllThreads(.pass(examples, results, mode, isTraining: backward, isCancelled))
                    guard let exchange, !exchange.isStopping else { return }
                    // Running statistics are those of the whole batch.
                    if exchange.isLocal {
                        exchange.tell(
                            statistics.view(partition, thread: 0), of: Array(layout.normalizers.joined()), .forward, isStopping: false)
                    }
                    exchange.tell(results, isStopping: Cancellation.isRequested(isCancelled))
                }
            }
        }
        let isStopped =
            exchange.map(\.isStopping) ?? (abortedAt.load(ordering: .acquiring) != .max || Cancellation.isRequested(isCancelled))
        if isStopped { throw failure ?? NASError.interrupted }
    }

    /// What all threads do at a time.
    enum Work {
        case pass(Share.Examples, CrossEntropy.Results, Share.Statistics, isTraining: Bool, _ isCancelled: Cancellation.Flag?)
        /// Adds this rank's gradients to those of the ranks before it, at some of their places.
        case addUp(Range<Int>)
        /// See `collectGradient`; the squared norms of the ranges' blocks go to the pointer.
        case collect(adds: Bool, UnsafeMutablePointer<Double>)
        case descend([ParameterRange], StepOptions, scale: Float)
        case update(RuleStep)
    }

    private var work: Work?
    /// Kept, since a function that captures something takes an allocation for every time that it is written down.
    private lazy var share: (Int) -> Void = { [unowned self] thread in perform(thread) }

    func onAllThreads(_ work: Work) {
        self.work = work
        defer { self.work = nil }
        crew.run(share)
    }

    private func perform(_ thread: Int) {
        switch work {
        case .pass(let examples, let results, let mode, let isTraining, let isCancelled):
            let share = Share(
                partition: partition, thread: thread, examples: examples, mode: mode, isTraining: isTraining, dropoutSeed: dropoutSeed,
                isCancelled: isCancelled, arena: arena.pointer, weights: store.weights, running: store.running,
                transposedWeights: transposedWeights.pointer,
                statistics: statistics.view(partition, thread: thread, isLocal: exchange?.isLocal ?? false),
                gradients: partialGradients.pointer, gradientPlaces: layout.gradientPlaces, scratch: scratch[thread])
            var worker = Worker(self, share, CrossEntropy(objective: objective, results: results, classes: layout.classes))
            guard worker.forward() else { return }
            if isTraining { _ = worker.backward() }
        case .addUp(let slice): addUp(slice, thread)
        case .collect(let adds, let squares): collect(adds: adds, squares, thread)
        case .descend(let ranges, let options, let scale): descend(ranges, options, scale: scale, thread)
        case .update(let step): update(step, thread)
        case nil: preconditionFailure("threads run when there is work")
        }
    }

    /// All threads meet here; false when the step is to stop. `number` counts a thread's checkpoints: the first thread
    /// decides before a checkpoint, and the others act on it when they have passed that very one. Ranks that share a batch stop together.
    func checkpoint(_ number: Int, thread: Int, isCancelled: Cancellation.Flag?) -> Bool {
        if thread == 0, exchange?.isStopping ?? (failure != nil || Cancellation.isRequested(isCancelled)),
            abortedAt.load(ordering: .relaxed) == .max
        {
            abortedAt.store(number, ordering: .releasing)
        }
        crew.barrier()
        return abortedAt.load(ordering: .acquiring) > number
    }

    func multiplyAdds(ofThread thread: Int) -> Int { thread < scratch.count ? scratch[thread].multiplyAdds : 0 }
}

extension Array {
    /// Keeps its memory where that is large enough, and nobody else holds it.
    fileprivate mutating func resize(to count: Int, with element: Element) {
        if self.count > count { removeLast(self.count - count) }
        while self.count < count { append(element) }
    }
}
