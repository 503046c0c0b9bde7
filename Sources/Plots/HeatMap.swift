/// The cells of a heat map, as many as can be shown, and the range of their numbers.
struct HeatMap {
    /// Means of blocks of cells where there were too many; nan where there is no finite number.
    let cells: [[Double]]
    /// How many cells of the data one of these stands for, across and down.
    let step: (x: Double, y: Double)
    private let low: Double
    private let high: Double

    /// At most so many columns and rows. All rows of `data` are of one length.
    init(_ data: [[Double]], columns: Int, rows: Int) {
        let size = (x: data.first?.count ?? 0, y: data.count)
        let kept = (x: min(size.x, columns), y: min(size.y, rows))
        step = (kept.x > 0 ? Double(size.x) / Double(kept.x) : 1, kept.y > 0 ? Double(size.y) / Double(kept.y) : 1)
        if kept == size {
            cells = data
        } else {
            cells = (0..<kept.y).map { i in
                (0..<kept.x).map { j in
                    var (sum, count) = (0.0, 0.0)
                    for row in data[i * size.y / kept.y..<max(i * size.y / kept.y + 1, (i + 1) * size.y / kept.y)] {
                        for cell in row[j * size.x / kept.x..<max(j * size.x / kept.x + 1, (j + 1) * size.x / kept.x)] where cell.isFinite {
                            sum += cell
                            count += 1
                        }
                    }
                    return sum / count
                }
            }
        }
        let shown = cells.joined().filter(\.isFinite)
        (low, high) = (shown.min() ?? 0, shown.max() ?? 0)
    }

    var range: (low: Double, high: Double) { (low, high) }

    /// Where a number lies in the range, from 0 to 1; nil for one that is not finite.
    func share(_ cell: Double) -> Double? {
        guard cell.isFinite else { return nil }
        return high > low ? min(max(cell.share(from: low, to: high), 0), 1) : 0.5
    }
}
