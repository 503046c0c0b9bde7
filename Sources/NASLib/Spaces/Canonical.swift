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
        case .layer(let layer):
            let kind = layer.kind
            if kind is Identity { return input }
            if kind is Zero || input.isZero && kind.keepsZero { return .zero }
            if kind.isLinearWithoutWeights { return walk.graph.linear(kind.description, input) }
            let name = (kind as? Custom).map { "custom \(walk.customs[ObjectIdentifier($0.function)] ?? 0)" } ?? kind.description
            return walk.graph.node(name, [input], hasWeights: kind.isItsOwn)
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
