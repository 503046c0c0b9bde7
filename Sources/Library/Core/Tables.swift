import Foundation
import NASLib
import Runtime
import Text

extension Library {
    /// Columns of numbers and texts: made, read, ordered, grouped and joined.
    static let tables: [Builtin] = [
        .fn("table", "data, columns: nil",
            """
            A table from a map of columns, from a list of maps (its rows), from a list of lists with the names in `columns`, or from a \
            benchmark. Cells of one type are stored densely; `nil` is a missing cell. `t.name` and `t["name"]` give a column as a list, \
            `t[0]` a row as a map, `t[2..5]` some rows; a loop goes over the rows. A table never changes: every method returns a new one.
            """,
            """
            table({op: ["conv", "skip"], acc: [93.5, 90.1]}).acc  # => [93.5, 90.1]
            table([{a: 1}, {a: 2, b: true}])[1]  # => {a: 2, b: true}
            """) { call in
            call.object(TableObject(try newTable(call)))
        },
        .property("table.columns", "The names of the columns.", "table({a: [1], b: [2]}).columns  # => [\"a\", \"b\"]") { call in
            try call.list(try receiver(call).names)
        },
        .property("table.types", "A map from each column's name to the type of its cells; `any` for mixed types.",
            "table({a: [1, nil], b: [1, 2.5]}).types  # => {a: \"int\", b: \"float\"}") { call in
            let table = try receiver(call)
            let map = call.heap.map(capacity: table.names.count)
            for (name, column) in zip(table.names, table.columns) { call.heap.set(name, to: call.string(column.typeName), in: map) }
            return .map(map)
        },
        .method("table.to_map", "", "A map from each column's name to the list of its cells.",
            "table({a: [1, 2]}).to_map()  # => {a: [1, 2]}") { call in
            let table = try receiver(call)
            let map = call.heap.map(capacity: table.names.count)
            for (name, column) in zip(table.names, table.columns) {
                call.heap.set(name, to: .list(try column.list(0..<table.rowCount, call.heap)), in: map)
            }
            return .map(map)
        },

        // Columns
        .method("table.select", "...columns", "The table with only the given columns, in the given order.",
            "table({a: [1], b: [2]}).select(\"b\").columns  # => [\"b\"]") { call in
            call.object(TableObject(try receiver(call).selecting(try restNames(1, call))))
        },
        .method("table.drop", "...columns", "The table without the given columns.",
            "table({a: [1], b: [2]}).drop(\"b\").columns  # => [\"a\"]") { call in
            call.object(TableObject(try receiver(call).dropping(try restNames(1, call))))
        },
        .method("table.rename", "...names: {}", "The table with columns renamed, given as `old: \"new\"`.",
            "table({a: [1]}).rename(a: \"b\").columns  # => [\"b\"]") { call in
            call.object(TableObject(try receiver(call).renaming(try named(1, call).map { name, value in
                guard value.tag == .string else {
                    throw call.invalid(1, "the new name of \(Printer.quoted(name)) must be a string, not \(value.typePhrase)")
                }
                return (name, value.asString.text)
            })))
        },
        .method("table.with", "...columns: {}",
            """
            The table with columns added, or replaced if the name exists. Each is a list of cells, one value for all rows, or a function \
            of a row.
            """,
            "table({a: [1, 2]}).with(b: row => row.a * 10, c: \"x\")[1]  # => {a: 2, b: 20, c: \"x\"}") { call in
            let original = try receiver(call)
            var table = original
            for (name, value) in try named(1, call) {
                let cells = try Library.cells(value, for: name, of: original, argument: 1, call)
                call.protect(.list(cells))
                table = try table.setting(name, to: try Column(cells.buffer))
            }
            return call.object(TableObject(table))
        },
        .method("table.fill_missing", "...values: {}", "The table with the missing cells of columns replaced by a value each.",
            "table({a: [1, nil]}).fill_missing(a: 0).a  # => [1, 0]") { call in
            var table = try receiver(call)
            for (name, value) in try named(1, call) {
                let column = try table.column(name)
                guard column.missing != nil else { continue }
                table = try table.setting(name,
                    to: try Column((0..<table.rowCount).map { column.isMissing($0) ? value : column.value($0, call.heap) }))
            }
            return call.object(TableObject(table))
        },

        // Rows
        .method("table.head", "n: 5", "The first n rows.", "len(table({a: 0..9}).head(2))  # => 2") { call in
            let table = try receiver(call)
            return call.object(TableObject(table.taking(0..<min(table.rowCount, try call.int(1, atLeast: 0)))))
        },
        .method("table.tail", "n: 5", "The last n rows.", "table({a: 0..9}).tail(2).a  # => [7, 8]") { call in
            let table = try receiver(call)
            return call.object(TableObject(table.taking(max(0, table.rowCount - (try call.int(1, atLeast: 0)))..<table.rowCount)))
        },
        .method("table.filter", "f", "The rows for which `f`, given a row as a map, is true.",
            "table({a: [1, 2, 3]}).filter(row => row.a > 1).a  # => [2, 3]") { call in
            let table = try receiver(call)
            let f = try call.function(1)
            let rows = TableRows(table, call.heap)
            var kept: [Int32] = []
            for row in 0..<table.rowCount where try call.vm.call(f, rows.map(at: row)).isTruthy { kept.append(Int32(row)) }
            return call.object(TableObject(try table.taking(kept)))
        },
        .method("table.drop_missing", "...columns",
            "The rows without missing cells in the given columns, or in any column if none are given.",
            "table({a: [1, nil]}).drop_missing().a  # => [1]") { call in
            let table = try receiver(call)
            let names = try restNames(1, call)
            let columns = try (names.isEmpty ? table.names : names).map(table.column)
            return call.object(
                TableObject(try table.taking((0..<Int32(table.rowCount)).filter { row in !columns.contains { $0.isMissing(Int(row)) } })))
        },
        .method("table.unique", "by: nil",
            "The first row for each combination of cells in a column or a list of columns; in all columns if none are given.",
            "table({a: [1, 1, 2]}).unique().a  # => [1, 2]") { call in
            let table = try receiver(call)
            let names = call.isGiven(1) ? try columnNames(1, call) : table.names
            return call.object(TableObject(try table.taking(try numbering(table, names, call).firstRows)))
        },
        .method("table.sort", "by, reverse: false",
            """
            The rows sorted by a column, by a list of columns (later ones break ties), or by a function of a row. `reverse` holds for all \
            columns, or is a list with one for each. Equal rows keep their order; missing cells come last.
            """,
            "table({a: [2, 1], b: [\"x\", \"y\"]}).sort(\"a\").b  # => [\"y\", \"x\"]") { call in
            let table = try receiver(call)
            return call.object(
                TableObject(try table.taking(try RowOrder.rows(by: try orderKeys(table, call), count: table.rowCount, call.vm))))
        },
        .method("table.join", "other, on, how: \"inner\"",
            """
            Joins each row with the rows of another table that have the same cells in the column `on` (or in all columns of a list). Of \
            the rows without a match, `"left"` keeps those of the first table, `"right"` those of the second, `"outer"` all and `"inner"` \
            none.
            """,
            """
            let sizes = table({op: ["conv"], size: [9]})
            table({op: ["conv", "skip"]}).join(sizes, "op", how: "left").size  # => [9, nil]
            """) { call in
            let other = try call.object(1, as: TableObject.self, "a table").table
            let joined = try receiver(call).joining(other, on: try columnNames(2, call), try call.option(3), call.vm)
            return call.object(TableObject(joined))
        },

        // Summaries
        .method("table.group", "by, ...aggregates: {}",
            """
            One row for each combination of cells in a column or a list of columns, in order of first occurrence. An aggregate `name: f` \
            is the result of `f` for the column of that name, or for the group's rows, as a table, if there is no such column; \
            `name: ["column", f]` names the column. `f` gets a list without the missing cells; if no cells are left, the aggregate is \
            missing.
            """,
            """
            table({op: ["a", "b", "a"], acc: [1, 2, 3]}).group("op", acc: mean, best: ["acc", max], n: len)[0]  # => {op: "a", acc: 2.0, \
            best: 3, n: 2}
            """) { call in
            try group(call)
        },
        .method("table.groups", "by",
            "Pairs of a cell of a column (a list of cells for several columns) and the table of the rows with it.",
            """
            [[op, len(rows)] for [op, rows] in table({op: ["a", "b", \
            "a"]}).groups("op")]  # => [["a", 2], ["b", 1]]
            """) { call in
            let isSingle = call[1].tag == .string
            return try call.list(try receiver(call).groups(by: try columnNames(1, call), call.vm).map { group in
                try call.list([isSingle ? group.cells[0] : call.list(group.cells), call.object(TableObject(group.rows))])
            })
        },
        .method("table.counts", "by",
            "The number of rows for each combination of cells in a column or a list of columns, most frequent first, in a column `count`.",
            "table({op: [\"a\", \"b\", \"b\"]}).counts(\"op\")[0]  # => {op: \"b\", count: 2}") { call in
            let table = try receiver(call)
            let names = try columnNames(1, call)
            let numbering = try numbering(table, names, call)
            let starts = try numbering.rowsByNumber().starts
            let counts = Column(.ints((0..<numbering.count).map { starts[$0 + 1] - starts[$0] }))
            let order = try RowOrder.rows(by: [.init(column: counts, isReversed: true)], count: numbering.count, call.vm)
            return call.object(
                TableObject(try table.selecting(names).taking(numbering.firstRows).setting("count", to: counts).taking(order)))
        },
        .method("table.pivot", "row, column, value, f: nil",
            """
            A row for each distinct cell of the column `row` and a column for each distinct cell of `column`, filled with the cells of \
            `value`; missing where there is none. `f` combines the list of cells where there are several.
            """,
            """
            let runs = table({method: ["fair", "pada", "pada"], seed: [0, 0, 1], tau: [0.5, 0.6, 0.7]})
            runs.pivot("method", "seed", "tau")[1]  # => {method: "pada", "0": 0.6, "1": 0.7}
            """) { call in
            try pivot(call)
        },
        .method("table.describe", "",
            """
            A row for each column: its type, the number of cells and of missing cells; for numbers also the mean, the standard deviation \
            and the quartiles.
            """,
            "table({a: [1, 2, 3, nil]}).describe()[0].mean  # => 2.0") { call in
            call.object(TableObject(try receiver(call).summary(check: call.vm.checkInterruption)))
        },
    ]

