import Foundation
import Plots
import Runtime

/// What `train` gives: a row of numbers for each epoch.
final class TrainingLogObject: HostObject, Plottable {
    /// A list of maps with the same names as keys, unless a callback that has kept one changes it.
    let rows: ListRef
    /// What ended it early, if anything did.
    let stopped: String?

    init(_ rows: ListRef, stopped: String?) { (self.rows, self.stopped) = (rows, stopped) }

    override var typeName: String { "training_log" }
    override var description: String {
        let numbers = rows.array.last.map { row in
            row.asMap.pairs.dropFirst(3).filter { $0.key.tag == .string }.compactMap { key, value in
                value.number.map { "\(key.asString.text) \($0.isNaN ? "nan" : String(format: "%.4g", $0))" }
            }.joined(separator: ", ")
        }
        let end = stopped.map { ", stopped by \($0)" } ?? ""
        return "<training of \(rows.count) epoch\(rows.count == 1 ? "" : "s")\(end)\(numbers.map { ": \($0)" } ?? "")>"
    }
    override var count: Int? { rows.count }
    override var footprint: Int { 0 }
    override func visitValues(_ visit: (Value) -> Void) { visit(.list(rows)) }

    /// The names of the columns.
    override var memberNames: [String] {
        rows.array.first?.asMap.pairs.compactMap { $0.key.tag == .string ? $0.key.asString.text : nil } ?? []
    }

    func column(_ name: String) -> [Value] { rows.array.compactMap { $0.entry(name) } }

    override func member(_ name: String, _ vm: VM) throws -> Value? { memberNames.contains(name) ? .list(vm.heap.list(column(name))) : nil }

    var table: Table {
        get throws { try Table(names: memberNames, columns: try memberNames.map { try Column(column($0)) }) }
    }

    /// Writes the rows to a file in place of what was there, as CSV or as a JSON object a line.
    func write(to path: String, _ vm: VM) throws {
        guard TrainingLogObject.isJSON(path) else {
            return try Library.replaceFile(path, with: CSV.format(try table, delimiter: UInt8(ascii: ","), vm))
        }
        var bytes: [UInt8] = []
        for row in rows.array { bytes += try JSONValues.bytes(of: row, vm) + [UInt8(ascii: "\n")] }
        try Library.replaceFile(path, with: bytes)
    }

    static func isJSON(_ path: String) -> Bool { path.hasSuffix(".jsonl") }

    func plot(_ vm: VM) throws -> PlotDescription {
        var plot = try PlotColumns(rows: rows.array.map(\.asMap)).plot()
        plot.title = "training"
        return plot
    }
}
