import NASLib
import Plots
import Runtime

extension PlotSize {
    /// Throws a limit error where it is more than a plot may hold.
    func check() throws {
        for (count, most, what) in [(panels, PlotSize.most.panels, "panels"), (series, PlotSize.most.series, "series"),
            (marks, PlotSize.most.marks, "marks")] where count > most {
            throw RuntimeError(.limit, "a plot of \(count) \(what) is too large: the most is \(most)",
                hint: "fewer of them can be told apart")
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

// MARK: - Work on many marks

/// To make a chart of many numbers and to draw it takes long. Neither looks whether it is to stop, or only between panels and series, but
/// is left to finish by itself then (`Cancellation.abandoning`): these are the only ways to either.
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
            if case .images(let images) = panel.content { return sum + images.byteCount }
            guard case .chart(let chart) = panel.content else { return sum }
            return chart.series.reduce(sum) { sum, series in
                if case .grid = series.mark { return sum }
                return sum + series.mark.byteCount
            }
        }
    }

    /// An SVG document.
    func svg() throws -> String { try worked { $0.drawSVG { Cancellation.isRequested } } }

    /// Text for a terminal.
    func text(width: Int, isColored: Bool) throws -> String {
        try worked { $0.drawText(width: width, isColored: isColored) { Cancellation.isRequested } }
    }

    /// What `work` makes of the plot, for which it needs several times the plot's memory.
    func worked<Result: Sendable>(_ work: @escaping @Sendable (PlotDescription) -> Result) throws -> Result {
        try MemoryAccount.ask(byteCount + 5 * drawnBytes)
        let size = size
        let result = try Cancellation.abandoning(when: size.marks >= Chart.manyMarks || size.series + size.panels >= 100) {
            [self] in work(self)
        }
        // What was stopped between two panels or series is no drawing.
        try Cancellation.check()
        return result
    }
}
