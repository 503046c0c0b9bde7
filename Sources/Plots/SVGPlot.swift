import Text

/// Draws a plot as SVG that needs nothing else: readable on light and dark backgrounds, with a text for those who do not see it.
struct SVGPlot {
    private var svg = SVGWriter()
    private let plot: PlotDescription

    static func render(_ plot: PlotDescription, isStopped: () -> Bool) -> String {
        var renderer = SVGPlot(plot: plot)
        return renderer.render(isStopped)
    }

    private init(plot: PlotDescription) { self.plot = plot }

    private mutating func render(_ isStopped: () -> Bool) -> String {
        let count = plot.panels.count
        let columns = min(max(1, count), max(1, plot.columns ?? (count <= 1 ? 1 : count <= 4 ? 2 : 3)))
        let (width, height) = columns == 1 ? (640.0, 400.0) : (max(240, 960 / Double(columns)), max(200, 640 / Double(columns)))
        // Bold letters are wider.
        let titleLines = SVGPlot.wrapped(plot.title, width: width * Double(columns) - 20, size: 15.5)
        let top = titleLines.isEmpty ? 8.0 : 12 + 18 * Double(titleLines.count)
        let rows = (count + columns - 1) / columns
        // Charts are of one height, graphs and pictures as high as they must be.
        let heights = (0..<rows).map { row in
            plot.panels[row * columns..<min(count, (row + 1) * columns)].map { panel in
                switch panel.content {
                case .chart: height
                case .graph(let graph): SVGGraph.height(of: graph, title: panel.title, width: width)
                case .images(let images): SVGImages.height(of: images, title: panel.title, width: width)
                }
            }.max() ?? height
        }
        let size = (width: width * Double(columns), height: top + heights.reduce(0, +))
        let (w, h) = (SVGWriter.number(size.width), SVGWriter.number(size.height))
        let alternative = plot.alternativeText
        svg.begin("svg", [
            "xmlns": "http://www.w3.org/2000/svg", "class": columns > 1 ? "padash-plot wide" : "padash-plot", "role": "img", "aria-label": alternative.title, "width": w, "height": h,
            "viewBox": "0 0 \(w) \(h)", "style": "max-width:100%;height:auto",
        ])
        svg.add("title", [:], alternative.title)
        svg.add("desc", [:], alternative.description)
        svg.add(raw: "<style>\(SVGPlot.style)</style>\n")
        svg.add("rect", ["class": "paper", "width": w, "height": h])
        for (i, line) in titleLines.enumerated() {
            svg.add("text", ["class": "title", "x": SVGWriter.number(size.width / 2), "y": "\(20 + 18 * i)"], line)
        }
        for (i, panel) in plot.panels.enumerated() where !isStopped() {
            let row = i / columns
            let frame = SVGFrame(x: Double(i % columns) * width, y: top + heights[..<row].reduce(0, +), width: width, height: heights[row])
            switch panel.content {
            case .chart(let chart): SVGChart.draw(chart, title: panel.title, in: frame, isStopped, &svg)
            case .graph(let graph): SVGGraph.draw(graph, title: panel.title, in: frame, &svg)
            case .images(let images): SVGImages.draw(images, title: panel.title, in: frame, &svg)
            }
        }
        svg.end()
        return svg.text
    }

    /// At most three lines of whole words.
    static func wrapped(_ text: String, width: Double, size: Double) -> [String] {
        var lines = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").wrapped(to: SVGWriter.columns(width, size: size))
        if lines.count > 3 { lines = lines[..<2] + [lines[2...].joined(separator: " ")] }
        return lines.map { SVGWriter.fitted($0, width, size: size) }
    }

    /// Colours are given outright, not as variables, which many programs that draw SVG do not know.
    private static let style: String = {
        func colors(_ palette: [String]) -> String {
            palette.enumerated().map { ".padash-plot .s\($0){stroke:\($1)}.padash-plot .f\($0){fill:\($1)}" }.joined()
        }
        func theme(text: String, paper: String, axis: String, grid: String, neutral: String) -> String {
            ".padash-plot text{fill:\(text)}.padash-plot .paper{fill:\(paper)}.padash-plot .axis{stroke:\(axis)}.padash-plot .grid{stroke:\(grid)}"
                + ".padash-plot .sn{stroke:\(neutral)}.padash-plot .fn{fill:\(neutral)}"
                + ".padash-plot .node{fill:\(paper);stroke:\(axis)}.padash-plot .halo{stroke:\(paper)}"
        }
        return ".padash-plot text{font:11px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;text-anchor:middle}"
            + ".padash-plot .title{font-size:14px;font-weight:600}.padash-plot .subtitle{font-size:12px;font-weight:600}"
            + ".padash-plot .start{text-anchor:start}.padash-plot .end{text-anchor:end}"
            + ".padash-plot .strong{font-weight:600}.padash-plot .halo{font-size:10px;paint-order:stroke;stroke-width:4px}"
            + ".padash-plot path,.padash-plot line{fill:none;stroke-linejoin:round}"
            + theme(text: "#24292f", paper: "#ffffff", axis: "#57606a", grid: "#e6e8eb", neutral: "#6e7781") + colors(Palette.light)
            + "@media (prefers-color-scheme:dark){"
            + theme(text: "#e6edf3", paper: "#15191f", axis: "#9198a1", grid: "#2b3138", neutral: "#8b949e") + colors(Palette.dark) + "}"
    }()
}

/// A part of the picture, in pixels from the top left.
struct SVGFrame {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
}
