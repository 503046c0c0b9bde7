import Foundation
import Text
import Text

/// Numbers under a name, which the legend shows.
package struct NamedNumbers: Sendable {
    package var name: String
    package var numbers: [Double]

    package init(name: String, numbers: [Double]) { (self.name, self.numbers) = (name, numbers) }
}

extension [NamedNumbers] {
    /// Of all of them, and one for each name.
    package var numberCount: Int { reduce(count) { $0 + $1.numbers.count } }
}

extension Chart {
    /// Lines, steps or dots over `xs`, one for each list of ys.
    package static func series(_ kind: String, _ groups: [NamedNumbers], _ mark: ([Double]) -> Mark) -> Chart {
        Chart(kind: kind, series: groups.enumerated().map { i, group in Series(label: group.name, ink: .palette(i), mark: mark(group.numbers)) })
    }

    package static func points(_ xs: [Double], _ ys: [Double]) -> [Point] { zip(xs, ys).map { Point($0, $1) } }

    /// A line over the indices.
    package static func line(_ ys: [Double]) -> Chart { line([NamedNumbers(name: "", numbers: ys)]) }

    package static func line(_ groups: [NamedNumbers]) -> Chart {
        var chart = series("line plot", groups) { ys in .line(ys.enumerated().map { Point(Double($0), $1) }) }
        chart.x.isWhole = true
        return chart
    }

    /// Each y holds from its x to the next.
    package static func steps(_ xs: [Double], _ ys: [Double]) -> [Point] {
        var points: [Point] = []
        for (i, (x, y)) in zip(xs, ys).enumerated() {
            if i > 0 { points.append(Point(x, ys[i - 1])) }
            points.append(Point(x, y))
        }
        return points
    }

    /// A bar for each number; of several groups, beside one another.
    package static func bars(_ groups: [NamedNumbers], names: [String] = []) -> Chart {
        let width = 0.8 / Double(max(1, groups.count))
        var chart = Chart(kind: "bar chart", series: groups.enumerated().map { g, group in
            let bars = group.numbers.enumerated().map { i, y -> Bar in
                let left = Double(i) - 0.4 + Double(g) * width
                return Bar(left: left, right: left + width, top: y)
            }
            return Series(label: group.name, ink: .palette(g), mark: .bars(bars))
        })
        (chart.x.categories, chart.x.isWhole) = (names, true)
        chart.y.standsOnZero = true
        return chart
    }

    /// How many of the finite numbers, of which there is at least one, fall into each of at most `bins` equal intervals over all numbers of
    /// `whole`, or of the groups.
    package static func histogram(_ groups: [NamedNumbers], bins: Int, over whole: [Double]? = nil) -> Chart {
        let (low, high, bins) = intervals(of: (whole ?? groups.flatMap(\.numbers)).filter(\.isFinite), atMost: bins)
        // Halves, because the whole may be above the greatest double.
        let size = (high / 2 - low / 2) / Double(bins) * 2
        var chart = series("histogram", groups) { numbers in
            var counts = Array(repeating: 0.0, count: bins)
            for value in numbers where value.isFinite {
                let share = high > low ? min(max(value.share(from: low, to: high), 0), 1) : 0
                counts[min(bins - 1, Int(saturating: share * Double(bins)))] += 1
            }
            return .bars(counts.enumerated().map { i, count in Bar(left: low + Double(i) * size, right: low + Double(i + 1) * size, top: count) })
        }
        for i in chart.series.indices { chart.series[i].isFaint = groups.count > 1 }
        chart.y = Axis(label: "count", standsOnZero: true)
        return chart
    }

    /// Where the intervals begin and end, and how many they are. Of values that are whole, or multiples of some step, each has as many in it,
    /// for else some would have fewer than their neighbours or none, which looks as if the values were rarer there.
    private static func intervals(of numbers: [Double], atMost bins: Int) -> (low: Double, high: Double, count: Int) {
        let (low, high) = (numbers.min() ?? 0, numbers.max() ?? 0)
        guard high > low else { return (low - 0.5, low + 0.5, 1) }
        guard let step = step(of: numbers, low, high) else { return (low, high, bins) }
        let places = ((high - low) / step).rounded() + 1
        let together = (places / Double(bins)).rounded(.up)
        let count = (places / together).rounded(.up)
        return (low - step / 2, low - step / 2 + count * together * step, Int(count))
    }

    /// 1 where all are whole, or that of which all distances are multiples; nil where there is none.
    private static func step(of numbers: [Double], _ low: Double, _ high: Double) -> Double? {
        if high - low < 1e15, numbers.allSatisfy({ $0 == $0.rounded() }) { return 1 }
        var different: Set<Double> = []
        for number in numbers where different.insert(number).inserted && different.count > 1000 { return nil }
        let sorted = different.sorted()
        guard sorted.count > 2, let step = zip(sorted, sorted.dropFirst()).map({ $1 - $0 }).min(), (high - low) / step < 1000 else { return nil }
        return sorted.allSatisfy { abs((($0 - low) / step).rounded() - ($0 - low) / step) < 1e-6 } ? step : nil
    }

