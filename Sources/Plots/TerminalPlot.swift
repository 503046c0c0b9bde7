import Text

/// Draws a plot as text: points and lines in braille dots, bars in blocks, pictures in half blocks or letters.
enum TerminalPlot {
    /// Within `width` characters; panels stand side by side where there is room.
    static func render(_ plot: PlotDescription, width: Int, isColored: Bool, isStopped: () -> Bool) -> String {
        let width = max(20, min(width, 100))
        let fitting = max(1, width / 38)
        let columns = min(max(1, plot.columns ?? fitting), fitting, max(1, plot.panels.count))
        let size = columns == 1 ? min(width, 80) : width / columns - 1
        let rows = min(max(size / 4, 7), plot.panels.count > 1 ? 10 : 15)
        let panels = plot.panels.map { panel in
            switch panel.content {
            case .chart(let chart): TerminalChart.render(chart, title: panel.title, width: size, rows: rows, isColored: isColored, isStopped: isStopped)
            case .graph(let graph): TerminalGraph.render(graph, title: panel.title, width: size)
            case .images(let images): TerminalImages.render(images, title: panel.title, width: size, isColored: isColored)
            }
        }
        var lines = ""
        if !plot.title.isEmpty {
            let title = DisplayWidth.fitted(plot.title.harmless, columns: columns == 1 ? size : width)
            let room = (columns == 1 ? size : width) - DisplayWidth.of(title)
            lines += String(repeating: " ", count: max(0, room / 2)) + title + "\n"
        }
        for start in stride(from: 0, to: panels.count, by: columns) {
            let row = panels[start..<min(start + columns, panels.count)]
            var canvas = TextCanvas(width: columns * (size + 1) - 1, height: row.map(\.height).max() ?? 0)
            for (i, panel) in row.enumerated() { canvas.draw(panel, i * (size + 1), 0) }
            lines += canvas.text(isColored: isColored)
        }
        return lines
    }
}
