import Foundation

extension Proxy {
    /// Sum of |W · dR/dW|, R being the sum of the outputs for an image of ones, all parameters by their absolute values and
    /// normalisation left out.
    static let synflow = Proxy(
        "synflow", "is the same of the summed outputs for an image of ones, all weights positive and nothing normalised", readsImages: false
    ) { try $0.synapticFlow() }
}

extension Probe {
    fileprivate func synapticFlow() throws -> Double {
        for i in 0..<store.count { store.weights[i] = abs(store.weights[i]) }
        let shape = batch.dataset.shape
        let ones = Dataset(
            name: "ones", shape: shape, classes: batch.dataset.classes, images: Array(repeating: 1, count: shape.count), labels: [0])
        executor.objective = .outputSum
        let plan = plan.plain(normalizes: false)
        let image = Batch(dataset: ones, indices: [0])
        var known: [NodeScales.Extent?] = plan.nodes.map { _ in nil }
        var applied = plan.nodes.map { _ in 0 }
        // Each time the values of more layers are known, and no longer guessed at.
        for _ in 0..<2 * plan.nodes.count {
            let scales = NodeScales(plan, store, known: known, applied: applied)
            if scales.isNothing { break }
            scales.apply(to: plan, store)
            for i in applied.indices { applied[i] += scales.exponents[i] }
            try run(plan, image, backward: false)
            known = plan.nodes.indices.map { extent(plan.nodes[$0], $0) }
            if known.allSatisfy({ $0.map { abs($0.greatest) < Probe.comfortable } ?? false }) { break }
        }
        try differentiate(plan, image)
        // Beyond what floats hold, in spite of the scales: it has grown too far between two weights.
        return flow.isFinite ? scalbn(flow, applied.last ?? 0) : .infinity
    }

    /// Powers of two that are far enough from the ends of the floats.
    private static let comfortable = 40.0

    /// How large the values of a node are that was run with one image.
    private func extent(_ node: Plan.Node, _ index: Int) -> NodeScales.Extent? {
        let values = executor.arena.pointer + executor.layout.images[index].values
        var (least, greatest) = (Float.infinity, -Float.infinity)
        for pixel in 0..<node.pixels {
            for channel in 0..<node.channels {
                let value = values[pixel * node.row + channel]
                guard value.isFinite else { return nil }
                (least, greatest) = (min(least, value), max(greatest, value))
            }
        }
        return greatest > 0 ? (least > 0 ? log2(Double(least)) : -.infinity, log2(Double(greatest))) : nil
    }
}
