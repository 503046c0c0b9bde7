import Foundation

/// A stand-alone network with random weights and a batch, from which zero-cost proxies read what they need.
struct Probe {
    private let store: ParameterStore
    private let plan: Plan
    private let batch: Batch
    private let executor: Executor
    private let cancellation: Cancellation.Flag?

    /// The weights in the store are used up by some of the scores: a probe is for one of them.
    init(_ plan: Plan, _ store: ParameterStore, _ batch: Batch, cancellation: Cancellation.Flag? = nil) throws {
        (self.plan, self.store, self.batch, self.cancellation) = (plan, store, batch, cancellation)
        executor = Executor(store: store, pool: WorkerPool(threadCount: 1))
        try Executor.checkMemory(plan, batchSize: batch.count, withGradient: true)
    }

    func score(_ proxy: Proxy) throws -> Double {
        switch proxy {
        case .params, .flops: preconditionFailure("costs need no probe")
        case .gradientNorm: try gradientNorm()
        case .snip: try saliency()
        case .synflow: try synapticFlow()
        case .fisher: try fisher()
        case .jacov: try jacobianCovariance()
        case .naswot: try activationCodes()
        }
    }

    private func gradientNorm() throws -> Double {
        try differentiate(plan)
        return weightRanges.reduce(0) { sum, range in
            sum + range.reduce(0) { $0 + Double(store.gradient[$1]) * Double(store.gradient[$1]) }.squareRoot()
        }
    }

    private func saliency() throws -> Double {
        try differentiate(plan)
        return flow
    }

    private func synapticFlow() throws -> Double {
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

    private func fisher() throws -> Double {
        let plan = plan.plain(normalizes: true)
        try differentiate(plan)
        var total = 0.0
        for step in executor.layout.steps.joined() { if let convolution = step as? ConvolutionStep { total += fisher(convolution) } }
        return total + fisherOfClassifier(plan)
    }

    private func jacobianCovariance() throws -> Double {
        let plan = try plan.plain(normalizes: true).readingImageAsNode(store)
        executor.objective = .outputSum
        try differentiate(plan)
        let node = plan.nodes[0]
        let rows = (0..<batch.count).map { example in
            (0..<node.pixels).flatMap { pixel in
                let start = executor.arena.pointer + executor.layout.images[0].deltas + example * node.count + pixel * node.row
                return (0..<node.channels).map { Double(start[$0]) }
            }
        }
        guard let correlations = SymmetricMatrix(correlationsOf: rows) else { return -.infinity }
        let k = 1e-5
        return -correlations.eigenvalues().reduce(0) { $0 + log(max(0, $1) + k) + 1 / (max(0, $1) + k) }
    }

    private func activationCodes() throws -> Double {
        let plan = plan.plain(normalizes: true)
        try run(plan, batch, backward: false)
        var agreements = SymmetricMatrix(size: batch.count)
        for node in plan.nodes {
            for edge in node.edges where edge.source >= 0 && edge.layer.activation == .relu { countAgreements(plan.nodes[edge.source], edge.source, &agreements) }
        }
        return agreements.logarithmOfDeterminant()
    }

    // MARK: - Running

    private func run(_ plan: Plan, _ batch: Batch, backward: Bool) throws {
        try executor.prepare(executor.layout(plan, batchSize: batch.count, hasGradient: backward))
        // A node that the output does not depend on gets no derivative: it is 0.
        for (n, node) in plan.nodes.enumerated() where backward {
            (executor.arena.pointer + executor.layout.images[n].deltas).update(repeating: 0, count: batch.count * node.count)
        }
        try executor.run(batch: batch, statistics: .batch, backward: backward, isCancelled: cancellation)
    }

    /// Leaves the gradient in the store.
    private func differentiate(_ plan: Plan, _ batch: Batch? = nil) throws {
        try run(plan, batch ?? self.batch, backward: true)
        executor.collectGradient()
    }

    /// The weights of convolutions and of the classifier, without biases and normalisation.
    private var weightRanges: [Range<Int>] {
        executor.layout.plan.layers.compactMap { $0 as? any StoredLayer }.flatMap(\.arrays)
            .filter { $0.array.role == .weight }.map { $0.start..<$0.start + $0.array.extent }
    }

    private var flow: Double {
        weightRanges.reduce(0) { sum, range in range.reduce(sum) { $0 + abs(Double(store.weights[$1]) * Double(store.gradient[$1])) } }
    }

    // MARK: - Fisher

    private func fisher(_ step: ConvolutionStep) -> Double {
        let node = step.site.output
        let raw = executor.arena.pointer + step.raw
        let delta = executor.arena.pointer + node.deltas
        let statistics = executor.statistics.view(executor.partition, thread: 0)
        func vector(_ kind: BatchStatistics.View.Kind) -> UnsafeMutablePointer<Float> {
            statistics.vector(step.normalizer?.start ?? 0, kind, channels: node.row)
        }
        let (mean, scale, product, offset) = (vector(.mean), vector(.scale), vector(.product), vector(.offset))
        let normalizes = step.normalizer != nil
        var total = 0.0
        for example in 0..<executor.layout.batchSize {
            for channel in 0..<node.channels {
                var sum = 0.0
                for pixel in 0..<node.pixels {
                    let i = example * node.count + pixel * node.row + channel
                    var g = Double(delta[i])
                    if normalizes {
                        // What the normalisation hands back.
                        g = g * Double(scale[channel]) - Double(raw[i] - mean[channel]) * Double(product[channel]) - Double(offset[channel])
                    }
                    sum += Double(raw[i]) * g
                }
                total += sum * sum
            }
        }
        return total / 2 / Double(executor.layout.batchSize)
    }

    private func fisherOfClassifier(_ plan: Plan) -> Double {
        let layer = plan.classifier, last = plan.nodes.count - 1
        let outputs = executor.layout.images[last], inputs = executor.layout.images[plan.nodes[last].edges[0].source]
        let weights = store.weights + layer.weightOffset
        var total = 0.0
        for example in 0..<executor.layout.batchSize {
            let features = executor.arena.pointer + inputs.values + example * inputs.count
            let deltas = executor.arena.pointer + outputs.deltas + example * outputs.count
            for k in 0..<layer.outputs {
                var logit = Double(weights[layer.inputs * layer.outputs + k])
                for c in 0..<layer.inputs { logit += Double(features[c]) * Double(weights[c * layer.outputs + k]) }
                total += (logit * Double(deltas[k])) * (logit * Double(deltas[k]))
            }
        }
        return total / 2 / Double(executor.layout.batchSize)
    }

    // MARK: - Codes

    /// Adds for each two images how many of the node's numbers are on or off in both.
    private func countAgreements(_ node: Plan.Node, _ index: Int, _ agreements: inout SymmetricMatrix) {
        let units = node.pixels * node.channels
        let codes = (0..<batch.count).map { example -> [UInt64] in
            var words = Array(repeating: UInt64(0), count: (units + 63) / 64)
            let values = executor.arena.pointer + executor.layout.images[index].values + example * node.count
            for unit in 0..<units where values[unit / node.channels * node.row + unit % node.channels] > 0 { words[unit / 64] |= 1 << (unit % 64) }
            return words
        }
        for a in codes.indices {
            for b in a..<codes.count {
                let differing = zip(codes[a], codes[b]).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
                agreements.add(Double(units - differing), a, b)
            }
        }
    }
}

extension Plan {
    /// The same network without dropout, and without normalisation where `normalizes` is false.
    fileprivate func plain(normalizes: Bool) -> Plan {
        var plan = self
        for n in nodes.indices {
            for e in nodes[n].edges.indices { plan.nodes[n].edges[e].layer = nodes[n].edges[e].layer.plain(normalizes: normalizes) }
        }
        return plan
    }