    private static func receiver(_ call: Call) throws -> Table { try call.receiver(TableObject.self).table }

    // MARK: - Reading arguments

    /// One name, or a list of them.
    static func columnNames(_ index: Int, _ call: Call) throws -> [String] {
        if call[index].tag == .string { return [call[index].asString.text] }
        guard call[index].tag == .list, call[index].asList.count > 0, call[index].asList.buffer.allSatisfy({ $0.tag == .string }) else {
            throw call.wrongType(index, expected: "a column's name or a list of names")
        }
        return call[index].asList.buffer.map { $0.asString.text }
    }

    /// Names, and lists of them, given one by one.
    private static func restNames(_ index: Int, _ call: Call) throws -> [String] {
        try call.rest(index).flatMap { $0.tag == .list ? $0.asList.array : [$0] }.map { name in
            guard name.tag == .string else {
                throw RuntimeError(.type, "a column's name is a string, not \(name.typePhrase)", argument: index)
            }
            return name.asString.text
        }
    }

    /// The arguments that were given by names of the caller's choice.
    /// The names and values of a map, which stay alive whatever a function among them does to it.
    private static func named(_ index: Int, _ call: Call) throws -> [(String, Value)] {
        guard call.has(index) else { return [] }
        return try call.map(index).pairs.map { key, value in
            call.protect(value)
            guard key.tag == .string else { throw call.invalid(index, "a column's name is a string, not \(call.describe(key))") }
            return (key.asString.text, value)
        }
    }

