import Foundation
import Lang

/// The experiments in a folder as a table: a row each, with parameters and metrics.
enum Results {
    /// Columns that stand together: their names in the order they came up, and the rows' cells by name.
    private struct Group {
        /// What a column is called in addition whose name another group has.
        var suffix = ""
        var names: [String] = []
        var rows: [[String: Value]] = []

        /// Adds a row.
        mutating func add(_ cells: [(String, Value)]) {
            for (name, _) in cells where !names.contains(same: name) { names.append(name) }
            rows.append(Dictionary(cells) { $1 })
        }
    }

    /// Experiments by name and then by date. What a record lacks is a missing cell; a file that is no record is an error.
    static func table(in folder: String, _ vm: VM) throws -> Table {
        var names = Group()
        var parameters = Group(suffix: " (parameter)")
        var metrics = Group(suffix: " (metric)")
        var circumstances = Group(suffix: " (run)")
        for name in entries(of: folder) {
            for run in entries(of: "\(folder)/\(name)") {
                let place = "\(folder)/\(name)/\(run)"
                guard FileManager.default.fileExists(atPath: "\(place)/experiment.json") else { continue }
                let record = try read("\(place)/experiment.json", vm)
                let git = member("git", of: record)
                let (commit, mark) = (member("commit", of: git), member("has_changes", of: git).tag == .true ? "+" : "")
                let final = member("metrics", of: record)
                names.add([
                    ("experiment", .string(vm.heap.string(name))), ("run", .string(vm.heap.string(run))), ("status", member("status", of: record)),
                ])
                parameters.add(pairs(member("params", of: record)))
                metrics.add(pairs(final.tag == .map ? final : lastLogged("\(place)/log.jsonl", vm)))
                circumstances.add([
                    ("seconds", member("seconds", of: record)), ("seed", member("seed", of: record)),
                    ("commit", commit.tag == .string ? .string(vm.heap.string(commit.asString.text.prefix(8) + mark)) : .nil),
                ])
            }
        }
        return try table([names, parameters, metrics, circumstances])
    }

    private static func table(_ groups: [Group]) throws -> Table {
        var names: [String] = []
        var columns: [Column] = []
        for group in groups {
            for name in group.names {
                var unique = name
                while names.contains(unique) { unique += group.suffix }
                names.append(unique)
                columns.append(try Column(group.rows.map { $0[name] ?? .nil }))
            }
        }
        return try Table(names: names, columns: columns)
    }

    /// Only what tells the experiments apart: their names, and the columns whose cells are not all the same.
    static func comparison(_ table: Table) throws -> Table {
        guard table.rowCount > 1 else { return table }
        return try table.selecting(table.names.enumerated().filter { i, name in
            name == "experiment" || name == "run" || !table.columns[i].isUniform
        }.map(\.element))
    }

    private static func entries(of folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // Runs of the same second by their numbers.
        return names.filter { !$0.hasPrefix(".") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    private static func read(_ path: String, _ vm: VM) throws -> Value {
        let text: String
        do throws(Diagnostic) {
            text = try SourceFile.read(path, shownAs: path)
        } catch {
            throw RuntimeError(error.kind, error.message, hint: error.hint)
        }
        return try JSONReader.read(text, name: "'\(path)'", vm)
    }

    /// The last whole line of a log; an empty map where there is none.
    private static func lastLogged(_ path: String, _ vm: VM) -> Value {
        guard let data = FileManager.default.contents(atPath: path) else { return .nil }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        // A run that was killed may have left half a line.
        for line in lines.reversed() { if let value = try? JSONReader.read(String(line), name: "'\(path)'", vm) { return value } }
        return .nil
    }

    private static func pairs(_ value: Value) -> [(String, Value)] {
        guard value.tag == .map else { return [] }
        return value.asMap.pairs.compactMap { $0.key.tag == .string ? ($0.key.asString.text, $0.value) : nil }
    }

    private static func member(_ name: String, of value: Value) -> Value { value.entry(name) ?? .nil }
}

extension Column {
    /// Whether all its cells are the same.
    fileprivate var isUniform: Bool {
        let first = taking(0..<min(1, count))
        return (0..<count).allSatisfy { taking($0..<($0 + 1)).isEqual(to: first) }
    }
}

/// `padash results`: the experiments in a folder as text.
public struct ResultsReport {
    public var folder: String
    /// Show only what differs.
    public var isComparison = false
    /// A column to order by; its greatest cell comes first with a `-` before the name.
    public var order: String?
    public var isCSV = false
    public var width = 80

    public init(folder: String) { self.folder = folder }

    public func text() throws(Diagnostic) -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw Diagnostic(.io, "there is no folder '\(folder)'", at: nil, hint: "experiment(\"name\") in a script makes 'results' in the folder it is run in")
        }
        let vm = VM(registry: Registry([]), options: SessionContext())
        do {
            var table = try Results.table(in: folder, vm)
            if let order {
                let isReversed = order.hasPrefix("-") && !table.names.contains(same: order)
                let column = try table.column(isReversed ? String(order.dropFirst()) : order)
                table = try table.taking(try RowOrder.rows(by: [.init(column: column, isReversed: isReversed)], count: table.rowCount, vm))
            }
            if isComparison { table = try Results.comparison(table) }
            if isCSV { return String(decoding: try CSV.format(table, delimiter: UInt8(ascii: ","), vm), as: UTF8.self) }
            guard table.rowCount > 0 else { return "there are no experiments in '\(folder)'\n" }
            return DisplayedTable(table, rowLimit: .max).text(width: width) + "\n"
        } catch let error as RuntimeError {
            throw Diagnostic(error.kind, error.message, at: nil, hint: error.hint)
        } catch {
            throw Diagnostic(.io, "\(error)", at: nil)
        }
    }
}
