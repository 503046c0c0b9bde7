import Lang
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

    /// - Throws: a key error for a column there is none of, a value error for one that is needed or of no use, a type error for one that is not of numbers.
    func panels(by names: [String], _ vm: VM) throws -> [PlotDescription.Panel] {
        try checkColumns()
        return try groups(of: table, by: names, vm).map { cells, rows in
            var chart = try chart(rows, vm)
            chart.x.label = x
            if let y { chart.y.label = y }
            let title = names.count == 1 ? cells[0] : zip(names, cells).map { "\($0) \($1)" }.joined(separator: ", ")
            return PlotDescription.Panel(title: title, content: .chart(chart))
        }
    }

    private func checkColumns() throws {
        let needsY = kind != .histogram && kind != .density
        guard (y != nil) == needsY else {
            throw RuntimeError(.value, needsY ? "a \(kind.rawValue) plot needs the column 'y'" : "a \(kind.rawValue) shows the column 'x' alone, without 'y'", argument: needsY ? 5 : 3)
        }
        if color != nil, kind == .box || kind == .violin { throw RuntimeError(.value, "a \(kind.rawValue) plot has no 'color'", hint: "its groups are the cells of 'x'", argument: 4) }
        for (name, argument) in [(y ?? x, y == nil ? 2 : 3)] + (kind == .box || kind == .violin || y == nil ? [] : [(x, 2)]) {
            guard try table.column(name).isNumeric else { throw RuntimeError(.type, "the column \(Printer.quoted(name)) is not of numbers", argument: argument) }
        }
    }

    private func chart(_ rows: Table, _ vm: VM) throws -> Chart {
        // Every panel has a place, and a colour, for each group of the whole table.
        func parts(_ name: String) throws -> [(name: String, rows: Table?)] {
            let known = try groups(of: rows, by: [name], vm)
            return try groups(of: table, by: [name], vm).map { group in (group.cells[0], known.first { $0.cells.isSame(as: group.cells) }?.rows) }
        }
        func numbers(_ name: String, in parts: [(name: String, rows: Table?)]) throws -> [NamedNumbers] {
            try parts.map { part in NamedNumbers(name: part.name, numbers: try part.rows.map { Facets.numbers(try $0.column(name), vm) } ?? []) }
        }
        let series = try color.map(parts) ?? [("", rows)]
        switch kind {
        case .histogram: return Chart.histogram(try numbers(x, in: series), bins: 20, over: Facets.numbers(try table.column(x), vm))
        case .density: return try Chart.density(try numbers(x, in: series), bandwidth: nil, check: vm.checkInterruption)
        case .box, .violin:
            let boxes = try numbers(y ?? x, in: parts(x))
            return try kind == .box ? Chart.boxes(boxes, check: vm.checkInterruption) : Chart.violins(boxes, check: vm.checkInterruption)
        case .line, .scatter, .step:
            let (xs, ys) = (try numbers(x, in: series), try numbers(y ?? x, in: series))
            return Chart(kind: "\(kind.rawValue) plot", series: zip(xs, ys).enumerated().map { i, pair in
                let points = kind == .step ? Chart.steps(pair.0.numbers, pair.1.numbers) : Chart.points(pair.0.numbers, pair.1.numbers)
                return Chart.Series(label: pair.0.name, ink: .palette(i), mark: kind == .scatter ? .points(points) : .line(points))
            })
        }
    }

    private func groups(of table: Table, by names: [String], _ vm: VM) throws -> [(cells: [String], rows: Table)] {
        try table.groups(by: names, vm).map { group in (try group.cells.map { try Printer.text($0) }, group.rows) }
    }

    private static func numbers(_ column: Column, _ vm: VM) -> [Double] { (0..<column.count).map { column.value($0, vm.heap).number ?? .nan } }
}
