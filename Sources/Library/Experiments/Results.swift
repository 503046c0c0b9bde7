import Foundation
import Lang
import NASLib
import Runtime
import Text

/// The experiments in a folder as a table: a row each, with parameters and metrics.
enum Results {
    /// Columns that stand together: their names in the order they came up, and the rows' cells by name.
    private struct Group {
        /// What a column is called in addition whose name another group has.
        var suffix = ""
        var names: [String] = []
        var rows: [[TextKey: Value]] = []

        /// Adds a row.
        mutating func add(_ cells: [(String, Value)]) {
            for (name, _) in cells where !names.contains(same: name) { names.append(name) }
            rows.append(Dictionary(cells.map { (TextKey($0), $1) }) { $1 })
        }
    }

    /// Experiments by name and then by date. What a record lacks is a missing cell; of a file that is no record there is a warning.
    static func table(in folder: String, _ vm: VM) throws -> Table {
        var names = Group()
        var parameters = Group(suffix: " (parameter)")
        var metrics = Group(suffix: " (metric)")
        var circumstances = Group(suffix: " (run)")
        for name in entries(of: folder, vm) {
            for run in entries(of: "\(folder)/\(name)", vm) {
                let place = "\(folder)/\(name)/\(run)"
                guard FilePath.exists("\(place)/experiment.json") else { continue }
                // A pipe would be waited for.
                guard FilePath.isPlainFile("\(place)/experiment.json") else {
                    vm.emit(.warning("a run is left out: '\(place)/experiment.json' is not a plain file"))
                    continue
                }
                guard let record = try read("\(place)/experiment.json", vm) else { continue }
                let git = member("git", of: record)
                let commit = member("commit", of: git)
                let final = member("metrics", of: record)
                names.add([
                    ("experiment", .string(vm.heap.string(name))), ("run", .string(vm.heap.string(run))),
                    ("status", status(of: record, vm)),
                ])
                parameters.add(pairs(member("params", of: record)))
                metrics.add(pairs(final.tag == .map ? final : lastLogged("\(place)/log.jsonl", vm)))
                circumstances.add([
                    ("seconds", member("seconds", of: record)), ("seed", member("seed", of: record)),
                    ("commit", commit.tag == .string ? .string(vm.heap.string(String(commit.asString.text.prefix(8)))) : .nil),
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
                while names.contains(same: unique) { unique += group.suffix }
                names.append(unique)
                columns.append(try Column(group.rows.map { $0[TextKey(name)] ?? .nil }))
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

    private static func entries(of folder: String, _ vm: VM) -> [String] {
        guard FilePath.isFolder(folder) else { return [] }
        var names: [String] = []
        do {
            for name in try FilePath.names(in: folder) {
                if let text = name.text {
                    names.append(text)
                } else {
                    vm.emit(.warning("'\(folder)/\(name.shown)' is left out: its name is not UTF-8"))
                }
            }
        } catch {
            vm.emit(.warning("'\(folder)' is left out: \(vm.located(error).diagnostic.message)"))
        }
        // Runs of the same second by their numbers.
        return names.filter { !$0.hasPrefix(".") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    /// A record; nil, after a warning, where the file holds none.
    private static func read(_ path: String, _ vm: VM) throws -> Value? {
        var problem = "'\(path)' is not a record of an experiment"
        do {
            let value = try JSONValues.read(try SourceFile.read(path, shownAs: path), name: "'\(path)'", vm)
            if value.tag == .map { return value }
        } catch let error as Diagnostic where error.kind != .interrupted {
            problem = error.message
        } catch let error as RuntimeError where error.kind != .interrupted {
            problem = error.message
        }
        vm.emit(.warning("a run is left out: \(problem)"))
        return nil
    }

    /// The last whole line of a log; an empty map where there is none.
    private static func lastLogged(_ path: String, _ vm: VM) -> Value {
        guard let file = try? FileBytes(path) else { return .nil }
        let lines = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
        // A run that was killed may have left half a line.
        for line in lines.reversed() { if let value = try? JSONValues.read(String(line), name: "'\(path)'", vm) { return value } }
        return .nil
    }

    /// A run that was killed could not say so: no process of its number is left on its machine.
    private static func status(of record: Value, _ vm: VM) -> Value {
        let (status, process, host) = (member("status", of: record), member("process", of: record),
            member("host", of: member("machine", of: record)))
        guard status.tag == .string, status.asString.text == "running", process.tag == .int, host.tag == .string,
            host.asString.text == Machine.host,
            let number = pid_t(exactly: process.asInt), number > 0, kill(number, 0) != 0, errno == ESRCH
        else { return status }
        return .string(vm.heap.string("stopped"))
    }

    private static func pairs(_ value: Value) -> [(String, Value)] {
        guard value.tag == .map else { return [] }
        return value.asMap.pairs.compactMap { $0.key.tag == .string ? ($0.key.asString.text, number($0.value)) : nil }
    }

    /// Floats that JSON has not are written as texts.
    private static func number(_ value: Value) -> Value {
        guard value.tag == .string, ["nan", "inf", "-inf"].contains(value.asString.text) else { return value }
        return NumberText.float(value.asString.buffer).map(Value.float) ?? value
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
package struct ResultsReport {
    package var folder: String
    /// Whether to show only the columns in which experiments differ.
    package var isComparison = false
    /// The column to sort by; with a `-` before the name, the greatest cell comes first.
    package var order: String?
    package var isCSV = false
    package var width = 80

    package init(folder: String) { self.folder = folder }

    /// - Parameter warn: called with the problem of each run that is left out.
    package func text(warn: @escaping (String) -> Void) throws(Diagnostic) -> String {
        guard FilePath.isFolder(folder) else {
            throw Diagnostic(.io, "there is no folder '\(folder)'", at: nil,
                hint: "experiment(\"name\") in a script makes 'results' in the folder it is run in")
        }
        let vm = VM(registry: Registry([]), options: SessionContext())
        vm.emit = { if case .warning(let text) = $0 { warn(text) } }
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
