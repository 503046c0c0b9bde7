/// One thread's run through a plan, see `Executor`: which node comes when, and where the threads meet. What is computed there is the
/// business of the layers, see `LayerStep`.
struct Worker {
    let executor: Executor
    let layout: PlanLayout
    let share: Share
    let loss: CrossEntropy
    private var checkpoints = 0
    /// Whether the threads have met since the weights were transposed.
    private var hasTransposedWeights = false

    init(_ executor: Executor, _ share: Share, _ loss: CrossEntropy) {
        (self.executor, self.share, self.loss) = (executor, share, loss)
        layout = executor.layout
    }

    private mutating func meet() -> Bool {
        checkpoints += 1
        hasTransposedWeights = true
        return executor.checkpoint(checkpoints, thread: share.thread, isCancelled: share.isCancelled)
    }

    /// The first thread does something for all while the others wait.
    private mutating func meetAround(_ body: () throws -> Void) -> Bool {
        guard meet() else { return false }
        if share.thread == 0 {
            do { try body() } catch { executor.failure = error }
        }
        return meet()
    }

    /// All threads, and where they share the batch all ranks, come to know the batch's sums that normalizers go by.
    private mutating func meet(for normalizers: [Normalizer], _ pass: BatchStatistics.View.Pass) -> Bool {
        guard let exchange = executor.exchange, !exchange.isLocal else { return meet() }
        return meetAround { [share] in exchange.tell(share.statistics, of: normalizers, pass, isStopping: share.isStopping) }
    }

    // MARK: - Forward

    mutating func forward() -> Bool {
        for n in executor.start.node..<layout.steps.count {
            let steps = layout.steps[n]
            if let custom = layout.wholeBatch[n] {
                guard meetAround({ [share] in try custom.forwardBatch(share) }) else { return false }
                continue
            }
            for step in steps.dropFirst(n == executor.start.node ? executor.start.edge : 0) { step.prepare(share) }
            let normalizers = layout.normalizers[n]
            if normalizers.contains(where: { $0.takesBatch(share) }), !meet(for: normalizers, .forward) { return false }
            for normalizer in normalizers { normalizer.settle(share) }
            sum(node: n, steps)
        }
        settleLosses()
        return true
    }

    /// A node's values: the sum of its edges. Several are added up chunk by chunk, while the values are in the cache.
    private func sum(node n: Int, _ steps: [any LayerStep]) {
        if steps.count == 1 { return steps[0].forward(share, share.ownExamples, adds: false) }
        for chunk in share.chunks {
            let examples = share.partition.chunks[chunk]
            if steps.isEmpty {
                share.target(layout.images[n], examples.lowerBound).update(repeating: 0, count: examples.count * layout.images[n].count)
            }
            for (i, step) in steps.enumerated() { step.forward(share, examples, adds: i > 0) }
        }
    }

    /// The last node's values are the logits; its deltas come from the loss.
    private func settleLosses() {
        let logits = layout.images[layout.images.count - 1]
        for example in share.ownExamples {
            loss.settle(share, example, share.image(logits, example), delta: layout.hasGradient ? share.delta(logits, example) : nil)
        }
    }

    // MARK: - Backward

    mutating func backward() -> Bool {
        share.clearGradients()
        // Threads share the layers out.
        let threadCount = share.partition.threadCount
        for (i, step) in layout.transposing.enumerated() where i % threadCount == share.thread { step.transposeWeights(share) }
        hasTransposedWeights = layout.transposing.isEmpty
        for i in layout.images.indices { share.scratch.hasDelta[i] = i == layout.images.count - 1 }
        for n in layout.images.indices.reversed() where share.scratch.hasDelta[n] && !layout.steps[n].isEmpty {
            guard backward(node: n) else { return false }
        }
        return meet()
    }

    private mutating func backward(node n: Int) -> Bool {
        let steps = layout.steps[n], edges = layout.plan.nodes[n].edges
        if let custom = layout.wholeBatch[n] {
            let source = edges[0].source, adds = share.scratch.hasDelta[source]
            guard meetAround({ [share] in try custom.backwardBatch(share, adds: adds) }) else { return false }
            share.scratch.hasDelta[source] = true
            return true
        }
        for step in steps { step.prepareBackward(share) }
        let normalizers = layout.normalizers[n]
        if !normalizers.isEmpty, !meet(for: normalizers, .backward) { return false }
        for normalizer in normalizers { normalizer.settleDeltas(share) }
        if !hasTransposedWeights, steps.contains(where: \.transposesWeights), !meet() { return false }
        for (step, edge) in zip(steps, edges) {
            step.backward(share, adds: Adds(toSource: hasDelta(edge.source), toFactor: edge.factor.map(hasDelta) ?? false))
            if edge.source >= 0 { share.scratch.hasDelta[edge.source] = true }
            if let factor = edge.factor { share.scratch.hasDelta[factor] = true }
        }
        return true
    }

    private func hasDelta(_ source: Int) -> Bool { source >= 0 && share.scratch.hasDelta[source] }
}
