import Foundation

/// A stand-alone network with random weights and a batch, from which zero-cost proxies read what they need.
struct Probe {
    let store: ParameterStore
    let plan: Plan
    let batch: Batch
    let executor: Executor
    let cancellation: Cancellation.Flag?

    /// The weights in the store are used up by some of the scores: a probe is for one of them.
    init(_ plan: Plan, _ store: ParameterStore, _ batch: Batch, cancellation: Cancellation.Flag? = nil) throws {
        (self.plan, self.store, self.batch, self.cancellation) = (plan, store, batch, cancellation)
        executor = Executor(store: store, pool: WorkerPool(threadCount: 1))
        try Executor.checkMemory(plan, batchSize: batch.count, withGradient: true)
    }

    func run(_ plan: Plan, _ batch: Batch, backward: Bool) throws {
        try executor.prepare(executor.layout(plan, batchSize: batch.count, hasGradient: backward))
        // A node that the output does not depend on gets no derivative: it is 0.
        for (n, node) in plan.nodes.enumerated() where backward {
            (executor.arena.pointer + executor.layout.images[n].deltas).update(repeating: 0, count: batch.count * node.count)
        }
        try executor.run(batch: batch, statistics: .batch, backward: backward, isCancelled: cancellation)
    }

    /// Leaves the gradient in the store.
    func differentiate(_ plan: Plan, _ batch: Batch? = nil) throws {
        try run(plan, batch ?? self.batch, backward: true)
        executor.collectGradient()
    }

    /// The weights of convolutions and of the classifier, without biases and normalisation.
    var weightRanges: [Range<Int>] {
        executor.layout.plan.layers.compactMap { $0 as? any StoredLayer }.flatMap(\.arrays)
            .filter { $0.array.role == .weight }.map { $0.start..<$0.start + $0.array.extent }
    }

    /// Sum of |W · dL/dW|.
    var flow: Double {
        weightRanges.reduce(0) { sum, range in range.reduce(sum) { $0 + abs(Double(store.weights[$1]) * Double(store.gradient[$1])) } }
    }
}

extension Plan {
    /// The same network without dropout, and without normalisation where `normalizes` is false.
    func plain(normalizes: Bool) -> Plan {
        var plan = self
        for n in nodes.indices {
            for e in nodes[n].edges.indices { plan.nodes[n].edges[e].layer = nodes[n].edges[e].layer.plain(normalizes: normalizes) }
        }
        return plan
    }
}
