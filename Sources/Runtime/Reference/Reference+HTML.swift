import Foundation
import Lang

extension Reference {
    /// As one page of HTML that needs nothing else: light or dark as the reader's system is, and narrow enough for a phone.
    public func html(title: String) -> String {
        HTMLPage.text(title: title, style: Reference.style, body: """
            <nav>
            <details open="open"><summary>Contents</summary>
            \(topics.map(contents).joined(separator: "\n"))
            </details>
            </nav>
            <main>
            <h1>\(title.escapedForHTML)</h1>
            <p>\(inline(Reference.introduction))</p>
            \(topics.map(section).joined(separator: "\n"))
            </main>
            """)
    }

    private func contents(of topic: Topic) -> String {
        let links = topic.entries.map { "<a href=\"#\($0.name.escapedForHTML)\"><code>\($0.name.escapedForHTML)</code></a>" }
        return "<h2><a href=\"#\(topic.anchor)\">\(topic.title.escapedForHTML)</a></h2>\n<p>\(links.joined(separator: " "))</p>"
    }

    private func section(for topic: Topic) -> String {
        var parts = ["<section>", "<h2 id=\"\(topic.anchor)\">\(topic.title.escapedForHTML)</h2>"]
        parts += paragraphs(topic.doc).map { "<p>\(inline($0))</p>" }
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
            "<article id=\"\(entry.name.escapedForHTML)\">",
            "<h\(level)><a href=\"#\(entry.name.escapedForHTML)\"><code><b>\(name.escapedForHTML)</b>\(String(entry.usage.dropFirst(name.count)).escapedForHTML)</code></a></h\(level)>",
        ]
        parts += paragraphs(entry.doc).map { "<p>\(inline($0))</p>" }
        if !entry.example.isEmpty { parts.append("<pre><code>\(example(entry.example))</code></pre>") }
        return (parts + ["</article>"]).joined(separator: "\n")
    }

    private func paragraphs(_ text: String) -> [String] { text.split(separator: "\n\n").map(String.init) }

    /// Text in which backticks mark code.
    private func inline(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // A backtick without its partner is one.
        let isPaired = parts.count % 2 == 1
        return parts.enumerated().map { i, part in
            let text = part.escapedForHTML
            if i % 2 == 0 { return text }
            return isPaired || i < parts.count - 1 ? "<code>\(text)</code>" : "`\(text)"
        }.joined()
    }

    /// Code with its comments set apart.
    private func example(_ code: String) -> String {
        code.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let comment = line.range(of: "# ") else { return line.escapedForHTML }
            return "\(line[..<comment.lowerBound].escapedForHTML)<i>\(line[comment.lowerBound...].escapedForHTML)</i>"
        }.joined(separator: "\n")
    }

    private static let style = """
        :root { color-scheme: light dark; --text: #1c1e21; --soft: #5d6470; --page: #ffffff; --panel: #f5f6f8; --line: #dfe2e7; --link: #0b5cad; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #dfe2e7; --soft: #9aa2af; --page: #16181c; --panel: #1f2227; --line: #33373f; --link: #7db7f2; }
        }
        * { box-sizing: border-box; }
        html { scroll-padding-top: 1rem; }
        body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.55 system-ui, sans-serif; }
        main { max-width: 46rem; padding: 1rem; margin: 0 auto; }
        nav { padding: 1rem; background: var(--panel); border-bottom: 1px solid var(--line); }
        nav h2 { margin: 0.8rem 0 0; font-size: 1rem; }
        nav p { margin: 0; font-size: 0.9rem; line-height: 1.7; }
        nav p a { margin-right: 0.4rem; }
        summary { font-weight: bold; cursor: pointer; }
        a { color: var(--link); text-decoration: none; }
        a:hover { text-decoration: underline; }
        section > h2 { margin-top: 3rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); }
        article { margin: 1.6rem 0; }
        article:target { outline: 2px solid var(--link); outline-offset: 0.5rem; }
        article h3, article h4 { margin: 0; font-size: 1rem; font-weight: normal; overflow-wrap: anywhere; }
        article h3 a, article h4 a { color: inherit; }
        article p { margin: 0.3rem 0; }
        code { font: 0.92em ui-monospace, monospace; }
        p code { padding: 0.1em 0.25em; background: var(--panel); border-radius: 3px; }
        nav p code { padding: 0; background: none; }
        pre { margin: 0.5rem 0; padding: 0.6rem 0.8rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; }
        pre i { color: var(--soft); font-style: normal; }
        @media (min-width: 70rem) {
          body { display: grid; grid-template-columns: 20rem 1fr; }
          nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border-bottom: 0; border-right: 1px solid var(--line); }
        }
        """
}
