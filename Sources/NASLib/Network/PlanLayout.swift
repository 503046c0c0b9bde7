/// Where everything of a plan lies in an executor's memory, for batches of one size.
///
/// It holds places and sizes, no numbers, and never changes: made once, it serves every batch of that size. Offsets are in floats
/// from the start of the arena, unless they say otherwise.
final class PlanLayout {
    let plan: Plan
    let batchSize: Int
    let classes: Int
    /// Whether the backward pass has its places too.
    let hasGradient: Bool
    /// For each node its images, and the steps of its edges.
    let images: [Images]
    let steps: [[any LayerStep]]
    /// What normalises each node's values.
    let normalizers: [[Normalizer]]
    /// For each node its only step, where that is computed for the whole batch at once.
    let wholeBatch: [(any WholeBatchStep)?]
    /// The steps whose weights are to be transposed for the backward pass.
    let transposing: [any LayerStep]
    /// What the plan trains: places in the store, see `Plan.ranges`.
    let ranges: [ParameterRange]
    /// Where the ranges' gradients lie in a chunk's buffer.
    let gradientPlaces: GradientPlaces
    /// Those of the convolutions, for an example.
    private(set) lazy var multiplyAdds = plan.nodes.reduce(0) { sum, node in
        node.edges.reduce(sum) { $0 + (($1.layer as? ConvolutionLayer).map { node.pixels * $0.multiplyAdds } ?? 0) }
    }
    /// How large everything is; the statistics in channels.
    let arenaCount: Int
    let statisticsCount: Int
    let scratch: ScratchSize

    init(_ plan: Plan, batchSize: Int, hasGradient: Bool, geometry: @escaping (Geometry.Key) -> Geometry) {
        (self.plan, self.batchSize, self.hasGradient) = (plan, batchSize, hasGradient)
        classes = plan.classifier.outputs
        var memory = StepMemory(geometry: geometry)
        var images: [Images] = []
        var steps: [[any LayerStep]] = []
        for node in plan.nodes {
            let size = batchSize * node.count
            var own = Images(height: node.height, width: node.width, channels: node.channels)
            own.values = memory.take(size)
            if hasGradient { own.deltas = memory.take(size) }
            images.append(own)
            steps.append(node.edges.map { edge in
                let input = edge.source < 0 ? Images(input: plan.input) : images[edge.source]
                let site = Site(input: input, output: own, factor: edge.factor.map { images[$0] }, batchSize: batchSize)
                return edge.layer.step(at: site, &memory)
            })
        }
        (self.images, self.steps) = (images, steps)
        normalizers = steps.map { $0.compactMap(\.normalizer) }
        wholeBatch = steps.map { $0.first?.wholeBatch }
        transposing = hasGradient ? steps.flatMap { $0.filter(\.transposesWeights) } : []
        (arenaCount, statisticsCount, scratch) = (memory.arenaCount, memory.statisticsCount, memory.scratch)
        ranges = hasGradient ? plan.ranges : []
        gradientPlaces = GradientPlaces(ranges)
    }
}
