import NASLib
import Plots
import Runtime
import Text

extension Library {
    /// What all plots of charts take.
    private static let options =
        "title: \"\", xlabel: \"\", ylabel: \"\", xscale: \"linear\", yscale: \"linear\", xlim: nil, ylim: nil, show: true"

    /// Pictures. Each is shown at once, unless `show` is false, and is the call's value.
    static let plots: [Builtin] = [
        .fn("plot", "values, \(options)",
            """
            Plots a value in the way that suits it: numbers as a line over their indices, a map or a list of lists as several lines, a map \
            of numbers as bars, a tensor of two dimensions as a heat map, a training log (a table or a list of maps with an `epoch` or \
            `step`) as lines, another table by its columns, a distribution by its density, a schedule over training, a sampler by its \
            probabilities, a path or a space as a graph. `xscale` and `yscale` may be `"log"`; `xlim` and `ylim` are the ends of an axis, \
            `[low, high]`, where nil leaves an end to the data. A plot is shown at once unless `show` is false.
            """,
            "plot([1, 4, 9, 16])") { call in
            if call.isGiven(1), call[1].tag != .string {
                throw RuntimeError(.type, "'title' must be a string, not \(call[1].typePhrase)",
                    hint: "plot.line(xs, ys) and plot.scatter(xs, ys) plot ys over xs", argument: 1)
            }
            return try show(try sensible(call), call)
        },
        .fn("plot.line", "xs, ys, \(options)",
            "Joins the points (x, y) by lines. `ys` is a list, or a map or list of lists for several lines with a legend.",
            "plot.line([0, 1, 2], {uniform: [1, 0, 1], learnt: [0, 1, 2]})") { call in
            let (xs, groups) = try call.plotSeries()
            return try show(of: groups.numberCount, call) { Chart.series("line plot", groups) { .line(Chart.points(xs, $0)) } }
        },
        .fn("plot.scatter", "xs, ys, \(options)", "A dot at each point (x, y); `ys` may be several lists, as for `plot.line`.",
            "plot.scatter([1, 2, 3], [2, 1, 3], xlabel: \"supernet\", ylabel: \"stand-alone\")") { call in
            let (xs, groups) = try call.plotSeries()
            return try show(of: groups.numberCount, call) { Chart.series("scatter plot", groups) { .points(Chart.points(xs, $0)) } }
        },
        .fn("plot.step", "xs, ys, \(options)", "Steps: each y holds from its x to the next. `ys` may be several lists, as for `plot.line`.",
            "plot.step([0, 1, 2], [0.1, 0.01, 0.001], yscale: \"log\")") { call in
            let (xs, groups) = try call.plotSeries()
            return try show(of: groups.numberCount, call) { Chart.series("step plot", groups) { .line(Chart.steps(xs, $0)) } }
        },
        .fn("plot.bar", "ys, names: nil, \(options)",
            "A bar for each number: from a list, from a map with its keys as names, or from several lists in a map, side by side.",
            "plot.bar({conv: 93.5, skip: 90.1})\nplot.bar({before: [1, 2], after: [2, 3]}, names: [\"a\", \"b\"])") { call in
            if call[0].tag == .map, call[0].asMap.pairs.allSatisfy({ $0.value.number != nil }) {
                try call.refuse(1, unless: "the keys of the map are the names")
                return try show(try bars(of: call[0].asMap, call), call)
            }
            let groups = try call.plotGroups(0)
            let names = try call.plotNames(1, count: groups.map(\.numbers.count).max() ?? 0)
            return try show(of: groups.numberCount, call) { Chart.bars(groups, names: names) }
        },
        .fn("plot.histogram", "values, bins: 20, \(options)",
            """
            A histogram of the numbers, or of several groups, with `bins` equal intervals; fewer if the numbers are whole or multiples of \
            a step.
            """,
            "plot.histogram([1, 2, 2, 3, 3, 3], bins: 3)") { call in
            let groups = try call.plotGroups(0)
            let bins = try call.int(1, atLeast: 1)
            guard bins <= 10_000 else { throw call.invalid(1, "'bins' goes up to 10000") }
            guard groups.contains(where: { $0.numbers.contains(where: \.isFinite) }) else {
                throw call.invalid(0, "there are no numbers to count")
            }
            return try show(of: groups.numberCount + bins * groups.count, summed: true, call) { Chart.histogram(groups, bins: bins) }
        },
        .fn("plot.density", "values, bandwidth: nil, \(options)",
            """
            The density of the numbers, or of several groups, estimated with a Gaussian kernel of the given bandwidth (by default \
            Silverman's rule of thumb).
            """,
            "plot.density({a: [1, 2, 2, 3], b: [2, 4, 4, 5]})") { call in
            let bandwidth = call.isGiven(1) ? try positive(1, call) : nil
            let groups = try call.plotGroups(0)
            return try show(of: groups.numberCount, summed: true, call) {
                try Chart.density(groups, bandwidth: bandwidth, check: Cancellation.check)
            }
        },
        .fn("plot.box", "groups, \(options)",
            "For each group a box plot: the middle half of its numbers with the median, whiskers and outliers (Tukey).",
            "plot.box({uniform: [1, 2, 3, 9], learnt: [2, 3, 4]})") { call in
            let groups = try call.plotGroups(0)
            return try show(of: groups.numberCount, summed: true, call) { try Chart.boxes(groups, check: Cancellation.check) }
        },
        .fn("plot.violin", "groups, \(options)",
            "For each group a violin plot: its density on both sides, with the middle half and the median.",
            "plot.violin({uniform: [1, 2, 3, 9], learnt: [2, 3, 4]})") { call in
            let groups = try call.plotGroups(0)
            try PlotSize(series: 4 * groups.count).check()
            return try show(of: groups.numberCount, summed: true, call) { try Chart.violins(groups, check: Cancellation.check) }
        },
        .fn("plot.band", "xs, ys, error: nil, \(options)",
            """
            A line with an error band. `ys` is a list of runs (for example of several seeds), whose mean and standard deviation are shown, \
            or a map of such lists; or a list of numbers with `error`, one number or a list.
            """,
            "plot.band([0, 1], {learnt: [[1, 2], [3, 2]]})\nplot.band([0, 1, 2], [1, 2, 3], error: 0.5)") { call in
            try show(try bands(call), call)
        },
        .fn("plot.heatmap", "rows, columns: nil, names: nil, \(options)",
            """
            A cell for each number of a list of rows or a tensor of two dimensions, the first row on top; `columns` and `names` name \
            columns and rows.
            """,
            "plot.heatmap([[1, 0.2], [0.2, 1]], names: [\"a\", \"b\"])") { call in
            let rows = try call.plotRows(call[0], 0)
            let (columns, names) = (try call.plotNames(1, count: rows.first?.count ?? 0), try call.plotNames(2, count: rows.count))
            return try show(of: rows.count * (rows.first?.count ?? 0), summed: true, call) {
                Chart.heatMap(rows, columns: columns, names: names)
            }
        },
        .fn("plot.parallel", "table, \(options)",
            """
            A line for each row of a table (or map of columns, or list of maps), across an axis for each numeric column; coloured by the \
            last column.
            """,
            "plot.parallel({params: [1, 2, 3], flops: [10, 30, 20], accuracy: [90, 92, 91]})") { call in
            let columns = try columns(call)
            guard columns.count > 1 else {
                throw call.invalid(0, "parallel coordinates need at least two columns of numbers, not \(columns.count)")
            }
            return try show(of: columns.numberCount, call) { Chart.parallel(columns) }
        },
        .fn("plot.pareto", "costs, scores, \(options)",
            "Dots, and their Pareto front: the dots for which no other costs less and scores as high.",
            "plot.pareto([1, 2, 3, 4], [70, 90, 80, 95], xlabel: \"parameters\", ylabel: \"accuracy\")") { call in
            let (costs, scores) = try call.plotPairs()
            return try show(of: 2 * costs.count, call) { Chart.pareto(costs, scores) }
        },
        .fn("plot.ranks", "scores, truth, \(options)",
            "The rank by score against the true rank, best first, with Kendall's tau; both agree on the dashed line.",
            "plot.ranks([0.1, 0.4, 0.3], [90, 93, 94])") { call in
            let (scores, truth) = try call.plotPairs()
            let tau = try Correlation.kendall(scores, truth, check: call.vm.checkInterruption)
            let title = "Kendall tau \(tau.isNaN ? "undefined" : Numbers.fixed(tau, 3)), n = \(scores.count)"
            guard !scores.contains(where: \.isNaN), !truth.contains(where: \.isNaN) else { throw call.invalid(0, "nan has no rank") }
            let chart = try Chart.made(of: 2 * scores.count) { try Chart.ranks(scores, truth, check: Cancellation.check) }
            return try show(PlotDescription(title: title, chart), call)
        },
        .fn("plot.evolution", "history, names: nil, as: \"area\", \(options)",
            """
            How probabilities change over time: `history` is a list with a list of probabilities for each time, such as \
            `paths.probabilities[0]` after each epoch. They are shown as stacked areas or, with `as: "heatmap"`, as a heat map. A list of \
            whole `paths.probabilities` gives one panel for each choice.
            """,
            "plot.evolution([[0.5, 0.5], [0.7, 0.3], [0.9, 0.1]], names: [\"conv\", \"skip\"])") { call in
            try show(try evolution(call), call)
        },
        .fn("plot.images", "data, indices: nil, labels: nil, columns: nil, title: \"\", show: true",
            """
            Pictures side by side, each with its class below: those of a dataset (of `data.train`, if it has several parts) at the \
            positions in `indices`, a list or a range; by default the first of each class, or the first 20. For a tensor of images \
            (example, height, width, channel) the captions are the positions. `labels` is a list of other captions, and `columns` is the \
            number of pictures in a row. One channel is grey, three are red, green and blue. Black and full light are those of the \
            original pictures, as in `digits` (paper is black, ink is white), `shapes`, `mnist`, `cifar10` and `image_folder`, also \
            after `normalize`; for other data they are the lowest and the highest pixel of all. At most 100 pictures are shown.
            """,
            """
            let data = shapes(200, difficulty: 0.5)
            plot.images(data)
            plot.images(digits().train, 0..8, labels: [0.5 ** i for i in 0..8])
            """) { call in try show(try images(call), call) },
        .fn("plot.overlay", "plots, \(options)",
            "Several charts on the same axes, each in its own colour; their titles become the names in the legend.",
            "plot.overlay([plot([1, 2], show: false), plot([2, 1], show: false)])") { call in try show(try overlay(call), call) },
        .fn("plot.grid", "plots, columns: nil, title: \"\", show: true", "Several plots beside one another, in rows of `columns`.",
            "plot.grid([plot([1, 2], title: \"a\", show: false), plot([2, 1], title: \"b\", show: false)])") { call in
            let plots = try plotList(call)
            try PlotSize.check(plots, inOnePanel: false)
            let panels = plots.flatMap { plot in
                plot.panels.map { panel in
                    var panel = panel
                    if panel.title.isEmpty { panel.title = plot.title }
                    return panel
                }
            }
            let columns = call.isGiven(1) ? try call.int(1, atLeast: 1) : nil
            return try show(PlotDescription(panels: panels, columns: columns), call)
        },
        .fn("plot.facets", "table, by, x, y: nil, color: nil, kind: \"line\", columns: nil, share: true, \(options)",
            """
            A panel for each distinct cell of the column `by`, or of a list of columns. `kind` is \"line\", \"scatter\" or \"step\" (of \
            the columns `x` and `y`), \"histogram\" or \"density\" (of `x`), or \"box\" or \"violin\" (of the numbers `y` for each \
            distinct cell of `x`). The column `color` splits each panel into several series. The panels have the same axes unless `share` \
            is false.
            """,
            """
            let t = table({way: ["a", "a", "b", "b"], epoch: [1, 2, 1, 2], tau: [0.1, 0.3, 0.2, 0.5]})
            plot.facets(t, "way", "epoch", y: "tau")
            """) { call in try show(try facets(call), call) },
        .method("plot.save", "path", "Writes the plot as SVG to a file and replaces its contents, atomically.",
            "plot([1, 4, 9]).save(\"{temporary_folder()}/plot.svg\")") { call in
            let path = try call.filePath(1)
            guard path.hasSuffix(".svg") else {
                throw call.invalid(1, "plots are saved as SVG, so the name must end in .svg, not \(Printer.quoted(path))",
                    hint: "p.save(\"plot.svg\")")
            }
            try replaceFile(path, with: Array(try call.receiver(PlotObject.self).plot.svg().utf8))
            return .nil
        },
        .property("plot.svg", "The plot as the text of an SVG document.", "plot([1, 4, 9]).svg[0..4]  # => \"<svg\"") { call in
            call.string(try call.receiver(PlotObject.self).plot.svg())
        },
        .method("plot.text", "width: 80", "The plot as text for a terminal `width` columns wide.",
            "print(plot([1, 4, 9]).text(width: 40))") { call in
            let width = try call.int(1, atLeast: 1)
            return call.string(try call.receiver(PlotObject.self).plot.text(width: width, isColored: false))
        },
        .method("plot.show", "", "Shows the plot, again or for the first time.", "plot([1, 4, 9], show: false).show()") { call in
            show(try call.receiver(PlotObject.self).plot, call.vm)
            return .nil
        },
    ]

