import Text

/// A table ready to be shown: the cells as texts, with rows left out of the middle where there are many.
public struct DisplayedTable: Sendable {
    public struct Column: Sendable {
        public var name: String
        /// The cells' type: `int`, `float`, `bool`, `string`, or `any`.
        public var type: String
        /// Numbers stand at the right.
        public var isNumeric: Bool
        /// The cells of the rows shown.
        public var cells: [String]
    }

    public var columns: [Column]
    /// The positions of the rows shown; there are rows between two that do not follow one another.
    public var rows: [Int]
    /// How many rows there are in all.
    public var rowCount: Int
}

extension DisplayedTable {
    static let rowLimit = 20
    private static let cellLimit = 40

    /// The first and last rows of a table.
    init(_ table: Table, rowLimit: Int = DisplayedTable.rowLimit) {
        rowCount = table.rowCount
        rows = rowCount <= rowLimit ? Array(0..<rowCount) : Array(0..<10) + Array(rowCount - 5..<rowCount)
        columns = []
        for (name, column) in zip(table.names, table.columns) {
            columns.append(Column(name: DisplayedTable.line(name), type: column.typeName, isNumeric: column.isNumeric, cells: cells(of: column)))
        }
    }

    private func cells(of column: Runtime.Column) -> [String] {
        var decimals: Int?
        if case .floats(let cells) = column.cells { decimals = DisplayedTable.decimals(rows.filter { !column.isMissing($0) }.map { cells[$0] }) }
        return rows.map { row in
            if column.isMissing(row) { return "nil" }
            switch column.cells {
            case .ints(let cells): return String(cells[row])
            case .floats(let cells):
                guard cells[row].isFinite else { return Numbers.shortest(cells[row]) }
                return decimals.map { Numbers.fixed(cells[row], $0) } ?? Numbers.significant(cells[row], 5)
            case .bools(let cells): return cells[row] ? "true" : "false"
            case .strings(let cells): return DisplayedTable.line(cells.text(row))
            case .values(let cells): return DisplayedTable.line(cells[row].tag == .string ? cells[row].asString.text : Printer.literal(cells[row], limit: DisplayedTable.cellLimit))
            }
        }
    }

    /// How many decimals show the numbers of a column: as many as they have, up to four; nil where these would lose too much.
    private static func decimals(_ cells: [Double]) -> Int? {
        let magnitudes = cells.filter(\.isFinite).map(abs)
        guard (magnitudes.max() ?? 0) < 1e9, (magnitudes.filter { $0 > 0 }.min() ?? 1) >= 1e-4 else { return nil }
        return (1...3).first { decimals in magnitudes.allSatisfy { Double(Numbers.fixed($0, decimals)) == Double(Numbers.fixed($0, 4)) } } ?? 4
    }

    /// On one line, and cut off where it is long.
    private static func line(_ text: String) -> String {
        let line = text.prefix(cellLimit + 1).map { $0.isASCII && $0.isNewline || $0 == "\t" ? " " : String($0).harmless }.joined()
        return line.count > cellLimit ? line.prefix(cellLimit - 1) + "…" : line
    }

    /// `table of 3 rows, 2 columns`
    var size: String { "table of \(rowCount) row\(rowCount == 1 ? "" : "s"), \(columns.count) column\(columns.count == 1 ? "" : "s")" }

    /// Aligned text for a terminal: as many columns as fit the width, and what is left out in words.
    public func text(width: Int) -> String {
        guard !columns.isEmpty else { return size }
        var blocks = [block("", rows.map(String.init), isRight: true)]
        var used = blocks[0].width
        var shown = 0
        for column in columns {
            let next = block(column.name, column.cells, isRight: column.isNumeric)
            let reserve = shown + 1 < columns.count ? 3 : 0
            guard used + 2 + next.width + reserve <= width || shown == 0 else { break }
            blocks.append(next)
            used += 2 + next.width
            shown += 1
        }
        if shown < columns.count { blocks.append(block("…", rows.map { _ in "…" }, isRight: false)) }
        var lines = [size]
        for line in 0...rows.count {
            lines.append(blocks.map { $0.lines[line] }.joined(separator: "  ").trimmingBlanks)
            if line > 0, line < rows.count, rows[line] != rows[line - 1] + 1 {
                lines.append(String(repeating: " ", count: max(0, blocks[0].width - 1)) + "…  \(rows[line] - rows[line - 1] - 1) more rows")
            }
        }
        if shown < columns.count {
            let rest = columns[shown...].map(\.name)
            lines.append("and \(rest.count) more column\(rest.count == 1 ? "" : "s"): \(rest.prefix(8).joined(separator: ", "))\(rest.count > 8 ? ", …" : "")")
        }
        return lines.joined(separator: "\n")
    }

    private func block(_ name: String, _ cells: [String], isRight: Bool) -> (lines: [String], width: Int) {
        let texts = [name] + cells
        let widths = texts.map(DisplayWidth.of)
        let width = widths.max() ?? 0
        let lines = zip(texts, widths).map { text, own in
            let blanks = String(repeating: " ", count: width - own)
            return isRight ? blanks + text : text + blanks
        }
        return (lines, width)
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
