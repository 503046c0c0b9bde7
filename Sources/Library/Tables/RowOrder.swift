import NASLib
import Runtime

/// The order of a table's rows by one column or several.
enum RowOrder {
    struct Key {
        var column: Column
        var isReversed: Bool
    }

    /// The rows in order. Equal rows stay in theirs; nan comes after the numbers and missing cells come last, in either direction.
    /// - Throws: a type error where cells have no order among each other.
    static func rows(by keys: [Key], count: Int, _ vm: VM) throws -> [Int32] {
        // The rows, their ranks, and both once more while they are sorted.
        try MemoryAccount.ask(count * 40)
        var rows = (0..<Int32(count)).map { $0 }
        // The last key first: the sorts being stable, the order by earlier keys then keeps it among equals.
        for key in keys.reversed() {
            try vm.checkInterruption()
            let ranks = try ranks(of: key.column, vm)
            rows = try sorted(rows, by: key.isReversed ? ranks.map { ~$0 } : ranks, vm)
            if case .floats(let cells) = key.column.cells { rows = movingToEnd(rows) { cells[$0].isNaN } }
            if key.column.missing != nil { rows = movingToEnd(rows, where: key.column.isMissing) }
        }
        return rows
    }

    private static func movingToEnd(_ rows: [Int32], where isLast: (Int) -> Bool) -> [Int32] {
        let last = rows.filter { isLast(Int($0)) }
        return last.isEmpty ? rows : rows.filter { !isLast(Int($0)) } + last
    }

    /// Unsigned numbers in the order of the cells.
    private static func ranks(of column: Column, _ vm: VM) throws -> [UInt64] {
        let sign: UInt64 = 1 << 63
        switch column.cells {
        case .ints(let cells): return cells.map { UInt64(bitPattern: Int64($0)) ^ sign }
        case .floats(let cells):
            // As unsigned ints, the bits of positive floats are in order, and those of negative ones in reverse.
            return cells.map {
                let bits = ($0 == 0 ? 0 : $0).bitPattern
                return bits & sign == 0 ? bits | sign : ~bits
            }
        case .bools(let cells): return cells.map { $0 ? 1 : 0 }
        case .strings(let cells):
            let numbering = try Numbering([column], vm)
            return ranks(of: numbering, try order(of: cells, numbering.firstRows, vm))
        case .values(let cells):
            var ranks = Array(repeating: UInt64(0), count: cells.count)
            let order = try cells.indices.filter { !column.isMissing($0) }.sorted { try isLess(cells[$0], cells[$1], vm) }
            for (place, row) in order.enumerated() where place > 0 {
                let before = order[place - 1]
                ranks[row] = try isLess(cells[before], cells[row], vm) ? UInt64(place) : ranks[before]
            }
            return ranks
        }
    }

    private static func isLess(_ a: Value, _ b: Value, _ vm: VM) throws -> Bool {
        try vm.checkInterruption()
        return try vm.isLess(a, b)
    }

    /// The numbers of distinct texts in the texts' order: by the first eight bytes after what all of them begin with, and only
    /// where these agree by the rest.
    private static func order(of cells: TextCells, _ rows: [Int32], _ vm: VM) throws -> [Int32] {
        let shared = cells.sharedStart(rows)
        let heads = rows.map { row in
            cells.withBytes(Int(row)) { bytes in
                (shared..<shared + 8).reduce(UInt64(0)) { $0 << 8 | ($1 < bytes.count ? UInt64(bytes[$1]) : 0) }
            }
        }
        var order = try sorted((0..<Int32(rows.count)).map { $0 }, by: heads, vm)
        var start = 0
        while start < order.count {
            let end = order[start...].firstIndex { heads[Int($0)] != heads[Int(order[start])] } ?? order.count
            if end > start + 1 {
                try order[start..<end].sort { a, b in
                    try vm.checkInterruption()
                    return cells.withBytes(Int(rows[Int(a)])) { x in cells.withBytes(Int(rows[Int(b)])) { TextCells.compare(x, $0) < 0 } }
                }
            }
            start = end
        }
        return order
    }

    private static func ranks(of numbering: Numbering, _ order: [Int32]) -> [UInt64] {
        var rank = Array(repeating: UInt64(0), count: order.count)
        for (place, number) in order.enumerated() { rank[Int(number)] = UInt64(place) }
        return numbering.numbers.map { rank[Int($0)] }
    }

    // MARK: - Radix sort

    private struct Item {
        var rank: UInt64
        var row: Int32
    }

    /// Rows in the order of their ranks: a least-significant-digit radix sort, O(n) and stable. Digits that all ranks share cost no pass.
    private static func sorted(_ rows: [Int32], by ranks: [UInt64], _ vm: VM) throws -> [Int32] {
        let bits = 11, digits = 6, size = 1 << bits
        var items = rows.map { Item(rank: ranks[Int($0)], row: $0) }
        var counts = Array(repeating: 0, count: digits * size)
        for item in items {
            for digit in 0..<digits { counts[digit * size + Int(truncatingIfNeeded: item.rank >> UInt64(digit * bits)) & (size - 1)] += 1 }
        }
        var target = items
        for digit in 0..<digits {
            let shift = UInt64(digit * bits)
            var next = Array(counts[digit * size..<(digit + 1) * size])
            if next.contains(items.count) { continue }
            try vm.checkInterruption()
            var start = 0
            for value in 0..<size { (next[value], start) = (start, start + next[value]) }
            for item in items {
                let value = Int(truncatingIfNeeded: item.rank >> shift) & (size - 1)
                target[next[value]] = item
                next[value] += 1
            }
            swap(&items, &target)
        }
        return items.map(\.row)
    }
}
