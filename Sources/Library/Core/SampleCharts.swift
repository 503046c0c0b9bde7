import Foundation
import NASLib
import Plots
import Runtime
import Text

/// Charts that show statistics of numbers.
extension Chart {
    /// Curves of estimated densities over a light area.
    static func density(_ groups: [NamedNumbers], bandwidth: Double?, check: () throws -> Void) rethrows -> Chart {
        var chart = Chart(kind: "density plot", series: [], y: Axis(label: "density", standsOnZero: true))
        for (i, group) in groups.enumerated() {
            let curve = try KernelDensity(group.numbers, bandwidth: bandwidth, check: check).curve
            guard let first = curve.first, let last = curve.last else { continue }
            chart.series.append(Series(ink: .palette(i), mark: .area([Point(first.x, 0)] + curve + [Point(last.x, 0)]), isFaint: true))
            chart.series.append(Series(label: group.name, ink: .palette(i), mark: .line(curve)))
        }
        return chart
    }

    /// For each group a box from the first to the third quartile with the median in it, whiskers to the farthest numbers
    /// within 1.5 times its height, and dots for what lies beyond (Tukey).
    static func boxes(_ groups: [NamedNumbers], check: () throws -> Void) rethrows -> Chart {
        var (bars, medians, whiskers, outliers): ([Bar], [Point], [Point], [Point]) = ([], [], [], [])
        let gap = Point(.nan, .nan)
        for (i, group) in groups.enumerated() {
            let numbers = group.numbers.filter(\.isFinite)
            guard !numbers.isEmpty else { continue }
            let quartiles = try Sample(numbers).quantiles([0.25, 0.5, 0.75], check: check)
            let reach = 1.5 * (quartiles[2] - quartiles[0])
            let x = Double(i)
            bars.append(Bar(left: x - 0.25, right: x + 0.25, base: quartiles[0], top: quartiles[2]))
            medians += [Point(x - 0.25, quartiles[1]), Point(x + 0.25, quartiles[1]), gap]
            let within = numbers.filter { $0 >= quartiles[0] - reach && $0 <= quartiles[2] + reach }
            for (from, to) in [(quartiles[0], within.min() ?? quartiles[0]), (quartiles[2], within.max() ?? quartiles[2])] {
                whiskers += [Point(x, from), Point(x, to), gap, Point(x - 0.12, to), Point(x + 0.12, to), gap]
            }
            outliers += numbers.filter { $0 < quartiles[0] - reach || $0 > quartiles[2] + reach }.map { Point(x, $0) }
        }
        return Chart(kind: "box plot", series: [
            Series(mark: .line(whiskers)), Series(mark: .bars(bars), isFaint: true), Series(ink: .palette(1), mark: .line(medians)),
            Series(mark: .points(outliers)),
        ], x: Axis(categories: groups.map(\.name)))
    }

    /// For each group its density to both sides, the middle half as a line, and the median as a dot.
    static func violins(_ groups: [NamedNumbers], check: () throws -> Void) rethrows -> Chart {
        var chart = Chart(kind: "violin plot", series: [], x: Axis(categories: groups.map(\.name)))
        for (i, group) in groups.enumerated() {
            let numbers = group.numbers.filter(\.isFinite)
            guard !numbers.isEmpty else { continue }
            let curve = try KernelDensity(numbers, bandwidth: nil, check: check).curve
            let widest = curve.map(\.y).max() ?? 0
            let side = curve.map { Point(widest > 0 ? 0.4 * $0.y / widest : 0.4, $0.x) }
            let outline = side.map { Point(Double(i) + $0.x, $0.y) } + side.reversed().map { Point(Double(i) - $0.x, $0.y) }
            let quartiles = try Sample(numbers).quantiles([0.25, 0.5, 0.75], check: check)
            chart.series += [
                Series(mark: .area(outline), isFaint: true), Series(mark: .line(outline + outline.prefix(1))),
                Series(ink: .palette(1), mark: .line([Point(Double(i), quartiles[0]), Point(Double(i), quartiles[2])])),
                Series(ink: .palette(1), mark: .points([Point(Double(i), quartiles[1])])),
            ]
        }
        return chart
    }

