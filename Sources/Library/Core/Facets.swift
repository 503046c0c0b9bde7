import NASLib
import Plots
import Runtime
import Text

/// Plots of the groups of a table's rows, a panel for each.
struct Facets {
    var table: Table
    var x: String
    var y: String?
    /// The column whose cells make several series in a panel.
    var color: String?
    var kind: Kind

    enum Kind: String, CaseIterable { case line, scatter, step, histogram, density, box, violin }

    /// - Throws: a key error for a column there is none of, a value error for one that is needed or of no use, a type error for one that is
    ///   not of numbers.
    func panels(by names: [String], _ vm: VM) throws -> [PlotDescription.Panel] {
        try checkColumns()
        let groups = try groups(of: table, by: names, vm)
        try PlotSize(panels: groups.count).check()
        // Every panel has a place, and a colour, for each group of the whole table.
        var places: [TextKey: [String]] = [:]
        for name in [color, kind == .box || kind == .violin ? x : nil].compactMap(\.self) where places[TextKey(name)] == nil {
            places[TextKey(name)] = try self.groups(of: table, by: [name], vm).map { $0.cells[0] }
        }
        try PlotSize(series: groups.count * (color.flatMap { places[TextKey($0)]?.count } ?? 1)).check()
        let whole = kind == .histogram ? try Facets.numbers(try table.column(x), vm) : []
        return try groups.map { cells, rows in
            try vm.checkInterruption()
            var chart = try chart(rows, places, whole, vm)
            chart.x.label = x
            if let y { chart.y.label = y }
            let title = names.count == 1 ? cells[0] : zip(names, cells).map { "\($0) \($1)" }.joined(separator: ", ")
            return PlotDescription.Panel(title: title, content: .chart(chart))
        }
    }

    private func checkColumns() throws {
        let needsY = kind != .histogram && kind != .density
        guard (y != nil) == needsY else {
            throw RuntimeError(.value,
                needsY ? "a \(kind.rawValue) plot needs the column 'y'" : "a \(kind.rawValue) shows the column 'x' alone, without 'y'",
                argument: needsY ? 5 : 3)
        }
        if color != nil, kind == .box || kind == .violin {
            throw RuntimeError(.value, "a \(kind.rawValue) plot has no 'color'", hint: "its groups are the cells of 'x'", argument: 4)
        }
        for (name, argument) in [(y ?? x, y == nil ? 2 : 3)] + (kind == .box || kind == .violin || y == nil ? [] : [(x, 2)]) {
            guard try table.column(name).isNumeric else {
                throw RuntimeError(.type, "the column \(Printer.quoted(name)) is not of numbers", argument: argument)
            }
        }
    }

    private func chart(_ rows: Table, _ places: [TextKey: [String]], _ whole: [Double], _ vm: VM) throws -> Chart {
        func parts(_ name: String) throws -> [(name: String, rows: Table?)] {
            let known = Dictionary(try groups(of: rows, by: [name], vm).map { (TextKey($0.cells[0]), $0.rows) },
                uniquingKeysWith: { first, _ in first })
            return (places[TextKey(name)] ?? []).map { ($0, known[TextKey($0)]) }
        }
        func numbers(_ name: String, in parts: [(name: String, rows: Table?)]) throws -> [NamedNumbers] {
            try parts.map { part in
                NamedNumbers(name: part.name, numbers: try part.rows.map { try Facets.numbers(try $0.column(name), vm) } ?? [])
            }
        }
        let series = try color.map(parts) ?? [("", rows)]
        switch kind {
        case .histogram:
            let groups = try numbers(x, in: series)
            return try Chart.made(of: rows.rowCount + whole.count, summed: true) { Chart.histogram(groups, bins: 20, over: whole) }
        case .density:
            let groups = try numbers(x, in: series)
            return try Chart.made(of: rows.rowCount, summed: true) { try Chart.density(groups, bandwidth: nil, check: Cancellation.check) }
        case .box, .violin:
            let boxes = try numbers(y ?? x, in: parts(x))
            let kind = kind
            return try Chart.made(of: rows.rowCount + boxes.count, summed: true) {
                try kind == .box ? Chart.boxes(boxes, check: Cancellation.check) : Chart.violins(boxes, check: Cancellation.check)
            }
        case .line, .scatter, .step:
            let (xs, ys) = (try numbers(x, in: series), try numbers(y ?? x, in: series))
            let kind = kind
            return try Chart.made(of: rows.rowCount + xs.count) {
                Chart(kind: "\(kind.rawValue) plot", series: zip(xs, ys).enumerated().map { i, pair in
                    let points = kind == .step ? Chart.steps(pair.0.numbers, pair.1.numbers) : Chart.points(pair.0.numbers, pair.1.numbers)
                    return Chart.Series(label: pair.0.name, ink: .palette(i), mark: kind == .scatter ? .points(points) : .line(points))
                })
            }
        }
    }

    private func groups(of table: Table, by names: [String], _ vm: VM) throws -> [(cells: [String], rows: Table)] {
        try table.groups(by: names, vm).map { group in (try group.cells.map { try Printer.text($0) }, group.rows) }
    }

    private static func numbers(_ column: Column, _ vm: VM) throws -> [Double] {
        try column.gathered { column.value($0, vm.heap).number ?? .nan }
    }
}
