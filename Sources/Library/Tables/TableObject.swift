import Lang
import NASLib
import Plots
import Runtime
import Text

/// A table in the language. It never changes: what would change it gives a new one.
final class TableObject: HostObject {
    let table: Table

    init(_ table: Table) { self.table = table }

    override var typeName: String { "table" }
    override var description: String {
        let names = table.names.prefix(8).map { Keywords.isName($0) ? $0 : Printer.quoted($0) }
        let rows = "\(table.rowCount) row\(table.rowCount == 1 ? "" : "s")"
        return "<table of \(rows): \(names.joined(separator: ", "))\(table.names.count > 8 ? ", …" : "")>"
    }
    override func display(width: Int) -> String { DisplayedTable(table).text(width: width) }
    override var displayedTable: DisplayedTable? { DisplayedTable(table) }
    override var plainForm: PlainForm? { .elements }
    override var count: Int? { table.rowCount }
    override var isLarge: Bool { true }
    override var footprint: Int { table.columns.reduce(0) { $0 + $1.footprint } }
    override var hashForKey: Int? { nil }
    override func isEqual(to other: HostObject) -> Bool { (other as? TableObject)?.table.isEqual(to: table) ?? false }

    override func visitValues(_ visit: (Value) -> Void) {
        for column in table.columns {
            if case .values(let cells) = column.cells { cells.forEach(visit) }
        }
    }

    // MARK: - Columns and rows

    override func member(_ name: String, _ vm: VM) throws -> Value? {
        try table.names.firstIndex(same: name).map { .list(try table.columns[$0].list(0..<table.rowCount, vm.heap)) }
    }

    override var memberNames: [String] { table.names.filter(Keywords.isName) }

    /// `t[3]` is a row, `t[2..5]` a table of some, `t["a"]` a column's cells, `t[3, "a"]` one of them.
    override func element(at indices: [Value], _ vm: VM) throws -> Value? {
        guard indices.count <= 2 else {
            throw RuntimeError(.index, "a table is indexed by a row, a column, or both, not by \(indices.count) indices")
        }
        let index = indices[0]
        if indices.count == 2 {
            guard indices[1].tag == .string else {
                throw RuntimeError(.type, "a table's second index is the name of a column, not \(indices[1].typePhrase)")
            }
            let column = try table.column(indices[1].asString.text)
            if index.tag == .range {
                let (lower, upper) = try vm.bounds(index.asRange, count: table.rowCount)
                return .list(try column.list(lower..<upper, vm.heap))
            }
            return column.value(try vm.position(index, count: table.rowCount, of: "table"), vm.heap)
        }
        switch index.tag {
        case .string: return .list(try table.column(index.asString.text).list(0..<table.rowCount, vm.heap))
        case .range:
            let (lower, upper) = try vm.bounds(index.asRange, count: table.rowCount)
            try MemoryAccount.ask(table.columns.count * (upper - lower) * MemoryLayout<Value>.stride)
            return .host(vm.heap.host(TableObject(table.taking(lower..<upper))))
        case .list:
            let rows = try index.asList.array.map { Int32(try vm.position($0, count: table.rowCount, of: "table")) }
            return .host(vm.heap.host(TableObject(try table.taking(rows))))
        case .int: return TableRows(table, vm.heap).map(at: try vm.position(index, count: table.rowCount, of: "table"))
        default: throw RuntimeError(.type,
            "a table is indexed by a row's number, a range, a list of numbers or a column's name, not by \(index.typePhrase)")
        }
    }

    override func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool {
        throw RuntimeError(.type, "a table cannot be changed", hint: "t.with(name: cells) makes a new one")
    }

    override func makeIterator(_ vm: VM) -> HostIterator? { RowIterator(self, vm.heap) }

    private final class RowIterator: HostIterator {
        private let object: TableObject
        private let rows: TableRows
        private var position = 0

        init(_ object: TableObject, _ heap: Heap) {
            self.object = object
            rows = TableRows(object.table, heap)
        }

        override var count: Int? { object.table.rowCount }
        override var footprint: Int { object.table.names.count * 8 }
        override func visitValues(_ visit: (Value) -> Void) { object.visitValues(visit) }

        override func next(_ vm: VM) throws -> Value? {
            guard position < object.table.rowCount else { return nil }
            position += 1
            return rows.map(at: position - 1)
        }
    }

    /// A name is in a table that has such a column.
    override func contains(_ value: Value, _ vm: VM) throws -> Bool? {
        value.tag == .string ? table.names.contains(same: value.asString.text) : nil
    }

    /// `a + b`: the rows of both.
    override func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? {
        guard op == .add, isLeft, other.tag == .host, let object = other.hostObject as? TableObject else { return nil }
        return .host(vm.heap.host(TableObject(try table.appending(object.table, vm.heap))))
    }
}

extension TableObject: Plottable, FileForm {
    func plot(_ vm: VM) throws -> PlotDescription {
        let columns = try PlotColumns(table, vm.heap)
        guard !columns.numbers.isEmpty else { throw RuntimeError(.value, "the table has no column of numbers", argument: 0) }
        return try columns.plot()
    }

    func file(_ vm: VM) throws -> (bytes: [UInt8], ending: String) { (try CSV.format(table, delimiter: UInt8(ascii: ","), vm), ".csv") }
}

/// Makes maps of a table's rows.
struct TableRows {
    private let table: Table
    private let heap: Heap
    private let keys: [StringRef]

    init(_ table: Table, _ heap: Heap) {
        self.table = table
        self.heap = heap
        keys = table.names.map(heap.intern)
    }

    func map(at row: Int) -> Value {
        let map = heap.map(capacity: keys.count)
        for (key, column) in zip(keys, table.columns) {
            heap.charge(map.append(.string(key), hash: key.hash, value: column.value(row, heap)))
        }
        return .map(map)
    }
}
