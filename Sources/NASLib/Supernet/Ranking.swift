extension Supernet {
    /// How well a path does on a dataset.
    public struct Evaluation: Sendable, Equatable, Codable {
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
        require(batchSize > 0, "a batch has at least 1 example, not \(batchSize)")
        for path in paths { try check(path: path, shape: dataset.shape, classes: dataset.classes) }
        guard dataset.count > 0 else { throw NASError(.shape, "the dataset is empty") }
        let statistics: Share.Statistics = path == nil ? .batch : .running
        let crew = executor.pool.crew
        let (distinct, positions) = distinctNetworks(paths)
        let executors = network.hasCustomLayers ? 1 : min(crew.threadCount, distinct.count)
        for first in distinct.prefix(1) {
            let plan = network.plan(for: paths[first])
            try Executor.checkMemory(plan, batchSize: min(batchSize, dataset.count), withGradient: false, executors: executors)
        }
        if network.hasCustomLayers {
            let plans = distinct.map { network.plan(for: paths[$0]).bypassingIdentities() }
            let scores = try executor.evaluate(plans, dataset, batchSize: batchSize, statistics: statistics, isCancelled: cancellation)
            return positions.map { scores[$0] }
        }
        while rankers.count < crew.threadCount { rankers.append(Executor(store: store, pool: WorkerPool(threadCount: 1))) }
        let (rankers, cancellation) = (rankers, cancellation)
        // Threads take so many neighbours at a time as leave work for all, but still have much in common.
        let threads = try World.value("threads") { crew.threadCount } * (Ranks.inStep?.count ?? 1)
        let portion = max(1, min(64, distinct.count / (8 * threads)))
        let results = try crew.map(count: distinct.count, portion: portion, purpose: "rank") { [network] range, thread in
            let plans = range.map { network.plan(for: paths[distinct[$0]]).bypassingIdentities() }
            return try rankers[thread].evaluate(plans, dataset, batchSize: batchSize, statistics: statistics, isCancelled: cancellation)
        }
        return positions.map { results[$0] }
    }

    /// Positions of paths with different networks, in the order of their choices, and for each path the place of its
    /// network among them.
    private func distinctNetworks(_ paths: [Path]) -> (distinct: [Int], positions: [Int]) {
        let order = paths.indices.sorted { paths[$0].choices.lexicographicallyPrecedes(paths[$1].choices) }
        var distinct: [Int] = []
        var positions = Array(repeating: 0, count: paths.count)
        func nodes(_ path: Path) -> [Plan.Node] { network.plan(for: path).bypassingIdentities().nodes }
        // By their hashes; networks are made again to be compared, since all of them together may take gigabytes.
        var known: [Int: [Int]] = [:]
        for i in order {
            let own = nodes(paths[i])
            let hash = own.hashValue
            if let place = known[hash]?.first(where: { nodes(paths[distinct[$0]]) == own }) {
                positions[i] = place
            } else {
                known[hash, default: []].append(distinct.count)
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
        _ plans: [Plan], _ dataset: Dataset, batchSize: Int, statistics: Share.Statistics, isCancelled: Cancellation.Flag? = nil
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
                let capacities = [arena.capacity, self.statistics.capacity]
                try prepare(layout(plan, batchSize: part.count, hasGradient: false))
                // Values are lost when their memory had to grow.
                self.start = [arena.capacity, self.statistics.capacity] == capacities ? before.map(plan.commonStart) ?? (0, 0) : (0, 0)
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
