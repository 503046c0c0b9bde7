import Text

extension Site {
    /// A page with the navigation around it: beside the text where there is room, else below it.
    func html(of page: SitePage) -> String {
        let name = program
        let home = page.name.isSame(as: pages[0].name) ? name : "<a href=\"\(pages[0].file.escapedForHTML)\">\(name)</a>"
        return HTMLPage.text(title: "\(page.title) – \(name)", moreStyle: Site.style, body: """
            <header><b>\(home)</b> <a class="jump" href="#contents">Contents</a></header>
            <div class="columns">
            <main>
            \(page.body)
            \(neighbours(of: page))
            </main>
            <nav id="contents" aria-label="Contents">
            <ul>
            \(pages.map { entry(for: $0, on: page) }.joined(separator: "\n"))
            </ul>
            </nav>
            </div>
            """)
    }

    /// Of the page itself its sections.
    private func entry(for other: SitePage, on page: SitePage) -> String {
        guard other.name.isSame(as: page.name) else {
            return "<li><a href=\"\(other.file.escapedForHTML)\">\(other.title.escapedForHTML)</a></li>"
        }
        let sections = page.sections.map { "<li><a href=\"#\($0.anchor.escapedForHTML)\">\($0.title.escapedForHTML)</a></li>" }
        let list = sections.isEmpty ? "" : "\n<ul>\n\(sections.joined(separator: "\n"))\n</ul>\n"
        return "<li><b aria-current=\"page\">\(page.title.escapedForHTML)</b>\(list)</li>"
    }

    private func neighbours(of page: SitePage) -> String {
        guard pages.count > 1, let place = pages.firstIndex(where: { $0.name.isSame(as: page.name) }) else { return "" }
        let earlier = place > 0
            ? "<a rel=\"prev\" href=\"\(pages[place - 1].file.escapedForHTML)\">← \(pages[place - 1].title.escapedForHTML)</a>" : ""
        let later = place + 1 < pages.count
            ? "<a rel=\"next\" href=\"\(pages[place + 1].file.escapedForHTML)\">\(pages[place + 1].title.escapedForHTML) →</a>" : ""
        return "<nav class=\"neighbours\" aria-label=\"Earlier and later pages\"><span>\(earlier)</span> <span>\(later)</span></nav>"
    }

    private static let style = """
        html { scroll-padding-top: 1rem; }
        header { display: flex; justify-content: space-between; padding: 0.6rem 1rem; background: var(--panel); border-bottom: 1px solid \
        var(--line); }
        header a { text-decoration: none; }
        #contents { padding: 1rem; border-top: 1px solid var(--line); font-size: 0.95rem; }
        #contents ul { margin: 0; padding-left: 0; list-style: none; }
        #contents ul ul { padding-left: 1rem; font-size: 0.92rem; }
        #contents li { margin: 0.25rem 0; }
        #contents a { text-decoration: none; }
        #contents a:hover, header a:hover { text-decoration: underline; }
        .neighbours { display: flex; justify-content: space-between; gap: 1rem; margin: 3rem 0 1.5rem; }
        .entry { margin: 1.6rem 0; }
        .entry h3, .entry h4 { margin: 0; font-size: 1rem; font-weight: normal; overflow-wrap: anywhere; }
        .entry h3 a, .entry h4 a { color: inherit; text-decoration: none; }
        .entry h3 code, .entry h4 code { padding: 0; background: none; }
        .entry p { margin: 0.3rem 0; }
        .entry:target { outline: 2px solid var(--link); outline-offset: 0.5rem; }
        .names a { margin-right: 0.4rem; text-decoration: none; }
        .names code { padding: 0; background: none; }
        summary { font-weight: bold; cursor: pointer; }
        @media (min-width: 64rem) {
          .jump { display: none; }
          .columns { display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
          main { grid-area: 1 / 2; width: 100%; padding: 0 2rem; }
          #contents { grid-area: 1 / 1; position: sticky; top: 0; max-height: 100vh; overflow-y: auto; align-self: start; border-top: 0; }
        }
        @media print { header, nav { display: none; } }
        """
}
