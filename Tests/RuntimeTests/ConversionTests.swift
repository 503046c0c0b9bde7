import Foundation
import Testing

/// `Int(x)` of a double ends the process for nan, for infinities and for what is beyond the ints, and users can cause any of these: the
/// sources convert by `Int(exactly:)` or `Int(saturating:)` instead.
@Suite struct Conversions {
    /// What only doubles have; the kernels' offsets, which no user sees, aside.
    private static let signs = [".rounded(", "log10", "log2", "Double(", "squareRoot", " / ", " * "]

    @Test func noDoubleIsConvertedUnchecked() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        let checked = files.filter { $0.pathExtension == "swift" && !$0.deletingLastPathComponent().lastPathComponent.hasSuffix("Kernels") }
        #expect(checked.count > 300)
        for file in checked {
            for (i, line) in try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for start in line.ranges(of: /\bInt\((?![A-Za-z]+: )/).map(\.upperBound) {
                    // What stands in brackets is a position, whatever the element is.
                    let argument = Self.argument(line[start...]).replacing(/\[[^\]]*\]/, with: "")
                    if Self.signs.contains(where: argument.contains) { Issue.record("\(file.lastPathComponent):\(i + 1): \(line.trimmingCharacters(in: .whitespaces))") }
                }
            }
        }
    }

    /// What stands before the parenthesis that closes.
    private static func argument(_ text: Substring) -> Substring {
        var depth = 0
        return text.prefix { character in
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            return depth >= 0
        }
    }
}