    /// The rank in one list against that in another, best first; on the dashed line both agree.
    static func ranks(_ scores: [Double], _ truth: [Double], check: () throws -> Void) rethrows -> Chart {
        let (a, b) = (try Correlation.ranks(scores.map { -$0 }, check: check), try Correlation.ranks(truth.map { -$0 }, check: check))
        let last = Double(max(1, scores.count))
        return Chart(kind: "rank plot", series: [
            Series(ink: .neutral, mark: .line([Point(1, 1), Point(last, last)]), isDashed: true), Series(mark: .points(points(a, b))),
        ], x: Axis(label: "rank by score", isWhole: true), y: Axis(label: "true rank", isWhole: true))
    }

    /// The density of a distribution over where nearly all of it lies, or the probabilities of its values.
    static func density(of distribution: any Distribution) -> Chart {
        // Long tails, which may have no variance, are cut where little is left of them.
        let share = distribution.variance.isFinite ? 0.0005 : 0.01
        let (low, high) = (distribution.quantile(share), distribution.quantile(upper: share))
        guard low.isFinite, high.isFinite else { return Chart(kind: "density plot", series: []) }
        if distribution.isDiscrete {
            let step = max(1, ((high - low) / 400).rounded(.up))
            let bars = stride(from: low.rounded(.up), through: high, by: step).map {
                Bar(left: $0 - 0.4 * step, right: $0 + 0.4 * step, top: exp(distribution.logDensity($0)))
            }
            return Chart(kind: "bar chart", series: [Series(mark: .bars(bars))], x: Axis(isWhole: true),
                y: Axis(label: "probability", standsOnZero: true))
        }
        // Open ends are left out, where the density may be infinite.
        let points = (0..<400).map { low
            + (Double($0) + 0.5) / 400 * (high - low) }.map { Point($0, exp(distribution.logDensity($0))) }.filter(\.isFinite)
        guard let first = points.first, let last = points.last else { return Chart(kind: "density plot", series: []) }
        return Chart(kind: "density plot", series: [
            Series(mark: .area([Point(first.x, 0)] + points + [Point(last.x, 0)]), isFaint: true), Series(mark: .line(points)),
        ], y: Axis(label: "density", standsOnZero: true))
    }
}

/// A density estimated from numbers by a Gaussian over each.
struct KernelDensity {
    /// 200 points of the curve; none where there are no finite numbers.
    let curve: [Chart.Point]

    /// Silverman's rule of thumb where no bandwidth is given. The numbers are counted on a fine grid first, so that the curve is O(n).
    init(_ numbers: [Double], bandwidth: Double?, check: () throws -> Void) rethrows {
        let numbers = numbers.filter(\.isFinite)
        guard let low = numbers.min(), let high = numbers.max() else {
            curve = []
            return
        }
        let sample = Sample(numbers)
        let quartiles = try sample.quantiles([0.25, 0.75], check: check)
        let deviation = numbers.count > 1 ? sample.standardDeviation : 0
        let spread = min(deviation, quartiles[1] > quartiles[0] ? (quartiles[1] - quartiles[0]) / 1.34 : deviation)
        let rule = 0.9 * spread * pow(Double(numbers.count), -0.2)
        let width = bandwidth ?? (rule > 0 && rule.isFinite ? rule : max(abs(low) * 0.05, 0.1))
        let (start, end) = (low - 3 * width, high + 3 * width)
        let step = (end - start) / 2000
        guard step > 0, step.isFinite else {
            curve = []
            return
        }
        var weights = Array(repeating: 0.0, count: 2001)
        for x in numbers { weights[min(2000, max(0, Int(saturating: (x - start) / step + 0.5)))] += 1 }
        let occupied = weights.indices.filter { weights[$0] > 0 }
        let scale = 1 / (Double(numbers.count) * width * (2 * Double.pi).squareRoot())
        curve = (0..<200).map { i in
            let x = start + (end - start) * Double(i) / 199
            let sum = occupied.reduce(0) { sum, k in
                let z = (start + Double(k) * step - x) / width
                return sum + weights[k] * exp(-0.5 * z * z)
            }
            return Chart.Point(x, sum * scale)
        }
    }
}
