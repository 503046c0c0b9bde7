import Foundation

extension Proxy {
    /// log |det K|, K counting for two images the ReLUs that are on or off in both.
    static let naswot = Proxy("naswot", "from which ReLUs they switch on") { try $0.activationCodes() }
}

extension Probe {
    fileprivate func activationCodes() throws -> Double {
        let plan = plan.plain(normalizes: true)
        try run(plan, batch, backward: false)
        var agreements = SymmetricMatrix(size: batch.count)
        for node in plan.nodes {
            for edge in node.edges where edge.source >= 0 && edge.layer.activation == .relu {
                countAgreements(plan.nodes[edge.source], edge.source, &agreements)
            }
        }
        return agreements.logarithmOfDeterminant()
    }

    /// Adds for each two images how many of the node's numbers are on or off in both.
    private func countAgreements(_ node: Plan.Node, _ index: Int, _ agreements: inout SymmetricMatrix) {
        let units = node.pixels * node.channels
        let codes = (0..<batch.count).map { example -> [UInt64] in
            var words = Array(repeating: UInt64(0), count: (units + 63) / 64)
            let values = executor.arena.pointer + executor.layout.images[index].values + example * node.count
            for unit in 0..<units where values[unit / node.channels * node.row + unit % node.channels] > 0 {
                words[unit / 64] |= 1 << (unit % 64)
            }
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
