import Text

/// One chart within its part of the picture: title, legend, axes, and the marks between them.
struct SVGChart {
    private let chart: Chart
    private let scales: (x: Scale, y: Scale)
    /// What lies between the axes.
    private var area: SVGFrame
    private let yTicks: [Scale.Tick]
    private let xTicks: [Scale.Tick]
    /// Room for the numbers at the left, which on a phone are larger (HTMLPage.style).
    private let labelWidth: Double

    private static let largestText = 15.0

    static func draw(_ chart: Chart, title: String, in frame: SVGFrame, _ isStopped: () -> Bool, _ svg: inout SVGWriter) {
        var frame = frame
        if !title.isEmpty {
            svg.add("text", ["class": "subtitle", "x": SVGWriter.number(frame.x + frame.width / 2), "y": SVGWriter.number(frame.y + 14)],
                SVGWriter.fitted(title, frame.width - 20, size: 12))
            frame = frame.cut(top: 20)
        }
        guard let scales = chart.scales else {
            svg.add("text", ["x": SVGWriter.number(frame.x + frame.width / 2), "y": SVGWriter.number(frame.y + frame.height / 2)], Chart.nothing)
            return
        }
        frame = drawLegend(of: chart, in: frame, &svg)
        SVGChart(chart, scales, in: frame).draw(isStopped, &svg)
    }

    private init(_ chart: Chart, _ scales: (x: Scale, y: Scale), in frame: SVGFrame) {
        self.chart = chart
        self.scales = scales
        yTicks = scales.y.ticks(max(2, Int(saturating: frame.height / 55)))
        labelWidth = min(yTicks.map { SVGWriter.width($0.label, size: SVGChart.largestText) }.max() ?? 0, frame.width * 0.3)
        area = frame.cut(left: labelWidth + (chart.y.label.isEmpty ? 16 : 36), right: chart.colors == nil ? 22 : 84, top: 6, bottom: chart.x.label.isEmpty ? 26 : 44)
        xTicks = scales.x.ticks(max(2, Int(saturating: area.width / 80)))
        if hasSlantedLabels { area = area.cut(bottom: min(longestLabel * 0.6, 90)) }
    }

    // MARK: - The legend

    /// Rows of names above the chart; what is left of the frame.
    private static func drawLegend(of chart: Chart, in frame: SVGFrame, _ svg: inout SVGWriter) -> SVGFrame {
        let entries = chart.legend
        guard !entries.isEmpty else { return frame }
        var (x, y) = (frame.x + 20, frame.y + 12)
        for entry in entries {
            let label = SVGWriter.fitted(entry.label, frame.width - 70)
            let width = 30 + SVGWriter.width(label) + 12
            if x + width > frame.x + frame.width - 8, x > frame.x + 20 {
                x = frame.x + 20
                y += 17
            }
            var key = entry
            switch entry.mark {
            case .line: key.mark = .line([.init(x, y), .init(x + 22, y)])
            case .points: key.mark = .points([.init(x + 11, y)])
            default: key.mark = .bars([.init(left: x + 4, right: x + 18, base: y + 5, top: y - 5)])
            }
            SVGMarks(place: { $0 }).draw(key, &svg)
            svg.add("text", ["class": "start", "x": SVGWriter.number(x + 28), "y": SVGWriter.number(y + 4)], label)
            x += width
        }
        return frame.cut(top: y + 8 - frame.y)
    }

    // MARK: - Axes

    private var longestLabel: Double { min(xTicks.map { SVGWriter.width($0.label) }.max() ?? 0, 150) }
    /// Names that have no room beside each other are slanted; numbers always have room.
    private var hasSlantedLabels: Bool {
        !chart.x.categories.isEmpty && longestLabel > area.width / Double(max(1, chart.x.categories.count)) - 4
    }

    private func x(_ fraction: Double) -> Double { area.x + fraction * area.width }
    private func y(_ fraction: Double) -> Double { area.y + (1 - fraction) * area.height }

