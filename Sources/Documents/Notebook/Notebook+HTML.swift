import Lang
import Text

extension Notebook {
    /// The notebook as one self-contained HTML page: light or dark like the reader's system, and narrow enough for a phone.
    package func html(_ provenance: NotebookProvenance, files: PageFiles = .none) -> String {
        let page = NotebookPage(notebook: self, files: files, hasTiming: provenance.hasTiming)
        return HTMLPage.text(title: title, body: """
            <main>
            \(page.body)
            </main>
            <footer><p>\(provenance.line(for: self).escapedForHTML)</p></footer>
            """)
    }
}

/// The parts of a notebook's page.
struct NotebookPage {
    let notebook: Notebook
    let files: PageFiles
    let hasTiming: Bool

    var body: String {
        // The first heading, whatever its level, is the page's.
        var isTitled = notebook.heading == nil
        var parts = isTitled ? ["<h1>\(notebook.title.escapedForHTML)</h1>"] : []
        for (cell, result) in zip(notebook.cells, notebook.results) {
            guard cell.isShown else { continue }
            var content: [String] = []
            if let heading = cell.heading {
                let level = isTitled ? 2 : 1
                content.append("<h\(level)>\(heading.escapedForHTML)</h\(level)>")
                isTitled = true
            }
            switch cell.kind {
            case .markdown:
                content.append(Markdown(folder: notebook.folder, files: files).html(cell.prose, isTitled: !isTitled))
                if !isTitled { isTitled = cell.proseHeading != nil }
            case .raw: content.append(block("raw", "Text", cell.prose.escapedForHTML))
            case .code where !cell.isBlank: content += code(cell, result)
            case .code, .notebook: break
            }
            parts.append("<section>\n\(content.joined(separator: "\n"))\n</section>")
        }
        return parts.joined(separator: "\n")
    }

    private func code(_ cell: Cell, _ result: CellResult?) -> [String] {
        var parts = [block("code", "Code", Highlighting.html(cell.shownCode))]
        guard let result else { return parts + ["<p class=\"remark\">not run</p>"] }
        parts += result.outputs.compactMap(show)
        if hasTiming, result.seconds >= 0.01 { parts.append("<p class=\"remark\">\(NotebookProvenance.duration(result.seconds))</p>") }
        return parts
    }

    private func show(_ output: Output) -> String? {
        switch output {
        case .text(let text): block("text", "Printed", text.withoutEndBreak.readForHTML)
        case .value(let value):
            value.table?.html ?? block("value", "Value", value.isCode ? Highlighting.html(value.text) : value.text.escapedForHTML)
        case .plot(let plot): "<figure>\(plot.svg)</figure>"
        case .warning(let text): "<p class=\"warning\"><strong>warning:</strong> \(text.escapedForHTML)</p>"
        case .error(let diagnostics):
            block("error", "Error", diagnostics.map { $0.rendered() }.joined(separator: "\n\n").escapedForHTML)
        case .progress: nil
        }
    }

    /// Lines as they are, which a reader may scroll, also by keyboard.
    private func block(_ style: String, _ label: String, _ html: String) -> String {
        "<pre class=\"\(style)\" tabindex=\"0\" role=\"region\" aria-label=\"\(label)\"><code>\(html)</code></pre>"
    }
}

extension DisplayedTable {
    /// The output as an HTML element.
    package var html: String {
        let alignment = columns.map { $0.isNumeric ? " class=\"right\"" : "" }
        var lines: [String] = []
        for (line, row) in rows.enumerated() {
            if line > 0, row != rows[line - 1] + 1 {
                lines.append("<tr><td colspan=\"\(columns.count + 1)\">… \(row - rows[line - 1] - 1) more rows</td></tr>")
            }
            let cells = zip(columns, alignment).map { "<td\($1)>\($0.cells[line].escapedForHTML)</td>" }
            lines.append("<tr><th scope=\"row\">\(row)</th>\(cells.joined())</tr>")
        }
        let head = zip(columns, alignment).map { "<th scope=\"col\"\($1)>\($0.name.escapedForHTML)</th>" }
        return """
            <div class="table" tabindex="0" role="region" aria-label="Table"><table>
            <caption>\(size)</caption>
            <thead><tr><td></td>\(head.joined())</tr></thead>
            <tbody>\(lines.joined(separator: "\n"))</tbody>
            </table></div>
            """
    }
}

extension Cell {
    /// The title of code; prose has headings of its own.
    var heading: String? { kind == .code && !title.isEmpty ? title : nil }

    /// The first heading in prose, as plain text.
    var proseHeading: String? { kind == .markdown ? Markdown.title(of: prose) : nil }

    /// Whether it has a place in a document: not the line that makes a script a program.
    var isShown: Bool {
        let isShebang = marker.isEmpty && body.hasPrefix("#!") && body.split(whereSeparator: \.isNewline).count == 1
        return kind != .notebook && !(isBlank && heading == nil) && !isShebang
    }

    /// The code without the blank lines around it.
    var shownCode: String {
        let lines = body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).drop { $0.allSatisfy(\.isWhitespace) }
        return lines.joined(separator: "\n").withoutEndBreak
    }
}

extension String {
    var withoutEndBreak: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
