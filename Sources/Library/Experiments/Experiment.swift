import Foundation
import Runtime
import Text

/// A running experiment: a folder of its own in which everything about it is written down, and nothing is written over.
final class ExperimentObject: GrowingObject {
    let folder: String
    /// What `experiment.json` holds, but for the end.
    private let record: MapRef
    private let start = DispatchTime.now().uptimeNanoseconds
    /// What was logged last, as JSON.
    private var lastLine = ""
    private var savedNames: Set<TextKey> = []
    private(set) var isFinished = false

    init(folder: String, record: MapRef) {
        self.folder = folder
        self.record = record
    }

    override var typeName: String { "experiment" }
    override var description: String { "<experiment \(folder)\(isFinished ? ", finished" : "")>" }
    override var footprint: Int { lastLine.utf8.count + savedNames.count * 64 }

    override func visitValues(_ visit: (Value) -> Void) { visit(.map(record)) }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    // MARK: - Writing

    /// Adds a line to the log.
    func log(_ metrics: MapRef, _ vm: VM) throws {
        try checkRunning()
        let line = try JSONValues.bytes(of: .map(metrics), keepsNonFinite: true, vm) + [UInt8(ascii: "\n")]
        try Library.append(line, to: path("log.jsonl"))
        try goOn(vm)
        lastLine = String(decoding: line, as: UTF8.self)
    }

    /// Writes a file whose name is not taken yet: `loss.csv`, then `loss-2.csv`. Gives its path.
    func save(_ bytes: [UInt8], _ name: String, _ ending: String) throws -> String {
        try checkRunning()
        var file = name + ending
        var number = 1
        while !savedNames.insert(TextKey(file)).inserted || FilePath.exists(path(file)) {
            number += 1
            file = "\(name)-\(number)\(ending)"
        }
        try Library.replaceFile(path(file), with: bytes)
        return path(file)
    }

    /// Writes the record as it stands now.
    func writeRecord(_ vm: VM) throws {
        try ExperimentObject.write(.map(record), to: path("experiment.json"), vm)
    }

    /// Writes the end into the record. Without metrics, those logged last are the result.
    func finish(_ metrics: MapRef?, _ vm: VM) throws {
        try checkRunning()
        let heap = vm.heap
        heap.set("status", to: .string(heap.string("finished")), in: record)
        heap.set("seconds", to: .float(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9), in: record)
        let result = try metrics.map(Value.map) ?? (lastLine.isEmpty ? .map(heap.map()) : JSONValues.read(lastLine, name: "the log", vm))
        heap.set("metrics", to: result, in: record)
        try writeRecord(vm)
        isFinished = true
        vm.options.unfinished[TextKey(folder)] = nil
    }

    /// Counts for the running cell from now on; written down as running again where an earlier cell failed.
    private func goOn(_ vm: VM) throws {
        if vm.options.unfinished[TextKey(folder)] == nil {
            ExperimentObject.begin(folder, vm)
            try writeRecord(vm)
        }
    }

    /// Has the record say how the running cell ends where that is by an error.
    static func begin(_ folder: String, _ vm: VM) {
        vm.options.unfinished[TextKey(folder)] = { [unowned vm] status, error in
            do {
                try recordEnd(of: folder, status: status, error: error, vm)
            } catch {
                vm.emit(
                    .warning(
                    "the experiment in '\(folder)' could not be written down as \(status): \(vm.located(error).diagnostic.message)"))
            }
        }
    }

    /// Writes into the record that the cell which the experiment was used in did not come to its end.
    private static func recordEnd(of folder: String, status: String, error: String, _ vm: VM) throws {
        let path = FilePath.joined(folder, "experiment.json")
        let record = try JSONValues.read(try SourceFile.read(path, shownAs: path), name: "'\(path)'", vm)
        guard record.tag == .map else { return }
        vm.heap.set("status", to: .string(vm.heap.string(status)), in: record.asMap)
        vm.heap.set("error", to: .string(vm.heap.string(error)), in: record.asMap)
        try write(record, to: path, vm)
    }

    private static func write(_ record: Value, to path: String, _ vm: VM) throws {
        try Library.replaceFile(path, with: try JSONValues.bytes(of: record, indent: 2, keepsNonFinite: true, vm) + [UInt8(ascii: "\n")])
    }

    private func checkRunning() throws {
        if isFinished { throw RuntimeError(.value, "the experiment in '\(folder)' is finished", hint: "experiment(…) begins another") }
    }

    static func refused(_ path: String, _ code: Int32) -> RuntimeError {
        RuntimeError(.io, "'\(path)' cannot be written: \(String(cString: strerror(code)))")
    }
}

