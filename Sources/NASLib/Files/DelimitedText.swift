/// Cuts comma-separated text into rows and cells (RFC 4180): the one reader behind tables, datasets and benchmarks.
///
/// A line ends with LF, CR LF or CR. A cell in double quotes may hold delimiters, line breaks and quotes, which are written twice. A byte
/// order mark at the start is passed over. Blank lines count where errors name a line.
public struct DelimitedText {
    /// One cell: its text without the quotes around it. Among others the quotes tell a text from a number, and an empty text from nothing.
    @frozen public struct Cell {
        public let text: UnsafeBufferPointer<UInt8>
        public let isQuoted: Bool

        @inlinable init(text: UnsafeBufferPointer<UInt8>, isQuoted: Bool) {
            self.text = text
            self.isQuoted = isQuoted
        }
    }

    /// What is wrong with the quotes of a text, and where: line and column from 1, the column in characters.
    public struct Malformed: Error {
        public let line: Int
        public let column: Int
        public let message: String
        public let hint = "a quote inside a quoted cell is written twice"
    }

    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline let delimiter: UInt8
    /// Whether blanks around a cell do not count.
    @usableFromInline let trimsBlanks: Bool
    @usableFromInline var position = 0
    /// The line where the row last read begins, from 1.
    public internal(set) var line = 0
    private var nextLine = 1
    private var lineStart = 0
    /// Quoted text whose doubled quotes had to be undone.
    private var unescaped: [UInt8] = []

    public init(_ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8 = UInt8(ascii: ","), trimsBlanks: Bool = false) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.trimsBlanks = trimsBlanks
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            position = 3
            lineStart = 3
        }
    }

    /// Hands over the cells of the next row with their positions, and gives their number; nil at the end.
    /// A cell's text holds until the next one. Blank lines are passed over unless `keepsBlank`, where they are rows of one empty cell.
    @inlinable @inline(__always) public mutating func nextRow(keepsBlank: Bool = false, _ body: (Int, Cell) throws -> Void) throws -> Int? {
        guard beginRow(keepsBlank: keepsBlank) else { return nil }
        var column = 0
        while true {
            if trimsBlanks { skipBlanks() }
            if position < bytes.count, bytes[position] == 0x22 {
                try quoted(column, body)
            } else {
                let start = position
                while position < bytes.count {
                    let byte = bytes[position]
                    if byte == delimiter || byte == 0x0a || byte == 0x0d { break }
                    position &+= 1
                }
                let end = trimsBlanks ? trimmedEnd(from: start) : position
                try body(column, Cell(text: UnsafeBufferPointer(rebasing: bytes[start..<end]), isQuoted: false))
            }
            column &+= 1
            guard position < bytes.count, bytes[position] == delimiter else { break }
            position &+= 1
        }
        skipLineEnd()
        return column
    }

    /// False at the end of the text.
    @usableFromInline mutating func beginRow(keepsBlank: Bool) -> Bool {
        while !keepsBlank {
            let start = position
            if trimsBlanks { skipBlanks() }
            guard isAtLineEnd else {
                // Blanks before the end of the text are no row.
                if position < bytes.count { position = start }
                break
            }
            skipLineEnd()
        }
        line = nextLine
        return position < bytes.count
    }

    /// Where a cell ends that ends at the position, the blanks there left out.
    @usableFromInline func trimmedEnd(from start: Int) -> Int {
        var end = position
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return end
    }

    private func isBlank(_ byte: UInt8) -> Bool { (byte == 32 || byte == 9) && byte != delimiter }

    @usableFromInline mutating func skipBlanks() {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    }

    private var isAtLineEnd: Bool { position < bytes.count && (bytes[position] == 0x0a || bytes[position] == 0x0d) }

    @usableFromInline mutating func skipLineEnd() {
        guard isAtLineEnd else { return }
        position += bytes[position] == 0x0d && position + 1 < bytes.count && bytes[position + 1] == 0x0a ? 2 : 1
        nextLine += 1
        lineStart = position
    }

    /// The cell whose opening quote is at the position.
    @usableFromInline mutating func quoted(_ column: Int, _ body: (Int, Cell) throws -> Void) throws {
        let opening = place
        position += 1
        var start = position
        unescaped.removeAll(keepingCapacity: true)
        while true {
            guard position < bytes.count else { throw malformed("the quote is never closed", at: opening) }
            guard bytes[position] == 0x22 else {
                if isAtLineEnd { skipLineEnd() } else { position += 1 }
                continue
            }
            guard position + 1 < bytes.count, bytes[position + 1] == 0x22 else { break }
            unescaped.append(contentsOf: bytes[start...position])
            position += 2
            start = position
        }
        let rest = bytes[start..<position]
        position += 1
        if unescaped.isEmpty {
            try body(column, Cell(text: UnsafeBufferPointer(rebasing: rest), isQuoted: true))
        } else {
            unescaped.append(contentsOf: rest)
            try unescaped.withUnsafeBufferPointer { try body(column, Cell(text: $0, isQuoted: true)) }
        }
        if trimsBlanks { skipBlanks() }
        guard position >= bytes.count || bytes[position] == delimiter || isAtLineEnd else {
            throw malformed("text goes on after the closing quote", at: place)
        }
    }

    private var place: (line: Int, start: Int, offset: Int) { (nextLine, lineStart, position) }

    private func malformed(_ message: String, at place: (line: Int, start: Int, offset: Int)) -> Malformed {
        Malformed(line: place.line, column: String(decoding: bytes[place.start..<place.offset], as: UTF8.self).count + 1, message: message)
    }
}

extension NASError {
    init(_ error: DelimitedText.Malformed, in file: String) {
        self.init(.file, "line \(error.line), column \(error.column) of '\(file)': \(error.message)", hint: error.hint)
    }
}
