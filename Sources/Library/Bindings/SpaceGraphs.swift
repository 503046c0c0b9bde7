import NASLib
import Plots
import Runtime
import Text

extension PlotDescription {
    /// The cells of a space, each once, and the chain of the choices outside of cells: of one path, or with all candidates.
    init(_ space: any NetworkSpace, path: Path?) {
        var walk = GraphWalk(decisions: path.map { Decisions(space.choices, $0) })
        walk.visit(space.body)
        var panels = walk.cells
        if panels.count == 1 { panels[0].title = "" }
        if !walk.chain.isEmpty { panels.append(Panel(content: .graph(Graph(layout: .chain, nodes: walk.chain)))) }
        // Long notations say no more than the drawing.
        let notation = path.map(space.format) ?? ""
        let title = path == nil ? "\(space.name): \(space.choices.count) choices" : "a path of \(space.name)"
            + (notation.count <= 40 ? ": \(notation)" : "")
        self.init(title: title, panels: panels, columns: 1)
    }
}

/// Goes through a network and gathers its graphs.
private struct GraphWalk {
    /// The candidate taken at each choice; nil for all.
    var decisions: Decisions?
    var cells: [PlotDescription.Panel] = []
    var chain: [Graph.Node] = []
    private var known: Set<TextKey> = []

    init(decisions: Decisions?) { self.decisions = decisions }

    mutating func visit(_ block: Block) {
        switch block {
        case .layer: break
        case .sequence(let blocks), .sum(let blocks), .concatenation(let blocks): for inner in blocks { visit(inner) }
        case .gate(let inner): visit(inner)
        case .cell(let cell):
            for input in cell.inputs { visit(input) }
            if known.insert(TextKey(cell.edges.flatMap(\.block.choiceNames).joined(separator: " "))).inserted {
                cells.append(panel(of: cell))
            }
        case .choice(let name, let candidates):
            guard known.insert(TextKey(name)).inserted else { return }
            let chosen = candidates.indices.filter { i in decisions.map { $0[name] == i } ?? true }
            chain.append(Graph.Node(label: name, lines: chosen.map { (candidates[$0].name, $0) }))
            for i in chosen { visit(candidates[i].block) }
        }
    }

    private func panel(of cell: Block.Cell) -> PlotDescription.Panel {
        var graph = Graph(layout: .arcs, nodes: (0..<cell.nodes).map { Graph.Node(label: "\($0)") })
        var all: [[String]] = []
        for edge in cell.edges {
            guard case .choice(let name, let candidates) = edge.block else {
                graph.edges.append(.init(source: edge.source, target: edge.target, label: edge.block.description, color: 0))
                continue
            }
            if let decisions {
                guard let i = decisions[name], candidates.indices.contains(i) else { continue }
                // An edge of zeros is none.
                if candidates[i].block.isZero { continue }
                graph.edges.append(.init(source: edge.source, target: edge.target, label: candidates[i].name, color: i))
            } else {
                all.append(candidates.map(\.name))
                graph.edges.append(.init(source: edge.source, target: edge.target, label: "\(candidates.count) candidates", color: 0))
            }
        }
        if let first = all.first, all.allSatisfy({ $0.isSame(as: first) }) {
            graph.note = "on each edge one of \(first.joined(separator: ", "))"
            for i in graph.edges.indices { graph.edges[i].label = "" }
        }
        if cell.concatenates {
            graph.note += (graph.note.isEmpty ? "" : "; ") + "the output is nodes \(cell.inputs.count) to \(cell.nodes - 1) joined"
        }
        let prefixes = Set(cell.edges.flatMap(\.block.choiceNames).map { TextKey($0.prefix { $0 != ":" }) })
        let title = prefixes.count == 1 ? prefixes.first.map { "\($0.text) cell" } ?? "" : "cell"
        return .init(title: title, content: .graph(graph))
    }
}
