/// Draws marks as paths, one for a series.
struct SVGMarks {
    /// From data to pixels; nan where there is no place.
    var place: (Chart.Point) -> Chart.Point
    /// The same for corners of filled shapes, which go to the edge where there is no place.
    var corner: ((Chart.Point) -> Chart.Point)?

    func draw(_ series: Chart.Series, _ svg: inout SVGWriter) {
        let name = SVGMarks.name(of: series.ink)
        switch series.mark {
        case .line(let points):
            let runs = points.map(place).split { !$0.isFinite }
            // A point by itself is a dot.
            let alone = runs.filter { $0.count == 1 }.flatMap(\.self)
            draw(alone, series.ink, isFaint: series.isFaint, &svg)
            let path = runs.filter { $0.count > 1 }.map(SVGMarks.line).joined()
            guard !path.isEmpty else { return }
            svg.add("path", [
                "class": "line s\(name)", "d": path, "stroke-width": series.isFaint ? "1" : "1.8", "stroke-linecap": "round",
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
        }
    }

    /// Points that have their place.
    private func draw(_ points: [Chart.Point], _ ink: Chart.Ink, isFaint: Bool, _ svg: inout SVGWriter) {
        let points = SVGMarks.thinned(points)
        guard !points.isEmpty else { return }
        var shape = SVGMarks.shapes[0]
        if case .palette(let i) = ink { shape = SVGMarks.shapes[i % SVGMarks.shapes.count] }
        svg.add("path", [
            "class": "points s\(SVGMarks.name(of: ink))",
            "d": points.map { "M\(SVGWriter.number($0.x)) \(SVGWriter.number($0.y))\(shape.path)" }.joined(),
            "stroke-width": SVGWriter.number(points.count > 2000 ? shape.width / 2 : shape.width), "stroke-linecap": shape.cap,
            "opacity": isFaint || points.count > 500 ? "0.45" : "0.85",
        ])
    }

    /// What ends the names of its classes in the style.
    private static func name(of ink: Chart.Ink) -> String {
        switch ink {
        case .palette(let i): "\(Palette.index(i))"
        case .neutral: "n"
        }
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