    private static func numbering(_ table: Table, _ names: [String], _ call: Call) throws -> Numbering {
        try call.vm.checkInterruption()
        return try Numbering(try names.map(table.column), call.vm)
    }

    private static func orderKeys(_ table: Table, _ call: Call) throws -> [RowOrder.Key] {
        if [.closure, .builtin].contains(call[1].tag) || (call[1].tag == .host && call[1].hostObject.isCallable) {
            let cells = try cells(call[1], for: "by", of: table, argument: 1, call)
            call.protect(.list(cells))
            return [.init(column: try Column(cells.buffer), isReversed: try call.bool(2))]
        }
        let columns = try columnNames(1, call).map(table.column)
        guard call.has(2), call[2].tag == .list else {
            let isReversed = try call.bool(2)
            return columns.map { .init(column: $0, isReversed: isReversed) }
        }
        let flags = try call.list(2).array.map { flag in
            guard flag.tag == .true || flag.tag == .false else { throw call.wrongType(2, expected: "true, false or a list of them") }
            return flag.isTruthy
        }
        guard flags.count == columns.count else {
            throw call.invalid(2, "'reverse' has \(flags.count) entries for \(columns.count) columns")
        }
        return zip(columns, flags).map { .init(column: $0, isReversed: $1) }
    }