    // MARK: - What is shown

    private static func sensible(_ call: Call) throws -> PlotDescription {
        let value = call[0]
        switch value.tag {
        case .map:
            let pairs = value.asMap.pairs
            if !pairs.isEmpty, pairs.allSatisfy({ $0.value.number != nil }) { return PlotDescription(try bars(of: value.asMap, call)) }
        case .list:
            let elements = value.asList.array
            if !elements.isEmpty, elements.allSatisfy({ $0.tag == .map }) {
                let columns = try PlotColumns(rows: elements.map(\.asMap))
                guard !columns.numbers.isEmpty else { throw call.invalid(0, "there are no numbers in these maps") }
                return try columns.plot()
            }
        case .host:
            if let plottable = value.hostObject as? any Plottable { return try plottable.plot(call.vm) }
        default: break
        }
        let groups = try call.plotGroups(0)
        return PlotDescription(try Chart.made(of: groups.numberCount) { Chart.line(groups) })
    }

    private static func bars(of map: MapRef, _ call: Call) throws -> Chart {
        try Limit.askForWork(on: 2 * map.count)
        var names: [String] = []
        var numbers: [Double] = []
        for (key, value) in map.pairs {
            try call.vm.checkInterruption()
            names.append(call.plotName(key))
            numbers.append(value.number ?? .nan)
        }
        return try Chart.made(of: numbers.count) {
            [names, numbers] in Chart.bars([NamedNumbers(name: "", numbers: numbers)], names: names)
        }
    }

