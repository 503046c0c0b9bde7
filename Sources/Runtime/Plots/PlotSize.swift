import NASLib

/// How much a plot holds. Plots are put together of other plots (`overlay`, `grid`), which share what they hold, so that a few calls could
/// make more of it than can ever be drawn.
struct PlotSize: Sendable {
    var panels = 0
    var series = 0
    /// Points, bars, cells and texts, or the nodes and edges of graphs.
    var marks = 0

    static let most = PlotSize(panels: 10_000, series: 100_000, marks: 1 << 26)

    static func + (a: PlotSize, b: PlotSize) -> PlotSize { PlotSize(panels: a.panels + b.panels, series: a.series + b.series, marks: a.marks + b.marks) }

    /// Throws a limit error where it is more than a plot may hold.
    func check() throws {
        for (count, most, what) in [(panels, PlotSize.most.panels, "panels"), (series, PlotSize.most.series, "series"), (marks, PlotSize.most.marks, "marks")] where count > most {
            throw RuntimeError(.limit, "a plot of \(count) \(what) is too large: the most is \(most)", hint: "fewer of them can be told apart")
        }
    }

    /// Throws as soon as several plots together, in panels of their own or in one, are too much.
    static func check(_ plots: [PlotDescription], inOnePanel: Bool) throws {
        var size = PlotSize()
        for plot in plots {
            size = size + plot.size
            if inOnePanel { size.panels = 1 }
            try size.check()
        }
    }
}

extension PlotDescription {
    var size: PlotSize {
        panels.reduce(into: PlotSize()) { size, panel in
            size.panels += 1
            switch panel.content {
            case .chart(let chart):
                size.series += chart.series.count
                for series in chart.series { size.marks += series.mark.count }
            case .graph(let graph): size.marks += graph.nodes.count + graph.edges.count
            }
        }
    }
}

extension Chart.Mark {
    /// Of points, bars, cells or texts.
    var count: Int {
        switch self {
        case .line(let points), .points(let points), .area(let points): points.count
        case .bars(let bars): bars.count
        case .grid(let rows): rows.count * (rows.first?.count ?? 0)
        case .texts(let texts): texts.count
        }
    }
}

// MARK: - Work on many marks

/// To make a chart of many numbers and to draw it takes long. Neither looks whether it is to stop, or only between panels and series, but is
/// left to finish by itself then (`Cancellation.abandoning`): these are the only ways to either.
extension Chart {
    /// From so many numbers or marks on it takes more than some milliseconds.
    static let manyMarks = 10_000

    /// The chart that `make` makes of so many numbers; `summed` where it shows a summary of them and not a mark for each.
    static func made(of count: Int, summed: Bool = false, _ make: @escaping @Sendable () throws -> Chart) throws -> Chart {
        // A number becomes up to three points, which are sorted, filtered and split on the way.
        try MemoryAccount.ask(count * (summed ? 1 : 8) * MemoryLayout<Point>.stride)
        return try Cancellation.abandoning(when: count >= manyMarks, make)
    }
}

extension PlotDescription {
    /// Of the marks that are drawn one by one: the cells of a grid are put together first.
    private var drawnBytes: Int {
        panels.reduce(0) { sum, panel in
            guard case .chart(let chart) = panel.content else { return sum }
            return chart.series.reduce(sum) { sum, series in
                if case .grid = series.mark { return sum }
                return sum + series.mark.byteCount
            }
        }
    }

    /// An SVG document.
    func svg() throws -> String { try worked { SVGPlot.render($0) } }

    /// Text for a terminal.
    func text(width: Int, isColored: Bool) throws -> String { try worked { TerminalPlot.render($0, width: width, isColored: isColored) } }

    /// What `work` makes of the plot, for which it needs several times the plot's memory.
    func worked<Result: Sendable>(_ work: @escaping @Sendable (PlotDescription) -> Result) throws -> Result {
        try MemoryAccount.ask(byteCount + 5 * drawnBytes)
        let size = size
        let result = try Cancellation.abandoning(when: size.marks >= Chart.manyMarks || size.series + size.panels >= 100) { [self] in work(self) }
        // What was stopped between two panels or series is no drawing.
        try Cancellation.check()
        return result
    }
}