    // MARK: - Making columns

    private static func newTable(_ call: Call) throws -> Table {
        let names = call.isGiven(1) ? try columnNames(1, call) : nil
        let source = call[0]
        if source.tag == .list, source.asList.count > 0, source.asList.buffer.allSatisfy({ $0.tag == .map }) {
            let table = try table(ofRows: source.asList, call)
            return try names.map(table.selecting) ?? table
        }
        if source.tag == .list, let names { return try table(ofLists: source.asList, names, call) }
        let table: Table
        switch source.tag {
        case .map:
            let pairs = try named(0, call)
            table = try Table(names: pairs.map(\.0), columns: try pairs.map { name, value in
                guard isSequence(value) else {
                    throw RuntimeError(.type, "column \(Printer.quoted(name)) must be a list of cells, not \(value.typePhrase)",
                        hint: "a table of one row is table([{…}])", argument: 0)
                }
                let cells = try call.vm.elements(of: value)
                call.protect(.list(cells))
                return try Column(cells.buffer)
            })
        case .list where source.asList.count == 0: table = try Table(names: [], columns: [])
        case .list:
            let odd = source.asList.buffer.first { $0.tag != .map } ?? .nil
            throw RuntimeError(
                .type, "a table is made of a list of maps, but one element is \(odd.typePhrase)",
                hint: odd.tag == .list ? "columns: [...] names the cells of each list" : nil, argument: 0)
        case .host:
            if let object = source.hostObject as? TableObject { table = object.table } else if let benchmark =
                source.hostObject as? BenchmarkObject {
                let content = benchmark.table
                var texts = TextCells()
                for text in content.architectures { texts.append(text) }
                table = try Table(names: ["arch"] + content.columns,
                    columns: [Column(.strings(texts))] + content.columns.map { Column(.floats(content.column($0) ?? [])) })
            } else {
                throw call.wrongType(0, expected: "a map of lists, a list of maps or a benchmark")
            }
        default: throw call.wrongType(0, expected: "a map of lists, a list of maps or a benchmark")
        }
        return try names.map(table.selecting) ?? table
    }