    private func draw(_ isStopped: () -> Bool, _ svg: inout SVGWriter) {
        let (left, right, top, bottom) = (area.x, area.x + area.width, area.y, area.y + area.height)
        let number = SVGWriter.number
        let hasLines = !chart.hasGrid
        if hasLines, chart.y.categories.isEmpty { svg.add("path", ["class": "grid", "d": yTicks.map { "M\(number(left)) \(number(y($0.fraction)))H\(number(right))" }.joined()]) }
        if hasLines, chart.x.categories.isEmpty {
            svg.add("path", ["class": "grid", "d": xTicks.map { "M\(number(x($0.fraction))) \(number(top))V\(number(bottom))" }.joined()])
        }
        // A picture of its own, which cuts off what reaches over its edge.
        svg.begin("svg", ["x": number(left), "y": number(top), "width": number(area.width), "height": number(area.height)])
        let marks = SVGMarks(
            place: { point in Chart.Point(scales.x.fraction(point.x).map { $0 * area.width } ?? .nan, scales.y.fraction(point.y).map { (1 - $0) * area.height } ?? .nan) },
            corner: { point in Chart.Point(scales.x.clamped(point.x) * area.width, (1 - scales.y.clamped(point.y)) * area.height) })
        for series in chart.series where !isStopped() { marks.draw(series, &svg) }
        svg.end()
        svg.add("path", ["class": "axis", "d": (chart.y.isHidden ? "M\(number(left)) \(number(bottom))" : "M\(number(left)) \(number(top))V\(number(bottom))") + "H\(number(right))"
            + yTicks.map { "M\(number(left)) \(number(y($0.fraction)))h-4" }.joined() + xTicks.map { "M\(number(x($0.fraction))) \(number(bottom))v4" }.joined()])
        var lowest = Double.infinity
        for tick in yTicks where abs(lowest - y(tick.fraction)) >= 12 {
            lowest = y(tick.fraction)
            svg.add("text", ["class": "tick end", "x": number(left - 7), "y": number(y(tick.fraction) + 4)], SVGWriter.fitted(tick.label, left - 7))
        }
        drawHorizontalLabels(bottom: bottom, &svg)
        if let colors = chart.colors { drawKey(of: colors, &svg) }
        if !chart.x.label.isEmpty {
            let y = bottom + 38 + (hasSlantedLabels ? min(longestLabel * 0.6, 90) : 0)
            svg.add("text", ["class": "label", "x": number(x(0.5)), "y": number(y)], SVGWriter.fitted(chart.x.label, area.width + 40))
        }
        if !chart.y.label.isEmpty {
            let place = "\(number(left - labelWidth - 20)) \(number(y(0.5)))"
            svg.add("text", ["class": "label", "transform": "translate(\(place)) rotate(-90)"], SVGWriter.fitted(chart.y.label, area.height + 20))
        }
    }

    /// The scale of colours as a strip beside the chart.
    private func drawKey(of colors: Chart.ColorScale, _ svg: inout SVGWriter) {
        let number = SVGWriter.number
        let (x, count) = (area.x + area.width + 14, 32)
        for i in 0..<count {
            svg.add("rect", [
                "x": number(x), "y": number(y(Double(i + 1) / Double(count))), "width": "12", "height": number(area.height / Double(count) + 0.4),
                "style": "fill:\(Palette.hexadecimal(at: (Double(i) + 0.5) / Double(count)))", "shape-rendering": "crispEdges",
            ])
        }
        for tick in Scale(colors.low...max(colors.low, colors.high), Chart.Axis(hasMargin: colors.low >= colors.high)).ticks(4) {
            svg.add("text", ["class": "tick start", "x": number(x + 17), "y": number(y(tick.fraction) + 4)], SVGWriter.fitted(tick.label, 50))
        }
        svg.add("text", ["class": "label end", "x": number(x + 66), "y": number(area.y + area.height + 17)], SVGWriter.fitted(colors.label, 80))
    }

    private func drawHorizontalLabels(bottom: Double, _ svg: inout SVGWriter) {
        let number = SVGWriter.number
        // Not more names than there is room for.
        let room = hasSlantedLabels ? 14.0 : 0
        var last = -Double.infinity
        for tick in xTicks where x(tick.fraction) - last >= room {
            last = x(tick.fraction)
            if hasSlantedLabels {
                svg.add("text", ["class": "tick end", "transform": "translate(\(number(last + 4)) \(number(bottom + 14))) rotate(-35)"],
                    SVGWriter.fitted(tick.label, min(150, (last - 4) / 0.82 * 11 / SVGChart.largestText)))
            } else {
                let label = chart.x.categories.isEmpty ? tick.label : SVGWriter.fitted(tick.label, area.width / Double(chart.x.categories.count) - 4)
                svg.add("text", ["class": "tick", "x": number(last), "y": number(bottom + 17)], label)
            }
        }
    }
}

extension SVGFrame {
    func cut(left: Double = 0, right: Double = 0, top: Double = 0, bottom: Double = 0) -> SVGFrame {
        SVGFrame(x: x + left, y: y + top, width: max(10, width - left - right), height: max(10, height - top - bottom))
    }
}
