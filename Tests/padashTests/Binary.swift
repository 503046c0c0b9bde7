import Foundation

/// The built `padash`, run as users run it.
enum Binary {
    /// It lies beside the test bundle.
    static let url: URL = {
        let bundle = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        return bundle.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("padash")
    }()

    struct Result {
        var output: String
        var errors: String
        var code: Int32
    }

    /// Runs to the end, or kills it after so many seconds (the code is then 9).
    static func run(_ arguments: [String], input: String = "", directory: URL? = nil, environment: [String: String] = [:], seconds: Double = 60) throws -> Result {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let directory { process.currentDirectoryURL = directory }
        let folder = try TemporaryFolder()
        let inputFile = try folder.file("stdin", input), outputFile = try folder.file("stdout", ""), errorFile = try folder.file("stderr", "")
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try process.run()
        let limit = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: limit)
        process.waitUntilExit()
        limit.cancel()
        return Result(
            output: try String(contentsOf: outputFile, encoding: .utf8), errors: try String(contentsOf: errorFile, encoding: .utf8),
            code: process.terminationStatus)
    }

    /// Runs a command line of the shell in which `$PADASH` is the binary. An endless loop is killed after half a minute of its time.
    static func shell(_ command: String) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "ulimit -t 30; \(command)"]
        process.environment = ProcessInfo.processInfo.environment.merging(["PADASH": url.path]) { $1 }
        let output = Pipe(), errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Result(output: text, errors: complaints, code: process.terminationStatus)
    }
}

/// A folder that goes away with the value.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("padash-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    func file(_ name: String, _ text: String) throws -> URL {
        let file = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