    private static func bands(_ call: Call) throws -> Chart {
        let xs = try call.plotNumbers(0)
        func checked(_ numbers: [Double], _ index: Int) throws -> [Double] {
            guard numbers.count == xs.count else {
                throw RuntimeError(
                    .shape, "'xs' has \(xs.count) numbers and '\(call.signature.parameters[index].name)' has \(numbers.count)",
                    hint: "they must be of the same length",
                    argument: index)
            }
            return numbers
        }
        func summary(_ name: String, _ runs: [[Double]]) throws -> (name: String, means: [Double], errors: [Double]) {
            for run in runs { _ = try checked(run, 1) }
            let samples = try xs.indices.map { i in
                try call.vm.checkInterruption()
                return Sample(runs.map { $0[i] })
            }
            return (name, samples.map(\.mean), samples.map { $0.numbers.count > 1 ? $0.standardDeviation : 0 })
        }
        if call.isGiven(2) {
            let ys = try checked(try call.plotNumbers(1), 1)
            let errors = try call[2].number.map { error in ys.map { _ in error } } ?? checked(try call.plotNumbers(2), 2)
            if let bad = errors.first(where: { $0 < 0 }) { throw call.invalid(2, "'error' must be at least 0, not \(bad)") }
            return try Chart.made(of: xs.count) { Chart.bands(xs, [("", ys, errors)]) }
        }
        let groups = try call[1].tag == .map
            ? call[1].asMap.pairs.map { try summary(call.plotName($0.key), try call.plotRows($0.value, 1)) }
            : [summary("", call.plotRows(call[1], 1))]
        return try Chart.made(of: xs.count * groups.count) { Chart.bands(xs, groups) }
    }

