import Lang

/// Renders Markdown as HTML: headings, paragraphs, emphasis, code, links, images, lists, quotations, tables, rules, and formulas
/// between dollar signs. HTML in the text is shown as text. Any text will do.
struct Markdown {
    /// What relative paths of images start from.
    var folder = "."
    /// What a link to a target is to lead to.
    var destination: (_ target: String) -> String = { $0 }
    /// What links call a heading; nil for none. The title is plain text.
    var anchor: (_ level: Int, _ title: String) -> String? = { _, _ in nil }

    /// Lists and quotations inside one another beyond this are plain text.
    private static let depthLimit = 16
    /// Blanks before a line that make it code, where no paragraph is open.
    private static let codeIndent = 4

    func html(_ text: String) -> String {
        html(text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { $0.replacing("\t", with: "    ")[...] }, depth: 0)
    }

    private func html(_ lines: [Substring], depth: Int, isTight: Bool = false) -> String {
        var rest = lines[...]
        var blocks: [String] = []
        while let line = rest.first {
            let text = line.drop { $0 == " " }
            if text.isEmpty {
                rest.removeFirst()
            } else if line.count - text.count >= Markdown.codeIndent {
                blocks.append(indentedCode(&rest))
            } else if let fence = Markdown.fence(text) {
                blocks.append(fenced(fence, indent: line.count - text.count, &rest))
            } else if text.hasPrefix("$$") {
                blocks.append(formula(&rest))
            } else if let heading = heading(text) {
                blocks.append(heading)
                rest.removeFirst()
            } else if Markdown.isRule(text) {
                blocks.append("<hr/>")
                rest.removeFirst()
            } else if text.hasPrefix(">"), depth < Markdown.depthLimit {
                blocks.append(quotation(&rest, depth))
            } else if Markdown.item(line) != nil, depth < Markdown.depthLimit {
                blocks.append(list(&rest, depth))
            } else if let table = table(&rest) {
                blocks.append(table)
            } else {
                blocks.append(paragraph(&rest, isTight: isTight))
            }
        }
        return blocks.joined(separator: "\n")
    }

    // MARK: - Blocks of lines

    private func paragraph(_ rest: inout ArraySlice<Substring>, isTight: Bool) -> String {
        var lines: [Substring] = []
        while let line = rest.first, lines.isEmpty || !Markdown.endsParagraph(line, rest.dropFirst().first) {
            lines.append(line.drop { $0 == " " })
            rest.removeFirst()
        }
        let content = inline(lines.joined(separator: "\n"))
        return isTight ? content : "<p>\(content)</p>"
    }

    private static func endsParagraph(_ line: Substring, _ next: Substring?) -> Bool {
        let text = line.drop { $0 == " " }
        return text.isEmpty || fence(text) != nil || text.hasPrefix("$$") || text.hasPrefix(">") || text.firstMatch(of: /^#{1,6}( |$)/) != nil || isRule(text)
            || item(line).map { !$0.isNumbered || $0.number == 1 } == true || (line.contains("|") && next.map(isTableRule) == true)
    }

    private func heading(_ text: Substring) -> String? {
        let level = text.prefix { $0 == "#" }.count
        guard (1...6).contains(level), text.count == level || text.dropFirst(level).first == " " else { return nil }
        var title = text.dropFirst(level).drop { $0 == " " }
        if let closing = title.firstMatch(of: /\ +#+ *$/) { title = title[..<closing.range.lowerBound] }
        let html = inline(String(title))
        let anchor = anchor(level, html.plainTextOfHTML)
        return "<h\(level)\(anchor.map { " id=\"\($0.escapedForHTML)\"" } ?? "")>\(html)</h\(level)>"
    }

    private static func isRule(_ text: Substring) -> Bool {
        let marks = text.filter { $0 != " " }
        guard let first = marks.first, "-*_".contains(first) else { return false }
        return marks.count >= 3 && marks.allSatisfy { $0 == first }
    }

