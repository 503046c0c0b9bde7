import Text

/// One chart as text: title, marks within a frame, ticks, labels and legend.
struct TerminalChart {
    private let chart: Chart
    private let scales: (x: Scale, y: Scale)
    private let columns: Int
    private let rows: Int
    private let isColored: Bool
    private var raster: DotRaster
    private var blocks: [TextCanvas.Cell?]
    private var notes: [(place: Chart.Point, text: String)] = []

    static func render(_ chart: Chart, title: String, width: Int, rows: Int, isColored: Bool, isStopped: () -> Bool) -> TextCanvas {
        guard let scales = chart.scales else {
            var canvas = TextCanvas(width: width, height: title.isEmpty ? 1 : 2)
            canvas.write(title, 0, 0)
            canvas.write("(\(Chart.nothing))", 0, title.isEmpty ? 0 : 1)
            return canvas
        }
        let ticks = scales.y.ticks(max(2, rows / 3))
        let margin = min(ticks.map { DisplayWidth.of($0.label) }.max() ?? 1, width / 3) + 1
        var picture = TerminalChart(chart, scales, columns: max(4, width - margin - 2), rows: rows, isColored: isColored)
        for (i, series) in chart.series.enumerated() where !isStopped() { picture.draw(series, i) }
        return picture.framed(title: title, width: width, margin: margin, ticks: ticks)
    }

    private init(_ chart: Chart, _ scales: (x: Scale, y: Scale), columns: Int, rows: Int, isColored: Bool) {
        self.chart = chart
        self.scales = scales
        self.columns = columns
        self.rows = rows
        self.isColored = isColored
        raster = DotRaster(columns: columns, rows: rows)
        blocks = Array(repeating: nil, count: columns * rows)
    }

    // MARK: - Marks

    /// Dot coordinates of a fraction of the axes.
    private func column(_ fraction: Double) -> Int { Int(saturating: (fraction * Double(columns * 2 - 1)).rounded()) }
    private func row(_ fraction: Double) -> Int { Int(saturating: ((1 - fraction) * Double(rows * 4 - 1)).rounded()) }

    private func dot(_ point: Chart.Point) -> (x: Int, y: Int)? {
        guard let x = scales.x.fraction(point.x), let y = scales.y.fraction(point.y) else { return nil }
        return (column(x), row(y))
    }

    private mutating func draw(_ series: Chart.Series, _ index: Int) {
        switch series.mark {
        case .points(let points):
            for case let (x, y)? in points.map(dot) { raster.set(x, y, owner: index) }
        case .line(let points):
            var last: (x: Int, y: Int)?
            for point in points {
                let next = dot(point)
                if let next { raster.line(last?.x ?? next.x, last?.y ?? next.y, next.x, next.y, isDashed: series.isDashed, owner: index) }
                last = next
            }
        case .bars(let bars):
            for bar in bars where !bar.top.isNaN { fill(bar, index) }
        case .area(let points): fill(points, series, index)
        case .grid(let cells): fill(cells)
        case .texts(let texts): notes += texts
        }
    }

    /// The inside of a closed line: as solid characters, or faint as every fourth dot.
    private mutating func fill(_ points: [Chart.Point], _ series: Chart.Series, _ index: Int) {
        let lines = series.isFaint ? rows * 4 : rows
        var crossings: [[Double]] = Array(repeating: [], count: lines)
        let corners = points.filter(\.isFinite).map { (x: scales.x.clamped($0.x), y: (1 - scales.y.clamped($0.y)) * Double(lines)) }
        guard let first = corners.first else { return }
        for (a, b) in zip(corners, corners.dropFirst() + [first]) where a.y != b.y {
            // The middles of the lines that the edge crosses.
            let (low, high) = (Int(saturating: (min(a.y, b.y) - 0.5).rounded(.up)), Int(saturating: (max(a.y, b.y) - 0.5).rounded(.up)))
            for line in max(low, 0)..<max(max(low, 0), min(high, lines)) {
                crossings[line].append(a.x + (b.x - a.x) * (Double(line) + 0.5 - a.y) / (b.y - a.y))
            }
        }
        let shade = TextCanvas.Cell(text: String(shade(series.ink)), color: color(series.ink))
        for (line, unordered) in crossings.enumerated() {
            let ends = unordered.sorted()
            for i in stride(from: 0, to: ends.count - 1, by: 2) {
                if series.isFaint {
                    for x in column(ends[i])...max(column(ends[i]), column(ends[i + 1])) where (x + 2 * (line % 2)) % 4 == 0 { raster.set(x, line, owner: index) }
                } else {
                    let (start, end) = (Int(saturating: (ends[i] * Double(columns)).rounded()), Int(saturating: (ends[i + 1] * Double(columns)).rounded()))
                    for x in max(0, start)..<max(max(0, start), min(end, columns)) { blocks[line * columns + x] = shade }
                }
            }
        }
    }

