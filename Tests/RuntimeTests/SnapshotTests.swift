import Foundation
import Lang
import Library
import Runtime
import Testing

/// What users read: for each script in Tests/snapshots, the rendered errors are those in the file beside it, to the letter.
/// `Tests/snapshots/record` writes the files anew.
@Suite struct Snapshots {
    static let folder = GoldenScript.root.appendingPathComponent("../snapshots").standardizedFileURL
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".pada") && !$0.hasPrefix("_") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test(.timeLimit(.minutes(5)), arguments: names)
    func error(_ name: String) throws {
        let source = Source(name: "Tests/snapshots/\(name).pada", text: try text("\(name).pada"))
        var options = Session.Options()
        options.directory = "Tests/snapshots"
        let session = Session(options: options)
        let shown = Shown()
        let outcome = session.run(source) { output in
            switch output {
            case .text("interrupt me\n"): session.interrupt()
            case .error(let diagnostics): shown.texts += diagnostics.map { $0.rendered(width: 100) }
            default: break
            }
        }
        #expect(outcome != .finished)
        #expect(shown.texts.joined(separator: "\n\n") + "\n" == (try text("\(name).txt")))
    }

    @Test func everyKindIsThere() {
        let kinds = ["syntax", "name", "type", "value", "shape", "index", "key", "arithmetic", "io", "interrupted", "limit", "error"]
        for kind in kinds { #expect(Self.names.contains { $0.hasPrefix(kind) }, "\(kind)") }
    }

    private final class Shown: @unchecked Sendable { var texts: [String] = [] }

    private func text(_ file: String) throws -> String { try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8) }
}
