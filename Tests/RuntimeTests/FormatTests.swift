import Foundation
import Testing

@testable import Library
@testable import Runtime

/// Format specs against Python's: `Tests/recorded/formats_python.txt`, which the script beside it printed.
@Suite struct FormatSpecs {
    private let vm = VM(registry: Registry([]), options: SessionContext())

    private func value(_ literal: Substring) throws -> Value {
        if literal.hasPrefix("\"") { return .string(vm.heap.string(String(literal.dropFirst().dropLast()))) }
        if let int = Int(literal) { return .int(int) }
        return .float(try #require(Double(literal)))
    }

    @Test func areAsPythonHasThem() throws {
        let file = GoldenScript.root.appendingPathComponent("../recorded/formats_python.txt").standardizedFileURL
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2500)
        for line in lines {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            let value = try value(parts[0])
            let shown = try? Format(String(parts[1])).apply(to: value)
            #expect(shown ?? "!" == parts[2], "\(parts[0]) in the format '\(parts[1])'")
        }
    }
}
