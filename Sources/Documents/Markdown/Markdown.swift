import Lang
import Text

/// Renders Markdown as HTML: CommonMark 0.31 with tables, strike-through and formulas between dollar signs. HTML in the text is shown
/// as text. Any text will do, in time proportional to its length.
struct Markdown {
    /// What relative paths of images start from.
    var folder = "."
    var files = PageFiles.none
    /// What a link to a target is to lead to, in a block of these lines, which are counted from 1.
    var destination: (_ target: String, _ lines: ClosedRange<Int>) -> String = { target, _ in target }
    /// What links call a heading; nil for none. The title is plain text.
    var anchor: (_ level: Int, _ title: String) -> String? = { _, _ in nil }

    /// With `isTitled`, the first heading becomes one of the first level.
    func html(_ text: String, isTitled: Bool = false) -> String {
        let (document, definitions) = MarkdownReader.read(text)
        if isTitled { document.firstHeading?.kind = .heading(level: 1) }
        var renderer = MarkdownHTML(markdown: self, definitions: definitions)
        return renderer.html(document.children, isTight: false)
    }

    /// The text of the first heading, without markup; nil where there is none.
    static func title(of text: String) -> String? {
        var (document, definitions) = MarkdownReader.read(text)
        guard let heading = document.firstHeading else { return nil }
        return MarkdownInlineHTML.plainText(MarkdownInline.pieces(of: heading.text[...], &definitions)[...])
    }

    /// Code as an element: Pada is coloured, all else is as it stands.
    static func code(_ text: String, language: String) -> String {
        let html = language == "pada" ? Highlighting.html(text) : text.escapedForHTML
        let name = language.isEmpty ? "" : " class=\"language-\(language.escapedForHTML)\""
        return "<pre class=\"fenced\" tabindex=\"0\" role=\"region\" aria-label=\"Code\"><code\(name)>\(html)</code></pre>"
    }
}

/// The blocks of a text as HTML.
private struct MarkdownHTML {
    let markdown: Markdown
    var definitions: MarkdownDefinitions

    mutating func html(_ blocks: [MarkdownBlock], isTight: Bool) -> String {
        var parts: [String] = []
        for block in blocks where block.kind != .definitions { parts.append(html(block, isTight: isTight)) }
        return parts.joined(separator: "\n")
    }

    private mutating func html(_ block: MarkdownBlock, isTight: Bool) -> String {
        switch block.kind {
        case .document, .definitions, .item: return html(block.children, isTight: isTight)
        case .quote: return "<blockquote>\n\(html(block.children, isTight: false))\n</blockquote>"
        case .list(let marker): return list(block, marker)
        case .paragraph: return isTight ? inline(block.text[...], of: block).html : "<p>\(inline(block.text[...], of: block).html)</p>"
        case .heading(let level):
            let (html, plain) = inline(block.text[...], of: block)
            let anchor = markdown.anchor(level, plain).map { " id=\"\($0.escapedForHTML)\"" }
            return "<h\(level)\(anchor ?? "")>\(html)</h\(level)>"
        case .code(let language, _): return Markdown.code(String(String.UnicodeScalarView(block.text)), language: language)
        case .formula: return MathML.render(String(String.UnicodeScalarView(block.text)), isDisplayed: true)
        case .table(let alignments): return table(block, alignments)
        case .rule: return "<hr/>"
        }
    }

    private mutating func inline(_ text: ArraySlice<Unicode.Scalar>, of block: MarkdownBlock) -> (html: String, plain: String) {
        let pieces = MarkdownInline.pieces(of: text, &definitions)
        let (destination, lines) = (markdown.destination, block.start...max(block.start, block.end))
        return (MarkdownInlineHTML(folder: markdown.folder, files: markdown.files) { destination($0, lines) }.html(pieces[...]),
            MarkdownInlineHTML.plainText(pieces[...]))
    }

    private mutating func list(_ block: MarkdownBlock, _ marker: MarkdownBlock.Marker) -> String {
        let tag = marker.number == nil ? "ul" : "ol"
        let start = marker.number.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? ""
        let isTight = block.isTight
        var items: [String] = []
        for item in block.children { items.append("<li>\(html(item, isTight: isTight))</li>") }
        return "<\(tag)\(start)>\n\(items.joined(separator: "\n"))\n</\(tag)>"
    }

    private mutating func table(_ block: MarkdownBlock, _ alignments: [MarkdownBlock.Alignment]) -> String {
        let sides = alignments.map { $0 == .left ? "" : " class=\"\($0)\"" }
        var lines = block.text.split(separator: "\n", omittingEmptySubsequences: false).map { MarkdownTable.cells(of: Array($0)) }
        let head = lines.removeFirst()
        var titles = ""
        for (cell, side) in zip(head, sides) { titles += "<th scope=\"col\"\(side)>\(inline(cell, of: block).html)</th>" }
        var rows: [String] = []
        for cells in lines {
            var row = ""
            for (cell, side) in zip(cells, sides) { row += "<td\(side)>\(inline(cell, of: block).html)</td>" }
            // One cell for all that are missing, of which hostile texts have many.
            let missing = sides.count - cells.count
            if missing == 1 {
                row += "<td\(sides[sides.count - 1])></td>"
            } else if missing > 1 {
                row += "<td colspan=\"\(missing)\"></td>"
            }
            rows.append("<tr>\(row)</tr>")
        }
        return """
            <div class="table" tabindex="0" role="region" aria-label="Table"><table>
            <thead><tr>\(titles)</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            """
    }
}