    /// A line through means, and an area one standard deviation to both sides; `errors` is empty for a line alone.
    package static func bands(_ xs: [Double], _ groups: [(name: String, means: [Double], errors: [Double])]) -> Chart {
        var chart = Chart(kind: "line plot with error bands", series: [])
        for (i, group) in groups.enumerated() {
            let edges = zip(zip(xs, group.means), group.errors).map { (x: $0.0, low: $0.1 - $1, high: $0.1 + $1) }
            for run in edges.split(whereSeparator: { !($0.x.isFinite && $0.low.isFinite && $0.high.isFinite) }) {
                let area = run.map { Point($0.x, $0.high) } + run.reversed().map { Point($0.x, $0.low) }
                chart.series.append(Series(ink: .palette(i), mark: .area(area), isFaint: true))
            }
        }
        for (i, group) in groups.enumerated() { chart.series.append(Series(label: group.name, ink: .palette(i), mark: .line(points(xs, group.means)))) }
        return chart
    }

    /// The first row on top. All rows are of one length.
    package static func heatMap(_ rows: [[Double]], columns: [String] = [], names: [String] = [], label: String = "") -> Chart {
        var chart = Chart(kind: "heat map", series: [Series(mark: .grid(rows))])
        chart.x = Axis(categories: columns, hasMargin: false, isWhole: true)
        chart.y = Axis(categories: names, hasMargin: false, isWhole: true, isReversed: true)
        let range = HeatMap(rows, columns: .max, rows: .max).range
        chart.colors = ColorScale(low: range.low, high: range.high, label: label)
        return chart
    }

    /// Shares over time, on top of one another: `shares[t][k]`, all of one length.
    package static func stack(_ shares: [[Double]], names: [String]) -> Chart {
        var below = shares.map { _ in 0.0 }
        var chart = Chart(kind: "stacked area plot", series: [], x: Axis(hasMargin: false, isWhole: true), y: Axis(hasMargin: false))
        for k in 0..<(shares.first?.count ?? 0) {
            let above = zip(below, shares).map { $0 + ($1[k].isFinite ? $1[k] : 0) }
            let area = above.enumerated().map { Point(Double($0), $1) } + below.enumerated().reversed().map { Point(Double($0), $1) }
            chart.series.append(Series(label: k < names.count ? names[k] : "\(k)", ink: .palette(k), mark: .area(area)))
            below = above
        }
        return chart
    }

    /// Dots, and a stepped line over those for which no other costs less and scores as high.
    package static func pareto(_ costs: [Double], _ scores: [Double]) -> Chart {
        let all = points(costs, scores).filter(\.isFinite)
        var front: [Point] = []
        for point in all.sorted(by: { $0.x != $1.x ? $0.x < $1.x : $0.y > $1.y }) where front.last.map({ point.y > $0.y }) ?? true { front.append(point) }
        let line = steps(front.map(\.x), front.map(\.y))
        // To each cost on the front belongs one score.
        let best = Dictionary(front.map { ($0.x, $0.y) }, uniquingKeysWith: { first, _ in first })
        return Chart(kind: "Pareto plot", series: [
            Series(label: "dominated", ink: .neutral, mark: .points(all.filter { best[$0.x] != $0.y }), isFaint: true),
            Series(ink: .palette(1), mark: .line(line)), Series(label: "Pareto front", ink: .palette(1), mark: .points(front)),
        ])
    }

    /// A line for each row across one axis for each column, which goes from its least to its greatest number; coloured by
    /// the last column.
    package static func parallel(_ columns: [NamedNumbers]) -> Chart {
        let maps = columns.map { HeatMap([$0.numbers], columns: .max, rows: .max) }
        let rowCount = columns.first?.numbers.count ?? 0
        // Lines of one of 32 colours are one series.
        var lines: [Int: [Point]] = [:]
        for row in 0..<rowCount {
            let shares = zip(maps, columns).map { $0.share($1.numbers[row]) }
            guard let last = shares.last, let last else { continue }
            lines[Int(saturating: last * 31), default: []] += shares.enumerated().map { Point(Double($0), $1 ?? .nan) } + [Point(.nan, .nan)]
        }
        var chart = Chart(kind: "parallel coordinates plot", series: lines.sorted { $0.key < $1.key }.map { level, points in
            Series(ink: .scale(Double(level) / 31), mark: .line(points), isFaint: rowCount > 200)
        })
        for i in columns.indices {
            chart.series.append(Series(ink: .neutral, mark: .line([Point(Double(i), 0), Point(Double(i), 1)])))
            let ends = [(1.07, maps[i].range.high), (-0.07, maps[i].range.low)]
            chart.series.append(Series(ink: .neutral, mark: .texts(ends.map { (Point(Double(i), $0.0), Numbers.significant($0.1, 4)) })))
        }
        chart.x.categories = columns.map(\.name)
        chart.y.isHidden = true
        if let range = maps.last?.range, let name = columns.last?.name { chart.colors = ColorScale(low: range.low, high: range.high, label: name) }
        return chart
    }
}
