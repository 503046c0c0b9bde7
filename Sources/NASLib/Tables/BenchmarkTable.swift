import Foundation
import Text

/// Accuracies of architectures trained by themselves: the truth that a supernet's ranking is held against.
public final class BenchmarkTable: Sendable {
    /// The table's name, such as `digits`, `nasbench201` or `nasbenchmacro`.
    public let name: String
    /// The numbers there are for each architecture, in percent.
    public let columns: [String]
    /// Architectures in the table's own order and notation.
    public let architectures: [String]
    /// One list a column, in the order of `architectures`.
    private let values: [[Double]]
    private let rows: [TextKey: Int]
    /// What architectures are looked up by: equal keys have equal accuracies.
    private let key: @Sendable (String) -> String

    init(name: String, columns: [String], architectures: [String], values: [[Double]], key: @escaping @Sendable (String) -> String = { $0 })
    {
        self.name = name
        self.columns = columns
        self.architectures = architectures
        self.values = values
        self.key = key
        rows = Dictionary(architectures.enumerated().map { (TextKey(key($1)), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// All numbers of a column, or nil where there is no such column.
    public func column(_ name: String) -> [Double]? { columns.firstIndex(same: name).map { values[$0] } }

    /// The number of an architecture in a column, such as its accuracy; nil where the table has no such architecture or column.
    ///
    /// - Parameters:
    ///   - column: one of `columns`.
    ///   - architecture: in the notation of the table's space, `space.format(path)`.
    public func value(_ column: String, of architecture: String) -> Double? {
        guard let column = columns.firstIndex(same: column), let row = row(of: architecture) else { return nil }
        return values[column][row]
    }

    /// The epochs after which there is a measure besides that after the last: a column `test_12ep` is the measure `test` after 12.
    package func fidelities(of measure: String) -> [Int] {
        columns.compactMap { column in
            let start = "\(measure)_"
            guard column.begins(with: start), column.hasSuffix("ep") else { return nil }
            return Int(Substring(column.utf8.dropFirst(start.utf8.count)).dropLast(2))
        }.sorted()
    }

    /// The name of the column with a measure after so many epochs.
    package static func column(_ measure: String, epochs: Int) -> String { "\(measure)_\(epochs)ep" }

    /// The row of an architecture in the notation of the table's space, or nil. O(1).
    public func row(of architecture: String) -> Int? { rows[TextKey(key(architecture))] }

    /// Of numbers, and of names with the table that looks them up.
    package var byteCount: Int { architectures.count * (columns.count * 8 + 192) }
}

extension BenchmarkTable {
    /// Reads a table with a header and an architecture at the start of each row; the other cells are numbers (`DelimitedText`).
    ///
    /// - Parameter space: whose notation the architectures are in; by itself that of NAS-Bench-201 or NAS-Bench-Macro.
    public static func read(csv text: String, file: String, space given: (any SearchSpace)? = nil) throws -> BenchmarkTable {
        var text = text
        do {
            return try text.withUTF8 { try read(DelimitedText($0, trimsBlanks: true), file, given) }
        } catch let error as DelimitedText.Malformed {
            throw NASError(.value, "line \(error.line), column \(error.column) of '\(file)': \(error.message)", hint: error.hint)
        }
    }

    private static func read(_ start: DelimitedText, _ file: String, _ given: (any SearchSpace)?) throws -> BenchmarkTable {
        var rows = start
        func next() throws -> [String]? {
            var cells: [String] = []
            return try rows.nextRow { cells.append(String(decoding: $1.text, as: UTF8.self)) }.map { _ in cells }
        }
        guard let header = try next() else { throw NASError(.value, "'\(file)' is empty", hint: form) }
        guard header.count > 1, header[0] == "arch" else {
            throw NASError(.value, "line \(rows.line) of '\(file)' must name the columns, the first being 'arch'", hint: form)
        }
        let columns = Array(header.dropFirst())
        var places: [TextKey: Int] = [:]
        for (i, column) in columns.enumerated() {
            if let before = places.updateValue(i, forKey: TextKey(column)) {
                throw NASError(.value, "columns \(before + 2) and \(i + 2) of '\(file)' are both called '\(column)'")
            }
        }
        var space = given
        var architectures: [String] = []
        var values = Array(repeating: [Double](), count: columns.count)
        var seen: Set<TextKey> = []
        while let cells = try next() {
            let place = "line \(rows.line) of '\(file)'"
            // A notation outside quotes may have commas of its own.
            guard given == nil ? cells.count == header.count : cells.count >= header.count else {
                throw NASError(.value, "\(place) has \(cells.count) fields, the header has \(header.count)", hint: form)
            }
            let architecture = cells.dropLast(columns.count).joined(separator: ",")
            do {
                let known = try space ?? self.space(of: architecture[...])
                space = known
                _ = try known.parse(architecture)
            } catch let error as NASError where error.kind == .value {
                throw NASError(.value, "\(place): \(error.message)", hint: error.hint)
            }
            guard seen.insert(TextKey(architecture)).inserted else {
                throw NASError(.value, "\(place): this architecture had a line before")
            }
            architectures.append(architecture)
            // Beside the numbers, the architecture once in the list and twice in sets.
            if architectures.count & 0xff == 0 { try Cancellation.check() }
            try MemoryAccount.ask(
                pieces: architectures.count, from: architectures.count - 1, ofBytes: 2 * architecture.utf8.count + 128 + 8 * columns.count)
            for (column, var text) in cells.suffix(columns.count).enumerated() {
                guard let number = text.withUTF8({ NumberText.float($0) }) else {
                    throw NASError(.value, "\(place): '\(text)' in column '\(columns[column])' is not a number")
                }
                values[column].append(number)
            }
        }
        guard let space else { throw NASError(.value, "'\(file)' has a header but no architectures", hint: form) }
        return BenchmarkTable(name: space.name, columns: columns, architectures: architectures, values: values)
    }

    /// Reads a table as JSON: `{"ARCHITECTURE": {"COLUMN": number, …}, …}`, which NAS-Bench-Macro is published as. The columns are the
    /// first architecture's members that are numbers; architectures are in the order of their texts.
    public static func read(json text: String, file: String, space given: (any SearchSpace)? = nil) throws -> BenchmarkTable {
        let form = "the form is {\"ARCHITECTURE\": {\"COLUMN\": number, …}, …}"
        guard case .object(let members)? = try? JSONText(text), members.allSatisfy({ if case .object = $0.value { true } else { false } })
        else {
            throw NASError(.value, "'\(file)' is not JSON with a map for each architecture", hint: form)
        }
        if let name = JSONText.object(members).nameGivenTwice { throw NASError(.value, "'\(file)' has \(name.quoted) twice", hint: form) }
        let rows = members.map { (architecture: $0.key.text, values: $0.value) }.sorted { $0.architecture.precedes($1.architecture) }
        guard let first = rows.first else { throw NASError(.value, "'\(file)' has no architectures", hint: form) }
        let columns = first.values.members.filter { $0.value.number != nil }.map(\.key.text).sortedByCodePoints()
        guard !columns.isEmpty else {
            throw NASError(.value, "'\(file)' has no number for the architecture \"\(first.architecture)\"", hint: form)
        }
        let space = try given ?? space(of: first.architecture[...])
        for row in rows {
            do {
                _ = try space.parse(row.architecture)
            } catch let error as NASError where error.kind == .value {
                throw NASError(.value, "'\(file)': \(error.message)", hint: error.hint)
            }
        }
        let values = try columns.map { column in
            try rows.map { row in
                guard let number = row.values[column]?.number else {
                    throw NASError(.value, "'\(file)' has no number \"\(column)\" for the architecture \"\(row.architecture)\"", hint: form)
                }
                return number
            }
        }
        return BenchmarkTable(name: space.name, columns: columns, architectures: rows.map(\.architecture), values: values)
    }

    /// The space in whose notation an architecture is: strings of NAS-Bench-201, or eight digits of NAS-Bench-Macro.
    private static func space(of architecture: Substring) throws -> any SearchSpace {
        architecture.allSatisfy(\.isNumber) ? try NASBenchMacro.space() : NASBench201()
    }

    private static let form =
        "the form is a header arch,COLUMN,… and then a line for each architecture: its string, and a number for each column"

    /// The published tables that padash reads but does not bring along, and where they come from.
    public static let published = [
        "nasbench201": "the accuracies of NAS-Bench-201, https://github.com/D-X-Y/NATS-Bench: columns arch,cifar10_valid,cifar10_test,cifar100_valid,…",
        "nasbenchmacro":
            "the accuracies of NAS-Bench-Macro, https://github.com/xiusu/NAS-Bench-Macro: columns arch,cifar10_mean,cifar10_std"
    ]

    /// Reads a published table from `file`, or else from `$PADASH_DATA` or the data folder, `$XDG_DATA_HOME/padash`.
    public static func published(_ name: String) throws -> BenchmarkTable { try published(name, environment: World.variable) }

    static func published(_ name: String, environment: (String) throws -> FileName?) throws -> BenchmarkTable {
        var folders = [
            try environment("XDG_DATA_HOME")?.text.map { "\($0)/padash" }
                ?? "\(try environment("HOME")?.text ?? FilePath.home)/.local/share/padash"
        ]
        if let chosen = try environment("PADASH_DATA"), !chosen.bytes.isEmpty {
            guard let folder = chosen.text else {
                throw NASError(.value, "$PADASH_DATA is no UTF-8 text: \(chosen.shown)", hint: "rename the folder")
            }
            folders.insert(folder, at: 0)
        }
        for folder in folders where FilePath.exists("\(folder)/\(name).csv") { return try read(file: "\(folder)/\(name).csv") }
        throw NASError(
            .value,
            "the table '\(name)' is not on this machine: there is no \(folders.map { "\($0)/\(name).csv" }.joined(separator: " and no "))",
            hint: "make a CSV file of \(published[name] ?? name), and put it there, set PADASH_DATA to its folder, or give its path: benchmark(\"…/\(name).csv\")")
    }

    public static func read(file: String, space: (any SearchSpace)? = nil) throws -> BenchmarkTable {
        let contents = try FileBytes(file)
        // Beyond a byte order mark and blanks.
        let start = contents.bytes.dropFirst(contents.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0)
        let isJSON = start.first { ![9, 10, 13, 32].contains($0) } == UInt8(ascii: "{")
        // There is an object of every value.
        if isJSON { try MemoryAccount.ask(10 * start.count) }
        guard let text = try contents.text() else { throw NASError(.value, "'\(file)' is not a text file") }
        if isJSON { return try read(json: text, file: file, space: space) }
        return try read(csv: text, file: file, space: space)
    }
}