    /// Shades from light to dark, or colours, for the cells of a heat map; a dot where there is no number.
    private mutating func fill(_ cells: [[Double]]) {
        let grid = HeatMap(cells, columns: columns, rows: rows)
        guard let width = grid.cells.first?.count, width > 0 else { return }
        for row in 0..<rows {
            for column in 0..<columns {
                let (i, j) = (row * grid.cells.count / rows, column * width / columns)
                let cell = chart.y.isReversed ? grid.cells[i][j] : grid.cells[grid.cells.count - 1 - i][j]
                blocks[row * columns + column] = grid.share(cell).map { share in
                    isColored ? .init(text: "█", color: Palette.terminal(at: share)) : .init(text: String(TerminalChart.tones[min(4, Int(saturating: share * 5))]))
                } ?? .init(text: "·")
            }
        }
    }

    private static let tones = Array(" ░▒▓█")

    private static let eighths = Array(" ▁▂▃▄▅▆▇█")
    /// What tells bars apart without colours.
    private static let shades = Array("█▒░▓╱+╲·")

    /// A bar in eighths of a character.
    private mutating func fill(_ bar: Chart.Bar, _ index: Int) {
        let first = Int(saturating: (scales.x.clamped(bar.left) * Double(columns)).rounded())
        let last = max(first + 1, Int(saturating: (scales.x.clamped(bar.right) * Double(columns)).rounded()))
        let ends = [bar.base, bar.top].map { Int(saturating: (scales.y.clamped($0) * Double(rows * 8)).rounded()) }
        let (low, high) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
        let shade = shade(chart.series[index].ink)
        for line in 0..<rows {
            let bottom = (rows - 1 - line) * 8
            let filled = min(max(high - bottom, 0), 8)
            guard filled > 0, low < bottom + 8 else { continue }
            // Of a part of a character there is one shade only.
            let isWhole = filled == 8 || shade != "█"
            for column in min(first, columns - 1)..<min(last, columns) {
                blocks[line * columns + column] = .init(text: String(isWhole ? shade : TerminalChart.eighths[filled]), color: color(chart.series[index].ink))
            }
        }
    }

    private func shade(_ ink: Chart.Ink) -> Character {
        guard !isColored, case .palette(let i) = ink else { return "█" }
        return TerminalChart.shades[i % TerminalChart.shades.count]
    }

    private func color(_ ink: Chart.Ink) -> Int {
        switch ink {
        case .palette(let i): Palette.terminal[Palette.index(i)]
        case .neutral: Palette.terminalNeutral
        case .scale(let place): Palette.terminal(at: place)
        }
    }

    /// What tells points and lines apart without colours; the first keeps its dots.
    private static let symbols = Array("⠶ox+*#%@")

    private func symbol(_ series: Chart.Series) -> Character? {
        guard !isColored, case .palette(let i) = series.ink, i > 0 else { return nil }
        return TerminalChart.symbols[i % TerminalChart.symbols.count]
    }

    private func cell(_ column: Int, _ row: Int) -> TextCanvas.Cell {
        if let (character, owner) = raster[column, row] {
            let series = chart.series[owner]
            return .init(text: String(symbol(series) ?? character), color: color(series.ink))
        }
        return blocks[row * columns + column] ?? .init()
    }

    // MARK: - The frame

