/// Draws a plot as text: points and lines in braille dots (two by four to a character), bars in blocks.
struct TerminalPlot {
    private let plot: PlotDescription
    private let width: Int
    private let height: Int
    private var cells: [UInt8]
    private var blocks: [Character?]
    private let xRange: ClosedRange<Double>
    private let yRange: ClosedRange<Double>

    /// The plot within `width` characters; a message where there is nothing to draw.
    static func render(_ plot: PlotDescription, width: Int) -> String {
        guard let bounds = plot.bounds else { return "(nothing to plot: no finite points)\n" }
        let height = 15
        let (ticks, decimals) = Ticks.positions(in: bounds.y, count: 5)
        let margin = (ticks.map { Ticks.label($0, decimals: decimals).count }.max() ?? 1) + 1
        var canvas = TerminalPlot(plot, width: max(20, min(width, 80) - margin - 2), height: height, bounds: bounds)
        canvas.draw()
        return canvas.framed(margin: margin, ticks: ticks, decimals: decimals)
    }

    private init(_ plot: PlotDescription, width: Int, height: Int, bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>)) {
        self.plot = plot
        self.width = width
        self.height = height
        cells = Array(repeating: 0, count: width * height)
        blocks = Array(repeating: nil, count: width * height)
        xRange = bounds.x
        yRange = bounds.y
    }

    // MARK: - Drawing

    private mutating func draw() {
        for series in plot.series {
            let points = zip(series.xs, series.ys).filter { $0.0.isFinite && $0.1.isFinite }
            switch series.kind {
            case .points:
                for (x, y) in points { set(column(x), row(y)) }
            case .line:
                for (start, end) in zip(points, points.dropFirst()) { segment(start, end) }
                if points.count == 1 { set(column(points[0].0), row(points[0].1)) }
            case .bars:
                for (i, (_, y)) in points.enumerated() { bar(i, of: points.count, y) }
            }
        }
    }

    /// Dot coordinates: 2 a character across, 4 down, from the top left.
    private func column(_ x: Double) -> Int {
        Int(((x - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound) * Double(width * 2 - 1)).rounded())
    }

    private func row(_ y: Double) -> Int {
        Int(((yRange.upperBound - y) / (yRange.upperBound - yRange.lowerBound) * Double(height * 4 - 1)).rounded())
    }

    private static let dots: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    private mutating func set(_ column: Int, _ row: Int) {
        guard column >= 0, column < width * 2, row >= 0, row < height * 4 else { return }
        cells[row / 4 * width + column / 2] |= TerminalPlot.dots[row % 4][column % 2]
    }

    private mutating func segment(_ start: (Double, Double), _ end: (Double, Double)) {
        let (x0, y0, x1, y1) = (column(start.0), row(start.1), column(end.0), row(end.1))
        let steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in 0...steps {
            set(x0 + Int((Double((x1 - x0) * i) / Double(steps)).rounded()), y0 + Int((Double((y1 - y0) * i) / Double(steps)).rounded()))
        }
    }

    /// The i-th of n bars, in eighths of a character.
    private mutating func bar(_ i: Int, of n: Int, _ y: Double) {
        let first = width * i / n
        let last = max(first + 1, width * (i + 1) / n - (width / n > 2 ? 1 : 0))
        let scale = Double(height * 8) / (yRange.upperBound - yRange.lowerBound)
        let low = Int(((min(0, y) - yRange.lowerBound) * scale).rounded())
        let high = Int(((max(0, y) - yRange.lowerBound) * scale).rounded())
        for line in 0..<height {
            let bottom = (height - 1 - line) * 8
            let filled = min(max(high - bottom, 0), 8)
            guard filled > 0, low < bottom + 8 else { continue }
            for column in first..<min(last, width) { blocks[line * width + column] = Array(" ▁▂▃▄▅▆▇█")[filled] }
        }
    }

    // MARK: - The frame

    private func framed(margin: Int, ticks: [Double], decimals: Int) -> String {
        var lines: [String] = []
        let indent = String(repeating: " ", count: margin)
        if !plot.title.isEmpty { lines.append(indent + " " + centered(plot.title)) }
        if !plot.yLabel.isEmpty { lines.append(indent + " " + plot.yLabel) }
        var labels: [Int: String] = [:]
        for tick in ticks { labels[min(row(tick) / 4, height - 1)] = Ticks.label(tick, decimals: decimals) }
        for line in 0..<height {
            let label = labels[line] ?? ""
            let body = String((0..<width).map { character(line * width + $0) })
            lines.append(String(repeating: " ", count: max(0, margin - 1 - label.count)) + label + (labels[line] == nil ? " │" : " ┤") + body)
        }
        lines.append(contentsOf: horizontalAxis(indent))
        if !plot.xLabel.isEmpty { lines.append(indent + " " + centered(plot.xLabel)) }
        let named = plot.series.filter { !$0.label.isEmpty }
        if named.count > 1 { lines.append(indent + " " + named.map(\.label).joined(separator: " · ")) }
        return lines.map { $0.reversed().drop { $0 == " " }.reversed() }.map { String($0) + "\n" }.joined()
    }

    private func horizontalAxis(_ indent: String) -> [String] {
        let (ticks, decimals) = Ticks.positions(in: xRange, count: max(2, width / 12))
        var axis = Array(repeating: Character("─"), count: width)
        var labels = Array(repeating: Character(" "), count: width + 8)
        for tick in ticks {
            let position = min(column(tick) / 2, width - 1)
            let label = Array(Ticks.label(tick, decimals: decimals))
            let start = max(0, position - label.count / 2)
            guard labels[max(0, start - 1)...min(start + label.count, labels.count - 1)].allSatisfy({ $0 == " " }) else { continue }
            axis[position] = "┬"
            for (i, c) in label.enumerated() where start + i < labels.count { labels[start + i] = c }
        }
        return [indent + "└" + String(axis), indent + " " + String(labels)]
    }

    private func character(_ index: Int) -> Character {
        if let block = blocks[index] { return block }
        guard cells[index] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(cells[index])) else { return " " }
        return Character(scalar)
    }

    private func centered(_ text: String) -> String {
        String(repeating: " ", count: max(0, (width - text.count) / 2)) + text
    }
}
