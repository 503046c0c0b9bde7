/// A cell or a chain of a space as a graph: nodes in the order of the data's way through them.
public struct Graph: Sendable {
    public var layout: Layout
    public var nodes: [Node]
    public var edges: [Edge] = []
    /// A line below the drawing.
    public var note = ""

    public init(layout: Layout, nodes: [Node], edges: [Edge] = [], note: String = "") {
        (self.layout, self.nodes, self.edges, self.note) = (layout, nodes, edges, note)
    }

    public var byteCount: Int {
        let lines = nodes.reduce(0) { $0 + 1 + $1.lines.count }
        return (lines + edges.count) * 64
    }

    public enum Layout: Sendable {
        /// Nodes in a row, edges as arcs over them.
        case arcs
        /// A box for each node, one after the other.
        case chain
    }

    public struct Node: Sendable {
        public var label: String
        /// Lines in its box, each in one of the palette's colours.
        public var lines: [(text: String, color: Int)] = []

        public init(label: String, lines: [(text: String, color: Int)] = []) { (self.label, self.lines) = (label, lines) }
    }

    public struct Edge: Sendable {
        public var source: Int
        public var target: Int
        public var label: String
        public var color: Int

        public init(source: Int, target: Int, label: String, color: Int) {
            (self.source, self.target, self.label, self.color) = (source, target, label, color)
        }
    }
}
