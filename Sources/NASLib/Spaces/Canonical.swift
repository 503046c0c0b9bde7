extension Block {
    /// A text that is equal for two paths when their networks compute the same function of the same layers (`FunctionGraph`):
    /// identities and what cannot reach or leave are gone, the order of a sum does not count, and the mean of a sum is the sum of the means.
    ///
    /// The work grows with the network and not with the number of ways through it.
    func canonical(_ choices: [Choice], _ path: Path) -> String {
        var walk = Walk(decisions: Decisions(choices, path))
        for (i, function) in customFunctions.enumerated() { walk.customs[ObjectIdentifier(function)] = i }
        let output = canonical(walk.graph.node("image", [], hasWeights: false), &walk)
        return walk.graph.text(of: output)
    }

    private struct Walk {
        var decisions: Decisions
        /// Custom functions may be written alike and yet differ, by what they capture: they go by their number.
        var customs: [ObjectIdentifier: Int] = [:]
        var lastCellInput: FunctionGraph.Value?
        var graph = FunctionGraph()
    }

    private func canonical(_ input: FunctionGraph.Value, _ walk: inout Walk) -> FunctionGraph.Value {
        switch self {
        case .layer(.identity): return input
        case .layer(.zero): return .zero
        case .layer(.custom(let custom)):
            return walk.graph.node("custom \(walk.customs[ObjectIdentifier(custom.function)] ?? 0)", [input], hasWeights: true)
        case .layer(let layer):
            if input.isZero && layer.keepsZero { return .zero }
            if layer.isLinearWithoutWeights { return walk.graph.linear(layer.description, input) }
            return walk.graph.node(layer.description, [input], hasWeights: layer.hasWeights)
        case .sequence(let blocks):
            var value = input
            for block in blocks { value = block.canonical(value, &walk) }
            return value
        case .sum(let blocks): return blocks.reduce(.zero) { $0 + $1.canonical(input, &walk) }
        case .concatenation(let blocks):
            let parts = blocks.map { $0.canonical(input, &walk) }
            return Block.joined(parts, &walk)
        case .gate(let block):
            let factor = block.canonical(input, &walk)
            return input.isZero || factor.isZero ? .zero : walk.graph.node("gate", [input, factor], hasWeights: false)
        case .choice(let name, let candidates):
            guard let decision = walk.decisions[name], candidates.indices.contains(decision) else { return .zero }
            return candidates[decision].block.canonical(input, &walk)
        case .cell(let cell):
            var nodes: [FunctionGraph.Value]
            if cell.inputs.count == 2 {
                let previous = walk.lastCellInput ?? input
                walk.lastCellInput = input
                nodes = [cell.inputs[0].canonical(previous, &walk), cell.inputs[1].canonical(input, &walk)]
            } else {
                nodes = cell.inputs.map { $0.canonical(input, &walk) }
            }
            for target in cell.inputs.count..<max(cell.inputs.count, cell.nodes) {
                var sum = FunctionGraph.Value.zero
                for edge in cell.edges where edge.target == target && nodes.indices.contains(edge.source) {
                    sum = sum + edge.block.canonical(nodes[edge.source], &walk)
                }
                nodes.append(sum)
            }
            guard cell.concatenates else { return nodes.last ?? .zero }
            return Block.joined(Array(nodes.dropFirst(cell.inputs.count)), &walk)
        }
    }

    private static func joined(_ parts: [FunctionGraph.Value], _ walk: inout Walk) -> FunctionGraph.Value {
        if parts.count == 1 { return parts[0] }
        return parts.allSatisfy(\.isZero) ? .zero : walk.graph.node("concat", parts, hasWeights: false)
    }
}

extension Block.Layer {
    /// Whether an image of zeros gives zeros, as far as that is told from the layer alone; gamma and beta that only stand-alone networks
    /// have count as none.
    fileprivate var keepsZero: Bool {
        switch self {
        case .convolution(let convolution): !convolution.bias
        case .linear(_, let bias): !bias
        case .batchNormalization(let affine): affine != true
        case .layerNormalization(let affine): !affine
        case .activation(let function): function.keepsZero
        case .custom: false
        case .maximumPool, .averagePool, .globalPool, .flatten, .dropout, .identity, .zero, .shift, .squeezeExcite: true
        }
    }

    /// Whether two of its kind are two layers also where they do the same: in a stand-alone network, whose normalisation is affine by itself.
    fileprivate var hasWeights: Bool {
        switch self {
        case .convolution, .linear, .squeezeExcite, .custom: true
        case .batchNormalization(let affine): affine != false
        case .layerNormalization(let affine): affine
        // Each has random numbers of its own.
        case .dropout: true
        case .activation, .maximumPool, .averagePool, .globalPool, .flatten, .identity, .zero, .shift: false
        }
    }

    /// Whether it may as well be applied to each part of a sum.
    fileprivate var isLinearWithoutWeights: Bool {
        switch self {
        case .averagePool, .globalPool, .flatten, .shift: true
        default: false
        }
    }
}
