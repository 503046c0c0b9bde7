/// A network as the executor runs it: nodes in order, each the sum of its incoming edges.
///
/// Node values are images of one shape each. Node -1 is the input image.
struct Plan {
    struct Node {
        var height: Int
        var width: Int
        var channels: Int
        var edges: [Edge] = []
        var count: Int { height * width * channels }
    }

    struct Edge {
        var source: Int
        var operation: Operation
    }

    enum Operation {
        case identity
        /// 3x3 average, stride 1, padding 1, padding not counted.
        case averagePool
        case convolution(ConvolutionLayer)
    }

    var input: ImageShape
    var nodes: [Node] = []
    /// The end: BN, ReLU, global average pooling, linear.
    var finalNormalization: NormalizationLayer
    var classifier: LinearLayer

    /// Drops what does not matter: nodes that nothing needs, and edges out of nodes that are zero because no edge
    /// comes in. `zeroStaysZero` tells whether a convolution of zeros is zero (true without an affine normalisation).
    mutating func prune(zeroStaysZero: Bool) {
        if zeroStaysZero {
            for i in nodes.indices {
                let isZero = nodes[..<i].map(\.edges.isEmpty)
                nodes[i].edges.removeAll { $0.source >= 0 && isZero[$0.source] }
            }
        }
        var isNeeded = Array(repeating: false, count: nodes.count)
        isNeeded[nodes.count - 1] = true
        for i in nodes.indices.reversed() {
            guard isNeeded[i] else {
                nodes[i].edges = []
                continue
            }
            for edge in nodes[i].edges where edge.source >= 0 { isNeeded[edge.source] = true }
        }
    }

    /// All convolutions in order.
    var layers: [ConvolutionLayer] {
        nodes.flatMap { $0.edges.compactMap { if case .convolution(let layer) = $0.operation { layer } else { nil } } }
    }
}

/// Batch normalisation by itself, at the network's end.
struct NormalizationLayer {
    var channels: Int
    var isAffine = false
    /// gamma, then beta.
    var affineOffset = 0
    var runningOffset = 0
}
