import Foundation
import Lang
import NASLib
import Runtime

/// One column of a table: its cells in an array of their kind, and which of them are missing. A value: never changed.
struct Column {
    enum Cells {
        case ints([Int])
        case floats([Double])
        case bools([Bool])
        case strings(TextCells)
        /// Anything else, or a mixture.
        case values([Value])
    }

    let cells: Cells
    /// True where a cell is missing (`nil` in the language); nil when none is. What `cells` holds there says nothing.
    let missing: [Bool]?

    init(_ cells: Cells, missing: [Bool]? = nil) {
        self.cells = cells
        self.missing = missing.flatMap { $0.contains(true) ? $0 : nil }
    }

    /// The column of these values, in the narrowest kind that holds them all: ints among floats become floats where
    /// that changes none of them.
    /// - Throws: a limit error for texts that take too much memory, as do the other ways of making a column.
    init(_ values: some Collection<Value>) throws {
        var tags: Set<Value.Tag> = []
        var isExact = true
        var last: Value.Tag?
        for (i, value) in values.enumerated() {
            if i & 0xffff == 0 { try Cancellation.check() }
            if value.tag != last {
                tags.insert(value.tag == .true ? .false : value.tag)
                last = value.tag
            }
            if value.tag == .int, Int(exactly: Double(value.asInt)) != value.asInt { isExact = false }
        }
        try MemoryAccount.ask(values.count * (MemoryLayout<Value>.stride + 1))
        let missing = tags.remove(.nil) == nil ? nil : values.map(\.isNil)
        switch tags {
        case [.int]: self.init(.ints(values.map { $0.isNil ? 0 : $0.asInt }), missing: missing)
        case [.float],
            [.int, .float] where isExact:
            self.init(.floats(values.map { $0.number ?? 0 }), missing: missing)
        case [.false]: self.init(.bools(values.map { $0.tag == .true }), missing: missing)
        case [.string]:
            try Limit.check(columnBytes: values.reduce(0) { $0 + ($1.isNil ? 0 : $1.asString.byteCount) })
            var texts = TextCells()
            for value in values { if value.isNil { texts.appendEmpty() } else { texts.append(value.asString.buffer) } }
            self.init(.strings(texts), missing: missing)
        default: self.init(.values(Array(values)), missing: missing)
        }
    }

    var count: Int {
        switch cells {
        case .ints(let cells): cells.count
        case .floats(let cells): cells.count
        case .bools(let cells): cells.count
        case .strings(let cells): cells.count
        case .values(let cells): cells.count
        }
    }

    /// The name of the cells' type; `any` for a mixture.
    var typeName: String {
        switch cells {
        case .ints: "int"
        case .floats: "float"
        case .bools: "bool"
        case .strings: "string"
        case .values: "any"
        }
    }

    var isNumeric: Bool {
        switch cells {
        case .ints, .floats: true
        default: false
        }
    }

    /// Bytes it takes.
    var footprint: Int {
        let cells =
            switch cells {
            case .ints(let cells): cells.count * 8
            case .floats(let cells): cells.count * 8
            case .bools(let cells): cells.count
            case .strings(let cells): cells.footprint
            case .values(let cells): cells.count * 16
            }
        return cells + (missing?.count ?? 0)
    }

    @inline(__always) func isMissing(_ row: Int) -> Bool { missing?[row] ?? false }

    /// A cell as a value of the language.
    func value(_ row: Int, _ heap: Heap) -> Value {
        if isMissing(row) { return .nil }
        switch cells {
        case .ints(let cells): return .int(cells[row])
        case .floats(let cells): return .float(cells[row])
        case .bools(let cells): return .bool(cells[row])
        case .strings(let cells): return .string(cells.withBytes(row) { heap.string(bytes: $0) })
        case .values(let cells): return cells[row]
        }
    }

    /// All cells, or those of some rows, as a list of the language.
    func list(_ rows: some Collection<some BinaryInteger>, skippingMissing: Bool = false, _ heap: Heap) throws -> ListRef {
        let list = try heap.list(askingFor: rows.count)
        for row in rows where !(skippingMissing && isMissing(Int(row))) { heap.append(value(Int(row), heap), to: list) }
        return list
    }

