import Lang

extension Library {
    /// What all plots of charts take.
    private static let options = "title: \"\", xlabel: \"\", ylabel: \"\", xscale: \"linear\", yscale: \"linear\", show: true"

    /// Pictures. Each is shown at once, unless `show` is false, and is the call's value.
    static let plots: [Builtin] = [
        .fn("plot", "values, \(options)",
            "Plots what is plottable the sensible way: a list of numbers as a line over its indices, a schedule over training, a path sampler's probabilities as bars.",
            "plot([1, 4, 9, 16])") { call in
            if call[0].tag == .host, let plottable = call[0].hostObject as? Plottable { return try show(try plottable.plot(call.vm), call) }
            return try show(Chart.line(try call.doubles(0)), call)
        },
        .fn("plot.line", "xs, ys, \(options)", "Joins the points (x, y) by lines. `xscale` and `yscale` may be `\"log\"`.",
            "plot.line([0, 1, 2], [1, 0, 1])") { call in
            try show(Chart(kind: "line plot", series: [.init(mark: .line(try points(call)))]), call)
        },
        .fn("plot.scatter", "xs, ys, \(options)", "A dot at each point (x, y).",
            "plot.scatter([1, 2, 3], [2, 1, 3], xlabel: \"supernet\", ylabel: \"stand-alone\")") { call in
            try show(Chart(kind: "scatter plot", series: [.init(mark: .points(try points(call)))]), call)
        },
        .fn("plot.bar", "ys, \(options)", "A bar for each number.", "plot.bar([3, 1, 2])") { call in try show(Chart.bars(try call.doubles(0)), call) },
        .fn("plot.histogram", "values, bins: 20, \(options)", "How often the numbers fall into each of `bins` equal intervals.",
            "plot.histogram([1, 2, 2, 3, 3, 3], bins: 3)") { call in
            let values = try call.doubles(0).filter(\.isFinite)
            let bins = try call.int(1, default: 20, atLeast: 1)
            guard bins <= 10_000 else { throw call.invalid(1, "'bins' goes up to 10000") }
            guard !values.isEmpty else { throw call.invalid(0, "there are no numbers to count") }
            return try show(Chart.histogram(values, bins: bins), call)
        },
        .method("plot.save", "path", "Writes the plot as SVG to a file, in place of what was there: all of it or nothing.",
            "plot([1, 4, 9]).save(\"/tmp/padash-plot.svg\")") { call in
            let path = try call.text(1)
            guard path.hasSuffix(".svg") else {
                throw call.invalid(1, "plots are saved as SVG, so the name must end in .svg, not \(Printer.quoted(path))", hint: "p.save(\"plot.svg\")")
            }
            try replaceFile(path, with: Array(SVGPlot.render(try call.receiver(PlotObject.self).plot).utf8))
            return .nil
        },
        .property("plot.svg", "The plot as the text of an SVG document.", "plot([1, 4, 9]).svg[0..4]  # => \"<svg\"") { call in
            call.string(SVGPlot.render(try call.receiver(PlotObject.self).plot))
        },
        .method("plot.text", "width: 80", "The plot as text for a terminal of so many columns.", "print(plot([1, 4, 9]).text(width: 40))") { call in
            let width = try call.int(1, default: 80, atLeast: 1)
            return call.string(TerminalPlot.render(try call.receiver(PlotObject.self).plot, width: width, isColored: false))
        },
        .method("plot.show", "", "Shows the plot, again or for the first time.", "plot([1, 4, 9], show: false).show()") { call in
            show(try call.receiver(PlotObject.self).plot, call.vm)
            return .nil
        },
    ]

    private static func points(_ call: Call) throws -> [Chart.Point] {
        let (xs, ys) = (try call.doubles(0), try call.doubles(1))
        guard xs.count == ys.count else {
            throw RuntimeError(.shape, "'xs' has \(xs.count) numbers and 'ys' has \(ys.count)", hint: "they must be of the same length", argument: 1)
        }
        return zip(xs, ys).map { Chart.Point($0, $1) }
    }

    private enum AxisScale: String, CaseIterable { case linear, log }

    private static func show(_ chart: Chart, _ call: Call) throws -> Value { try show(PlotDescription(chart), call) }

    /// Gives the plot the call's options, shows it, and makes it the call's value.
    private static func show(_ plot: PlotDescription, _ call: Call) throws -> Value {
        var plot = plot
        func option(_ name: String) -> Int? { call.signature.parameters.firstIndex { $0.name == name }.flatMap { call.has($0) ? $0 : nil } }
        if let i = option("title") { plot.title = try call.text(i) }
        let (xLabel, yLabel) = (try option("xlabel").map(call.text), try option("ylabel").map(call.text))
        let xScale = try option("xscale").map { try call.option($0, default: AxisScale.linear) }
        let yScale = try option("yscale").map { try call.option($0, default: AxisScale.linear) }
        plot.updateCharts { chart in
            if let xLabel { chart.x.label = xLabel }
            if let yLabel { chart.y.label = yLabel }
            if let xScale { chart.x.isLogarithmic = xScale == .log }
            if let yScale { chart.y.isLogarithmic = yScale == .log }
        }
        if try option("show").map(call.bool) ?? true { show(plot, call.vm) }
        return call.object(PlotObject(plot))
    }

    private static func show(_ plot: PlotDescription, _ vm: VM) { vm.emit(.plot(RenderedPlot(description: plot, width: vm.options.width))) }
}