    /// The same network with the image as node 0, so that the derivative by its pixels is that node's. The weights of layers that
    /// read it are laid out anew at the end of the store.
    fileprivate func readingImageAsNode(_ store: ParameterStore) throws -> Plan {
        var plan = self
        let kept = Array(UnsafeBufferPointer(start: store.weights, count: store.count))
        var moved: [(from: ConvolutionLayer, to: ConvolutionLayer)] = []
        for n in nodes.indices {
            for e in nodes[n].edges.indices {
                plan.nodes[n].edges[e].source += 1
                plan.nodes[n].edges[e].factor = nodes[n].edges[e].factor.map { $0 + 1 }
                if nodes[n].edges[e].layer is Load { plan.nodes[n].edges[e].layer = Identity() }
                guard let layer = nodes[n].edges[e].layer as? ConvolutionLayer, layer.readsImage else { continue }
                var copy = layer
                copy.readsImage = false
                copy.place.offsets[0] = store.reserve(copy.weightCount)
                moved.append((layer, copy))
                plan.nodes[n].edges[e].layer = copy
            }
        }
        try store.allocate()
        for (i, weight) in kept.enumerated() { store.weights[i] = weight }
        for (from, to) in moved {
            for output in 0..<from.outputs {
                for input in 0..<from.inputs / from.groups {
                    for tap in 0..<from.taps {
                        store.weights[to.place.offsets[0] + to.weightIndex(tap, input, output)] =
                            kept[from.place.offsets[0] + from.weightIndex(tap, input, output)]
                    }
                }
            }
        }
        var image = Node(height: input.height, width: input.width, channels: input.channels)
        image.edges = [Edge(source: -1, Load())]
        plan.nodes.insert(image, at: 0)
        return plan
    }
}
