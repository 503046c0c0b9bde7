/// A cell or a chain of a space as a graph: nodes in the order of the data's way through them.
package struct Graph: Sendable {
    package var layout: Layout
    package var nodes: [Node]
    package var edges: [Edge] = []
    /// A line below the drawing.
    package var note = ""

    package init(layout: Layout, nodes: [Node], edges: [Edge] = [], note: String = "") {
        (self.layout, self.nodes, self.edges, self.note) = (layout, nodes, edges, note)
    }

    package var byteCount: Int {
        let lines = nodes.reduce(0) { $0 + 1 + $1.lines.count }
        return (lines + edges.count) * 64
    }

    package enum Layout: Sendable {
        /// Nodes in a row, edges as arcs over them.
        case arcs
        /// A box for each node, one after the other.
        case chain
    }

    package struct Node: Sendable {
        package var label: String
        /// Lines in its box, each in one of the palette's colours.
        package var lines: [(text: String, color: Int)] = []

        package init(label: String, lines: [(text: String, color: Int)] = []) { (self.label, self.lines) = (label, lines) }
    }

    package struct Edge: Sendable {
        package var source: Int
        package var target: Int
        package var label: String
        package var color: Int

        package init(source: Int, target: Int, label: String, color: Int) {
            (self.source, self.target, self.label, self.color) = (source, target, label, color)
        }
    }
}
