/// How much a plot holds. Plots are put together of other plots (`overlay`, `grid`), which share what they hold, so that a few calls could
/// make more of it than can ever be drawn.
package struct PlotSize: Sendable {
    package var panels = 0
    package var series = 0
    /// Points, bars, cells and texts, the nodes and edges of graphs, or the pixels of pictures.
    package var marks = 0

    package init(panels: Int = 0, series: Int = 0, marks: Int = 0) { (self.panels, self.series, self.marks) = (panels, series, marks) }

    package static let most = PlotSize(panels: 10_000, series: 100_000, marks: 1 << 26)

    package static func + (a: PlotSize, b: PlotSize) -> PlotSize { PlotSize(panels: a.panels + b.panels, series: a.series + b.series, marks: a.marks + b.marks) }
}

extension PlotDescription {
    package var size: PlotSize {
        panels.reduce(into: PlotSize()) { size, panel in
            size.panels += 1
            switch panel.content {
            case .chart(let chart):
                size.series += chart.series.count
                for series in chart.series { size.marks += series.mark.count }
            case .graph(let graph): size.marks += graph.nodes.count + graph.edges.count
            case .images(let images): size.marks += images.pixelCount
            }
        }
    }
}

extension Chart.Mark {
    /// Of points, bars, cells or texts.
    package var count: Int {
        switch self {
        case .line(let points), .points(let points), .area(let points): points.count
        case .bars(let bars): bars.count
        case .grid(let rows): rows.count * (rows.first?.count ?? 0)
        case .texts(let texts): texts.count
        }
    }
}
