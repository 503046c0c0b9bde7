import Lang
import Text

extension Reference {
    /// The reference as one self-contained HTML page: light or dark like the reader's system, and narrow enough for a phone.
    package func html(program: String) -> String {
        let site = Site([], reference: self, program: program, files: .none)
        return site.html(of: site.pages[0])
    }

    /// As a page of a site.
    func page(name: String) -> SitePage {
        SitePage(
            name: name, title: "Reference",
            body: """
                <h1>\(title)</h1>
                \(Markdown().html(introduction))
                <details class="names"><summary>All names</summary>
                \(topics.map(names).joined(separator: "\n"))
                </details>
                \(topics.map(section).joined(separator: "\n"))
                """,
            sections: topics.map { SitePage.Section(title: $0.title, anchor: $0.anchor) },
            anchors: topics.map(\.anchor) + topics.flatMap(\.entries).map(\.name))
    }

    private func names(of topic: Topic) -> String {
        let links = topic.entries.map { "<a href=\"#\($0.name.escapedForHTML)\"><code>\($0.name.escapedForHTML)</code></a>" }
        return "<p><strong>\(topic.title.escapedForHTML)</strong> \(links.joined(separator: " "))</p>"
    }

    private func section(for topic: Topic) -> String {
        var parts = ["<section>", "<h2 id=\"\(topic.anchor)\">\(topic.title.escapedForHTML)</h2>"]
        if !topic.doc.isEmpty { parts.append(Markdown().html(topic.doc)) }
        parts += topic.functions.map { article(on: $0, level: 3) }
        for type in topic.types {
            parts.append("<h3>Members of <code>\(type.name.escapedForHTML)</code></h3>")
            parts += type.members.map { article(on: $0, level: 4) }
        }
        return (parts + ["</section>"]).joined(separator: "\n")
    }

    private func article(on entry: Entry, level: Int) -> String {
        let name = String(entry.usage.prefix { $0 != "(" })
        var parts = [
            "<article class=\"entry\" id=\"\(entry.name.escapedForHTML)\">",
            "<h\(level)><a href=\"#\(entry.name.escapedForHTML)\"><code><b>\(name.escapedForHTML)</b>"
                + "\(String(entry.usage.dropFirst(name.count)).escapedForHTML)</code></a></h\(level)>",
            Markdown().html(entry.doc),
        ]
        if !entry.example.isEmpty { parts.append(Markdown.code(entry.example, language: "pada")) }
        return (parts + ["</article>"]).joined(separator: "\n")
    }
}
