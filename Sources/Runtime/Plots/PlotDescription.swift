/// What a plot shows, for every renderer: series of points or bars, labels, title.
struct PlotDescription: Sendable {
    var series: [Series] = []
    var title = ""
    var xLabel = ""
    var yLabel = ""

    struct Series: Sendable {
        var kind: Kind
        var label: String
        var xs: [Double]
        var ys: [Double]
    }

    enum Kind: Sendable {
        case points
        case line
        /// Bars from zero, one at each x.
        case bars
    }

    /// The least and greatest coordinates over all series, widened where they coincide; bars reach down to zero.
    var bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
        var xs: [Double] = []
        var ys: [Double] = []
        for one in series {
            for (x, y) in zip(one.xs, one.ys) where x.isFinite && y.isFinite {
                xs.append(x)
                ys.append(y)
            }
            if one.kind == .bars, !one.ys.isEmpty { ys.append(0) }
        }
        guard let left = xs.min(), let right = xs.max(), let bottom = ys.min(), let top = ys.max() else { return nil }
        return (PlotDescription.widened(left, right), PlotDescription.widened(bottom, top))
    }

    private static func widened(_ low: Double, _ high: Double) -> ClosedRange<Double> {
        if low < high { return low...high }
        let margin = low == 0 ? 1 : abs(low) * 0.1
        return (low - margin)...(high + margin)
    }
}

/// Round numbers on an axis.
enum Ticks {
    /// At most about `count` multiples of 1, 2 or 5 times a power of ten within the range, and the decimals they need.
    static func positions(in range: ClosedRange<Double>, count: Int) -> (values: [Double], decimals: Int) {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite, count > 0 else { return ([range.lowerBound], 3) }
        let rough = span / Double(count)
        var exponent = 0
        var scale = 1.0
        while scale * 10 <= rough {
            scale *= 10
            exponent += 1
        }
        while scale > rough {
            scale /= 10
            exponent -= 1
        }
        let step = [1.0, 2, 5, 10].map { $0 * scale }.first { $0 >= rough * 0.999 } ?? scale * 10
        let first = (range.lowerBound / step).rounded(.up)
        let last = (range.upperBound / step).rounded(.down)
        guard last >= first, last - first < 1000 else { return ([range.lowerBound], 3) }
        let decimals = max(0, -(exponent + (step >= scale * 9.99 ? 1 : 0)))
        return (stride(from: first, through: last, by: 1).map { $0 * step }, decimals)
    }

    static func label(_ value: Double, decimals: Int) -> String {
        if abs(value) >= 1e6 || decimals > 6 { return Printer.text(value) }
        return Numbers.fixed(value, decimals)
    }
}
