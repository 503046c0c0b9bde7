import Text

/// The part of one source line that a diagnostic shows, made printable, with the columns to underline.
struct Excerpt {
    /// Tabs expanded, control characters made visible, cut to the width with an ellipsis at each cut.
    var text: String
    /// Where the underline begins in `text`, in columns from 0.
    var start: Int
    /// At least 1.
    var length: Int

    private static let tab = 4

    /// `marked` are offsets within the line `bytes[line]`; `width` is the number of columns there is room for.
    ///
    /// Only the neighbourhood of the mark is looked at, so a line of many megabytes costs no more than a short one.
    init(bytes: [UInt8], line: Range<Int>, marked: Range<Int>, width: Int) {
        let width = max(width, 20)
        let low = Self.boundary(max(line.lowerBound, marked.lowerBound - 4 * width), in: bytes, from: line.lowerBound)
        let high = Self.boundary(min(line.upperBound, marked.lowerBound + 4 * width), in: bytes, from: low)
        var cells: [(text: String, width: Int)] = []
        var column = 0
        var offset = low
        var first: Int?
        var last = 0
        for character in String(decoding: bytes[low..<high], as: UTF8.self) {
            if first == nil, offset + character.utf8.count > marked.lowerBound { first = cells.count }
            let cell = Self.printable(character, column: column)
            cells.append(cell)
            column += cell.width
            offset += character.utf8.count
            if offset <= marked.upperBound { last = cells.count }
        }
        let begin = first ?? cells.count
        last = max(last, begin)
        let widths = cells.map(\.width)
        let isCutLeft = low > line.lowerBound
        let isCutRight = high < line.upperBound
        var (left, right) = (0, cells.count)
        if column > width || isCutLeft || isCutRight {
            // A window that shows some of what stands before the mark and as much as fits after it.
            left = begin
            var room = width - 2
            let context = max(room / 4, room - widths[begin...].reduce(0, +) - (isCutRight ? 0 : 1))
            var taken = 0
            while left > 0, taken + widths[left - 1] <= context {
                left -= 1
                taken += widths[left]
            }
            room -= taken
            right = begin
            while right < cells.count, widths[right] <= room {
                room -= widths[right]
                right += 1
            }
        }
        last = min(last, right)
        let before = isCutLeft || left > 0 ? "…" : ""
        let after = isCutRight || right < cells.count ? "…" : ""
        text = before + cells[left..<right].map(\.text).joined() + after
        start = before.count + widths[left..<begin].reduce(0, +)
        length = max(1, widths[begin..<max(begin, last)].reduce(0, +))
    }

    /// The first scalar boundary at or before `offset`.
    private static func boundary(_ offset: Int, in bytes: [UInt8], from lowest: Int) -> Int {
        var offset = offset
        while offset > lowest, offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        return offset
    }

    private static func printable(_ character: Character, column: Int) -> (text: String, width: Int) {
        if character == "\t" {
            let count = tab - column % tab
            return (String(repeating: " ", count: count), count)
        }
        if let visible = character.unicodeScalars.first?.visible { return (visible, DisplayWidth.of(visible)) }
        let width = DisplayWidth.of(character)
        return width == 0 ? ("\u{B7}", 1) : (String(character), width)
    }
}
