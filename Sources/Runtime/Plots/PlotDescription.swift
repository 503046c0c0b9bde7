/// What a plot shows, for every renderer: one panel, or several side by side.
struct PlotDescription: Sendable {
    var title = ""
    var panels: [Panel]
    /// How many panels stand in a row; nil leaves it to the renderer.
    var columns: Int?

    struct Panel: Sendable {
        /// Its own, where there are several.
        var title = ""
        var content: Content
    }

    enum Content: Sendable {
        case chart(Chart)
    }

    init(title: String = "", _ chart: Chart) {
        self.title = title
        panels = [Panel(content: .chart(chart))]
    }

    /// Changes all charts in it.
    mutating func updateCharts(_ body: (inout Chart) -> Void) {
        for i in panels.indices {
            if case .chart(var chart) = panels[i].content {
                body(&chart)
                panels[i].content = .chart(chart)
            }
        }
    }
}

/// Series of marks between two axes.
struct Chart: Sendable {
    /// What a reader would call it: `line plot`.
    var kind: String
    var series: [Series]
    var x = Axis()
    var y = Axis()

    struct Series: Sendable {
        /// Its name in the legend; empty for none.
        var label = ""
        var ink = Ink.palette(0)
        var mark: Mark
        var isDashed = false
        /// Drawn so that what lies over it stands out.
        var isFaint = false
    }

    enum Ink: Sendable, Equatable {
        /// One of the palette's colours, counted round.
        case palette(Int)
        /// That of the axes.
        case neutral
    }

    /// In data coordinates.
    enum Mark: Sendable {
        /// Through the points in order, broken where a coordinate is not finite.
        case line([Point])
        case points([Point])
        case bars([Bar])
    }

    struct Point: Sendable, Equatable {
        var x: Double
        var y: Double

        init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
        var isFinite: Bool { x.isFinite && y.isFinite }
    }

    /// An upright rectangle that stands on, or hangs from, `base`.
    struct Bar: Sendable {
        var left: Double
        var right: Double
        var base = 0.0
        var top: Double

        var corners: [Point] { [Point(left, base), Point(left, top), Point(right, top)] }
    }

    struct Axis: Sendable {
        var label = ""
        var isLogarithmic = false
        /// Names of the places 0, 1, 2, … in place of numbers; empty for a numeric axis.
        var categories: [String] = []
    }
}

extension Chart.Mark {
    /// The points that must lie within the axes.
    var points: [Chart.Point] {
        switch self {
        case .line(let points), .points(let points): points
        case .bars(let bars): bars.flatMap(\.corners)
        }
    }
}

extension Chart {
    /// The scales of both axes, or nil where no point can be shown: the data's range with a margin of a twentieth, but none
    /// below bars that stand on the lowest value.
    var scales: (x: Scale, y: Scale)? {
        var (xs, ys) = (Extent(), Extent())
        var bases = Extent()
        for one in series {
            for point in one.mark.points where x.shows(point.x) && y.shows(point.y) {
                xs.add(point.x)
                ys.add(point.y)
            }
            if case .bars(let bars) = one.mark { bars.forEach { bases.add($0.base) } }
        }
        guard let xRange = xs.range, let yRange = ys.range else { return nil }
        return (Scale(xRange, x), Scale(yRange, y, stickyLow: bases.low == yRange.lowerBound, stickyHigh: bases.high == yRange.upperBound))
    }

    private struct Extent {
        var low = Double.infinity
        var high = -Double.infinity

        mutating func add(_ x: Double) {
            low = min(low, x)
            high = max(high, x)
        }
        var range: ClosedRange<Double>? { low <= high ? low...high : nil }
    }
}

extension Chart.Axis {
    /// Whether a value has a place on it.
    func shows(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }
}
