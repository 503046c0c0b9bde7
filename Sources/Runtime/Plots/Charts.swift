extension Chart {
    /// A line over the indices.
    static func line(_ ys: [Double]) -> Chart {
        Chart(kind: "line plot", series: [.init(mark: .line(ys.enumerated().map { Point(Double($0), $1) }))])
    }

    /// A bar for each number.
    static func bars(_ ys: [Double]) -> Chart {
        Chart(kind: "bar chart", series: [.init(mark: .bars(ys.enumerated().map { Bar(left: Double($0) - 0.4, right: Double($0) + 0.4, top: $1) }))])
    }

    /// How many of the finite numbers, of which there is at least one, fall into each of `bins` equal intervals.
    static func histogram(_ values: [Double], bins: Int) -> Chart {
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        // Halves, because the whole may be above the greatest double.
        let half = high / 2 - low / 2
        let size = half > 0 ? half / Double(bins) * 2 : 1
        var counts = Array(repeating: 0.0, count: bins)
        for value in values { counts[min(bins - 1, max(0, Int((value / 2 - low / 2) / size * 2)))] += 1 }
        let bars = counts.enumerated().map { i, count in Bar(left: low + Double(i) * size, right: low + Double(i + 1) * size, top: count) }
        return Chart(kind: "histogram", series: [.init(mark: .bars(bars))], y: Axis(label: "count"))
    }
}
