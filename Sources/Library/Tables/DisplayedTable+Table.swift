import Lang
import Runtime
import Text

/// Within `DisplayedTable` that is the column shown.
private typealias TableColumn = Column

extension DisplayedTable {
    static let rowLimit = 20
    private static let cellLimit = 40

    /// The first and last rows of a table.
    init(_ table: Table, rowLimit: Int = DisplayedTable.rowLimit) {
        let count = table.rowCount
        self.init(columns: [], rows: count <= rowLimit ? Array(0..<count) : Array(0..<10) + Array(count - 5..<count), rowCount: count)
        for (name, column) in zip(table.names, table.columns) {
            columns.append(
                Column(name: DisplayedTable.line(name), type: column.typeName, isNumeric: column.isNumeric, cells: cells(of: column)))
        }
    }

    private func cells(of column: TableColumn) -> [String] {
        var decimals: Int?
        if case .floats(let cells) = column.cells {
            decimals = DisplayedTable.decimals(rows.filter { !column.isMissing($0) }.map { cells[$0] })
        }
        return rows.map { row in
            if column.isMissing(row) { return "nil" }
            switch column.cells {
            case .ints(let cells): return String(cells[row])
            case .floats(let cells):
                guard cells[row].isFinite else { return Numbers.shortest(cells[row]) }
                return decimals.map { Numbers.fixed(cells[row], $0) } ?? Numbers.significant(cells[row], 5)
            case .bools(let cells): return cells[row] ? "true" : "false"
            case .strings(let cells): return DisplayedTable.line(cells.text(row))
            case .values(let cells): return DisplayedTable.line(cells[row].tag == .string ? cells[row].asString.text
                : Printer.literal(cells[row], limit: DisplayedTable.cellLimit))
            }
        }
    }

    /// How many decimals show the numbers of a column: as many as they have, up to four; nil where these would lose too much.
    private static func decimals(_ cells: [Double]) -> Int? {
        let magnitudes = cells.filter(\.isFinite).map(abs)
        guard (magnitudes.max() ?? 0) < 1e9, (magnitudes.filter { $0 > 0 }.min() ?? 1) >= 1e-4 else { return nil }
        return (1...3).first { decimals in magnitudes.allSatisfy { Double(Numbers.fixed($0, decimals)) == Double(Numbers.fixed($0, 4)) } }
            ?? 4
    }

    /// On one line, and cut off where it is long.
    private static func line(_ text: String) -> String {
        let line = text.prefix(cellLimit + 1).map { $0.isASCII && $0.isNewline || $0 == "\t" ? " " : String($0).harmless }.joined()
        return line.count > cellLimit ? line.prefix(cellLimit - 1) + "…" : line
    }
}
