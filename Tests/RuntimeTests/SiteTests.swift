import Foundation
import Lang
import Testing

@testable import Documents
@testable import Library
@testable import padash
@testable import Runtime

/// Sites of small pages that are written down here, and the one of `docs`.
@Suite struct Sites {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("padash-site-\(UUID().uuidString)")

    private func site(_ pages: KeyValuePairs<String, String>, files: [String: String] = [:]) throws -> Site {
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        for (name, _) in pages {
            let page = folder.appendingPathComponent(name).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: page, withIntermediateDirectories: true)
        }
        return Site(
            pages.map { Source(name: folder.appendingPathComponent($0).path, text: $1) }, reference: .library, program: "padash", files: .system, root: folder.path)
    }

    private func text(_ path: String, of site: Site) throws -> String {
        let file = try #require(try site.files().first { $0.path == path }, "\(path)")
        return String(decoding: file.bytes, as: UTF8.self)
    }

    @Test func linksBetweenPagesLeadToTheirHTML() throws {
        let site = try site([
            "docs/a.md": "# A\n\n[b](b.md) [part](b.md#the-part) [here](#a) [web](https://a.b/c.md) [mean](reference.md#mean)",
            "docs/b.md": "# B\n\n## The part\n\n[a](../docs/a.md)",
        ])
        #expect(site.mistakes.isEmpty)
        let a = try text("a.html", of: site)
        for link in ["b.html", "b.html#the-part", "a.html#a", "https://a.b/c.md", "reference.html#mean"] { #expect(a.contains("<a href=\"\(link)\">"), "\(link)") }
        #expect(try text("b.html", of: site).contains("<h2 id=\"the-part\">The part</h2>\n<p><a href=\"a.html\">a</a></p>"))
    }

    @Test func theFrontPageOrdersTheNavigation() throws {
        let site = try site(["a.md": "# A", "b.md": "# B", "c.md": "# C", "index.md": "# Front\n\n[c](c.md) [a](a.md) [c](c.md)", "reference.md": "# Old"])
        #expect(site.pages.map(\.name) == ["index", "c", "a", "b", "reference"])
        let page = try text("a.html", of: site)
        #expect(page.contains("<header><b><a href=\"index.html\">padash"))
        #expect(page.contains("<li><a href=\"c.html\">C</a></li>\n<li><b aria-current=\"page\">A</b></li>"))
        #expect(page.contains("<a rel=\"prev\" href=\"c.html\">← C</a>") && page.contains("<a rel=\"next\" href=\"b.html\">B →</a>"))
    }

    @Test func filesThatAreLinkedToComeAlong() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let site = try site(["docs/a.md": "[script](../Examples/x.pada)"], files: ["Examples/x.pada": "print(1)\n"])
        #expect(try text("a.html", of: site).contains("<a href=\"files/Examples/x.pada\">script</a>"))
        #expect(try text("files/Examples/x.pada", of: site) == "print(1)\n")
    }

    @Test func whatLeadsNowhereIsAMistakeWithItsPlace() throws {
        let site = try site(["a.md": "# Alpha\n\n[one](b.md)\n[two](#alhpa) [three](/etc/passwd) [four](reference.md#maen) [five](.)", "aa.md": "[six](a.md#alhpa)"])
        let shown = site.mistakes.map { "\($0.message) \($0.hint ?? "") \($0.place.map { String($0.source.position(at: $0.span.start).line) + $0.source.text(of: $0.span) } ?? "")" }
        #expect(shown == [
            "there is no page or file 'b.md' did you mean 'a.md'? 3b.md",
            "the page 'a' has no '#alhpa' did you mean '#alpha'? 4#alhpa",
            "there is no page or file '/etc/passwd' \(PageFiles.rule) 4/etc/passwd",
            "the page 'reference' has no '#maen' did you mean '#mean'? 4reference.md#maen",
            "there is no page or file '.'  4.",
            "the page 'a' has no '#alhpa' did you mean '#alpha'? 1a.md#alhpa",
        ])
    }

    /// Where the same text stands before it, in code or at the start of another target, the mark is not there.
    @Test func aMistakeIsAtItsOwnLink() throws {
        let site = try site(["a.md": "# A\n\n`](b.md)` and [x](b.md#part) [y](<b.md> \"t\") [z](b.md)\n\n```\n[n](c.md)\n```\n\n[c][d] [m](c.md)\n\n> [q](f\\_g.md)\n\n[d]: e.md\n"])
        let places = try site.mistakes.map { mistake in
            let place = try #require(mistake.place)
            let position = place.source.position(at: place.span.start)
            return "\(position.line):\(position.column) \(place.source.text(of: place.span))"
        }
        #expect(places == ["3:19 b.md#part", "3:35 b.md", "13:6 e.md", "9:12 c.md", "11:7 f\\_g.md"])
    }

    @Test func pagesOfOneNameCannotStandSideBySide() throws {
        let site = try site(["one/a.md": "# A", "two/a.md": "# A"])
        #expect(site.mistakes.count == 1 && site.mistakes[0].message.hasSuffix("would both be 'a.html'"))
    }

    /// Of the documentation itself: no mistake, every element closed, every link within the site leads.
    @Test func theDocumentationIsASite() throws {
        let sources = try DocumentationPages.pages.filter { $0.hasPrefix("docs/") }.map {
            Source(name: DocumentationPages.root.appendingPathComponent($0).path, text: try DocumentationPages.text(of: $0))
        }
        let site = Site(sources, reference: .library, program: "padash", files: .system, root: DocumentationPages.root.path)
        #expect(site.mistakes.map(\.message) == [])
        let files = try site.files()
        let pages = Dictionary(uniqueKeysWithValues: files.filter { $0.path.hasSuffix(".html") }.map { ($0.path, String(decoding: $0.bytes, as: UTF8.self)) })
        let ids = pages.mapValues { $0.matches(of: #/ id="([^"]*)"/#).map { String($0.1) } }
        for (path, text) in pages {
            expectClosed(text)
            let known = Set(ids[path] ?? [])
            #expect(known.count == ids[path]?.count, "\(path)")
            for link in Set(text.matches(of: /href="([^"]*)"/).map { String($0.1) }) where !link.contains(":") {
                let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
                if !parts[0].isEmpty { #expect(files.contains { $0.path == parts[0] }, "\(link) on \(path)") }
                if parts.count > 1 { #expect((parts[0].isEmpty ? known : Set(ids[parts[0]] ?? [])).contains(parts[1]), "\(link) on \(path)") }
            }
        }
    }
}