    private static func columns(_ call: Call) throws -> [NamedNumbers] {
        if call[0].tag == .host, let object = call[0].hostObject as? TableObject { return try PlotColumns(object.table, call.heap).numbers }
        if call[0].tag == .list, call[0].asList.array.allSatisfy({ $0.tag == .map }) {
            return try PlotColumns(rows: call[0].asList.array.map(\.asMap)).numbers
        }
        guard call[0].tag == .map else { throw call.wrongType(0, expected: "a table, a map of columns or a list of maps") }
        let columns = try call.plotGroups(0)
        if let odd = columns.first(where: { $0.numbers.count != columns[0].numbers.count }) {
            throw RuntimeError(.shape,
                """
                column \(Printer.quoted(odd.name)) has \(odd.numbers.count) numbers and \(Printer.quoted(columns[0].name)) has \
                \(columns[0].numbers.count)
                """, argument: 0)
        }
        return columns
    }

    private enum EvolutionKind: String, CaseIterable { case area, heatmap }

    private static func evolution(_ call: Call) throws -> PlotDescription {
        let kind: EvolutionKind = try call.option(2)
        func chart(_ shares: [[Double]]) throws -> Chart {
            let count = shares.first?.count ?? 0
            let names = try call.plotNames(1, count: count)
            try PlotSize(series: kind == .area ? count : 1).check()
            var chart = try Chart.made(of: shares.count * count) {
                kind == .area ? Chart.stack(shares, names: names)
                    : Chart.heatMap((0..<count).map { k in shares.map { $0[k] } }, names: names, label: "probability")
            }
            (chart.x.label, chart.y.label) = ("time", kind == .area ? "probability" : chart.y.label)
            return chart
        }
        let times = try call.list(0).array
        guard let first = times.first else { throw call.invalid(0, "the history is empty") }
        // Of several choices: a list of lists for each time.
        guard first.tag == .list, first.asList.array.first?.tag == .list else {
            return PlotDescription(try chart(try call.plotRows(call[0], 0)))
        }
        let count = first.asList.count
        let lists = times.filter { $0.tag == .list && $0.asList.count == count }.map(\.asList)
        guard lists.count == times.count else {
            throw RuntimeError(.shape, "every time of 'history' must have \(count) lists, one for each choice", argument: 0)
        }
        return PlotDescription(panels: try (0..<count).map { choice in
            let shares = try lists.map { try call.plotNumbers($0[choice], 0) }
            guard shares.allSatisfy({ $0.count == shares[0].count }) else {
                throw RuntimeError(.shape, "choice \(choice) must have as many probabilities at every time", argument: 0)
            }
            return .init(title: "choice \(choice)", content: .chart(try chart(shares)))
        })
    }