    private static func fence(_ text: Substring) -> (mark: Character, length: Int, language: String)? {
        guard let mark = text.first, mark == "`" || mark == "~" else { return nil }
        let length = text.prefix { $0 == mark }.count
        let language = text.dropFirst(length)
        guard length >= 3, mark == "~" || !language.contains("`") else { return nil }
        return (mark, length, language.split(separator: " ").first.map(String.init) ?? "")
    }

    private func fenced(_ fence: (mark: Character, length: Int, language: String), indent: Int, _ rest: inout ArraySlice<Substring>) -> String {
        rest.removeFirst()
        var code: [Substring] = []
        while let line = rest.popFirst() {
            let text = line.drop { $0 == " " }
            if text.prefix(while: { $0 == fence.mark }).count >= fence.length, text.allSatisfy({ $0 == fence.mark || $0 == " " }) { break }
            code.append(line.dropFirst(min(indent, line.count - text.count)))
        }
        return Markdown.code(code.joined(separator: "\n"), language: fence.language)
    }

    /// Lines that begin with four blanks, and blank lines between them.
    private func indentedCode(_ rest: inout ArraySlice<Substring>) -> String {
        var code: [Substring] = []
        while let line = rest.first, line.prefix(Markdown.codeIndent).allSatisfy({ $0 == " " }) {
            code.append(line.dropFirst(Markdown.codeIndent))
            rest.removeFirst()
        }
        return Markdown.code(code.joined(separator: "\n").withoutEndBreak, language: "")
    }

    /// Code as an element: Pada is coloured, all else is as it stands.
    static func code(_ text: String, language: String) -> String {
        let html = language == "pada" ? Highlighting.html(text) : text.escapedForHTML
        return "<pre class=\"fenced\" tabindex=\"0\" role=\"region\" aria-label=\"Code\"><code>\(html)</code></pre>"
    }

    /// From `$$` to `$$`, on one line or several.
    private func formula(_ rest: inout ArraySlice<Substring>) -> String {
        var tex = rest.removeFirst().drop { $0 == " " }.dropFirst(2).description
        while tex.firstRange(of: "$$") == nil, let line = rest.popFirst() { tex += "\n" + line }
        var after = ""
        if let end = tex.firstRange(of: "$$") {
            after = String(tex[end.upperBound...])
            tex = String(tex[..<end.lowerBound])
        }
        return MathML.render(tex, isDisplayed: true) + (after.allSatisfy(\.isWhitespace) ? "" : "<p>\(inline(after))</p>")
    }

    private func quotation(_ rest: inout ArraySlice<Substring>, _ depth: Int) -> String {
        var lines: [Substring] = []
        while let line = rest.first, line.contains(where: { $0 != " " }) {
            let text = line.drop { $0 == " " }
            lines.append(text.hasPrefix("> ") ? text.dropFirst(2) : text.hasPrefix(">") ? text.dropFirst() : line)
            rest.removeFirst()
        }
        return "<blockquote>\n\(html(lines, depth: depth + 1))\n</blockquote>"
    }

    // MARK: - Lists

    private struct Item {
        var isNumbered: Bool
        var number: Int
        /// `-`, `*`, `+`, or what follows the number.
        var mark: Character
        /// Columns before the text.
        var width: Int
    }

    private static func item(_ line: Substring) -> Item? {
        let text = line.drop { $0 == " " }
        let indent = line.count - text.count
        guard let first = text.first else { return nil }
        let markLength: Int
        var item = Item(isNumbered: false, number: 1, mark: first, width: 0)
        if "-*+".contains(first) {
            markLength = 1
        } else {
            let digits = text.prefix { "0123456789".contains($0) }
            guard (1...9).contains(digits.count), let number = Int(digits), let mark = text.dropFirst(digits.count).first, mark == "." || mark == ")" else { return nil }
            item = Item(isNumbered: true, number: number, mark: mark, width: 0)
            markLength = digits.count + 1
        }
        let after = text.dropFirst(markLength)
        guard after.isEmpty || after.first == " " else { return nil }
        let blanks = after.prefix { $0 == " " }.count
        // Code in an item begins one blank after the mark.
        item.width = indent + markLength + (blanks > 4 || blanks == after.count ? 1 : blanks)
        return item
    }

