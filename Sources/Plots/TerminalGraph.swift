import Text

/// A graph as text.
enum TerminalGraph {
    static func render(_ graph: Graph, title: String, width: Int) -> TextCanvas {
        switch graph.layout {
        case .arcs: arcs(graph, title: title, width: width) ?? list(title, edges(of: graph), graph.note, width)
        case .chain: list(title, chain(graph, width), graph.note, width)
        }
    }

    /// A line for each edge.
    private static func edges(of graph: Graph) -> [[Piece]] {
        graph.edges.map { [("\($0.source) ──\($0.label.isEmpty ? "" : " \($0.label) ")──▶ \($0.target)", $0.color)] }
    }

    private typealias Piece = (text: String, color: Int?)

    /// Lines of coloured texts.
    private static func list(_ title: String, _ lines: [[Piece]], _ note: String, _ width: Int) -> TextCanvas {
        let lines = (title.isEmpty ? [] : [[(title, nil)]]) + lines + note.wrapped(to: width).map { [($0, nil)] }
        var canvas = TextCanvas(width: width, height: lines.count)
        for (row, pieces) in lines.enumerated() {
            var column = 0
            for (text, color) in pieces {
                canvas.write(text, column, row, color: color.map { Palette.terminal[Palette.index($0)] })
                column += DisplayWidth.of(text)
            }
        }
        return canvas
    }

    /// For each choice its name, and the candidates in as many lines as they take.
    private static func chain(_ graph: Graph, _ width: Int) -> [[Piece]] {
        let longest = min(graph.nodes.map { DisplayWidth.of($0.label) }.max() ?? 0, width / 2)
        return graph.nodes.enumerated().flatMap { i, node in
            let label = DisplayWidth.fitted(node.label, columns: longest)
            var lines: [[Piece]] = [[((i == 0 ? "  " : "↓ ") + label + String(repeating: " ", count: longest - DisplayWidth.of(label) + 2), nil)]]
            var column = longest + 4
            for (k, (text, color)) in node.lines.enumerated() {
                let size = DisplayWidth.of(text) + (k + 1 < node.lines.count ? 2 : 0)
                if k > 0, column + 1 + size > width {
                    lines.append([(String(repeating: " ", count: longest + 4), nil)])
                    column = longest + 4
                } else if k > 0 {
                    lines[lines.count - 1].append((" ", nil))
                    column += 1
                }
                lines[lines.count - 1] += [(text, color)] + (k + 1 < node.lines.count ? [(" ·", nil)] : [])
                column += size
            }
            return lines
        }
    }

    /// Nodes in a row with arcs over them; nil where the labels have no room beside each other.
    private static func arcs(_ graph: Graph, title: String, width: Int) -> TextCanvas? {
        let spacing = min(20, (width - 4) / max(1, graph.nodes.count - 1))
        let longest = graph.edges.map { DisplayWidth.of($0.label) }.max() ?? 0
        guard spacing >= longest + 2, spacing >= 6 else { return nil }
        let span = graph.edges.map { $0.target - $0.source }.max() ?? 1
        let rows = 2 + 3 * max(0, span - 1)
        let top = title.isEmpty ? 0 : 1
        var raster = DotRaster(columns: width, rows: rows)
        func x(_ node: Int) -> Int { 2 + spacing * node }
        for (i, edge) in graph.edges.enumerated() where edge.target - edge.source > 1 {
            let height = Double(edge.target - edge.source - 1) * 12
            let (start, end, base) = (Double(2 * x(edge.source) + 2), Double(2 * x(edge.target)), Double(rows * 4 - 5))
            var last: (x: Int, y: Int)?
            for step in 0...40 {
                let t = Double(step) / 40
                let next = (x: Int(saturating: (start + (end - start) * t * t * (3 - 2 * t)).rounded()), y: Int(saturating: (base - height * 4 * t * (1 - t)).rounded()))
                if let last { raster.line(last.x, last.y, next.x, next.y, isDashed: false, owner: i) }
                last = next
            }
        }
        let notes = graph.note.wrapped(to: width)
        var canvas = TextCanvas(width: width, height: top + rows + 1 + notes.count)
        canvas.write(title, 0, 0)
        for row in 0..<rows {
            for column in 0..<width {
                guard let (character, owner) = raster[column, row] else { continue }
                canvas[column, top + row] = .init(text: String(character), color: Palette.terminal[Palette.index(graph.edges[owner].color)])
            }
        }
        for edge in graph.edges {
            let color = Palette.terminal[Palette.index(edge.color)]
            let hop = edge.target - edge.source
            let middle = (x(edge.source) + x(edge.target)) / 2 - DisplayWidth.of(edge.label) / 2
            if hop == 1 {
                canvas.write(String(repeating: "─", count: spacing - 4) + "▶", x(edge.source) + 2, top + rows, color: color)
                canvas.write(edge.label, middle, top + rows - 1, color: color)
            } else {
                canvas.write(edge.label, middle, top + max(0, rows - 2 - 3 * (hop - 1)), color: color)
            }
        }
        for (i, node) in graph.nodes.enumerated() { canvas.write("(\(node.label))", x(i) - 1, top + rows) }
        for (i, note) in notes.enumerated() { canvas.write(note, 0, top + rows + 1 + i) }
        return canvas
    }
}
