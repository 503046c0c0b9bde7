import NASLib
import Plots
import Runtime
import Text

/// What plots take: numbers, groups of numbers, rows and tables.
extension Call {
    /// The numbers of a list, range or tensor; a missing one, `nil`, is nan.
    func plotNumbers(_ value: Value, _ index: Int) throws -> [Double] {
        if value.tag == .host, let object = value.hostObject as? TensorObject {
            try Limit.askForWork(on: object.tensor.count)
            return object.tensor.values.map(Double.init)
        }
        let expected = "numbers, or groups of them"
        guard value.tag != .string, value.tag != .map else { throw wrongType(index, expected: expected) }
        let elements: ListRef
        do {
            elements = try vm.elements(of: value)
        } catch let error as RuntimeError where error.kind == .type {
            throw wrongType(index, expected: expected)
        }
        try Limit.askForWork(on: elements.count)
        return try elements.enumerated().map { i, element in
            if i & 0xfff == 0 { try vm.checkInterruption() }
            guard let number = element.isNil ? .nan : element.number else {
                throw RuntimeError(.type,
                    "'\(signature.parameters[index].name)' must hold numbers only, but element \(i) is \(describe(element))",
                    argument: index)
            }
            return number
        }
    }

    func plotNumbers(_ index: Int) throws -> [Double] { try plotNumbers(self[index], index) }

    /// Groups of numbers: a map gives them names, a list of lists or a tensor of rows the names 0, 1, 2…; plain numbers are one without a
    /// name.
    func plotGroups(_ index: Int) throws -> [NamedNumbers] {
        let value = self[index]
        if value.tag == .map {
            return try value.asMap.pairs.map { NamedNumbers(name: plotName($0.key), numbers: try plotNumbers($0.value, index)) }
        }
        if let rows = try plotMatrix(value) { return rows.enumerated().map { NamedNumbers(name: "\($0)", numbers: $1) } }
        if value.tag == .list, let first = value.asList.array.first, first.number == nil, !first.isNil {
            return try value.asList.array.enumerated().map { NamedNumbers(name: "\($0)", numbers: try plotNumbers($1, index)) }
        }
        return [NamedNumbers(name: "", numbers: try plotNumbers(index))]
    }

    /// Rows of numbers, all of one length.
    func plotRows(_ value: Value, _ index: Int) throws -> [[Double]] {
        if let rows = try plotMatrix(value) { return rows }
        guard value.tag == .list else { throw wrongType(index, expected: "a list of rows or a tensor of two dimensions") }
        let rows = try value.asList.array.map { try plotNumbers($0, index) }
        if let odd = rows.firstIndex(where: { $0.count != rows[0].count }) {
            throw RuntimeError(.shape, "row 0 has \(rows[0].count) numbers and row \(odd) has \(rows[odd].count)",
                hint: "all rows must be of the same length", argument: index)
        }
        return rows
    }

    private func plotMatrix(_ value: Value) throws -> [[Double]]? {
        try value.tag == .host ? (value.hostObject as? TensorObject)?.plotRows() : nil
    }

    /// A key or another value as a label.
    func plotName(_ value: Value) -> String { value.tag == .string ? value.asString.text : Printer.literal(value, limit: 40) }

    /// Names for so many things, or none where they were not given; `text` makes a name of a value.
    func plotNames(_ index: Int, count: Int, _ text: ((Value) -> String)? = nil) throws -> [String] {
        guard isGiven(index) else { return [] }
        let names = try list(index).array.map { name in
            try vm.checkInterruption()
            return text?(name) ?? plotName(name)
        }
        guard names.count == count else {
            throw RuntimeError(.shape, "'\(signature.parameters[index].name)' has \(names.count) names for \(count)", argument: index)
        }
        return names
    }

    /// The xs, and for each group as many ys.
    func plotSeries() throws -> (xs: [Double], groups: [NamedNumbers]) {
        let (xs, groups) = (try plotNumbers(0), try plotGroups(1))
        for group in groups where group.numbers.count != xs.count {
            let name = group.name.isEmpty ? "'ys'" : "\(Printer.quoted(group.name)) in 'ys'"
            throw RuntimeError(.shape, "'xs' has \(xs.count) numbers and \(name) has \(group.numbers.count)",
                hint: "they must be of the same length", argument: 1)
        }
        return (xs, groups)
    }

