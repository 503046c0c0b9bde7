import Lang

/// Draws the entry being edited: only what differs from what stands on the terminal. An entry higher than the
/// terminal is seen through a window that follows the cursor.
struct EntryScreen {
    private typealias Cell = EntryLayout.Cell

    /// The rows that stand there now.
    private var shown: [[Cell]] = []
    /// Where the terminal's cursor is, from the first of them.
    private var cursor = (row: 0, column: 0)
    /// The first row of the layout that is seen.
    private var top = 0

    mutating func draw(_ layout: EntryLayout, height: Int) {
        if layout.cursor.row < top { top = layout.cursor.row }
        if layout.cursor.row >= top + height { top = layout.cursor.row - height + 1 }
        top = max(0, min(top, layout.rows.count - height))
        let rows = Array(layout.rows[top..<min(layout.rows.count, top + height)])
        var output = ""
        for (index, row) in rows.enumerated() {
            let old = index < shown.count ? shown[index] : []
            let same = zip(old, row).prefix { $0 == $1 }.count
            if index < shown.count {
                if same == old.count, same == row.count { continue }
                move(index, width(row[..<same]), &output)
            } else if index > 0 {
                move(index - 1, 0, &output)
                output += "\r\n"
                cursor = (index, 0)
            }
            write(row[same...], &output)
            cursor = (index, width(row[...]))
            if width(row[...]) < width(old[...]) { output += "\u{1B}[K" }
        }
        if shown.count > rows.count, !rows.isEmpty {
            move(rows.count, 0, &output)
            output += "\u{1B}[J"
        }
        shown = rows
        move(layout.cursor.row - top, layout.cursor.column, &output)
        emit(output)
    }

    /// Leaves the whole entry on the terminal, with the cursor below it, and begins anew there.
    mutating func leave(_ layout: EntryLayout, height: Int, mark: String = "") {
        var output = ""
        if layout.rows.count > height {
            move(0, 0, &output)
            output += "\u{1B}[J"
            for (index, row) in layout.rows.enumerated() {
                if index > 0 { output += "\r\n" }
                write(row[...], &output)
            }
        } else {
            draw(layout, height: height)
            move(shown.count - 1, shown.last.map { width($0[...]) } ?? 0, &output)
        }
        emit(output + mark + "\r\n")
        begin()
    }

    /// From now on the cursor stands at the beginning of an empty row.
    mutating func begin() { self = EntryScreen() }

    mutating func clear() {
        emit("\u{1B}[H\u{1B}[2J")
        begin()
    }

    /// Takes back what was drawn, after the terminal became `columns` wide and broke the rows that no longer fitted.
    mutating func erase(columns: Int) {
        let above = shown.prefix(cursor.row).reduce(0) { $0 + max(1, (width($1[...]) + columns - 1) / columns) } + cursor.column / columns
        emit("\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + "\u{1B}[J")
        begin()
    }

    // MARK: - Output

    private mutating func move(_ row: Int, _ column: Int, _ output: inout String) {
        guard (row, column) != cursor else { return }
        output += "\r"
        if row < cursor.row { output += "\u{1B}[\(cursor.row - row)A" }
        if row > cursor.row { output += "\u{1B}[\(row - cursor.row)B" }
        if column > 0 { output += "\u{1B}[\(column)C" }
        cursor = (row, column)
    }

    private func write(_ cells: ArraySlice<Cell>, _ output: inout String) {
        var color = ""
        for cell in cells {
            if cell.color != color {
                if !color.isEmpty { output += "\u{1B}[0m" }
                output += cell.color
                color = cell.color
            }
            output += cell.text
        }
        if !color.isEmpty { output += "\u{1B}[0m" }
    }

    private func width(_ cells: ArraySlice<Cell>) -> Int { cells.reduce(0) { $0 + $1.width } }

    private func emit(_ output: String) {
        guard !output.isEmpty else { return }
        // Nobody can be told when the terminal is gone; reading from it says so soon enough.
        _ = Descriptors.write(Array(output.utf8), to: 1)
    }
}
