import Text

/// A picture of characters, each in a colour of its own.
struct TextCanvas {
    let width: Int
    private(set) var height: Int
    private var cells: [Cell]

    struct Cell {
        /// One character with what combines with it; empty behind one that takes two columns.
        var text: String
        var ink: Ink

        /// - Parameter color: of the terminal's 256; nil for the terminal's own.
        init(text: String = " ", color: Int? = nil) { self.init(text: text, ink: color.map(Ink.palette) ?? .plain) }

        init(text: String, ink: Ink) { (self.text, self.ink) = (text, ink) }
    }

    enum Ink: Equatable {
        /// The terminal's own colour.
        case plain
        /// One of its 256 colours.
        case palette(Int)
        /// Any colours, that of the character and that behind it.
        case pixels(Images.Color, Images.Color?)

        /// What a terminal is to be sent after this ink's last character and before the first of another.
        func escape(to next: Ink) -> String {
            func parts(_ color: Images.Color) -> String { "2;\(color.red);\(color.green);\(color.blue)" }
            // What is behind a character stays there until it is reset.
            let reset = if case .pixels(_, .some) = self { "0;" } else { "" }
            return switch next {
            case .plain: "\u{1B}[0m"
            case .palette(let number): "\u{1B}[\(reset)38;5;\(number)m"
            case .pixels(let color, nil): "\u{1B}[\(reset)38;\(parts(color))m"
            case .pixels(let color, let behind?): "\u{1B}[38;\(parts(color));48;\(parts(behind))m"
            }
        }
    }

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        cells = Array(repeating: Cell(), count: width * height)
    }

    subscript(column: Int, row: Int) -> Cell {
        get { cells[row * width + column] }
        set { if column >= 0, column < width, row >= 0, row < height { cells[row * width + column] = newValue } }
    }

    /// Writes a text on one row, cut off at the right edge.
    mutating func write(_ text: String, _ column: Int, _ row: Int, color: Int? = nil) {
        var column = column
        for character in text.harmless where !character.isNewline {
            let size = DisplayWidth.of(character)
            if size == 0 {
                if column > 0, column <= width { self[column - 1, row].text.append(character) }
                continue
            }
            guard column + size <= width else { return }
            self[column, row] = Cell(text: String(character), color: color)
            if size == 2 { self[column + 1, row] = Cell(text: "", color: color) }
            column += size
        }
    }

    /// Copies another picture in.
    mutating func draw(_ other: TextCanvas, _ column: Int, _ row: Int) {
        for y in 0..<other.height {
            for x in 0..<other.width { self[column + x, row + y] = other[x, y] }
        }
    }

    /// The lines without blanks at their ends.
    func text(isColored: Bool) -> String {
        var result = ""
        for row in 0..<height {
            let line = cells[row * width..<(row + 1) * width]
            let end = line.lastIndex { $0.text != " " } ?? line.startIndex - 1
            var current = Ink.plain
            for cell in line[line.startIndex..<end + 1] {
                if isColored, cell.ink != current {
                    result += current.escape(to: cell.ink)
                    current = cell.ink
                }
                result += cell.text
            }
            if current != .plain { result += current.escape(to: .plain) }
            result += "\n"
        }
        return result
    }
}

/// A raster of braille dots, two by four to a character, each character in the colour of what was drawn there last.
struct DotRaster {
    let columns: Int
    let rows: Int
    private var dots: [UInt8]
    private var owners: [Int]

    /// In characters.
    init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        dots = Array(repeating: 0, count: columns * rows)
        owners = Array(repeating: 0, count: columns * rows)
    }

    private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    /// Dot coordinates count from the top left; what lies outside is left out.
    mutating func set(_ x: Int, _ y: Int, owner: Int) {
        guard x >= 0, x < columns * 2, y >= 0, y < rows * 4 else { return }
        let cell = y / 4 * columns + x / 2
        dots[cell] |= DotRaster.bits[y % 4][x % 2]
        owners[cell] = owner
    }

    mutating func line(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, isDashed: Bool, owner: Int) {
        guard max(x0, x1) >= 0, min(x0, x1) < columns * 2, max(y0, y1) >= 0, min(y0, y1) < rows * 4 else { return }
        let steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in 0...steps where !isDashed || i % 4 < 2 {
            set(x0 + Int(saturating: (Double((x1 - x0) * i) / Double(steps)).rounded()), y0 + Int(saturating: (Double((y1 - y0) * i) / Double(steps)).rounded()), owner: owner)
        }
    }

    /// The character of a cell and whose it is; nil for an empty one.
    subscript(column: Int, row: Int) -> (character: Character, owner: Int)? {
        let cell = row * columns + column
        guard dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) else { return nil }
        return (Character(scalar), owners[cell])
    }
}
