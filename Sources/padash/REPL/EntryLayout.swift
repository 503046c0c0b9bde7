import Lang
import Text

/// An entry as it is to stand on the screen: the prompt and the code in rows, and where the cursor is.
struct EntryLayout {
    struct Cell: Equatable {
        var text: String
        var width: Int
        /// The escape sequence that colours it, or nothing.
        var color: String
    }

    private(set) var rows: [[Cell]] = [[]]
    private(set) var cursor = (row: 0, column: 0)
    private let width: Int
    private var column = 0

    /// `offset` is the cursor's place in the text, in UTF-8.
    init(prompts: Prompts, text: String, offset: Int, width: Int, isColored: Bool) {
        self.width = width
        append(prompts.input)
        var parts = (isColored ? Highlighting.parts(of: text) : [])[...]
        var position = 0
        var isPlaced = false
        for character in text {
            if !isPlaced, position + character.utf8.count > offset {
                placeCursor()
                isPlaced = true
            }
            while let first = parts.first, first.span.end <= position { parts.removeFirst() }
            if character == "\n" || character == "\r\n" {
                startRow()
                append(prompts.continuation)
            } else {
                append(character, color: parts.first.flatMap { $0.span.start <= position ? $0.part.escape : nil } ?? "")
            }
            position += character.utf8.count
        }
        if !isPlaced { placeCursor() }
    }

    private mutating func append(_ prompt: Prompt) {
        for character in prompt.text { append(character, color: prompt.color) }
    }

    private mutating func append(_ character: Character, color: String) {
        var text = String(character)
        var size = DisplayWidth.of(character)
        if character == "\t" {
            text = "    "
            size = 4
        } else if let value = character.unicodeScalars.first?.value, value < 0x20 || value == 0x7F {
            text = "^" + String(Character(Unicode.Scalar(UInt8(value ^ 0x40))))
            size = 2
        } else {
            text = text.harmless
            size = DisplayWidth.of(text)
        }
        if column + size > width { startRow() }
        rows[rows.count - 1].append(Cell(text: text, width: size, color: color))
        column += size
    }

    private mutating func startRow() {
        rows.append([])
        column = 0
    }

    private mutating func placeCursor() {
        if column >= width { startRow() }
        cursor = (rows.count - 1, column)
    }
}
