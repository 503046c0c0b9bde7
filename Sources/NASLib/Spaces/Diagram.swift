extension NetworkSpace {
    /// A drawing of a path's network for the terminal: a line for each run of layers, an indented part for each block.
    public func diagram(_ path: Path) throws -> String {
        try check(path)
        return body.lines(Decisions(choices, path)).joined(separator: "\n")
    }
}

extension Block {
    fileprivate func lines(_ decisions: Decisions) -> [String] {
        switch self {
        case .layer(let layer): return [layer.description]
        case .sequence:
            var lines: [String] = []
            var row: [String] = []
            func flush() {
                if !row.isEmpty { lines.append(row.joined(separator: " · ")) }
                row = []
            }
            let steps = steps
            var i = 0
            while i < steps.count {
                var end = i + 1
                while end < steps.count, steps[end] == steps[i] { end += 1 }
                let part = steps[i].lines(decisions)
                if part.count == 1, end == i + 1, row.joined().count + part[0].count < 70 {
                    row.append(part[0])
                } else {
                    flush()
                    lines += end == i + 1 ? part : ["\(end - i) × \(part[0])"] + part.dropFirst()
                }
                i = end
            }
            flush()
            return lines
        case .sum(let blocks): return ["sum of"] + Block.tree(blocks.map { $0.lines(decisions) })
        case .concatenation(let blocks): return ["channels of"] + Block.tree(blocks.map { $0.lines(decisions) })
        case .gate(let block): return ["input times"] + Block.tree([block.lines(decisions)])
        case .choice(let name, let candidates):
            guard let decision = decisions[name], candidates.indices.contains(decision) else { return [name] }
            let chosen = candidates[decision]
            let inner = chosen.block.lines(decisions)
            if case .layer = chosen.block { return ["\(name)=\(chosen.name)"] }
            return ["\(name)=\(chosen.name)"] + Block.tree([inner])
        case .cell(let cell):
            var edges: [[String]] = []
            for edge in cell.edges {
                var label = edge.block.lines(decisions)[0]
                if case .choice(let name, let candidates) = edge.block, let decision = decisions[name], candidates.indices.contains(decision) {
                    label = candidates[decision].name
                    if candidates[decision].block.isZero { continue }
                }
                edges.append(["\(edge.source) ──\(label)──▶ \(edge.target)"])
            }
            return ["cell of \(cell.nodes) nodes"] + Block.tree(edges)
        }
    }

    private static func tree(_ parts: [[String]]) -> [String] {
        parts.enumerated().flatMap { i, lines in
            let isLast = i == parts.count - 1
            return lines.enumerated().map { j, line in (j == 0 ? (isLast ? "└ " : "├ ") : (isLast ? "  " : "│ ")) + line }
        }
    }
}