    /// Two lists of one length.
    func plotPairs() throws -> ([Double], [Double]) {
        let (xs, ys) = (try plotNumbers(0), try plotNumbers(1))
        guard xs.count == ys.count else {
            let names = signature.parameters.prefix(2).map(\.name)
            throw RuntimeError(
                .shape, "'\(names[0])' has \(xs.count) numbers and '\(names[1])' has \(ys.count)", hint: "they must be of the same length",
                argument: 1)
        }
        return (xs, ys)
    }
}

/// A table's columns as plots need them.
struct PlotColumns {
    var numbers: [NamedNumbers] = []
    /// The cells of the first column that is of texts.
    var names: [String]?

    init(_ table: Table, _ heap: Heap) throws {
        for (name, column) in zip(table.names, table.columns) {
            if column.isNumeric {
                numbers.append(NamedNumbers(name: name, numbers: try column.gathered { column.value($0, heap).number ?? .nan }))
            } else if names == nil, case .strings(let texts) = column.cells {
                names = try column.gathered { column.isMissing($0) ? "" : texts.text($0) }
            }
        }
    }

    /// The columns of a list of maps, in the order in which their keys first occur; numbers only.
    init(rows: [MapRef]) throws {
        var index: [TextKey: Int] = [:]
        for (i, row) in rows.enumerated() {
            if i & 0xff == 0 { try Cancellation.check() }
            for (key, value) in row.pairs {
                guard key.tag == .string, let number = value.number else { continue }
                let name = key.asString.text
                if index[TextKey(name)] == nil {
                    index[TextKey(name)] = numbers.count
                    numbers.append(NamedNumbers(name: name, numbers: Array(repeating: .nan, count: rows.count)))
                }
                if let column = index[TextKey(name)] { numbers[column].numbers[i] = number }
            }
        }
    }

    /// A training log as lines over its epochs, one panel for each kind of number (`train_loss` and `valid_loss` are of one);
    /// named rows as bars; otherwise one column as a histogram, two as dots, more as parallel coordinates.
    func plot() throws -> PlotDescription {
        let (numbers, names) = (numbers, names)
        let count = numbers.numberCount
        let times: Set<String> = ["epoch", "step", "iteration", "round", "generation", "time", "progress"]
        if let time = numbers.first(where: { times.contains($0.name.lowercased()) }), numbers.count > 1 {
            var kinds: [(name: String, groups: [NamedNumbers])] = []
            for column in numbers where !column.name.isSame(as: time.name) {
                let kind = column.name.split(separator: "_").last.map(String.init) ?? column.name
                if let i = kinds.firstIndex(where: { $0.name.isSame(as: kind) }) {
                    kinds[i].groups.append(column)
                } else {
                    kinds.append((kind, [column]))
                }
            }
            let charts = try kinds.map { kind -> Chart in
                let groups = kind.groups
                var chart = try Chart.made(of: count) { Chart.series("line plot", groups) { .line(Chart.points(time.numbers, $0)) } }
                if kind.groups.count == 1 { chart.series[0].label = "" }
                (chart.x.label, chart.y.label) = (time.name, kind.groups.count == 1 ? kind.groups[0].name : kind.name)
                return chart
            }
            return PlotDescription(panels: charts.map { .init(content: .chart($0)) })
        }
        if let names, !numbers.isEmpty {
            var chart = try Chart.made(of: count) { Chart.bars(numbers, names: names) }
            if numbers.count == 1 { (chart.series[0].label, chart.y.label) = ("", numbers[0].name) }
            return PlotDescription(chart)
        }
        if numbers.count == 1 { return PlotDescription(try Chart.made(of: count, summed: true) { Chart.histogram(numbers, bins: 20) }) }
        if numbers.count == 2 {
            var chart = try Chart.made(of: count) {
                Chart(kind: "scatter plot", series: [Chart.Series(mark: .points(Chart.points(numbers[0].numbers, numbers[1].numbers)))])
            }
            (chart.x.label, chart.y.label) = (numbers[0].name, numbers[1].name)
            return PlotDescription(chart)
        }
        return PlotDescription(try Chart.made(of: count) { Chart.parallel(numbers) })
    }
}
