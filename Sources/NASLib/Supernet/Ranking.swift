import Synchronization

extension Supernet {
    /// How well a path does on a dataset.
    public struct Evaluation: Sendable, Equatable {
        /// Share classified right, in percent; nan where the loss is.
        public var top1: Double
        /// Mean cross-entropy.
        public var loss: Double
    }

    public func evaluate(path: Path, on dataset: Dataset, batchSize: Int = 512) throws -> Evaluation {
        try rank(paths: [path], on: dataset, batchSize: batchSize)[0]
    }

    /// Evaluates each path on the whole dataset, several at a time. The result does not depend on the threads.
    ///
    /// What paths have in common is computed once: paths whose networks are the same when dead edges are gone are
    /// evaluated once, and a network starts from where it differs from the one before it. As paths are taken in the order
    /// of their choices, in a chain that is a walk over the tree of all beginnings.
    public func rank(paths: [Path], on dataset: Dataset, batchSize: Int = 512) throws -> [Evaluation] {
        precondition(batchSize > 0)
        for path in paths { try check(path: path, shape: dataset.shape, classes: dataset.classes) }
        guard dataset.count > 0 else { throw ShapeError("the dataset is empty") }
        let statistics: Executor.Statistics = path == nil ? .batch : .running
        let pool = executor.pool
        let (distinct, positions) = distinctNetworks(paths)
        let executors = network.hasCustomLayers ? 1 : min(pool.threadCount, distinct.count)
        for first in distinct.prefix(1) {
            let plan = network.plan(for: paths[first])
            try Executor.checkMemory(plan, batchSize: min(batchSize, dataset.count), withGradient: false, executors: executors)
        }
        if network.hasCustomLayers {
            let plans = distinct.map { network.plan(for: paths[$0]).bypassingIdentities() }
            let scores = try executor.evaluate(plans, dataset, batchSize: batchSize, statistics: statistics, isCancelled: cancellation)
            return positions.map { scores[$0] }
        }
        if rankers.isEmpty { rankers = (0..<pool.threadCount).map { _ in Executor(store: store, pool: WorkerPool(threadCount: 1)) } }
        var results = Array(repeating: Evaluation(top1: 0, loss: 0), count: distinct.count)
        // Threads take so many neighbours at a time as leave work for all, but still have much in common.
        let portion = max(1, min(64, distinct.count / (8 * pool.threadCount)))
        let next = Atomic<Int>(0)
        let failure = Mutex<(any Error)?>(nil)
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            nonisolated(unsafe) let rankers = self.rankers
            pool.run { thread in
                while true {
                    let start = next.add(portion, ordering: .relaxed).oldValue
                    guard start < distinct.count else { return }
                    let range = start..<min(start + portion, distinct.count)
                    let plans = range.map { self.network.plan(for: paths[distinct[$0]]).bypassingIdentities() }
                    do {
                        let scores = try rankers[thread].evaluate(plans, dataset, batchSize: batchSize, statistics: statistics, isCancelled: self.cancellation)
                        for (i, score) in zip(range, scores) { results[i] = score }
                    } catch {
                        next.store(distinct.count, ordering: .relaxed)
                        return failure.withLock { $0 = $0 ?? error }
                    }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return positions.map { results[$0] }
    }

    /// Positions of paths with different networks, in the order of their choices, and for each path the place of its
    /// network among them.
    private func distinctNetworks(_ paths: [Path]) -> (distinct: [Int], positions: [Int]) {
        let order = paths.indices.sorted { paths[$0].choices.lexicographicallyPrecedes(paths[$1].choices) }
        var distinct: [Int] = []
        var positions = Array(repeating: 0, count: paths.count)
        var known: [Int: Int] = [:]
        for i in order {
            // The hashes of two different networks would have to be equal for a mistake; there are 2^64 of them.
            let key = network.plan(for: paths[i]).bypassingIdentities().nodes.hashValue
            if let place = known[key] {
                positions[i] = place
            } else {
                known[key] = distinct.count
                positions[i] = distinct.count
                distinct.append(i)
            }
        }
        return (distinct, positions)
    }
}

extension Executor {
    /// Forward only, batch by batch; in each batch a plan starts where it differs from the one before. Throws as `run` does.
    func evaluate(
        _ plans: [Plan], _ dataset: Dataset, batchSize: Int, statistics: Statistics, isCancelled: Cancellation.Flag? = nil
    ) throws -> [Supernet.Evaluation] {
        defer {
            self.start = (0, 0)
            rest()
        }
        var sums = Array(repeating: (loss: 0.0, correct: 0), count: plans.count)
        for start in stride(from: 0, to: dataset.count, by: batchSize) {
            let part = Array(start..<min(dataset.count, start &+ min(batchSize, dataset.count)))
            var before: Plan?
            for (i, plan) in plans.enumerated() {
                let capacity = arena.capacity
                try prepare(layout(plan, batchSize: part.count, hasGradient: false))
                // Values are lost when their memory had to grow.
                self.start = arena.capacity == capacity ? before.map(plan.commonStart) ?? (0, 0) : (0, 0)
                try run(dataset, part, weights: nil, statistics: statistics, backward: false, isCancelled: isCancelled)
                sums[i].loss += losses.reduce(0, +)
                sums[i].correct += isCorrect.count(where: \.self)
                before = plan
            }
        }
        return sums.map {
            // Outputs that are no numbers name no class.
            .init(top1: $0.loss.isNaN ? .nan : 100 * Double($0.correct) / Double(dataset.count), loss: $0.loss / Double(dataset.count))
        }
    }
}
