/// What a plot shows, for every renderer: one panel, or several side by side.
package struct PlotDescription: Sendable {
    package var title = ""
    package var panels: [Panel]
    /// How many panels stand in a row; nil leaves it to the renderer.
    package var columns: Int?
    /// Whether all charts are to have the same axes: see `shareAxes`.
    package var isSharingAxes = false

    package struct Panel: Sendable {
        /// Its own, where there are several.
        package var title = ""
        package var content: Content

        package init(title: String = "", content: Content) { (self.title, self.content) = (title, content) }
    }

    package enum Content: Sendable {
        case chart(Chart)
        case graph(Graph)
        case images(Images)
    }

    package init(title: String = "", panels: [Panel], columns: Int? = nil, isSharingAxes: Bool = false) {
        (self.title, self.panels, self.columns, self.isSharingAxes) = (title, panels, columns, isSharingAxes)
    }

    package init(title: String = "", _ chart: Chart) { self.init(title: title, panels: [Panel(content: .chart(chart))]) }

    /// Of its marks and texts.
    package var byteCount: Int {
        panels.reduce(title.utf8.count) { sum, panel in
            let own = MemoryLayout<Panel>.stride + panel.title.utf8.count
            switch panel.content {
            case .chart(let chart): return sum + own + chart.byteCount
            case .graph(let graph): return sum + own + graph.byteCount
            case .images(let images): return sum + own + images.byteCount
            }
        }
    }

    /// Every chart's axes hold what those of the others do. What an axis holds depends on its scale, so this comes after the scales are set.
    package mutating func shareAxes() {
        var (xs, ys) = (Chart.Extent(), Chart.Extent())
        updateCharts { chart in
            if let extents = chart.extents {
                xs.add(extents.x)
                ys.add(extents.y)
            }
        }
        updateCharts { chart in (chart.x.spans, chart.y.spans) = (xs.range, ys.range) }
    }

    /// Changes all charts in it.
    package mutating func updateCharts(_ body: (inout Chart) throws -> Void) rethrows {
        for i in panels.indices {
            if case .chart(var chart) = panels[i].content {
                try body(&chart)
                panels[i].content = .chart(chart)
            }
        }
    }
}

/// Series of marks between two axes.
package struct Chart: Sendable {
    /// What a reader would call it: `line plot`.
    package var kind: String
    package var series: [Series]
    package var x = Axis()
    package var y = Axis()
    /// What the colours of a scale stand for.
    package var colors: ColorScale?

    package init(kind: String, series: [Series], x: Axis = Axis(), y: Axis = Axis(), colors: ColorScale? = nil) {
        (self.kind, self.series, self.x, self.y, self.colors) = (kind, series, x, y, colors)
    }

    package struct ColorScale: Sendable {
        package var low: Double
        package var high: Double
        package var label = ""

        package init(low: Double, high: Double, label: String = "") { (self.low, self.high, self.label) = (low, high, label) }
    }

    package struct Series: Sendable {
        /// Its name in the legend; empty for none.
        package var label = ""
        package var ink = Ink.palette(0)
        package var mark: Mark
        package var isDashed = false
        /// Drawn so that what lies over it stands out.
        package var isFaint = false

        package init(label: String = "", ink: Ink = .palette(0), mark: Mark, isDashed: Bool = false, isFaint: Bool = false) {
            (self.label, self.ink, self.mark, self.isDashed, self.isFaint) = (label, ink, mark, isDashed, isFaint)
        }
    }

    package enum Ink: Sendable, Equatable {
        /// One of the palette's colours, counted round.
        case palette(Int)
        /// That of the axes.
        case neutral
        /// From 0 to 1 on the scale of colours.
        case scale(Double)
    }

    /// In data coordinates.
    package enum Mark: Sendable {
        /// Through the points in order, broken where a coordinate is not finite.
        case line([Point])
        case points([Point])
        case bars([Bar])
        /// The inside of a closed line of finite points.
        case area([Point])
        /// Cells coloured by their numbers, a list for each row; column j is at x = j, row i at y = i.
        case grid([[Double]])
        case texts([(place: Point, text: String)])
    }

    package struct Point: Sendable, Equatable {
        package var x: Double
        package var y: Double

        package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
        package var isFinite: Bool { x.isFinite && y.isFinite }
    }

    /// An upright rectangle that stands on, or hangs from, `base`.
    package struct Bar: Sendable {
        package var left: Double
        package var right: Double
        package var base = 0.0
        package var top: Double

        package init(left: Double, right: Double, base: Double = 0.0, top: Double) {
            (self.left, self.right, self.base, self.top) = (left, right, base, top)
        }

        var corners: [Point] { [Point(left, base), Point(left, top), Point(right, top)] }
    }

    package struct Axis: Sendable {
        package var label = ""
        package var isLogarithmic = false
        /// Names of the places 0, 1, 2, … in place of numbers; empty for a numeric axis.
        package var categories: [String] = []
        /// Whether there is a margin around the data.
        var hasMargin = true
        /// No margin beyond zero, where that is the least or the greatest value.
        package var standsOnZero = false
        /// Whether ticks are at whole numbers only, as where values are counted.
        package var isWhole = false
        /// From the far end to the near one.
        package var isReversed = false
        package var isHidden = false
        /// Ends that were asked for; what lies beyond them is cut off.
        package var limits = Limits()
        /// Values that must lie within the axis whether or not this chart has them, as where several charts share their axes.
        package var spans: ClosedRange<Double>?

        package init(
            label: String = "", isLogarithmic: Bool = false, categories: [String] = [], hasMargin: Bool = true, standsOnZero: Bool = false,
            isWhole: Bool = false, isReversed: Bool = false
        ) {
            (self.label, self.isLogarithmic, self.categories) = (label, isLogarithmic, categories)
            (self.hasMargin, self.standsOnZero, self.isWhole, self.isReversed) = (hasMargin, standsOnZero, isWhole, isReversed)
        }
    }

    /// The ends of an axis; nil leaves one to the data.
    package struct Limits: Sendable, Equatable {
        package var low: Double?
        package var high: Double?

        package init(low: Double? = nil, high: Double? = nil) { (self.low, self.high) = (low, high) }
    }
}

