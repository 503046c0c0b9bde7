/// Cuts CSV text into rows and fields (RFC 4180): quoted fields may hold delimiters, line breaks and doubled quotes.
struct CSVScanner {
    /// One field: its text without quotes.
    struct Field {
        var text: UnsafeBufferPointer<UInt8>
        var isQuoted: Bool
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let delimiter: UInt8
    /// What errors call the text.
    let name: String
    private var position = 0
    /// The line of the row last read, from 1.
    private(set) var line = 0
    private var nextLine = 1
    /// Quoted text whose doubled quotes had to be undone.
    private var unescaped: [UInt8] = []

    private static let quote = UInt8(ascii: "\""), feed = UInt8(ascii: "\n"), carriage = UInt8(ascii: "\r")

    init(_ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8, name: String) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.name = name
        // The byte order mark that some programs write first.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    /// Hands over the fields of the next row with their positions, and gives their number; nil at the end.
    /// A field's text holds until the next one. Blank lines are passed over unless `keepsBlank`, where they are rows of one empty field.
    @inline(__always) mutating func nextRow(keepsBlank: Bool, _ body: (Int, Field) throws -> Void) throws -> Int? {
        while !keepsBlank, isAtLineEnd { skipLineEnd() }
        guard position < bytes.count else { return nil }
        line = nextLine
        var column = 0
        while true {
            if position < bytes.count, bytes[position] == CSVScanner.quote {
                try quoted(column, body)
            } else {
                let start = position
                while position < bytes.count {
                    let byte = bytes[position]
                    if byte == delimiter || byte == CSVScanner.feed || (byte == CSVScanner.carriage && isAtLineEnd) { break }
                    position &+= 1
                }
                try body(column, Field(text: UnsafeBufferPointer(rebasing: bytes[start..<position]), isQuoted: false))
            }
            column += 1
            guard position < bytes.count, bytes[position] == delimiter else { break }
            position += 1
        }
        skipLineEnd()
        return column
    }

    private var isAtLineEnd: Bool {
        guard position < bytes.count else { return false }
        if bytes[position] == CSVScanner.feed { return true }
        return bytes[position] == CSVScanner.carriage && (position + 1 == bytes.count || bytes[position + 1] == CSVScanner.feed)
    }

    private mutating func skipLineEnd() {
        guard isAtLineEnd else { return }
        position += bytes[position] == CSVScanner.carriage ? 2 : 1
        nextLine += 1
    }

    private mutating func quoted(_ column: Int, _ body: (Int, Field) throws -> Void) throws {
        let opening = (position: position, line: nextLine)
        position += 1
        var start = position
        unescaped.removeAll(keepingCapacity: true)
        while true {
            guard position < bytes.count else {
                throw RuntimeError(
                    .value, "line \(opening.line), column \(columnNumber(opening.position)) of \(name): the quote is never closed",
                    hint: "a quote inside a quoted field is written twice")
            }
            if bytes[position] == CSVScanner.feed { nextLine += 1 }
            guard bytes[position] == CSVScanner.quote else {
                position += 1
                continue
            }
            guard position + 1 < bytes.count, bytes[position + 1] == CSVScanner.quote else { break }
            unescaped.append(contentsOf: bytes[start...position])
            position += 2
            start = position
        }
        let rest = bytes[start..<position]
        position += 1
        if unescaped.isEmpty {
            try body(column, Field(text: UnsafeBufferPointer(rebasing: rest), isQuoted: true))
        } else {
            unescaped.append(contentsOf: rest)
            try unescaped.withUnsafeBufferPointer { try body(column, Field(text: $0, isQuoted: true)) }
        }
        guard position >= bytes.count || bytes[position] == delimiter || isAtLineEnd else {
            throw RuntimeError(
                .value, "line \(nextLine), column \(columnNumber(position)) of \(name): text goes on after the closing quote",
                hint: "a quote inside a quoted field is written twice")
        }
    }

    /// The column of a byte in its line, from 1, in characters.
    private func columnNumber(_ offset: Int) -> Int {
        var start = offset
        while start > 0, bytes[start - 1] != CSVScanner.feed { start -= 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self).count + 1
    }
}
