import Text

/// Draws marks as paths, one for a series.
struct SVGMarks {
    /// From data to pixels; nan where there is no place.
    var place: (Chart.Point) -> Chart.Point
    /// The same for corners of filled shapes, which go to the edge where there is no place.
    var corner: ((Chart.Point) -> Chart.Point)?

    func draw(_ series: Chart.Series, _ svg: inout SVGWriter) {
        let name = SVGMarks.name(of: series.ink)
        let style = SVGMarks.style(of: series.ink)
        switch series.mark {
        case .line(let points):
            let runs = points.map(place).split { !$0.isFinite }
            // A point by itself is a dot.
            let alone = runs.filter { $0.count == 1 }.flatMap(\.self)
            draw(alone, series.ink, isFaint: series.isFaint, &svg)
            let path = runs.filter { $0.count > 1 }.map(SVGMarks.line).joined()
            guard !path.isEmpty else { return }
            svg.add("path", [
                "class": "line s\(name)", "style": style, "d": path, "stroke-width": series.isFaint ? "1" : "1.8", "stroke-linecap": "round",
                "stroke-dasharray": series.isDashed ? "5 4" : "none", "opacity": series.isFaint ? "0.5" : "1",
            ])
        case .points(let points):
            draw(points.map(place).filter(\.isFinite), series.ink, isFaint: series.isFaint, &svg)
        case .bars(let bars):
            let path = bars.map { bar in
                let corners = (corner ?? place)
                let (a, b) = (corners(Chart.Point(bar.left, bar.base)), corners(Chart.Point(bar.right, bar.top)))
                guard a.isFinite, b.isFinite, !bar.top.isNaN else { return "" }
                return "M\(SVGWriter.number(a.x)) \(SVGWriter.number(a.y))V\(SVGWriter.number(b.y))H\(SVGWriter.number(b.x))V\(SVGWriter.number(a.y))Z"
            }.joined()
            guard !path.isEmpty else { return }
            svg.add("path", ["class": "bars f\(name)", "d": path, "opacity": series.isFaint ? "0.4" : "0.9"])
        case .area(let points):
            let placed = points.map(corner ?? place).filter(\.isFinite)
            guard placed.count > 2 else { return }
            svg.add("path", ["class": "area f\(name)", "d": SVGMarks.line(placed[...]) + "Z", "opacity": series.isFaint ? "0.25" : "0.85"])
        case .grid(let rows): draw(rows, &svg)
        case .texts(let texts):
            for (point, text) in texts {
                let placed = place(point)
                if placed.isFinite { svg.add("text", ["class": "note", "x": SVGWriter.number(placed.x), "y": SVGWriter.number(placed.y + 4)], text) }
            }
        }
    }

