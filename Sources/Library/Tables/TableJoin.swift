import NASLib
import Runtime
import Text

/// How `join` treats rows without a partner.
enum JoinKind: String, CaseIterable {
    /// They are left out.
    case inner
    /// Those of the first table are kept.
    case left
    /// Those of the second table are kept.
    case right
    /// All are kept.
    case outer
}

extension Table {
    /// Every pair of a row of this table and one of `other` with equal cells in the columns `keys`, in the order of this table's rows.
    /// A missing cell equals nothing. Other columns of `other` whose names are taken get `_right` appended.
    ///
    /// O(rows of both + rows of the result).
    func joining(_ other: Table, on keys: [String], _ kind: JoinKind, _ vm: VM) throws -> Table {
        let (mine, theirs) = (try keys.map(column), try keys.map { key in
            do { return try other.column(key) } catch let error as RuntimeError {
                throw RuntimeError(.key, error.message.replacing("the table", with: "the second table"), hint: error.hint)
            }
        })
        for (i, key) in keys.enumerated() where !Table.areComparable(mine[i], theirs[i]) {
            throw RuntimeError(
                .type,
                """
                column \(Printer.quoted(key)) holds \(mine[i].typeName)s in the first table and \(theirs[i].typeName)s in the second, \
                which are never equal
                """,
                hint: "t.with(\(key): r => …) makes one like the other")
        }
        let both = try zip(mine, theirs).map { try $0.appending($1, vm.heap) }
        let numbering = try Numbering(both, vm)
        let isMatchable = { (row: Int) in both.allSatisfy { !$0.isMissing(row) } }
        try MemoryAccount.ask((numbering.count + 2 * other.rowCount) * MemoryLayout<Int32>.stride)
        var partners = Array(repeating: Int32(-1), count: numbering.count)
        var next = Array(repeating: Int32(-1), count: other.rowCount)
        // Chains of the second table's rows with the same key, built from the end so that they are in order.
        for row in stride(from: other.rowCount - 1, through: 0, by: -1) where isMatchable(rowCount + row) {
            let number = Int(numbering.numbers[rowCount + row])
            next[row] = partners[number]
            partners[number] = Int32(row)
        }
        var left: [Int32] = [], right: [Int32] = []
        var isMatched = Array(repeating: false, count: other.rowCount)
        for row in 0..<rowCount {
            try vm.checkInterruption()
            var partner = isMatchable(row) ? partners[Int(numbering.numbers[row])] : -1
            if partner < 0, kind == .left || kind == .outer {
                left.append(Int32(row))
                right.append(-1)
            }
            while partner >= 0 {
                left.append(Int32(row))
                right.append(partner)
                isMatched[Int(partner)] = true
                partner = next[Int(partner)]
                if left.count & 0xffff == 0 { try vm.checkInterruption() }
                try Limit.check(elements: left.count, from: left.count - 1)
            }
        }
        if kind == .right || kind == .outer {
            for row in 0..<other.rowCount where !isMatched[row] {
                left.append(-1)
                right.append(Int32(row))
            }
        }
        var columns = try zip(names, self.columns).map { name, column in
            guard let key = keys.firstIndex(same: name), left.contains(-1) else { return try column.taking(left) }
            // The keys come from whichever side has the row.
            return try both[key].taking(zip(left, right).map { $0 < 0 ? $1 + Int32(rowCount) : $0 })
        }
        var names = names
        for (name, column) in zip(other.names, other.columns) where !keys.contains(same: name) {
            names.append(self.names.contains(same: name) ? name + "_right" : name)
            columns.append(try column.taking(right))
        }
        return try Table(names: names, columns: columns)
    }

    private static func areComparable(_ a: Column, _ b: Column) -> Bool {
        if case .values = a.cells { return true }
        if case .values = b.cells { return true }
        return a.typeName == b.typeName || (a.isNumeric && b.isNumeric)
    }
}