    /// What `cell` gives for each row.
    func gathered<Cell>(_ cell: (Int) -> Cell) throws -> [Cell] {
        try MemoryAccount.ask(count * MemoryLayout<Cell>.stride)
        var result: [Cell] = []
        result.reserveCapacity(count)
        for row in 0..<count {
            if row & 0xfff == 0 { try Cancellation.check() }
            result.append(cell(row))
        }
        return result
    }

    /// The numbers that are there, missing ones left out; nil for a column that is not numeric.
    var numbers: [Double]? {
        switch cells {
        case .ints(let cells): cells.indices.compactMap { isMissing($0) ? nil : Double(cells[$0]) }
        case .floats(let cells): cells.indices.compactMap { isMissing($0) ? nil : cells[$0] }
        default: nil
        }
    }

    /// The cells of the given rows, in that order; a negative row gives a missing cell.
    func taking(_ rows: [Int32]) throws -> Column {
        try MemoryAccount.ask(rows.count * (MemoryLayout<Value>.stride + 1))
        let hasGaps = rows.contains { $0 < 0 }
        let missing: [Bool]? = hasGaps || self.missing != nil ? rows.map { $0 < 0 || isMissing(Int($0)) } : nil
        func pick<Cell>(_ cells: [Cell], _ blank: Cell) -> [Cell] {
            hasGaps ? rows.map { $0 < 0 ? blank : cells[Int($0)] } : rows.map { cells[Int($0)] }
        }
        switch cells {
        case .ints(let cells): return Column(.ints(pick(cells, 0)), missing: missing)
        case .floats(let cells): return Column(.floats(pick(cells, 0)), missing: missing)
        case .bools(let cells): return Column(.bools(pick(cells, false)), missing: missing)
        case .strings(let cells): return Column(.strings(try cells.taking(rows)), missing: missing)
        case .values(let cells): return Column(.values(pick(cells, .nil)), missing: missing)
        }
    }

    func taking(_ rows: Range<Int>) -> Column {
        let missing = missing.map { Array($0[rows]) }
        switch cells {
        case .ints(let cells): return Column(.ints(Array(cells[rows])), missing: missing)
        case .floats(let cells): return Column(.floats(Array(cells[rows])), missing: missing)
        case .bools(let cells): return Column(.bools(Array(cells[rows])), missing: missing)
        case .strings(let cells): return Column(.strings(cells.taking(rows)), missing: missing)
        case .values(let cells): return Column(.values(Array(cells[rows])), missing: missing)
        }
    }

    /// The cells of both, one after the other.
    func appending(_ other: Column, _ heap: Heap) throws -> Column {
        try MemoryAccount.ask(footprint + other.footprint)
        let missing = missing == nil && other.missing == nil ? nil
            : (missing ?? Array(repeating: false, count: count)) + (other.missing ?? Array(repeating: false, count: other.count))
        switch (cells, other.cells) {
        case (.ints(let a), .ints(let b)): return Column(.ints(a + b), missing: missing)
        case (.floats(let a), .floats(let b)): return Column(.floats(a + b), missing: missing)
        case (.bools(let a), .bools(let b)): return Column(.bools(a + b), missing: missing)
        case (.strings(let a), .strings(let b)): return Column(.strings(try a.appending(b)), missing: missing)
        default:
            try MemoryAccount.ask(4 * (count + other.count) * MemoryLayout<Value>.stride)
            return try Column(list(0..<count, heap).array + other.list(0..<other.count, heap).array)
        }
    }

    /// Cell by cell, as `==` compares values; missing equals missing.
    func isEqual(to other: Column) -> Bool {
        count == other.count && (0..<count).allSatisfy { row in
            isMissing(row) || other.isMissing(row) ? isMissing(row) == other.isMissing(row) : isEqual(to: other, at: row)
        }
    }

