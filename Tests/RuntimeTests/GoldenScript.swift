import Foundation
import Lang
import Testing

/// A script under Tests/golden, with the outcome it states in its comments:
///
/// - `# expect: TEXT` for each line printed, in order; the comment stands beside the line or below it.
/// - `# expect error: KIND: FRAGMENT` on the line where an error of that kind is expected, whose message contains the fragment.
///   The kind `*` stands for any. A run-time error ends the script; of syntax errors there may be several.
///
/// Files whose names begin with `_` are modules for others to import.
struct GoldenScript: Sendable, CustomTestStringConvertible {
    struct ExpectedError: Sendable {
        var line: Int
        var kind: String
        var fragment: String
    }

    /// Its path below Tests/golden.
    let name: String
    let text: String
    let expectedLines: [String]
    let expectedErrors: [ExpectedError]

    /// The folder it is in.
    var topic: String { String(name.prefix { $0 != "/" }) }
    var testDescription: String { name }
    var url: URL { Self.root.appendingPathComponent(name) }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("golden")

    /// Every script in the order of their names, or those of the topics in PADASH_GOLDEN, which are separated by commas.
    static let all: [GoldenScript] = {
        let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        let scripts = paths.filter { $0.hasSuffix(".pada") && !($0.split(separator: "/").last ?? "").hasPrefix("_") }.sorted().compactMap(GoldenScript.init)
        guard let topics = ProcessInfo.processInfo.environment["PADASH_GOLDEN"]?.split(separator: ",").map(String.init) else { return scripts }
        return scripts.filter { topics.contains($0.topic) }
    }()

    private init?(name: String) {
        guard let text = try? String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8) else { return nil }
        self.name = name
        self.text = text
        var lines: [String] = []
        var errors: [ExpectedError] = []
        for (i, line) in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }).enumerated() {
            if let comment = line.range(of: "# expect error: ") {
                let parts = line[comment.upperBound...].split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                errors.append(ExpectedError(line: i + 1, kind: parts.first ?? "", fragment: parts.count > 1 ? parts[1] : ""))
            } else if let comment = line.range(of: "# expect:", options: .backwards) {
                lines.append(String(line[comment.upperBound...].dropFirst()))
            }
        }
        expectedLines = lines
        expectedErrors = errors
    }
}
