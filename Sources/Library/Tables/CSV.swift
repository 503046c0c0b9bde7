import NASLib
import Runtime
import Text

/// Tables as CSV text.
enum CSV {
    struct Options {
        var delimiter = UInt8(ascii: ",")
        var hasHeader = true
        /// Names in place of the header's.
        var names: [String]?
        /// Unquoted fields that stand for a missing cell.
        var missing: [String] = CSV.missing
        /// Types that are not to be guessed, by column.
        var types: [(column: String, kind: CSVColumn.Kind)] = []
    }

    static let missing = ["", "NA", "N/A", "nil", "null"]

    /// Reads a table; `name` is what errors call the text. O(bytes); a column whose type turns out late is read twice.
    static func parse(_ text: String, name: String, _ options: Options, _ vm: VM) throws -> Table {
        var text = text
        do {
            return try text.withUTF8 { try parse($0, name: name, options, vm) }
        } catch let error as DelimitedText.Malformed {
            throw RuntimeError(.value, "line \(error.line), column \(error.column) of \(name): \(error.message)", hint: error.hint)
        }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, name: String, _ options: Options, _ vm: VM) throws -> Table {
        var rows = DelimitedText(bytes, delimiter: options.delimiter)
        var probe = rows
        var first: [(text: String, isQuoted: Bool)] = []
        guard try probe.nextRow({ first.append((String(decoding: $1.text, as: UTF8.self), $1.isQuoted)) }) != nil else {
            return try Table(names: options.names ?? [], columns: (options.names ?? []).map { _ in Column(.values([])) })
        }
        let names = try columnNames(first, line: probe.line, name: name, options)
        let empty = try Table(names: names, columns: names.map { _ in Column(.values([])) })
        var kinds = Array(repeating: CSVColumn.Kind?.none, count: names.count)
        for (column, kind) in options.types { kinds[try empty.index(of: column)] = kind }
        if options.hasHeader { rows = probe }
        var columns = kinds.map { CSVColumn($0, vm.heap) }
        try read(rows, into: columns, names, name, options, vm)
        let again = columns.map(\.successor)
        if again.contains(where: { $0 != nil }) {
            try read(rows, into: again, names, name, options, vm)
            columns = zip(columns, again).map { $1 ?? $0 }
        }
        return try Table(names: names, columns: columns.map { try $0.column })
    }

    private static func columnNames(_ first: [(text: String, isQuoted: Bool)], line: Int, name: String,
        _ options: Options) throws -> [String] {
        if let given = options.names {
            guard given.count == first.count else {
                throw RuntimeError(.value, "line \(line) of \(name) has \(first.count) fields, 'columns' has \(given.count) names")
            }
            return given
        }
        let names = first.enumerated().map { options.hasHeader && ($1.isQuoted || !$1.text.isEmpty) ? $1.text : "column\($0 + 1)" }
        var places: [TextKey: Int] = [:]
        for (i, column) in names.enumerated() {
            if let before = places.updateValue(i, forKey: TextKey(column)) {
                throw RuntimeError(
                    .value, "line \(line) of \(name): columns \(before + 1) and \(i + 1) are both called \(Printer.quoted(column))",
                    hint: "columns: [...] gives them other names")
            }
        }
        return names
    }

    /// Reads the rows into those columns that are not nil.
    private static func read(
        _ start: DelimitedText, into columns: [CSVColumn?], _ names: [String], _ name: String, _ options: Options, _ vm: VM
    ) throws {
        var scanner = start
        let missing = options.missing.map { Array($0.utf8) }
        let longest = missing.map(\.count).max() ?? -1
        var rows = 0
        while true {
            var rejected: (column: Int, text: String)?
            let count = try scanner.nextRow(keepsBlank: columns.count == 1) { i, cell in
                guard i < columns.count, let column = columns[i] else { return }
                if cell.text.count <= longest, !cell.isQuoted, missing.contains(where: { $0.elementsEqual(cell.text) }) {
                    column.appendMissing()
                } else if !column.append(cell), rejected == nil {
                    rejected = (i, String(decoding: cell.text, as: UTF8.self))
                }
            }
            guard let count else { break }
            guard count == columns.count else {
                let fields = "\(count) field\(count == 1 ? "" : "s")"
                let detail = count < columns.count ? "column \(Printer.quoted(names[count])) and those after it are lacking"
                    : "there are \(columns.count) columns"
                throw RuntimeError(
                    .value, "line \(scanner.line) of \(name) has \(fields), not \(columns.count): \(detail)",
                    hint: count > columns.count ? "a field that holds the delimiter must be quoted" : nil)
            }
            if let (column, text) = rejected {
                throw RuntimeError(
                    .value,
                    """
                    line \(scanner.line) of \(name), column \(Printer.quoted(names[column])): \(Printer.quoted(text)) does not show the \
                    type given in 'types'
                    """)
            }
            rows += 1
            if rows & 0xfff == 0 {
                try vm.checkInterruption()
                try Limit.check(elements: rows, from: rows - 0x1000)
            }
        }
    }

    // MARK: - Writing

    /// The table with a header line. Missing cells are empty; texts are in quotes where they would not read back as they are.
    static func format(_ table: Table, delimiter: UInt8, _ vm: VM) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for (i, name) in table.names.enumerated() {
            if i > 0 { bytes.append(delimiter) }
            let name = Array(name.utf8)
            append(name, quoted: name.isEmpty || name.starts(with: mark) || needsQuotes(name, delimiter), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        var checked = 0
        for row in 0..<table.rowCount {
            if row & 0xfff == 0 {
                try vm.checkInterruption()
                try MemoryAccount.ask(pieces: bytes.count, from: checked, ofBytes: 1)
                checked = bytes.count
            }
            for (i, column) in table.columns.enumerated() {
                if i > 0 { bytes.append(delimiter) }
                if column.isMissing(row) {
                    // A line of its own that is blank would not be seen.
                    if table.columns.count == 1 { bytes.append(contentsOf: "NA".utf8) }
                    continue
                }
                switch column.cells {
                case .ints(let cells): bytes.append(contentsOf: String(cells[row]).utf8)
                case .floats(let cells): bytes.append(contentsOf: Numbers.shortest(cells[row]).utf8)
                case .bools(let cells): bytes.append(contentsOf: (cells[row] ? "true" : "false").utf8)
                case .strings(let cells): cells.withBytes(row) {
                    append($0, quoted: showsOther($0) || needsQuotes($0, delimiter), to: &bytes)
                }
                case .values(let cells):
                    let cell = cells[row]
                    let text = Array(try Printer.text(cell).utf8)
                    // One text outside quotes would make all cells texts.
                    append(text, quoted: !(cell.isNumber || cell.tag == .true || cell.tag == .false), to: &bytes)
                }
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static let quote = UInt8(ascii: "\"")
    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let missingBytes = missing.map { Array($0.utf8) }

    private static func needsQuotes(_ text: some Collection<UInt8>, _ delimiter: UInt8) -> Bool {
        text.contains { $0 == delimiter || $0 == quote || $0 == 10 || $0 == 13 }
    }

    /// Whether a text outside quotes would be a missing cell, a number or a bool.
    private static func showsOther(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if case .text = CSVCell(text) { return missingBytes.contains { $0.elementsEqual(text) } }
        return true
    }

    private static func append(_ text: some Collection<UInt8>, quoted: Bool, to bytes: inout [UInt8]) {
        guard quoted else { return bytes.append(contentsOf: text) }
        bytes.append(quote)
        for byte in text {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