    private func isEqual(to other: Column, at row: Int) -> Bool {
        switch (cells, other.cells) {
        case (.ints(let a), .ints(let b)): return a[row] == b[row]
        case (.floats(let a), .floats(let b)): return a[row] == b[row]
        case (.ints(let a), .floats(let b)): return Equality.equal(a[row], b[row])
        case (.floats(let a), .ints(let b)): return Equality.equal(b[row], a[row])
        case (.bools(let a), .bools(let b)): return a[row] == b[row]
        case (.strings(let a), .strings(let b)): return a.isEqual(row, b, row)
        case (.values(let a), .values(let b)): return Equality.equal(a[row], b[row])
        case (.values(let a), .strings(let b)): return a[row].tag == .string && b.withBytes(row) {
            $0.elementsEqual(a[row].asString.buffer)
        }
        case (.values(let a), .ints(let b)): return Equality.equal(a[row], .int(b[row]))
        case (.values(let a), .floats(let b)): return Equality.equal(a[row], .float(b[row]))
        case (.values(let a), .bools(let b)): return Equality.equal(a[row], .bool(b[row]))
        case (_, .values): return other.isEqual(to: self, at: row)
        default: return false
        }
    }
}

/// Texts, one after the other in a single block of UTF-8.
struct TextCells {
    private var bytes: [UInt8] = []
    /// Where each text ends in `bytes`; it begins where the one before ends.
    private var ends: [Int] = []

    var count: Int { ends.count }
    var footprint: Int { bytes.count + ends.count * 8 }

    @inline(__always) func range(_ row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }

    @inline(__always) mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    mutating func appendEmpty() { ends.append(bytes.count) }

    @inline(__always) func withBytes<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[range(row)])) }
    }

    func text(_ row: Int) -> String { String(decoding: bytes[range(row)], as: UTF8.self) }

    @inline(__always) func isEqual(_ row: Int, _ other: TextCells, _ otherRow: Int) -> Bool {
        withBytes(row) { a in other.withBytes(otherRow) { b in a.count == b.count && (a.isEmpty || TextCells.compare(a, b) == 0) } }
    }

    /// Below, at or above 0 as `a` comes before, equals or comes after `b` in the order of code points.
    @inline(__always) static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        let common = min(a.count, b.count)
        guard common > 0, let x = a.baseAddress, let y = b.baseAddress else { return a.count - b.count }
        let difference = memcmp(x, y, common)
        return difference != 0 ? Int(difference) : a.count - b.count
    }

    /// How many bytes all of these texts have in common at their start.
    func sharedStart(_ rows: [Int32]) -> Int {
        guard let first = rows.first else { return 0 }
        return withBytes(Int(first)) { start in
            rows.reduce(start.count) { shared, row in
                withBytes(Int(row)) { text in (0..<min(shared, text.count)).first { start[$0] != text[$0] } ?? min(shared, text.count) }
            }
        }
    }

    func taking(_ rows: [Int32]) throws -> TextCells {
        try Limit.check(columnBytes: rows.reduce(0) { $0 + ($1 >= 0 ? range(Int($1)).count : 0) })
        var result = TextCells()
        result.ends.reserveCapacity(rows.count)
        bytes.withUnsafeBufferPointer { bytes in
            for row in rows {
                if row >= 0 { result.append(UnsafeBufferPointer(rebasing: bytes[range(Int(row))])) } else { result.appendEmpty() }
            }
        }
        return result
    }

    func taking(_ rows: Range<Int>) -> TextCells {
        guard !rows.isEmpty else { return TextCells() }
        let start = range(rows.lowerBound).lowerBound
        var result = TextCells()
        result.bytes = Array(bytes[start..<ends[rows.upperBound - 1]])
        result.ends = ends[rows].map { $0 - start }
        return result
    }

    func appending(_ other: TextCells) throws -> TextCells {
        try Limit.check(columnBytes: bytes.count + other.bytes.count)
        var result = self
        result.bytes += other.bytes
        result.ends += other.ends.map { $0 + bytes.count }
        return result
    }
}
