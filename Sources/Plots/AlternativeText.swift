import Text

extension PlotDescription {
    /// What the plot shows, for those who do not see it: a name, and the axes and series with their ranges.
    package var alternativeText: (title: String, description: String) {
        let kinds = panels.map { panel in
            switch panel.content {
            case .chart(let chart): chart.kind
            case .graph: "graph"
            case .images(let images): Chart.counted(images.pictures.count, "picture")
            }
        }
        let kind = kinds.count == 1 ? kinds[0] : "\(kinds.count) plots"
        let texts = panels.map { panel in
            let prefix = panel.title.isEmpty ? "" : panel.title + ": "
            switch panel.content {
            case .chart(let chart): return prefix + chart.summary
            case .graph(let graph): return prefix + graph.summary
            case .images(let images): return prefix + images.summary
            }
        }
        return (title.isEmpty ? kind : "\(title) (\(kind))", texts.joined(separator: " "))
    }
}

extension Chart {
    static let nothing = "no finite points"

    /// The series that the legend names, those of many that come first.
    var legend: [Series] {
        let named = series.filter { !$0.label.isEmpty }
        guard named.count > 20 else { return named }
        return named.prefix(19) + [Series(label: "and \(named.count - 19) more", ink: .neutral, mark: named[19].mark)]
    }

    /// Axes and series with their ranges, in sentences.
    fileprivate var summary: String {
        guard scales != nil else { return "A \(kind); \(Chart.nothing)." }
        var sentences = ["A \(kind)."]
        let points = series.flatMap { $0.mark.points.filter { x.shows($0.x) && y.shows($0.y) } }
        for (name, axis, values) in [("x", x, points.map(\.x)), ("y", y, points.map(\.y))] {
            let label = axis.label.isEmpty ? name : "\(name), \(axis.label),"
            if axis.categories.isEmpty {
                let ends = values.min().map { axis.limited($0...(values.max() ?? $0)) }
                sentences.append("\(label) \(Chart.range(ends.map { [$0.lowerBound, $0.upperBound] } ?? []))\(axis.isLogarithmic ? " on a logarithmic axis" : "").")
            } else {
                let shown = axis.categories.prefix(12).joined(separator: ", ")
                sentences.append("\(label) is one of \(shown)\(axis.categories.count > 12 ? " and \(axis.categories.count - 12) more" : "").")
            }
        }
        for one in series.filter({ $0.ink != .neutral }).prefix(12) {
            if let text = one.summary { sentences.append(text) }
        }
        return sentences.joined(separator: " ")
    }

    fileprivate static func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }

    /// What the values, of which none is nan, are: `is 5`, `from 1 to 3`.
    fileprivate static func range(_ values: [Double]) -> String {
        guard let low = values.min(), let high = values.max() else { return "has no values" }
        return low == high ? "is \(Numbers.significant(low, 4))" : "from \(Numbers.significant(low, 4)) to \(Numbers.significant(high, 4))"
    }
}

extension Chart.Series {
    fileprivate var summary: String? {
        let name = label.isEmpty ? "" : label + ": "
        switch mark {
        case .line(let points):
            let shown = points.filter(\.isFinite)
            guard let first = shown.first, let last = shown.last else { return nil }
            return "\(name)a line of \(Chart.counted(shown.count, "point")), y \(Chart.range(shown.map(\.y))), starting at \(Numbers.significant(first.y, 4)) and ending at \(Numbers.significant(last.y, 4))."
        case .points(let points):
            let shown = points.filter(\.isFinite)
            return "\(name)\(Chart.counted(shown.count, "point")), y \(Chart.range(shown.map(\.y)))."
        case .bars(let bars):
            let shown = bars.filter { $0.top.isFinite }
            return "\(name)\(Chart.counted(shown.count, "bar")), y \(Chart.range(shown.map(\.top)))."
        case .grid(let rows):
            let range = HeatMap(rows, columns: .max, rows: .max).range
            return "\(Chart.counted(rows.count, "row")) of \(Chart.counted(rows.first?.count ?? 0, "cell")), from \(Numbers.significant(range.low, 4)) to \(Numbers.significant(range.high, 4))."
        case .area: return isFaint ? nil : "\(name)an area."
        case .texts: return nil
        }
    }
}

extension Images {
    /// Size, colours and captions in a sentence.
    fileprivate var summary: String {
        let captions = hasCaptions ? pictures.prefix(20).map(\.caption).joined(separator: ", ") : ""
        let rest = hasCaptions && pictures.count > 20 ? " and \(pictures.count - 20) more" : ""
        let size = "\(Chart.counted(pictures.count, "picture")) of \(width)x\(height) pixels in \(isColored ? "colour" : "grey")"
        return size + (captions.isEmpty ? "." : ": \(captions)\(rest).")
    }
}

extension Graph {
    /// Nodes and edges in sentences.
    fileprivate var summary: String {
        switch layout {
        case .arcs:
            let parts = edges.map { "\($0.source) to \($0.target)\($0.label.isEmpty ? "" : " by \($0.label)")" }
            return "A graph of \(Chart.counted(nodes.count, "node")) with \(Chart.counted(edges.count, "edge")): \(parts.joined(separator: ", ")).\(note.isEmpty ? "" : " In it \(note).")"
        case .chain:
            return "A chain of \(Chart.counted(nodes.count, "choice")): \(nodes.map { "\($0.label) \($0.lines.map(\.text).joined(separator: " or "))" }.joined(separator: ", "))."
        }
    }
}
