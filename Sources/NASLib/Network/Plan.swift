/// A network as the executor runs it: nodes in order, each the sum of its incoming edges.
///
/// Node values are images of one shape each. Node -1 is the input image; only convolutions, `load` and `flatten` read it.
struct Plan {
    struct Node: Hashable {
        var height: Int
        var width: Int
        var channels: Int
        var edges: [Edge] = []
        /// Floats of a pixel.
        var row: Int { lanes(channels) }
        var count: Int { height * width * row }
        var pixels: Int { height * width }
        /// Where it is computed from outside, by what and of which node.
        var custom: (layer: CustomLayer, source: Int)? {
            if let edge = edges.first, case .custom(let layer) = edge.operation { (layer, edge.source) } else { nil }
        }
        func hasShape(of other: Node) -> Bool { height == other.height && width == other.width && channels == other.channels }
    }

    struct Edge: Hashable {
        var source: Int
        var operation: Operation
    }

    enum Operation: Hashable {
        case identity
        /// 3x3 average, stride 1, padding 1, padding not counted.
        case averagePool
        case convolution(ConvolutionLayer)
        case pool(PoolLayer)
        /// The mean over an image's pixels, of the activation's values.
        case globalPool(Activation?)
        /// The only edge of its node.
        case activation(Activation)
        case dropout(DropoutLayer)
        case batchNormalization(NormalizationLayer)
        case layerNormalization(NormalizationLayer)
        /// Times the channels of another node, an image of one pixel.
        case gate(Int)
        /// All of an image's numbers as the channels of one pixel, in the order height, width, channels.
        case flatten
        /// The input image with its pixels in whole vectors.
        case load
        /// One pixel up and to the left, zeros at the end.
        case shift
        /// Into the node's channels from `at` on.
        case concatenation(at: Int)
        /// The only edge of its node.
        case custom(CustomLayer)
    }

    var input: ImageShape
    var nodes: [Node] = []
    /// The end: BN, ReLU, global average pooling, linear.
    var finalNormalization: NormalizationLayer
    var classifier: LinearLayer
    /// Whether the last node is already an image of one pixel that the classifier reads, without normalisation and pooling.
    var endsInFeatures = false

    /// Drops what does not matter: nodes that nothing needs, and edges out of nodes that are zero because no edge
    /// comes in, where what they do to zeros is zero.
    mutating func prune() {
        var isZero = Array(repeating: false, count: nodes.count)
        for i in nodes.indices {
            nodes[i].edges.removeAll { edge in
                if case .gate(let factor) = edge.operation, isZero[factor] { return true }
                return edge.source >= 0 && isZero[edge.source] && edge.operation.keepsZero
            }
            isZero[i] = nodes[i].edges.isEmpty
        }
        var isNeeded = Array(repeating: false, count: nodes.count)
        if let last = nodes.indices.last { isNeeded[last] = true }
        for i in nodes.indices.reversed() {
            guard isNeeded[i] else {
                nodes[i].edges = []
                continue
            }
            for edge in nodes[i].edges {
                if edge.source >= 0 { isNeeded[edge.source] = true }
                if case .gate(let factor) = edge.operation { isNeeded[factor] = true }
            }
        }
    }

    /// The same values with less to compute: who reads a node that only passes another one on reads that one. Sums keep
    /// their order, so the bits are the same. For evaluation alone.
    func bypassingIdentities() -> Plan {
        var plan = self
        var stand = Array(nodes.indices)
        for i in nodes.indices {
            for e in nodes[i].edges.indices {
                let source = nodes[i].edges[e].source
                if source >= 0 { plan.nodes[i].edges[e].source = stand[source] }
                if case .gate(let factor) = nodes[i].edges[e].operation { plan.nodes[i].edges[e].operation = .gate(stand[factor]) }
            }
            if i < nodes.count - 1, nodes[i].edges.count == 1, case .identity = nodes[i].edges[0].operation { stand[i] = plan.nodes[i].edges[0].source }
        }
        plan.prune()
        return plan
    }

    /// How many nodes at the start are the same in both, and how many convolutions of the next node: their values are, too,
    /// and lie in the same places.
    func commonStart(with other: Plan) -> (node: Int, convolution: Int) {
        let common = zip(nodes, other.nodes).prefix { $0 == $1 }.count
        guard common < min(nodes.count, other.nodes.count), nodes[common].hasShape(of: other.nodes[common]) else { return (common, 0) }
        let edges = zip(nodes[common].edges, other.nodes[common].edges).prefix { $0 == $1 }
        return (common, edges.count { if case .convolution = $0.0.operation { true } else { false } })
    }

    /// All convolutions in order.
    var layers: [ConvolutionLayer] {
        nodes.flatMap { $0.edges.compactMap { if case .convolution(let layer) = $0.operation { layer } else { nil } } }
    }
}

extension Plan.Operation {
    /// Whether an image of zeros gives zeros.
    var keepsZero: Bool {
        switch self {
        case .convolution(let layer): !layer.isAffine && !layer.hasBias && layer.activation?.keepsZero != false
        case .activation(let function): function.keepsZero
        case .globalPool(let function): function?.keepsZero != false
        case .batchNormalization(let layer), .layerNormalization(let layer): !layer.isAffine
        case .custom: false
        case .identity, .averagePool, .pool, .dropout, .gate, .flatten, .load, .shift, .concatenation: true
        }
    }
}