    /// A path for each of 64 colours. Where there is room, the numbers stand in the cells.
    private func draw(_ rows: [[Double]], _ svg: inout SVGWriter) {
        let grid = HeatMap(rows, columns: 320, rows: 200)
        var paths: [Int: String] = [:]
        var texts: [(x: Double, y: Double, text: String, isDark: Bool)] = []
        for (i, row) in grid.cells.enumerated() {
            for (j, cell) in row.enumerated() {
                guard let share = grid.share(cell) else { continue }
                let (x, y) = (Double(j) * grid.step.x - 0.5, Double(i) * grid.step.y - 0.5)
                let (a, b) = (place(Chart.Point(x, y)), place(Chart.Point(x + grid.step.x, y + grid.step.y)))
                paths[Int(saturating: share * 63), default: ""] += "M\(SVGWriter.number(a.x)) \(SVGWriter.number(a.y))H\(SVGWriter.number(b.x))V\(SVGWriter.number(b.y))H\(SVGWriter.number(a.x))Z"
                let text = Numbers.significant(cell, 3)
                if abs(b.x - a.x) > SVGWriter.width(text) + 4, abs(b.y - a.y) > 14 { texts.append(((a.x + b.x) / 2, (a.y + b.y) / 2 + 4, text, share > 0.6)) }
            }
        }
        for (level, path) in paths.sorted(by: { $0.key < $1.key }) {
            svg.add("path", ["class": "cells", "style": "fill:\(Palette.hexadecimal(at: Double(level) / 63))", "d": path, "shape-rendering": "crispEdges"])
        }
        guard texts.count == grid.cells.joined().count(where: { grid.share($0) != nil }) else { return }
        for (x, y, text, isDark) in texts {
            svg.add("text", ["class": "note", "style": "fill:\(isDark ? "#000000" : "#ffffff")", "x": SVGWriter.number(x), "y": SVGWriter.number(y)], text)
        }
    }

    /// Points that have their place.
    private func draw(_ points: [Chart.Point], _ ink: Chart.Ink, isFaint: Bool, _ svg: inout SVGWriter) {
        let points = SVGMarks.thinned(points)
        guard !points.isEmpty else { return }
        var shape = SVGMarks.shapes[0]
        if case .palette(let i) = ink { shape = SVGMarks.shapes[i % SVGMarks.shapes.count] }
        svg.add("path", [
            "class": "points s\(SVGMarks.name(of: ink))", "style": SVGMarks.style(of: ink),
            "d": points.map { "M\(SVGWriter.number($0.x)) \(SVGWriter.number($0.y))\(shape.path)" }.joined(),
            "stroke-width": SVGWriter.number(points.count > 2000 ? shape.width / 2 : shape.width), "stroke-linecap": shape.cap,
            "opacity": isFaint ? "0.45" : points.count > 2000 ? "0.65" : "0.85",
        ])
    }

    /// What ends the names of its classes in the style.
    private static func name(of ink: Chart.Ink) -> String {
        switch ink {
        case .palette(let i): "\(Palette.index(i))"
        case .neutral: "n"
        case .scale: "c"
        }
    }

    /// Of a colour that is no class.
    private static func style(of ink: Chart.Ink) -> String {
        if case .scale(let place) = ink { "stroke:\(Palette.hexadecimal(at: place))" } else { "" }
    }

    /// A line of no length with round ends is a disc, with square ends a square; other shapes are outlined.
    private static let shapes: [(path: String, cap: String, width: Double)] = [
        ("h0", "round", 6), ("h0", "square", 5), ("m-3 2.5l3 -5l3 5z", "round", 2), ("m-3 0l3 -3.5l3 3.5l-3 3.5z", "round", 1.5), ("m-3 -3l6 6m-6 0l6 -6", "round", 2),
    ]

    // MARK: - Fewer points than data

    /// A line through points. Of many in one column of pixels, the first, the lowest, the highest and the last stay: the
    /// picture is the same.
    private static func line(_ points: ArraySlice<Chart.Point>) -> String {
        let kept = points.count > 4000 ? outline(points) : Array(points)
        return kept.enumerated().map { i, point in "\(i == 0 ? "M" : "L")\(SVGWriter.number(point.x)) \(SVGWriter.number(point.y))" }.joined()
    }

    private static func outline(_ points: ArraySlice<Chart.Point>) -> [Chart.Point] {
        var kept: [Chart.Point] = []
        var start = points.startIndex
        while start < points.endIndex {
            let column = points[start].x.rounded()
            let end = points[start...].firstIndex { $0.x.rounded() != column } ?? points.endIndex
            var chosen = [start, end - 1]
            if let low = points[start..<end].indices.min(by: { points[$0].y < points[$1].y }) { chosen.append(low) }
            if let high = points[start..<end].indices.max(by: { points[$0].y < points[$1].y }) { chosen.append(high) }
            kept += Set(chosen).sorted().map { points[$0] }
            start = end
        }
        return kept
    }

    /// Of many points that fall on one another, one.
    private static func thinned(_ points: [Chart.Point]) -> [Chart.Point] {
        guard points.count > 2000 else { return points }
        struct Pixel: Hashable {
            let x: Int32
            let y: Int32
        }
        var taken: Set<Pixel> = []
        return points.filter { taken.insert(Pixel(x: Int32(min(max($0.x, -1e6), 1e6)), y: Int32(min(max($0.y, -1e6), 1e6)))).inserted }
    }
}
