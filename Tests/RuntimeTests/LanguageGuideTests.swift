import Foundation
import Lang
import Runtime
import Testing

/// Every example of docs/language.md does what the guide says; its first lines explain the notation.
@Suite struct LanguageGuide {
    struct Chapter: Sendable, CustomTestStringConvertible {
        var title: String
        var blocks: [Block] = []
        var testDescription: String { title }
    }

    struct Block: Sendable {
        /// Set for a block that is a file for the others to import.
        var file: String?
        /// The number of its first line in the guide.
        var start: Int
        var lines: [Substring] = []
    }

    static let chapters: [Chapter] = {
        let path = GoldenScript.root.appendingPathComponent("../../docs/language.md")
        guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
        var chapters = [Chapter(title: "Before the first chapter")]
        var block: Block?
        for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let open = block {
                if line == "```" {
                    chapters[chapters.count - 1].blocks.append(open)
                    block = nil
                } else {
                    block?.lines.append(line)
                }
            } else if line.hasPrefix("## ") {
                chapters.append(Chapter(title: String(line.dropFirst(3))))
            } else if line.hasPrefix("```pada") {
                let file = line.dropFirst("```pada".count).trimmingCharacters(in: .whitespaces)
                block = Block(file: file.isEmpty ? nil : file, start: i + 2)
            }
        }
        return chapters.filter { !$0.blocks.isEmpty }
    }()

    @Test func thereAreChapters() { #expect(Self.chapters.count > 15) }

    @Test(arguments: chapters)
    func chapter(_ chapter: Chapter) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("padash-guide-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = Session.Options()
        options.allowsRedeclaration = true
        options.directory = folder.path
        let session = Session(options: options)
        for block in chapter.blocks {
            if let file = block.file {
                try block.lines.joined(separator: "\n").write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
            } else {
                for example in Self.examples(in: block, session) { check(example, session) }
            }
        }
    }

    /// One statement, and what the guide says of it.
    private struct Example {
        var line: Int
        var code = ""
        var value: String?
        var printed: [String] = []
        var error: String?

        /// Reads the remarks on a line.
        mutating func note(_ line: Substring) {
            if let mark = line.range(of: "# => ") { value = String(line[mark.upperBound...]) }
            if let mark = line.range(of: "# prints:") { printed.append(String(line[mark.upperBound...].dropFirst())) }
            if let mark = line.range(of: "# error: ") { error = String(line[mark.upperBound...]) }
        }
    }

    private static func examples(in block: Block, _ session: Session) -> [Example] {
        var examples: [Example] = []
        var isOpen = false
        for (i, line) in block.lines.enumerated() {
            let text = line.drop { $0 == " " }
            let goesOn = text.hasPrefix("|>") || text.hasPrefix(".")
            if isOpen || goesOn, !examples.isEmpty {
                examples[examples.count - 1].code += "\n" + line
            } else if text.isEmpty || text.hasPrefix("# ") {
                if !examples.isEmpty { examples[examples.count - 1].note(text) }
                continue
            } else {
                examples.append(Example(line: block.start + i, code: String(line)))
            }
            examples[examples.count - 1].note(text)
            isOpen = !session.isComplete(examples[examples.count - 1].code)
        }
        return examples
    }

    private func check(_ example: Example, _ session: Session) {
        let (outputs, outcome) = session.run(Source(name: "language.md:\(example.line)", text: example.code))
        var value: String?
        var printed = ""
        var error: Diagnostic?
        for output in outputs {
            switch output {
            case .value(let shown): value = shown.text
            case .text(let text): printed += text
            case .error(let diagnostics): error = error ?? diagnostics.first
            default: break
            }
        }
        let place: Comment = "docs/language.md:\(example.line): \(example.code)"
        if let expected = example.value { #expect(value ?? "nil" == expected, place) }
        #expect(printed == example.printed.map { $0 + "\n" }.joined(), place)
        if let expected = example.error {
            let parts = expected.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(error?.kind.rawValue == parts[0], place)
            #expect(error?.message.contains(parts.count > 1 ? parts[1] : "") == true, "\(error?.message ?? "no error") in \(place)")
        } else {
            #expect(outcome == .finished, "\(error?.rendered(color: false) ?? "") in \(place)")
        }
    }
}