    private static func table(ofRows rows: ListRef, _ call: Call) throws -> Table {
        var names: [String] = []
        var known: Set<TextKey> = []
        for row in rows.buffer {
            try call.vm.checkInterruption()
            for i in 0..<row.asMap.entryCount where !row.asMap.entries[i].key.isMissing {
                let key = row.asMap.entries[i].key
                // The usual case: the same keys as the row before.
                if i < names.count, key.tag == .string, key.asString.buffer.elementsEqual(names[i].utf8) { continue }
                guard key.tag == .string else { throw call.invalid(0, "a column's name is a string, not \(call.describe(key))") }
                let name = key.asString.text
                if known.insert(TextKey(name)).inserted { names.append(name) }
            }
        }
        let columns = try names.map { name in
            let key = call.heap.intern(name)
            return try Column(rows.buffer.map { row in
                let found = row.asMap.find(string: key, hash: key.hash)
                return found < 0 ? .nil : row.asMap.entries[found].value
            })
        }
        return try Table(names: names, columns: columns)
    }

    private static func table(ofLists rows: ListRef, _ names: [String], _ call: Call) throws -> Table {
        for (i, row) in rows.buffer.enumerated() {
            guard row.tag == .list else {
                throw RuntimeError(.type, "row \(i) must be a list of cells, not \(row.typePhrase)", argument: 0)
            }
            guard row.asList.count == names.count else {
                throw RuntimeError(.shape, "row \(i) has \(row.asList.count) cells, there are \(names.count) columns", argument: 0)
            }
        }
        return try Table(names: names, columns: try names.indices.map { column in try Column(rows.buffer.map { $0.asList[column] }) })
    }

    private static func isSequence(_ value: Value) -> Bool {
        switch value.tag {
        case .list, .range: true
        case .host: value.hostObject.count != nil
        default: false
        }
    }

    /// The cells of a column as `with` takes them.
    private static func cells(_ value: Value, for name: String, of table: Table, argument: Int, _ call: Call) throws -> ListRef {
        if value.tag == .closure || value.tag == .builtin || (value.tag == .host && value.hostObject.isCallable) {
            let rows = TableRows(table, call.heap)
            let result = try call.heap.list(askingFor: table.rowCount)
            call.protect(.list(result))
            for row in 0..<table.rowCount { call.heap.append(try call.vm.call(value, rows.map(at: row)), to: result) }
            return result
        }
        guard isSequence(value) else { return try call.heap.list(repeating: value, count: table.rowCount) }
        let elements = try call.vm.elements(of: value)
        call.protect(.list(elements))
        let cells = try call.vm.copy(elements)
        guard cells.count == table.rowCount || table.names.isEmpty else {
            throw RuntimeError(.shape, "column \(Printer.quoted(name)) has \(cells.count) cells, the table has \(table.rowCount) rows",
                argument: argument)
        }
        return cells
    }

    // MARK: - Groups

    private static func pivot(_ call: Call) throws -> Value {
        let table = try receiver(call)
        let (row, column, value) = (try call.text(1), try call.text(2), try table.column(try call.text(3)))
        let (rows, columns) = (try numbering(table, [row], call), try numbering(table, [column], call))
        let cells = try Numbering([Column(.ints(rows.numbers.map(Int.init))), Column(.ints(columns.numbers.map(Int.init)))], call.vm)
        let f = call.isGiven(4) ? try call.function(4) : nil
        try Limit.check(elements: NumberTheory.product(rows.count, columns.count))
        var result = try table.selecting([row]).taking(rows.firstRows)
        let (order, starts) = try cells.rowsByNumber()
        let grid = try (0..<columns.count).map { _ in
            let list = try call.heap.list(repeating: .nil, count: rows.count)
            call.protect(.list(list))
            return list
        }
        for i in 0..<cells.count {
            let part = order[starts[i]..<starts[i + 1]]
            let first = Int(cells.firstRows[i])
            let list = try value.list(part, skippingMissing: true, call.heap)
            let (atRow, atColumn) = (Int(rows.numbers[first]), Int(columns.numbers[first]))
            if list.count == 0 { continue }
            if let f {
                grid[atColumn][atRow] = try call.vm.call(f, .list(list))
            } else {
                guard list.count == 1 else {
                    let names = try [row, column].map {
                        "\(Printer.quoted($0)) \(Printer.literal(try table.column($0).value(first, call.heap), limit: 40))"
                    }
                    throw call.invalid(3, "there are \(list.count) values for \(names.joined(separator: " and "))",
                        hint: "f: mean makes one of them")
                }
                grid[atColumn][atRow] = list[0]
            }
        }
        let titles = try columns.firstRows.map { try Printer.text(try table.column(column).value(Int($0), call.heap)) }
        for (title, list) in zip(titles, grid) {
            guard !result.names.contains(same: title) else {
                throw call.invalid(2, "two columns would be called \(Printer.quoted(title))", hint: "rename one of the columns first")
            }
            result = try result.setting(title, to: try Column(list.buffer))
        }
        return call.object(TableObject(result))
    }