    private static func facets(_ call: Call) throws -> PlotDescription {
        guard call[0].tag == .host, let table = (call[0].hostObject as? TableObject)?.table else {
            throw call.wrongType(0, expected: "a table")
        }
        let facets = Facets(
            table: table, x: try call.text(2), y: call.isGiven(3) ? try call.text(3) : nil, color: call.isGiven(4) ? try call.text(4) : nil,
            kind: try call.option(5))
        return PlotDescription(
            panels: try facets.panels(by: try columnNames(1, call), call.vm), columns: call.isGiven(6) ? try call.int(6, atLeast: 1) : nil,
            isSharingAxes: try call.bool(7))
    }

    private static func plotList(_ call: Call) throws -> [PlotDescription] {
        let plots = try call.list(0).array.map { value in
            guard value.tag == .host, let object = value.hostObject as? PlotObject else {
                throw call.wrongType(0, expected: "a list of plots")
            }
            return object.plot
        }
        guard !plots.isEmpty else { throw call.invalid(0, "there are no plots in the list") }
        return plots
    }

    private static func overlay(_ call: Call) throws -> PlotDescription {
        var result: Chart?
        var used = 0
        let plots = try plotList(call)
        try PlotSize.check(plots, inOnePanel: true)
        for plot in plots {
            try call.vm.checkInterruption()
            guard plot.panels.count == 1, case .chart(var chart) = plot.panels[0].content else {
                throw call.invalid(0, "only single charts can share their axes", hint: "plot.grid shows plots beside one another")
            }
            var most = 0
            var isNamed = chart.series.contains { !$0.label.isEmpty }
            for i in chart.series.indices {
                if case .palette(let k) = chart.series[i].ink {
                    most = max(most, k + 1)
                    chart.series[i].ink = .palette(k + used)
                }
                if !isNamed, !chart.series[i].isFaint {
                    chart.series[i].label = plot.title
                    isNamed = true
                }
            }
            used += most
            if result == nil { result = chart } else { result?.series += chart.series }
        }
        return PlotDescription(result ?? Chart(kind: "line plot", series: []))
    }

    // MARK: - Options

    private enum AxisScale: String, CaseIterable { case linear, log }

    private static func show(_ chart: Chart, _ call: Call) throws -> Value { try show(PlotDescription(chart), call) }

    /// The chart that `make` makes of so many numbers.
    private static func show(of count: Int, summed: Bool = false, _ call: Call,
        _ make: @escaping @Sendable () throws -> Chart) throws -> Value {
        try show(try Chart.made(of: count, summed: summed, make), call)
    }

