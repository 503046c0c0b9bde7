import Text

/// A graph within its part of the picture.
struct SVGGraph {
    private let graph: Graph

    /// How much height a graph takes at that width.
    static func height(of graph: Graph, title: String, width: Double) -> Double {
        let head = (title.isEmpty ? 0.0 : 20) + Double(SVGPlot.wrapped(graph.note, width: width - 20, size: 11).count) * 15
        switch graph.layout {
        case .arcs: return head + 70 + 44 * Double(max(0, longestArc(graph) - 1)) + 20
        case .chain:
            let (columns, _, height) = boxes(of: graph, width: width)
            return head + Double((graph.nodes.count + columns - 1) / columns) * (height + 26) + 10
        }
    }

    static func draw(_ graph: Graph, title: String, in frame: SVGFrame, _ svg: inout SVGWriter) {
        var frame = frame
        let middle = SVGWriter.number(frame.x + frame.width / 2)
        if !title.isEmpty {
            svg.add("text", ["class": "subtitle", "x": middle, "y": SVGWriter.number(frame.y + 14)], SVGWriter.fitted(title, frame.width - 20, size: 12))
            frame = frame.cut(top: 20)
        }
        let notes = SVGPlot.wrapped(graph.note, width: frame.width - 20, size: 11)
        for (i, line) in notes.enumerated() {
            svg.add("text", ["class": "note", "x": middle, "y": SVGWriter.number(frame.y + frame.height - 6 - 15 * Double(notes.count - 1 - i))], line)
        }
        frame = frame.cut(bottom: 15 * Double(notes.count))
        switch graph.layout {
        case .arcs: drawArcs(graph, in: frame, &svg)
        case .chain: drawChain(graph, in: frame, &svg)
        }
    }

    // MARK: - Arcs

    private static func longestArc(_ graph: Graph) -> Int { graph.edges.map { $0.target - $0.source }.max() ?? 1 }

    private static func drawArcs(_ graph: Graph, in frame: SVGFrame, _ svg: inout SVGWriter) {
        let number = SVGWriter.number
        let spacing = min(150, (frame.width - 80) / Double(max(1, graph.nodes.count - 1)))
        let left = frame.x + (frame.width - spacing * Double(graph.nodes.count - 1)) / 2
        let (y, radius) = (frame.y + frame.height - 30, 13.0)
        func x(_ node: Int) -> Double { left + spacing * Double(node) }
        var labels: [(x: Double, y: Double, text: String)] = []
        // Long arcs first, so that short ones and their labels lie over them.
        for edge in graph.edges.sorted(by: { $0.target - $0.source > $1.target - $1.source }) {
            let rise = 44 * Double(edge.target - edge.source - 1)
            let (start, end) = (x(edge.source), x(edge.target))
            let path: String
            let arrow: String
            if rise == 0 {
                path = "M\(number(start + radius)) \(number(y))H\(number(end - radius - 6))"
                arrow = "M\(number(end - radius)) \(number(y))l-8 -4v8z"
            } else {
                // Arrivals at one node stand side by side.
                let shift = min(9, 3 * Double(edge.target - edge.source - 1))
                let (a, b, top) = (start + 5, end - shift, y - radius - rise * 4 / 3)
                path = "M\(number(a)) \(number(y - radius))C\(number(a)) \(number(top)) \(number(b)) \(number(top)) \(number(b)) \(number(y - radius - 6))"
                arrow = "M\(number(b)) \(number(y - radius))l-4 -8h8z"
            }
            let color = Palette.index(edge.color)
            svg.add("path", ["class": "edge s\(color)", "d": path, "stroke-width": "1.8"])
            svg.add("path", ["class": "arrow f\(color)", "d": arrow])
            labels.append(((start + end) / 2, rise == 0 ? y - 7 : y - radius - rise + 3, edge.label))
        }
        for (x, y, text) in labels where !text.isEmpty {
            svg.add("text", ["class": "note halo", "x": number(x), "y": number(y)], SVGWriter.fitted(text, spacing - 4, size: 10))
        }
        for (i, node) in graph.nodes.enumerated() {
            svg.add("circle", ["class": "node", "cx": number(x(i)), "cy": number(y), "r": number(radius)])
            svg.add("text", ["class": "note", "x": number(x(i)), "y": number(y + 4)], node.label)
        }
    }

    // MARK: - Chains

    /// Boxes in a row, and their size.
    private static func boxes(of graph: Graph, width: Double) -> (columns: Int, width: Double, height: Double) {
        let texts = graph.nodes.flatMap { [$0.label] + $0.lines.map(\.text) }
        let box = min(max(70, (texts.map { SVGWriter.width($0) }.max() ?? 0) + 16), width - 60)
        let columns = min(max(1, Int(saturating: (width - 40) / (box + 26))), max(1, graph.nodes.count))
        return (columns, box, 26 + 15 * Double(graph.nodes.map(\.lines.count).max() ?? 0))
    }

    private static func drawChain(_ graph: Graph, in frame: SVGFrame, _ svg: inout SVGWriter) {
        let number = SVGWriter.number
        let (columns, width, height) = boxes(of: graph, width: frame.width)
        let left = frame.x + (frame.width - Double(columns) * (width + 26) + 26) / 2
        for (i, node) in graph.nodes.enumerated() {
            let (x, y) = (left + Double(i % columns) * (width + 26), frame.y + 6 + Double(i / columns) * (height + 26))
            svg.add("rect", ["class": "node", "x": number(x), "y": number(y), "width": number(width), "height": number(height), "rx": "5"])
            svg.add("text", ["class": "note strong", "x": number(x + width / 2), "y": number(y + 17)], SVGWriter.fitted(node.label, width - 6))
            for (k, line) in node.lines.enumerated() {
                svg.add("rect", ["class": "f\(Palette.index(line.color))", "x": number(x + 6), "y": number(y + 25 + 15 * Double(k)), "width": "4", "height": "10"])
                svg.add("text", ["class": "note", "x": number(x + width / 2 + 4), "y": number(y + 34 + 15 * Double(k))], SVGWriter.fitted(line.text, width - 14))
            }
            guard i + 1 < graph.nodes.count else { continue }
            if i % columns < columns - 1 {
                svg.add("path", ["class": "axis", "d": "M\(number(x + width)) \(number(y + height / 2))h18"])
                svg.add("path", ["class": "arrow fn", "d": "M\(number(x + width + 25)) \(number(y + height / 2))l-8 -4v8z"])
            } else {
                svg.add("path", ["class": "axis", "d": "M\(number(x + width / 2)) \(number(y + height))v13H\(number(left + width / 2))v5"])
                svg.add("path", ["class": "arrow fn", "d": "M\(number(left + width / 2)) \(number(y + height + 25))l-4 -8h8z"])
            }
        }
    }
}
