import Foundation

extension Proxy {
    /// From the eigenvalues v of the correlations between the images' derivatives of the summed outputs by their pixels:
    /// -sum of log(v + k) + 1 / (v + k), with k = 1e-5.
    static let jacov = Proxy("jacov", "tells from the images' derivatives how differently they are treated") { try $0.jacobianCovariance() }
}

extension Probe {
    fileprivate func jacobianCovariance() throws -> Double {
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
}

extension Plan {
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
