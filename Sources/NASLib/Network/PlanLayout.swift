/// Where everything of a plan lies in an executor's memory, for batches of one size.
///
/// It holds places and sizes, no numbers, and never changes: made once, it serves every batch of that size. Offsets are in floats
/// from the start of the arena, unless they say otherwise.
final class PlanLayout {
    let plan: Plan
    let batchSize: Int
    /// Whether the backward pass has its places too.
    let hasGradient: Bool
    /// The convolutions of all nodes in order.
    private(set) var convolutions: [Convolution] = []
    /// For each node, which of `convolutions` are its own.
    private(set) var nodeConvolutions: [Range<Int>] = []
    /// Batch normalisations that stand by themselves, and which of them are a node's own.
    private(set) var normalizations: [Normalization] = []
    private(set) var nodeNormalizations: [Range<Int>] = []
    /// Of each node.
    private(set) var values: [Int] = []
    private(set) var deltas: [Int] = []
    let features: Int
    let logitDeltas: Int
    /// Of the final normalisation, in the statistics.
    let headStatistics: Int
    /// Each convolution's weights, then the other layers' parameters, the classifier: places in the store.
    let ranges: [ParameterRange]
    /// Where the ranges' gradients lie in a chunk's buffer, one after the other, by where they lie in the store.
    private let places: [Int: Int]
    /// How large everything is; the statistics in channels.
    let arenaCount: Int
    let statisticsCount: Int
    let gradientCount: Int
    let scratch: Scratch

    /// One convolution in memory.
    struct Convolution {
        var layer: ConvolutionLayer
        var source: Int
        var geometry: Geometry
        /// Its outputs before normalisation.
        var raw: Int
        /// In the `BatchStatistics`, in channels.
        var statistics: Int
    }

    /// One batch normalisation by itself. What it normalises is the value of its source.
    struct Normalization {
        var layer: NormalizationLayer
        var source: Int
        var node: Int
        var statistics: Int
    }

    /// The floats that a thread needs in each of its buffers.
    struct Scratch {
        var padded = 0
        var delta = 0
        var input = 0
        var pooled = 0
        var pooledDelta = 0
        /// Of the gradient of one layer.
        var share = 0

        mutating func hold(_ state: Convolution) {
            let g = state.geometry
            let pixels = g.key.height * g.key.width
            padded = max(padded, g.paddedCount * g.room)
            delta = max(delta, g.deltaCount * g.room)
            input = max(input, pixels * (g.key.inputs + 7) * g.room)
            share = max(share, state.layer.weightCount + state.layer.outputLanes)
            if state.layer.poolsFirst {
                pooled = max(pooled, pixels * g.key.inputs)
                pooledDelta = max(pooledDelta, pixels * g.key.inputs * 4)
            }
        }
    }

    init(_ plan: Plan, batchSize: Int, hasGradient: Bool, geometry: (Geometry.Key) -> Geometry) {
        (self.plan, self.batchSize, self.hasGradient) = (plan, batchSize, hasGradient)
        var end = 0
        func take(_ count: Int) -> Int {
            defer { end += (count + 15) / 16 * 16 }
            return end
        }
        var statisticsEnd = 0
        func takeStatistics(channels: Int) -> Int {
            defer { statisticsEnd += channels }
            return statisticsEnd
        }
        var scratch = Scratch()
        for (n, node) in plan.nodes.enumerated() {
            values.append(take(batchSize * node.count))
            deltas.append(hasGradient ? take(batchSize * node.count) : 0)
            let (firstConvolution, firstNormalization) = (convolutions.count, normalizations.count)
            for edge in node.edges {
                switch edge.operation {
                case .convolution(let layer):
                    let shape = plan.shape(ofSource: edge.source)
                    let halved = layer.poolsFirst ? 2 : 1
                    let state = Convolution(
                        layer: layer, source: edge.source, geometry: geometry(layer.geometry(height: shape.height / halved, width: shape.width / halved)),
                        raw: take(batchSize * node.count), statistics: takeStatistics(channels: layer.outputLanes))
                    scratch.hold(state)
                    convolutions.append(state)
                case .batchNormalization(let layer):
                    normalizations.append(Normalization(layer: layer, source: edge.source, node: n, statistics: takeStatistics(channels: node.row)))
                    scratch.delta = max(scratch.delta, node.count)
                case .layerNormalization(let layer): scratch.share = max(scratch.share, 2 * lanes(layer.channels))
                case .globalPool where edge.source >= 0: scratch.input = max(scratch.input, plan.nodes[edge.source].count)
                default: break
                }
            }
            nodeConvolutions.append(firstConvolution..<convolutions.count)
            nodeNormalizations.append(firstNormalization..<normalizations.count)
        }
        headStatistics = takeStatistics(channels: lanes(plan.finalNormalization.channels))
        features = take(batchSize * lanes(plan.classifier.inputs))
        logitDeltas = take(batchSize * plan.classifier.outputs)
        scratch.share = max(scratch.share, plan.classifier.outputs)
        (arenaCount, statisticsCount, self.scratch) = (end, statisticsEnd, scratch)
        ranges = PlanLayout.ranges(of: plan, convolutions.map(\.layer))
        var places: [Int: Int] = [:]
        var gradientCount = 0
        for range in ranges where places[range.offset] == nil {
            places[range.offset] = gradientCount
            gradientCount += (range.count + 15) / 16 * 16
        }
        (self.places, self.gradientCount) = (places, gradientCount)
    }

    /// Where the gradient of the numbers at an offset of the store lies in a chunk's buffer.
    func gradientPlace(_ offset: Int) -> Int {
        guard let place = places[offset] else { preconditionFailure("only what a plan uses has a gradient") }
        return place
    }

    private static func ranges(of plan: Plan, _ convolutions: [ConvolutionLayer]) -> [ParameterRange] {
        var ranges = convolutions.map { ParameterRange(offset: $0.weightOffset, count: $0.weightCount, layer: $0.index) }
        func add(_ offset: Int, _ count: Int, _ layer: Int?) { ranges.append(ParameterRange(offset: offset, count: count, layer: layer)) }
        for layer in convolutions where layer.isAffine { add(layer.affineOffset, 2 * layer.outputLanes, layer.index) }
        for layer in convolutions where layer.hasBias { add(layer.biasOffset, layer.outputLanes, layer.index) }
        for node in plan.nodes {
            for edge in node.edges {
                switch edge.operation {
                case .batchNormalization(let layer) where layer.isAffine, .layerNormalization(let layer) where layer.isAffine:
                    add(layer.affineOffset, 2 * lanes(layer.channels), layer.index)
                case .custom(let layer): ranges += layer.ranges
                default: break
                }
            }
        }
        if plan.finalNormalization.isAffine { add(plan.finalNormalization.affineOffset, 2 * lanes(plan.finalNormalization.channels), nil) }
        add(plan.classifier.weightOffset, plan.classifier.weightCount, nil)
        return ranges
    }
}

extension Plan {
    /// The image that an edge from `source` reads; -1 is the input.
    func shape(ofSource source: Int) -> (height: Int, width: Int, channels: Int) {
        if source < 0 { return (input.height, input.width, input.channels) }
        return (nodes[source].height, nodes[source].width, nodes[source].channels)
    }
}
