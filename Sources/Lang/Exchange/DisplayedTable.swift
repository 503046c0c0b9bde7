import Text

/// A table ready to be shown: the cells as texts, with rows left out of the middle where there are many.
public struct DisplayedTable: Sendable {
    package struct Column: Sendable {
        package var name: String
        /// The cells' type: `int`, `float`, `bool`, `string`, or `any`.
        package var type: String
        /// Whether the column holds numbers, which are aligned to the right.
        package var isNumeric: Bool
        /// The cells of the rows shown.
        package var cells: [String]

        package init(name: String, type: String, isNumeric: Bool, cells: [String]) {
            (self.name, self.type, self.isNumeric, self.cells) = (name, type, isNumeric, cells)
        }
    }

    package var columns: [Column]
    /// The positions of the rows shown, with gaps where rows are left out.
    package var rows: [Int]
    /// The number of all rows.
    package var rowCount: Int

    package init(columns: [Column], rows: [Int], rowCount: Int) { (self.columns, self.rows, self.rowCount) = (columns, rows, rowCount) }
}

extension DisplayedTable {
    /// The size in words: `table of 3 rows, 2 columns`.
    package var size: String {
        "table of \(rowCount) row\(rowCount == 1 ? "" : "s"), \(columns.count) column\(columns.count == 1 ? "" : "s")"
    }

    /// Aligned text for a terminal: as many columns as fit the width, and a note of what is left out.
    package func text(width: Int) -> String {
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
            lines.append(
                """
                and \(rest.count) more column\(rest.count == 1 ? "" : "s"): \
                \(rest.prefix(8).joined(separator: ", "))\(rest.count > 8 ? ", …" : "")
                """)
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