    private func framed(title: String, width: Int, margin: Int, ticks: [Scale.Tick]) -> TextCanvas {
        let legend = legendRows(width - margin)
        let hasKey = chart.colors != nil
        let top = (title.isEmpty ? 0 : 1) + (chart.y.label.isEmpty ? 0 : 1)
        var canvas = TextCanvas(width: width, height: top + rows + 2 + (chart.x.label.isEmpty ? 0 : 1) + legend.count + (hasKey ? 1 : 0))
        let left = margin + 1
        func centered(_ text: String, _ row: Int) { canvas.write(text, left + max(0, (columns - DisplayWidth.of(text)) / 2), row) }
        if !title.isEmpty { centered(title, 0) }
        if !chart.y.label.isEmpty { canvas.write(chart.y.label, left, top - 1) }
        for line in 0..<rows {
            canvas.write("│", margin, top + line)
            for column in 0..<columns { canvas[left + column, top + line] = cell(column, line) }
        }
        for note in notes {
            guard let (x, y) = dot(note.place), x >= 0, x < columns * 2, y >= 0, y < rows * 4 else { continue }
            let text = DisplayWidth.fitted(note.text, columns: max(1, columns / max(1, chart.x.categories.count) - 1))
            let start = min(max(x / 2 - DisplayWidth.of(text) / 2, 0), max(0, columns - DisplayWidth.of(text)))
            canvas.write(text, left + start, top + y / 4)
        }
        var lowest = -1
        for tick in ticks.sorted(by: { $0.fraction > $1.fraction }) where min(max(row(tick.fraction) / 4, 0), rows - 1) > lowest {
            let line = min(max(row(tick.fraction) / 4, 0), rows - 1)
            lowest = line
            let label = DisplayWidth.fitted(tick.label, columns: margin - 1)
            canvas.write(label, margin - 1 - DisplayWidth.of(label), top + line)
            canvas.write("┤", margin, top + line)
        }
        canvas.write("└" + String(repeating: "─", count: columns), margin, top + rows)
        drawHorizontalTicks(left, top + rows, &canvas)
        var line = top + rows + 2
        if !chart.x.label.isEmpty {
            centered(chart.x.label, line)
            line += 1
        }
        for row in legend {
            var column = left
            for (key, label, color) in row {
                canvas.write(key, column, line, color: color)
                canvas.write(label, column + 2, line)
                column += DisplayWidth.of(label) + 5
            }
            line += 1
        }
        if let colors = chart.colors { drawKey(of: colors, left, line, &canvas) }
        return canvas
    }

    /// The scale of colours or shades, between its ends.
    private func drawKey(of colors: Chart.ColorScale, _ left: Int, _ row: Int, _ canvas: inout TextCanvas) {
        let low = Numbers.significant(colors.low, 4)
        canvas.write(low, left, row)
        var column = left + low.count + 1
        for i in 0..<5 {
            for _ in 0..<2 {
                canvas.write(isColored ? "█" : String(TerminalChart.tones[i]), column, row, color: isColored ? Palette.terminal(at: Double(i) / 4) : nil)
                column += 1
            }
        }
        let high = Numbers.significant(colors.high, 4)
        canvas.write(high, column + 1, row)
        column += high.count + 3
        if column + DisplayWidth.of(colors.label) <= canvas.width { canvas.write(colors.label, column, row) }
    }

    private func drawHorizontalTicks(_ left: Int, _ row: Int, _ canvas: inout TextCanvas) {
        var free = left - 1
        let room = chart.x.categories.isEmpty ? Int.max : max(3, columns / chart.x.categories.count - 1)
        for tick in scales.x.ticks(max(3, columns / 10)) {
            let label = DisplayWidth.fitted(tick.label, columns: room)
            let size = DisplayWidth.of(label)
            let place = left + min(max(column(tick.fraction) / 2, 0), columns - 1)
            let start = min(max(place - size / 2, left - 1), canvas.width - size)
            guard start >= free else { continue }
            free = start + size + 1
            canvas.write("┬", place, row)
            canvas.write(label, start, row + 1)
        }
    }

    private func legendRows(_ width: Int) -> [[(key: String, label: String, color: Int)]] {
        var rows: [[(key: String, label: String, color: Int)]] = []
        var used = 0
        for series in chart.legend {
            let label = DisplayWidth.fitted(series.label, columns: max(4, width - 4))
            let size = DisplayWidth.of(label) + 5
            if rows.isEmpty || used + size > width {
                rows.append([])
                used = 0
            }
            used += size
            let key: Character
            switch series.mark {
            case .line, .points: key = symbol(series) ?? TerminalChart.symbols[0]
            default: key = shade(series.ink)
            }
            rows[rows.count - 1].append((String(key), label, color(series.ink)))
        }
        return rows
    }
}