    private static func group(_ call: Call) throws -> Value {
        let table = try receiver(call)
        let names = try columnNames(1, call)
        let numbering = try numbering(table, names, call)
        let (rows, starts) = try numbering.rowsByNumber()
        var result = try table.selecting(names).taking(numbering.firstRows)
        let aggregates = try named(2, call)
        guard !aggregates.isEmpty else {
            throw call.invalid(0, "a group needs an aggregate",
                hint: "for example t.group(by, n: len), or t.groups(by) for the rows themselves")
        }
        for (name, aggregate) in aggregates {
            guard !names.contains(same: name) else {
                throw call.invalid(2, "\(Printer.quoted(name)) is a column that the rows are grouped by")
            }
            var f = aggregate
            var column = table.names.contains(same: name) ? try table.column(name) : nil
            if f.tag == .list, f.asList.count == 2, f.asList[0].tag == .string {
                column = try table.column(f.asList[0].asString.text)
                f = f.asList[1]
                call.protect(f)
            }
            guard f.tag == .closure || f.tag == .builtin || (f.tag == .host && f.hostObject.isCallable) else {
                throw call.invalid(2,
                    """
                    the aggregate \(Printer.quoted(name)) must be a function, or a list of a column's name and a function, not \
                    \(f.typePhrase)
                    """)
            }
            let values = try call.heap.list(askingFor: numbering.count)
            call.protect(.list(values))
            for i in 0..<numbering.count {
                let part = rows[starts[i]..<starts[i + 1]]
                if let column {
                    let cells = try column.list(part, skippingMissing: true, call.heap)
                    call.heap.append(cells.count == 0 ? .nil : try call.vm.call(f, .list(cells)), to: values)
                } else {
                    call.heap.append(try call.vm.call(f, call.object(TableObject(try table.taking(Array(part))))), to: values)
                }
            }
            result = try result.setting(name, to: try Column(values.buffer))
        }
        return call.object(TableObject(result))
    }
}

extension TextCells {
    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }
}

extension Table {
    /// What `describe` gives: a row for each column.
    func summary(check: () throws -> Void) throws -> Table {
        let samples = columns.map { $0.numbers.flatMap { $0.isEmpty ? nil : Sample($0) } }
        let quartiles = try samples.map { try $0?.quantiles([0, 0.25, 0.5, 0.75, 1], check: check) }
        func column(_ numbers: [Double?]) throws -> Column { try Column(numbers.map { $0.map(Value.float) ?? .nil }) }
        var texts = TextCells(), types = TextCells()
        for (name, column) in zip(names, columns) {
            texts.append(name)
            types.append(column.typeName)
        }
        return try Table(
            names: ["column", "type", "count", "missing", "mean", "std", "min", "q25", "median", "q75", "max"],
            columns: [
                Column(.strings(texts)), Column(.strings(types)),
                Column(.ints(columns.map { $0.count - ($0.missing?.count(where: \.self) ?? 0) })),
                Column(.ints(columns.map { $0.missing?.count(where: \.self) ?? 0 })),
                try column(samples.map { $0?.mean }),
                try column(samples.map { $0.flatMap { $0.numbers.count > 1 ? $0.standardDeviation : nil } }),
            ] + (0..<5).map { i in try column(quartiles.map { $0?[i] }) })
    }
}
