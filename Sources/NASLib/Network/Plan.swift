/// A network as the executor runs it: nodes in order, each the sum of its incoming edges.
///
/// Node values are images of one shape each. Node -1 is the input image; only layers that say so read it (`PlannedLayer.readsImage`).
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
        func hasShape(of other: Node) -> Bool { height == other.height && width == other.width && channels == other.channels }
    }

    struct Edge: Hashable {
        /// The node that it reads, or -1.
        var source: Int
        /// Another node that it reads: the factor of a gate.
        var factor: Int?
        var layer: any PlannedLayer

        init(source: Int, factor: Int? = nil, _ layer: any PlannedLayer) {
            self.source = source
            self.factor = factor
            self.layer = layer
        }

        static func == (a: Edge, b: Edge) -> Bool { a.source == b.source && a.factor == b.factor && a.layer.isEqual(to: b.layer) }
        func hash(into hasher: inout Hasher) {
            hasher.combine(source)
            hasher.combine(ObjectIdentifier(type(of: layer)))
            layer.hash(into: &hasher)
        }
    }

    var input: ImageShape
    /// The last one is an image of one pixel, the logits.
    var nodes: [Node] = []

    /// Drops what does not matter: nodes that nothing needs, and edges out of nodes that are zero because no edge
    /// comes in, where what they do to zeros is zero.
    mutating func prune() {
        var isZero = Array(repeating: false, count: nodes.count)
        for i in nodes.indices {
            nodes[i].edges.removeAll { edge in
                if let factor = edge.factor, isZero[factor] { return true }
                return edge.source >= 0 && isZero[edge.source] && edge.layer.keepsZero
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
                if let factor = edge.factor { isNeeded[factor] = true }
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
                plan.nodes[i].edges[e].factor = nodes[i].edges[e].factor.map { stand[$0] }
            }
            if nodes[i].edges.count == 1, nodes[i].edges[0].layer is Identity { stand[i] = plan.nodes[i].edges[0].source }
        }
        plan.prune()
        return plan
    }

    /// How many nodes at the start are the same in both, and how many edges of the next node: their values are, too,
    /// and lie in the same places.
    func commonStart(with other: Plan) -> (node: Int, edge: Int) {
        let common = zip(nodes, other.nodes).prefix { $0 == $1 }.count
        guard common < min(nodes.count, other.nodes.count), nodes[common].hasShape(of: other.nodes[common]) else { return (common, 0) }
        return (common, zip(nodes[common].edges, other.nodes[common].edges).prefix { $0 == $1 }.count)
    }

    /// The layers of all edges in order.
    var layers: [any PlannedLayer] { nodes.flatMap { $0.edges.map(\.layer) } }
    var convolutions: [ConvolutionLayer] { layers.compactMap { $0 as? ConvolutionLayer } }

    var classifier: Classifier {
        guard let last = nodes.last?.edges.first?.layer as? Classifier else { preconditionFailure("a plan ends with its classifier") }
        return last
    }

    /// What it trains, each range once for each edge: first the weights of all convolutions, then their gamma and beta, then their
    /// biases, then the other layers'. Norms are added up in this order.
    var ranges: [ParameterRange] {
        let stored = layers.compactMap { $0 as? any StoredLayer }
        var ranges: [ParameterRange] = []
        for role in [ParameterArray.Role.weight, .affine, .bias] {
            for layer in convolutions { ranges += layer.ranges(of: role) }
        }
        for layer in stored where !(layer is ConvolutionLayer) { ranges += layer.ranges }
        return ranges
    }
}
