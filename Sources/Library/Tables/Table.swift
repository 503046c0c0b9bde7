import NASLib
import Runtime
import Text

/// Columns of the same length under different names. A value: what would change it makes a new one, which shares the columns that stay.
struct Table {
    let names: [String]
    let columns: [Column]
    let rowCount: Int

    /// - Throws: a shape error for columns of different lengths, a value error for a name that comes twice.
    init(names: [String], columns: [Column]) throws {
        var seen: Set<TextKey> = []
        for name in names where !seen.insert(TextKey(name)).inserted {
            throw RuntimeError(.value, "two columns are called \(Printer.quoted(name))")
        }
        let rowCount = columns.first?.count ?? 0
        for (name, column) in zip(names, columns) where column.count != rowCount {
            throw RuntimeError(
                .shape, "column \(Printer.quoted(name)) has \(column.count) cells and \(Printer.quoted(names[0])) has \(rowCount)",
                hint: "all columns must be of the same length")
        }
        try Limit.check(elements: rowCount)
        self.init(checked: names, columns, rowCount)
    }

    private init(checked names: [String], _ columns: [Column], _ rowCount: Int) {
        self.names = names
        self.columns = columns
        self.rowCount = rowCount
    }

    /// The position of a column.
    /// - Throws: a key error that names the nearest one.
    func index(of name: String) throws -> Int {
        if let index = names.firstIndex(same: name) { return index }
        let near = Suggestion.nearest(to: name, among: names).map { "did you mean \(Printer.quoted($0))?" }
        let known = names.isEmpty ? "it has no columns"
            : "its columns are \(names.prefix(12).joined(separator: ", "))\(names.count > 12 ? ", …" : "")"
        throw RuntimeError(.key, "the table has no column \(Printer.quoted(name))", hint: near ?? known)
    }

    func column(_ name: String) throws -> Column { columns[try index(of: name)] }

    func selecting(_ chosen: [String]) throws -> Table {
        let columns = try chosen.map(column)
        return Table(checked: try Table(names: chosen, columns: columns).names, columns, rowCount)
    }

    func dropping(_ dropped: [String]) throws -> Table {
        let indices = Set(try dropped.map(index))
        let kept = names.indices.filter { !indices.contains($0) }
        return Table(checked: kept.map { names[$0] }, kept.map { columns[$0] }, rowCount)
    }

    func renaming(_ pairs: [(old: String, new: String)]) throws -> Table {
        var names = names
        for (old, new) in pairs { names[try index(of: old)] = new }
        return try Table(names: names, columns: columns)
    }

    /// With a column in place of that of the same name, or after the others.
    func setting(_ name: String, to column: Column) throws -> Table {
        guard let index = names.firstIndex(same: name) else { return try Table(names: names + [name], columns: columns + [column]) }
        var columns = columns
        columns[index] = column
        return try Table(names: names, columns: columns)
    }

    func taking(_ rows: [Int32]) throws -> Table { Table(checked: names, try columns.map { try $0.taking(rows) }, rows.count) }
    func taking(_ rows: Range<Int>) -> Table { Table(checked: names, columns.map { $0.taking(rows) }, rows.count) }

    /// The rows of each combination of cells in some columns, in the order of first occurrence.
    func groups(by names: [String], _ vm: VM) throws -> [(cells: [Value], rows: Table)] {
        try vm.checkInterruption()
        let columns = try names.map(column)
        let numbering = try Numbering(columns, vm)
        let (rows, starts) = try numbering.rowsByNumber()
        // The heap knows of no group before the last one is made.
        try MemoryAccount.ask(numbering.count * (256 + 128 * self.columns.count))
        return try (0..<numbering.count).map { i in
            try vm.checkInterruption()
            return (columns.map { $0.value(Int(numbering.firstRows[i]), vm.heap) }, try taking(Array(rows[starts[i]..<starts[i + 1]])))
        }
    }

    /// The rows of both; the columns must be the same, in any order.
    func appending(_ other: Table, _ heap: Heap) throws -> Table {
        if let extra = other.names.first(where: { !names.contains(same: $0) }) {
            throw RuntimeError(.key, "the second table has a column \(Printer.quoted(extra)) that the first does not have",
                hint: "select or rename the columns so that they agree")
        }
        if let lacking = names.first(where: { !other.names.contains(same: $0) }) {
            throw RuntimeError(.key, "the first table has a column \(Printer.quoted(lacking)) that the second does not have",
                hint: "select or rename the columns so that they agree")
        }
        return try Table(names: names, columns: try zip(names, columns).map { try $1.appending(try other.column($0), heap) })
    }

    func isEqual(to other: Table) -> Bool {
        names.elementsEqual(other.names) { $0.isSame(as: $1) } && rowCount == other.rowCount && zip(columns, other.columns).allSatisfy {
            $0.isEqual(to: $1)
        }
    }
}
