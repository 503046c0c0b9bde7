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
        return try text.withUTF8 { try parse($0, name: name, options, vm) }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, name: String, _ options: Options, _ vm: VM) throws -> Table {
        var scanner = CSVScanner(bytes, delimiter: options.delimiter, name: name)
        var probe = scanner
        var first: [String] = []
        guard try probe.nextRow(keepsBlank: false, { first.append(String(decoding: $1.text, as: UTF8.self)) }) != nil else {
            return try Table(names: options.names ?? [], columns: (options.names ?? []).map { _ in Column(.values([])) })
        }
        let names = try columnNames(first, line: probe.line, name: name, options)
        for (column, _) in options.types where !names.contains(column) { _ = try Table(names: names, columns: names.map { _ in Column(.values([])) }).index(of: column) }
        if options.hasHeader { scanner = probe }
        let kinds = names.map { name in options.types.last { $0.column == name }?.kind }
        let columns = kinds.map(CSVColumn.init)
        try read(scanner, into: columns, names, options, vm)
        if columns.contains(where: \.isIncomplete) {
            let again = columns.map { $0.isIncomplete ? $0 : nil }
            for column in again { column?.restart() }
            try read(scanner, into: again, names, options, vm)
        }
        return try Table(names: names, columns: columns.map(\.column))
    }

    private static func columnNames(_ first: [String], line: Int, name: String, _ options: Options) throws -> [String] {
        if let given = options.names {
            guard given.count == first.count else {
                throw RuntimeError(.value, "line \(line) of \(name) has \(first.count) fields, 'columns' has \(given.count) names")
            }
            return given
        }
        let names = first.indices.map { options.hasHeader && !first[$0].isEmpty ? first[$0] : "column\($0 + 1)" }
        for (i, column) in names.enumerated() {
            if let before = names[..<i].firstIndex(same: column) {
                throw RuntimeError(
                    .value, "line \(line) of \(name): columns \(before + 1) and \(i + 1) are both called \(Printer.quoted(column))", hint: "columns: [...] gives them other names")
            }
        }
        return names
    }

    /// Reads the rows into those columns that are not nil.
    private static func read(_ start: CSVScanner, into columns: [CSVColumn?], _ names: [String], _ options: Options, _ vm: VM) throws {
        var scanner = start
        let missing = options.missing.map { Array($0.utf8) }
        let longest = missing.map(\.count).max() ?? -1
        var rows = 0
        while true {
            var rejected: (column: Int, text: String)?
            let count = try scanner.nextRow(keepsBlank: columns.count == 1) { i, field in
                guard i < columns.count, let column = columns[i] else { return }
                if field.text.count <= longest, !field.isQuoted, missing.contains(where: { $0.elementsEqual(field.text) }) {
                    column.appendMissing()
                } else if !column.append(field.text, isQuoted: field.isQuoted), rejected == nil {
                    rejected = (i, String(decoding: field.text, as: UTF8.self))
                }
            }
            guard let count else { break }
            guard count == columns.count else {
                let fields = "\(count) field\(count == 1 ? "" : "s")"
                let detail = count < columns.count ? "column \(Printer.quoted(names[count])) and those after it are lacking" : "there are \(columns.count) columns"
                throw RuntimeError(
                    .value, "line \(scanner.line) of \(start.name) has \(fields), not \(columns.count): \(detail)",
                    hint: count > columns.count ? "a field that holds the delimiter must be quoted" : nil)
            }
            if let (column, text) = rejected {
                throw RuntimeError(
                    .value, "line \(scanner.line) of \(start.name), column \(Printer.quoted(names[column])): \(Printer.quoted(text)) does not show the type given in 'types'")
            }
            rows += 1
            if rows & 0xfff == 0 {
                try vm.checkInterruption()
                try Limit.check(elements: rows)
            }
        }
    }

    // MARK: - Writing

    /// The table with a header line. Missing cells are empty; texts are quoted where they would not read back as they are.
    static func format(_ table: Table, delimiter: UInt8, _ vm: VM) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for (i, name) in table.names.enumerated() { append(Array(name.utf8), isFirst: i == 0, delimiter, to: &bytes) }
        bytes.append(UInt8(ascii: "\n"))
        for row in 0..<table.rowCount {
            if row & 0xfff == 0 { try vm.checkInterruption() }
            for (i, column) in table.columns.enumerated() {
                if i > 0 { bytes.append(delimiter) }
                if column.isMissing(row) {
                    // A line of its own that is blank would not be seen.
                    if table.columns.count == 1 { bytes.append(contentsOf: "NA".utf8) }
                    continue
                }
                switch column.cells {
                case .ints(let cells): bytes.append(contentsOf: String(cells[row]).utf8)
                case .floats(let cells): bytes.append(contentsOf: Printer.text(cells[row]).utf8)
                case .bools(let cells): bytes.append(contentsOf: (cells[row] ? "true" : "false").utf8)
                case .strings(let cells): cells.withBytes(row) { append($0, isFirst: true, delimiter, to: &bytes) }
                case .values(let cells): append(Array(try Printer.text(cells[row]).utf8), isFirst: true, delimiter, to: &bytes)
                }
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static func append(_ text: some Collection<UInt8>, isFirst: Bool, _ delimiter: UInt8, to bytes: inout [UInt8]) {
        if !isFirst { bytes.append(delimiter) }
        let quote = UInt8(ascii: "\"")
        let needsQuotes = text.contains { $0 == delimiter || $0 == quote || $0 == 10 || $0 == 13 } || missing.contains { $0.utf8.elementsEqual(text) }
        guard needsQuotes else { return bytes.append(contentsOf: text) }
        bytes.append(quote)
        for byte in text {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
