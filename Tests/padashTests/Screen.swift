/// What a terminal shows after the bytes it was sent: as much of a VT100 as padash makes use of.
struct Screen {
    let columns: Int
    let height: Int
    private var cells: [[Character]]
    private var row = 0
    private var column = 0
    /// An escape sequence that is still coming.
    private var sequence = ""

    init(columns: Int, height: Int) {
        self.columns = columns
        self.height = height
        cells = Array(repeating: [], count: height)
    }

    /// The rows without trailing blanks, down to the last that is not empty.
    var rows: [String] {
        let rows = cells.map { row in String(String(row).reversed().drop { $0 == " " }.reversed()) }
        return Array(rows.prefix((rows.lastIndex { !$0.isEmpty } ?? -1) + 1))
    }

    mutating func show(_ text: String) {
        for scalar in text.unicodeScalars {
            if !sequence.isEmpty {
                sequence.unicodeScalars.append(scalar)
                endSequence(scalar)
            } else if scalar == "\u{1B}" {
                sequence = "\u{1B}"
            } else {
                show(Character(scalar))
            }
        }
    }

    private mutating func show(_ character: Character) {
        switch character {
        case "\r": column = 0
        case "\n": lineFeed()
        case "\u{8}": column = max(0, column - 1)
        case "\u{0}"..."\u{1F}": break
        default:
            if column == columns {
                column = 0
                lineFeed()
            }
            while cells[row].count <= column { cells[row].append(" ") }
            cells[row][column] = character
            column += 1
        }
    }

    private mutating func lineFeed() {
        if row + 1 < height {
            row += 1
        } else {
            cells.removeFirst()
            cells.append([])
        }
    }

    private mutating func endSequence(_ last: Unicode.Scalar) {
        guard sequence.count > 1, sequence.hasPrefix("\u{1B}[") else {
            // Two characters, such as the keypad's modes.
            if sequence.count == 2 { sequence = "" }
            return
        }
        guard sequence.count > 2, (0x40...0x7E).contains(last.value) else { return }
        let number = Int(sequence.dropFirst(2).dropLast()) ?? 0
        sequence = ""
        column = min(column, columns - 1)
        switch last {
        case "A": row = max(0, row - max(1, number))
        case "B": row = min(height - 1, row + max(1, number))
        case "C": column = min(columns - 1, column + max(1, number))
        case "D": column = max(0, column - max(1, number))
        case "H": (row, column) = (0, 0)
        case "K": if number == 0 { cells[row] = Array(cells[row].prefix(column)) } else { cells[row] = [] }
        case "J":
            if number == 0 { cells[row] = Array(cells[row].prefix(column)) }
            for below in (number == 0 ? row + 1 : 0)..<max(height, row + 1) where below < height { cells[below] = [] }
        default: break
        }
    }
}