    private func list(_ rest: inout ArraySlice<Substring>, _ depth: Int) -> String {
        guard let first = rest.first.flatMap(Markdown.item) else { return "" }
        var items: [[Substring]] = []
        var isTight = true
        var sawBlank = false
        var width = first.width
        while let line = rest.first {
            let text = line.drop { $0 == " " }
            let indent = line.count - text.count
            if text.isEmpty {
                sawBlank = true
                items[items.count - 1].append("")
            } else if indent >= width, !items.isEmpty {
                // A blank line inside an item, and not only before what is nested in it, sets its paragraphs apart.
                if sawBlank, Markdown.item(line) == nil { isTight = false }
                items[items.count - 1].append(line.dropFirst(width))
                sawBlank = false
            } else if let item = Markdown.item(line), item.isNumbered == first.isNumbered, item.mark == first.mark, !Markdown.isRule(text) {
                if sawBlank { isTight = false }
                sawBlank = false
                width = item.width
                items.append([line.dropFirst(min(width, line.count))])
            } else if !sawBlank, !items.isEmpty, !Markdown.endsParagraph(line, rest.dropFirst().first) {
                items[items.count - 1].append(text)
            } else {
                break
            }
            rest.removeFirst()
        }
        let tag = first.isNumbered ? "ol" : "ul"
        let start = first.isNumbered && first.number != 1 ? " start=\"\(first.number)\"" : ""
        let content = items.map { "<li>\(html($0, depth: depth + 1, isTight: isTight))</li>" }
        return "<\(tag)\(start)>\n\(content.joined(separator: "\n"))\n</\(tag)>"
    }

    // MARK: - Tables

    private static func isTableRule(_ line: Substring) -> Bool {
        line.contains("-") && line.contains("|") && line.allSatisfy { "|-: ".contains($0) }
    }

    private func table(_ rest: inout ArraySlice<Substring>) -> String? {
        guard let head = rest.first, head.contains("|"), let rule = rest.dropFirst().first, Markdown.isTableRule(rule) else { return nil }
        let names = Markdown.cells(of: head)
        let rules = Markdown.cells(of: rule)
        guard names.count == rules.count else { return nil }
        let isRight = rules.map { $0.hasSuffix(":") }
        rest.removeFirst(2)
        var rows: [String] = []
        while let line = rest.first, line.contains("|") {
            let cells = Markdown.cells(of: line)
            rows.append("<tr>" + names.indices.map { "<td\(isRight[$0] ? " class=\"right\"" : "")>\(inline($0 < cells.count ? cells[$0] : ""))</td>" }.joined() + "</tr>")
            rest.removeFirst()
        }
        let titles = zip(names, isRight).map { "<th scope=\"col\"\($1 ? " class=\"right\"" : "")>\(inline($0))</th>" }
        return """
            <div class="table" tabindex="0" role="region" aria-label="Table"><table>
            <thead><tr>\(titles.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            """
    }

    /// The texts between the bars, of which `\|` is none and those in code are none.
    private static func cells(of line: Substring) -> [String] {
        var cells: [String] = []
        var current = ""
        var isEscaped = false
        var isCode = false
        for character in line.drop(while: { $0 == " " }) {
            if isEscaped {
                current += character == "|" ? "|" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "|", !isCode {
                cells.append(current)
                current = ""
            } else {
                if character == "`" { isCode.toggle() }
                current.append(character)
            }
        }
        if isEscaped { current += "\\" }
        if current.contains(where: { $0 != " " }) { cells.append(current) }
        if cells.first?.allSatisfy({ $0 == " " }) == true, line.drop(while: { $0 == " " }).first == "|" { cells.removeFirst() }
        return cells.map { String($0.drop { $0 == " " }).withoutEndBreak }
    }

    private func inline(_ text: String) -> String { MarkdownLine(folder: folder, destination: destination).html(text) }
}

extension String {
    /// What a reader sees of a piece of HTML that `MarkdownLine` made.
    fileprivate var plainTextOfHTML: String {
        replacing(/<[^>]*>/, with: "").replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
    }
}
