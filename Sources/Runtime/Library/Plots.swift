extension Library {
    /// Pictures. Each is shown at once and is the call's value.
    static let plots: [Builtin] = [
        .fn("plot", "values, title: \"\", xlabel: \"\", ylabel: \"\"",
            "Plots what is plottable the sensible way: a list of numbers as a line over its indices, a schedule over training, a path sampler's probabilities as bars.",
            "plot([1, 4, 9, 16])") { call in
            if call[0].tag == .host, let plottable = call[0].hostObject as? Plottable {
                var plot = try plottable.plot(call.vm)
                try describe(&plot, call, title: 1, xlabel: 2, ylabel: 3)
                return show(plot, call)
            }
            let ys = try call.doubles(0)
            return try show([series(.line, ys.indices.map(Double.init), ys)], call, title: 1, xlabel: 2, ylabel: 3)
        },
        .fn("plot.line", "xs, ys, title: \"\", xlabel: \"\", ylabel: \"\"", "Joins the points (x, y) by lines.",
            "plot.line([0, 1, 2], [1, 0, 1])") { call in
            try show([try pairs(.line, call)], call, title: 2, xlabel: 3, ylabel: 4)
        },
        .fn("plot.scatter", "xs, ys, title: \"\", xlabel: \"\", ylabel: \"\"", "A dot at each point (x, y).",
            "plot.scatter([1, 2, 3], [2, 1, 3], xlabel: \"supernet\", ylabel: \"stand-alone\")") { call in
            try show([try pairs(.points, call)], call, title: 2, xlabel: 3, ylabel: 4)
        },
        .fn("plot.bar", "ys, title: \"\", xlabel: \"\", ylabel: \"\"", "A bar for each number.", "plot.bar([3, 1, 2])") { call in
            let ys = try call.doubles(0)
            return try show([series(.bars, ys.indices.map(Double.init), ys)], call, title: 1, xlabel: 2, ylabel: 3)
        },
        .fn("plot.histogram", "values, bins: 20, title: \"\", xlabel: \"\", ylabel: \"count\"", "How often the numbers fall into each of `bins` equal intervals.",
            "plot.histogram([1, 2, 2, 3, 3, 3], bins: 3)") { call in
            let values = try call.doubles(0).filter(\.isFinite)
            let bins = try call.int(1, default: 20, atLeast: 1)
            guard bins <= 10_000 else { throw call.invalid(1, "'bins' goes up to 10000") }
            guard let low = values.min(), let high = values.max() else { throw call.invalid(0, "there are no numbers to count") }
            let size = high > low ? (high - low) / Double(bins) : 1
            var counts = Array(repeating: 0.0, count: bins)
            for value in values { counts[min(bins - 1, Int((value - low) / size))] += 1 }
            let centres = (0..<bins).map { low + (Double($0) + 0.5) * size }
            return try show([series(.bars, centres, counts)], call, title: 2, xlabel: 3, ylabel: 4)
        },
    ]

    private static func series(_ kind: PlotDescription.Kind, _ xs: [Double], _ ys: [Double]) -> PlotDescription.Series {
        .init(kind: kind, label: "", xs: xs, ys: ys)
    }

    private static func pairs(_ kind: PlotDescription.Kind, _ call: Call) throws -> PlotDescription.Series {
        let xs = try call.doubles(0)
        let ys = try call.doubles(1)
        guard xs.count == ys.count else {
            throw RuntimeError(.shape, "'xs' has \(xs.count) numbers and 'ys' has \(ys.count)", hint: "they must be of the same length", argument: 1)
        }
        return series(kind, xs, ys)
    }

    private static func show(_ series: [PlotDescription.Series], _ call: Call, title: Int, xlabel: Int, ylabel: Int) throws -> Value {
        var plot = PlotDescription(series: series)
        if series.allSatisfy({ $0.kind == .bars }), call.name == "plot.histogram" { plot.yLabel = "count" }
        try describe(&plot, call, title: title, xlabel: xlabel, ylabel: ylabel)
        return show(plot, call)
    }

    private static func describe(_ plot: inout PlotDescription, _ call: Call, title: Int, xlabel: Int, ylabel: Int) throws {
        plot.title = try call.text(title, default: plot.title)
        plot.xLabel = try call.text(xlabel, default: plot.xLabel)
        plot.yLabel = try call.text(ylabel, default: plot.yLabel)
    }

    private static func show(_ plot: PlotDescription, _ call: Call) -> Value {
        call.vm.emit(.plot(RenderedPlot(terminal: TerminalPlot.render(plot, width: call.vm.options.width))))
        return call.object(PlotObject(plot))
    }
}

/// A library object that `plot(x)` can show.
protocol Plottable: HostObject {
    func plot(_ vm: VM) throws -> PlotDescription
}
