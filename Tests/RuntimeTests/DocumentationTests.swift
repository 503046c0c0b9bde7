import Foundation
import Lang
import Testing

@testable import Documents
@testable import Library
@testable import Runtime

/// The code on the pages of `docs` and in README.md runs, and does what stands beside it; the first lines of docs/language.md
/// explain the notation. Links lead somewhere.
@Suite struct DocumentationPages {
    static let root = GoldenScript.root.appendingPathComponent("../..").standardizedFileURL

    /// By their paths from the root, README.md among them. The reference's examples are run one by one elsewhere.
    static let pages: [String] = {
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
        return docs.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }.sorted() + ["README.md"]
    }()

    static func text(of page: String) throws -> String { try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8) }

    // MARK: - Code

    /// Code that runs in one session: a page, or on some pages what stands under one heading of the second level.
    struct Chapter: Sendable, CustomTestStringConvertible {
        var page: String
        var title = ""
        var blocks: [Block] = []
        var testDescription: String { title.isEmpty ? page : "\(page): \(title)" }
    }

    struct Block: Sendable {
        /// Set for a block that is a file for the others to import.
        var file: String?
        /// The number of its first line on the page.
        var start: Int
        var lines: [Substring] = []
    }

    /// Pages that say that each of their chapters starts anew.
    static let pagesInChapters = ["docs/language.md", "docs/cookbook.md"]

    static let chapters: [Chapter] = pages.filter { $0 != "docs/reference.md" }.flatMap { page in
        var chapters = [Chapter(page: page)]
        var block: Block?
        for (i, line) in ((try? text(of: page)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let open = block {
                if line == "```" {
                    chapters[chapters.count - 1].blocks.append(open)
                    block = nil
                } else {
                    block?.lines.append(line)
                }
            } else if line.hasPrefix("## "), pagesInChapters.contains(page) {
                chapters.append(Chapter(page: page, title: String(line.dropFirst(3))))
            } else if line.hasPrefix("```pada") {
                let file = line.dropFirst("```pada".count).trimmingCharacters(in: .whitespaces)
                block = Block(file: file.isEmpty ? nil : file, start: i + 2)
            }
        }
        return chapters.filter { !$0.blocks.isEmpty }
    }

    /// What the pages for Swift programs show is in the package that CI builds and runs.
    @Test(arguments: ["docs/swift.md", "Sources/NASLib/NASLib.docc/NASLib.md"])
    func swiftCodeIsThatOfTheExample(page: String) throws {
        let example = ["Package.swift", "Sources/Tau/main.swift", "Sources/Tour/main.swift"]
        let code = try example.map { try Self.text(of: "Examples/swift/\($0)") }.joined(separator: "\n")
        let blocks = try Self.text(of: page).matches(of: /```swift\n((?s).*?)```\n/)
        #expect(!blocks.isEmpty)
        for block in blocks { #expect(code.contains(block.1)) }
    }

    @Test func thereIsCode() {
        #expect(Set(Self.chapters.map(\.page)).isSuperset(of: ["docs/tour.md", "docs/language.md", "docs/cookbook.md", "docs/extending.md", "docs/methods.md", "docs/notebooks.md", "README.md"]))
        #expect(Self.chapters.count { $0.page == "docs/language.md" } > 15)
        #expect(Self.chapters.count { $0.page == "docs/cookbook.md" } >= 20)
    }

    @Test(arguments: chapters)
    func runs(_ chapter: Chapter) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("padash-page-\(UUID().uuidString)")
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
                for example in Self.examples(in: block, session) { check(example, on: chapter.page, session) }
            }
        }
    }

    /// One statement, and what the page says of it.
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

    private func check(_ example: Example, on page: String, _ session: Session) {
        let (outputs, outcome) = session.run(Source(name: "\(page):\(example.line)", text: example.code))
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
        let place: Comment = "\(page):\(example.line): \(example.code)"
        if let expected = example.value { #expect(value ?? "nil" == expected, place) }
        #expect(printed == example.printed.map { $0 + "\n" }.joined(), place)
        if let expected = example.error {
            let parts = expected.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(error?.kind.rawValue == parts[0], place)
            #expect(error?.message.contains(parts.count > 1 ? parts[1] : "") == true, "\(error?.message ?? "no error") in \(place)")
        } else {
            #expect(outcome == .finished, "\(error?.rendered() ?? "") in \(place)")
        }
    }

    // MARK: - Sessions at the prompt

    /// A session as a page shows it, indented by four: what was typed after `In [1]:` and `...:`, and what came of it.
    struct Transcript: Sendable, CustomTestStringConvertible {
        var page: String
        var entries: [(code: String, shown: [String])] = []
        var testDescription: String { "\(page): \(entries.first?.code ?? "")" }
    }

    static let transcripts: [Transcript] = pages.flatMap { page in
        var transcripts: [Transcript] = []
        var isOpen = false
        for line in ((try? text(of: page)) ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("    ") else {
                isOpen = false
                continue
            }
            let text = line.dropFirst(4)
            if let code = text.firstMatch(of: /^In \[\d+\]: (.*)$/)?.output.1 {
                if !isOpen { transcripts.append(Transcript(page: page)) }
                isOpen = true
                transcripts[transcripts.count - 1].entries.append((String(code), []))
            } else if isOpen {
                let (last, entry) = (transcripts.count - 1, transcripts[transcripts.count - 1].entries.count - 1)
                if let code = text.firstMatch(of: /^[ ]+\.\.\.: (.*)$/)?.output.1 {
                    transcripts[last].entries[entry].code += "\n" + code
                } else {
                    transcripts[last].entries[entry].shown.append(String(text))
                }
            }
        }
        return transcripts
    }

    @Test func thereAreSessions() { #expect(Set(Self.transcripts.map(\.page)) == ["README.md", "docs/repl.md"]) }

    @Test(arguments: transcripts)
    func shows(_ transcript: Transcript) {
        var options = Session.Options()
        (options.allowsRedeclaration, options.remembersValues) = (true, true)
        let session = Session(options: options)
        for (i, entry) in transcript.entries.enumerated() {
            let shown = session.run(Source(name: "In [\(i + 1)]", text: entry.code)).outputs.flatMap { output -> [String] in
                switch output {
                case .value(let value): "Out[\(i + 1)]: \(value.text)".components(separatedBy: "\n")
                case .text(let text): text.split(separator: "\n").map(String.init)
                case .error(let errors): errors.flatMap { $0.rendered().split(separator: "\n").map(String.init) }
                case .warning(let warning): ["warning: \(warning)"]
                default: []
                }
            }
            func trimmed(_ lines: [String]) -> [String] { lines.map { $0.replacing(/[ ]+$/, with: "") } }
            #expect(trimmed(shown) == trimmed(entry.shown), "\(transcript.page): \(entry.code)")
        }
    }

    // MARK: - Links

    /// As they are read where the files lie, so that a link may also lead to a folder.
    @Test(arguments: pages)
    func linksLead(_ page: String) throws {
        let folder = Self.root.appendingPathComponent(page).deletingLastPathComponent()
        for target in try #require(Self.parts[page]).links where target.firstMatch(of: /^[a-z]+:/) == nil {
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = folder.appendingPathComponent(parts[0]).standardizedFileURL.path.replacing(Self.root.path + "/", with: "")
            #expect(FileManager.default.fileExists(atPath: Self.root.appendingPathComponent(path).path), "\(target) on \(page)")
            if parts.count > 1 { #expect(Self.parts[parts[0].isEmpty ? page : path]?.anchors.contains(parts[1]) == true, "\(target) on \(page)") }
        }
    }

    /// Where each page's links lead, and where links to it can.
    private static let parts = Dictionary(uniqueKeysWithValues: pages.map { page in
        let text = (try? text(of: page)) ?? ""
        var links: Set<String> = [], anchors = Set(text.matches(of: /<a id="([^"]*)">/).map { String($0.1) })
        var headings = HeadingAnchors()
        var markdown = Markdown(folder: root.appendingPathComponent(page).deletingLastPathComponent().path)
        markdown.destination = { target, _ in
            links.insert(target)
            return target
        }
        markdown.anchor = { anchors.insert(headings.next(for: $1)); return nil }
        _ = markdown.html(text)
        return (page, (links: links, anchors: anchors))
    })
}
