import NASLib
import Runtime

/// Numbers rows by their keys: equal keys get the same number, counted in the order of first occurrence.
struct Numbering {
    /// The number of each row.
    private(set) var numbers: [Int32] = []
    /// The first row of each number.
    private(set) var firstRows: [Int32] = []

    /// Open addressing with linear probing: 0 is free, otherwise a number + 1.
    private var slots: [Int32] = Array(repeating: 0, count: 1 << 10)
    private var hashes: [UInt32] = []

    /// How many keys there are.
    var count: Int { firstRows.count }

    /// Rows numbered by their cells in all of the columns, a missing cell being a key like any other.
    /// - Throws: a type error for cells that could change.
    init(_ columns: [Column], _ vm: VM) throws {
        self.init()
        for (i, column) in columns.enumerated() {
            self = i == 0 ? try Numbering(column, vm) : try Numbering(self, try Numbering(column, vm), vm)
        }
    }

    private init() {}

    private init(_ column: Column, _ vm: VM) throws {
        switch column.cells {
        case .ints(let cells): try fill(column, vm) { UInt64(bitPattern: Int64(cells[$0])) }
        case .floats(let cells): try fill(column, vm) { Numbering.key(cells[$0]) }
        case .bools(let cells): try fill(column, vm) { cells[$0] ? 1 : 0 }
        case .strings(let cells):
            try fill(column, vm, hash: { cells.withBytes($0, StringRef.hash) }, isSame: { cells.isEqual($0, cells, $1) })
        case .values(let cells):
            let hashes = try cells.map { cell in
                if let hash = hashKey(cell) { return hash }
                throw RuntimeError(.type, "\(cell.typePhrase) cannot be told apart by a key")
            }
            try fill(column, vm, hash: { hashes[$0] }, isSame: { equalKeys(cells[$0], cells[$1]) })
        }
    }

    /// The pairs of two numberings of the same rows.
    private init(_ a: Numbering, _ b: Numbering, _ vm: VM) throws {
        let rows = a.numbers.count
        let width = UInt64(b.count)
        let pairs = Column(.bools(Array(repeating: false, count: rows)))
        try fill(pairs, vm) { UInt64(a.numbers[$0]) * width + UInt64(b.numbers[$0]) }
    }

    /// Equal floats have equal keys: 0.0 and -0.0, and nan is the same as itself.
    static func key(_ x: Double) -> UInt64 { x == 0 ? 0 : x.isNaN ? Double.nan.bitPattern : x.bitPattern }

    private mutating func fill(_ column: Column, _ vm: VM, key: (Int) -> UInt64) throws {
        try fill(column, vm, hash: {
            let hash = key($0) &* 0x9e37_79b9_7f4a_7c15
            return UInt32(truncatingIfNeeded: hash >> 32)
        }, isSame: { key($0) == key($1) })
    }

    @inline(__always) private mutating func fill(_ column: Column, _ vm: VM, hash: (Int) -> UInt32, isSame: (Int, Int) -> Bool) throws {
        let rows = column.count
        try MemoryAccount.ask(rows * MemoryLayout<Int32>.stride)
        numbers.reserveCapacity(rows)
        var missing: Int32?
        for row in 0..<rows {
            if row & 0xffff == 0 { try vm.checkInterruption() }
            if column.isMissing(row) {
                let number = missing ?? Int32(count)
                if missing == nil { firstRows.append(Int32(row)); hashes.append(0) }
                missing = number
                numbers.append(number)
                continue
            }
            let hash = hash(row)
            var slot = Int(hash) & (slots.count - 1)
            while true {
                let found = slots[slot] - 1
                if found < 0 {
                    slots[slot] = Int32(count) + 1
                    numbers.append(Int32(count))
                    firstRows.append(Int32(row))
                    hashes.append(hash)
                    if count * 2 > slots.count { try grow(missing) }
                    break
                }
                if hashes[Int(found)] == hash, isSame(Int(firstRows[Int(found)]), row) {
                    numbers.append(found)
                    break
                }
                slot = (slot + 1) & (slots.count - 1)
            }
        }
    }

    private mutating func grow(_ missing: Int32?) throws {
        // Besides the places, there will be twice as many keys before it grows again.
        try MemoryAccount.ask(4 * slots.count * (MemoryLayout<Int32>.stride + 8))
        slots = Array(repeating: 0, count: slots.count * 4)
        for number in 0..<Int32(count) where number != missing {
            var slot = Int(hashes[Int(number)]) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = number + 1
        }
    }

    /// The rows of each number one after the other, and where each number's rows begin (one more entry than there are numbers).
    func rowsByNumber() throws -> (rows: [Int32], starts: [Int]) {
        try MemoryAccount.ask(numbers.count * MemoryLayout<Int32>.stride + 2 * count * MemoryLayout<Int>.stride)
        var starts = Array(repeating: 0, count: count + 1)
        for number in numbers { starts[Int(number) + 1] += 1 }
        for i in 0..<count { starts[i + 1] += starts[i] }
        var next = starts
        var rows = Array(repeating: Int32(0), count: numbers.count)
        for (row, number) in numbers.enumerated() {
            rows[next[Int(number)]] = Int32(row)
            next[Int(number)] += 1
        }
        return (rows, starts)
    }
}
