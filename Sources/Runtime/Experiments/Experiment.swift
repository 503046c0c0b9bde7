import Foundation
import Lang

/// A running experiment: a folder of its own in which everything about it is written down, and nothing is written over.
final class ExperimentObject: HostObject {
    let folder: String
    /// What `experiment.json` holds, but for the end.
    private let record: MapRef
    private let start = DispatchTime.now().uptimeNanoseconds
    /// What was logged last, as JSON.
    private var lastLine = ""
    private var savedNames: Set<String> = []
    private(set) var isFinished = false

    init(folder: String, record: MapRef) {
        self.folder = folder
        self.record = record
    }

    override var typeName: String { "experiment" }
    override var description: String { "<experiment \(folder)\(isFinished ? ", finished" : "")>" }

    override func visitValues(_ visit: (Value) -> Void) { visit(.map(record)) }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    // MARK: - Writing

    /// Adds a line to the log.
    func log(_ metrics: MapRef, _ vm: VM) throws {
        try checkRunning()
        var writer = JSONWriter(indent: 0, keepsNonFinite: true, vm: vm)
        try writer.write(.map(metrics))
        let line = writer.bytes + [UInt8(ascii: "\n")]
        guard Library.append(line, to: path("log.jsonl")) else { throw ExperimentObject.refused(path("log.jsonl"), errno) }
        lastLine = String(decoding: line, as: UTF8.self)
    }

    /// Writes a file whose name is not taken yet: `loss.csv`, then `loss-2.csv`. Gives its path.
    func save(_ bytes: [UInt8], _ name: String, _ ending: String) throws -> String {
        try checkRunning()
        var file = name + ending
        var number = 1
        while !savedNames.insert(file).inserted || FileManager.default.fileExists(atPath: path(file)) {
            number += 1
            file = "\(name)-\(number)\(ending)"
        }
        try Library.replaceFile(path(file), with: bytes)
        return path(file)
    }

    /// Writes the record as it stands now.
    func writeRecord(_ vm: VM) throws {
        var writer = JSONWriter(indent: 2, keepsNonFinite: true, vm: vm)
        try writer.write(.map(record))
        try Library.replaceFile(path("experiment.json"), with: writer.bytes + [UInt8(ascii: "\n")])
    }

    /// Writes the end into the record. Without metrics, those logged last are the result.
    func finish(_ metrics: MapRef?, _ vm: VM) throws {
        try checkRunning()
        let heap = vm.heap
        heap.set("status", to: .string(heap.string("finished")), in: record)
        heap.set("seconds", to: .float(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9), in: record)
        let result = try metrics.map(Value.map) ?? (lastLine.isEmpty ? .map(heap.map()) : JSONReader.read(lastLine, name: "the log", vm))
        heap.set("metrics", to: result, in: record)
        try writeRecord(vm)
        isFinished = true
    }

    private func checkRunning() throws {
        if isFinished { throw RuntimeError(.value, "the experiment in '\(folder)' is finished", hint: "experiment(…) begins another") }
    }

    static func refused(_ path: String, _ code: Int32) -> RuntimeError { RuntimeError(.io, "'\(path)' cannot be written: \(String(cString: strerror(code)))") }
}

/// The state of the source code in version control.
struct GitState {
    var commit: String
    /// Whether files that git follows differ from the commit.
    var isDirty: Bool

    /// That of the working folder; nil where there is no repository, or no git.
    static func current() -> GitState? {
        guard let commit = run(["rev-parse", "HEAD"]), !commit.isEmpty, let changes = run(["status", "--porcelain", "--untracked-files=no"]) else { return nil }
        return GitState(commit: commit, isDirty: !changes.isEmpty)
    }

    private static func run(_ arguments: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["GIT_OPTIONAL_LOCKS": "0"]) { $1 }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
}