extension Chart.Mark {
    package var byteCount: Int {
        switch self {
        case .line(let points), .points(let points), .area(let points): points.count * MemoryLayout<Chart.Point>.stride
        case .bars(let bars): bars.count * MemoryLayout<Chart.Bar>.stride
        case .grid(let rows): rows.reduce(0) { $0 + 32 + $1.count * 8 }
        case .texts(let texts): texts.reduce(0) { $0 + 48 + $1.text.utf8.count }
        }
    }

    /// The points that must lie within the axes.
    package var points: [Chart.Point] {
        switch self {
        case .line(let points), .points(let points), .area(let points): points
        case .bars(let bars): bars.flatMap(\.corners)
        case .grid(let rows):
            rows.isEmpty || rows[0].isEmpty ? [] : [Chart.Point(-0.5, -0.5), Chart.Point(Double(rows[0].count) - 0.5, Double(rows.count) - 0.5)]
        case .texts(let texts): texts.map(\.place)
        }
    }
}

extension Chart {
    package var byteCount: Int {
        let marks = series.reduce(0) { $0 + 128 + $1.label.utf8.count + $1.mark.byteCount }
        return (x.categories + y.categories).reduce(marks) { $0 + 32 + $1.utf8.count }
    }

    /// The scales of both axes, or nil where no point can be shown.
    var scales: (x: Scale, y: Scale)? {
        guard let (xs, ys) = extents else { return nil }
        return (Scale(x.limited(xs), x), Scale(y.limited(ys), y))
    }

    /// Whether it is a heat map.
    package var hasGrid: Bool { series.contains { if case .grid = $0.mark { true } else { false } } }

    /// What both axes must hold, without margins; nil where no point can be shown.
    package var extents: (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
        var (xs, ys) = (Extent(), Extent())
        for one in series {
            for point in one.mark.points where x.shows(point.x) && y.shows(point.y) {
                xs.add(point.x)
                ys.add(point.y)
            }
        }
        // All names have their place, also that of a group of nothing.
        if !x.categories.isEmpty { xs.add(0...Double(x.categories.count - 1)) }
        if !y.categories.isEmpty { ys.add(0...Double(y.categories.count - 1)) }
        x.spans.map { xs.add($0) }
        y.spans.map { ys.add($0) }
        guard let xRange = xs.range, let yRange = ys.range else { return nil }
        return (xRange, yRange)
    }

    /// The range of the values that were added to it.
    struct Extent {
        private var low = Double.infinity
        private var high = -Double.infinity

        mutating func add(_ x: Double) {
            low = min(low, x)
            high = max(high, x)
        }

        mutating func add(_ range: ClosedRange<Double>) {
            add(range.lowerBound)
            add(range.upperBound)
        }

        var range: ClosedRange<Double>? { low <= high ? low...high : nil }
    }
}

extension Chart.Axis {
    /// Whether a value has a place on it.
    package func shows(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }

    /// A range of the data with the ends that were asked for in place of its own.
    func limited(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let (low, high) = (limits.low ?? range.lowerBound, limits.high ?? range.upperBound)
        // Data that lies beyond the one end that was asked for.
        return low <= high ? low...high : limits.low != nil ? low...low : high...high
    }
}
