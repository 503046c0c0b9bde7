import Foundation
import Lang
import Testing

@testable import Documents
@testable import Library
@testable import Runtime

/// The reference has every built-in in it, and its links lead somewhere.
@Suite struct ReferencePages {
    private let builtins = Registry(Library.topics).builtins

    @Test func topicsAreThoseOfTheLibrary() {
        let titles = Reference.library.topics.map(\.title)
        #expect(Set(titles).count == titles.count && titles.contains("Vector distributions") && titles.contains("Supernets") && titles.contains("JSON"))
        let functions = Library.modules.documentation.values.flatMap(\.functions)
        #expect(Reference.library.topics.flatMap(\.entries).count == builtins.count + functions.count)
    }

    @Test func membersStandWithTheirType() throws {
        let supernets = try #require(Reference.library.topics.first { $0.title == "Supernets" })
        #expect(supernets.types.first?.name == "supernet" && supernets.types.first?.members.contains { $0.name == "supernet.rank" } == true)
    }

    @Test func markdownHasEverySignatureDocumentationAndExample() {
        let text = Reference.library.markdown()
        for builtin in builtins {
            let isMember = builtin.kind == .method || builtin.kind == .property
            let entry = "<a id=\"\(builtin.name)\"></a>\n\(isMember ? "####" : "###") `\(builtin.usage)`\n\n\(builtin.doc)\n" + (builtin.example.isEmpty ? "" : "\n```pada\n\(builtin.example)\n```\n")
            if !text.contains(entry) { Issue.record("\(builtin.name) is missing") }
        }
        expectLinksLead(text, pattern: /\]\(#([^)]*)\)/)
    }

    @Test func modulesStandAtTheEnd() throws {
        let module = try #require(Reference.library.topics.last)
        #expect(module.title == "Module \(Library.modules.names.last ?? "")" && !module.doc.isEmpty)
        let text = Reference.library.markdown()
        for topic in Reference.library.topics where topic.title.hasPrefix("Module ") {
            for entry in topic.entries {
                let expected = "<a id=\"\(entry.name)\"></a>\n### `\(entry.usage)`\n\n\(entry.doc)\n\n```pada\n\(entry.example)\n```\n"
                if !text.contains(expected) { Issue.record("\(entry.name) is missing") }
            }
        }
    }

    @Test func htmlIsWellFormedAndItsLinksLead() throws {
        let text = Reference.library.html(program: "padash \(Release.version)")
        expectLinksLead(text, pattern: /href="#([^"]*)"/)
        #expect(text.contains("<title>Reference – padash \(Release.version)</title>"))
        // Every element is closed in its turn.
        var open: [Substring] = []
        for tag in text.matches(of: /<(\/?)([a-z0-9]+)[^>]*?(\/?)>/) where tag.3.isEmpty {
            if tag.1.isEmpty { open.append(tag.2) } else { #expect(open.popLast() == tag.2, "\(tag.0)") }
        }
        #expect(open.isEmpty)
        let isPageByItself = text.firstMatch(of: /(src|href)="[^#]|url\(|@import/) == nil
        #expect(isPageByItself)
        for builtin in builtins where !text.contains("<article class=\"entry\" id=\"\(builtin.name)\">") { Issue.record("\(builtin.name) is missing") }
    }

    private func expectLinksLead(_ text: String, pattern: Regex<(Substring, Substring)>) {
        let anchors = text.matches(of: /id="([^"]*)"/).map { String($0.1) }
        #expect(Set(anchors).count == anchors.count, "an anchor occurs twice")
        let links = text.matches(of: pattern).map { String($0.1) }
        #expect(links.count > builtins.count)
        #expect(Set(links).subtracting(anchors).isEmpty)
    }
}