    /// Gives the plot the call's options, shows it, and makes it the call's value.
    private static func show(_ plot: PlotDescription, _ call: Call) throws -> Value {
        var plot = plot
        func option(_ name: String) -> Int? { call.signature.parameters.firstIndex { $0.name == name }.flatMap { call.has($0) ? $0 : nil } }
        if let i = option("title") { plot.title = try call.text(i) }
        let hasAxes = plot.panels.contains { if case .chart = $0.content { true } else { false } }
        if !hasAxes {
            try call.refuse(["xlabel", "ylabel", "xscale", "yscale", "xlim", "ylim"].compactMap(option), unless: "there are no axes")
        }
        let (xLabel, yLabel) = (try option("xlabel").map(call.text), try option("ylabel").map(call.text))
        let xScale = try option("xscale").map { try call.option($0) as AxisScale }
        let yScale = try option("yscale").map { try call.option($0) as AxisScale }
        let (xLimits, yLimits) = (try option("xlim").map { try limits($0, call) }, try option("ylim").map { try limits($0, call) })
        try plot.updateCharts { chart in
            if chart.hasGrid, let i = option("xlim") ?? option("ylim") {
                throw call.invalid(i, "a heat map shows all of its cells", hint: "plot some of the rows: plot.heatmap(rows[0..5])")
            }
            if chart.y.isHidden { try call.refuse(["yscale", "ylim"].compactMap(option), unless: "each of the axes has its own scale") }
            if let xLimits { chart.x.limits = xLimits }
            if let yLimits { chart.y.limits = yLimits }
            if let xLabel { chart.x.label = xLabel }
            if let yLabel { chart.y.label = yLabel }
            if let xScale { chart.x.isLogarithmic = xScale == .log }
            if let yScale { chart.y.isLogarithmic = yScale == .log }
            try check(chart.x, "x", of: chart, scale: option("xscale"), limits: option("xlim"))
            try check(chart.y, "y", of: chart, scale: option("yscale"), limits: option("ylim"))
        }
        try plot.size.check()
        if plot.isSharingAxes {
            plot = try plot.worked { plot in
                var plot = plot
                plot.shareAxes()
                return plot
            }
        }
        if try option("show").map(call.bool) ?? true { show(plot, call.vm) }
        return call.object(PlotObject(plot))
    }

    /// Whether a logarithmic axis has something to be the logarithm of; the plots of an overlay bring scales and ends of their own.
    private static func check(_ axis: Chart.Axis, _ name: String, of chart: Chart, scale: Int?, limits: Int?) throws {
        guard axis.isLogarithmic else { return }
        if chart.hasGrid || !axis.categories.isEmpty {
            let what = chart.hasGrid ? "the cells of a heat map" : "names"
            throw RuntimeError(.value, "an axis of \(what) cannot be logarithmic", hint: "leave out \(name)scale: \"log\"", argument: scale)
        }
        if let end = [axis.limits.low, axis.limits.high].compactMap(\.self).first(where: { $0 <= 0 }) {
            throw RuntimeError(
                .value, "a logarithmic axis has no place for \(Printer.literal(.float(end), limit: 20))",
                hint: "the ends of \(name)lim are above 0", argument: limits ?? scale)
        }
    }

    /// The ends of an axis: a list of two numbers, each of which may be nil.
    private static func limits(_ index: Int, _ call: Call) throws -> Chart.Limits {
        guard !call[index].isNil else { return Chart.Limits() }
        let name = call.signature.parameters[index].name
        guard call[index].tag == .list, call[index].asList.count == 2 else {
            throw call.wrongType(index, expected: "a list of two numbers")
        }
        let ends = try call[index].asList.array.map { end -> Double? in
            if end.isNil { return nil }
            guard let number = end.number, number.isFinite else {
                throw call.invalid(index, "an end of '\(name)' is a finite number or nil, not \(call.describe(end))")
            }
            return number
        }
        if let low = ends[0], let high = ends[1], low >= high {
            throw call.invalid(index, "the low end of '\(name)' must be below the high one",
                hint: """
                \(name): [\(Printer.literal(call[index].asList[1], limit: 20)), \(Printer.literal(call[index].asList[0], limit: 20))]
                """)
        }
        return Chart.Limits(low: ends[0], high: ends[1])
    }

    private static func show(_ plot: PlotDescription, _ vm: VM) { vm.emit(.plot(RenderedPlot(description: plot, width: vm.options.width))) }
}
