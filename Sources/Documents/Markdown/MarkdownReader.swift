/// Divides a Markdown text into blocks, by the algorithm of the CommonMark specification's appendix. O(length): each line is looked at
/// once by each of the blocks that are open, of which there is a bounded number.
struct MarkdownReader {
    private let text: [Unicode.Scalar]
    /// From the document to the innermost block that may go on.
    private var open: [MarkdownBlock]
    /// How many of them the current line continues.
    private var matched = 0
    private(set) var definitions = MarkdownDefinitions()

    // The current line, and how far it is read. Columns count tabs as stops at every fourth column.
    private var number = 0
    private var position = 0
    private var end = 0
    private var column = 0
    /// Columns of the tab at `position` that are not read yet, where it is read in part.
    private var tabRest = 0
    /// For the line's number, that of the line where a formula which begins there is closed.
    private var formulaEnds: [Int: Int] = [:]

    /// Lists and quotations inside one another beyond this are plain text.
    private static let depthLimit = 64
    /// Blanks before a line that make it code, where no paragraph is open.
    private static let codeIndent = 4

    /// The document and what its links are defined to lead to.
    static func read(_ text: String) -> (document: MarkdownBlock, definitions: MarkdownDefinitions) {
        var reader = MarkdownReader(text)
        return (reader.document(), reader.definitions)
    }

    private init(_ text: String) {
        self.text = Array(text.unicodeScalars)
        open = [MarkdownBlock(.document, line: 0)]
    }

    private mutating func document() -> MarkdownBlock {
        let document = open[0]
        let lines = lines()
        findFormulas(lines)
        for line in lines {
            number += 1
            (position, end, column, tabRest) = (line.lowerBound, line.upperBound, 0, 0)
            readLine()
        }
        matched = 0
        closeUnmatched()
        return document
    }

    private func lines() -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        var i = 0
        while i < text.count {
            if text[i] == "\n" || text[i] == "\r" {
                lines.append(start..<i)
                if text[i] == "\r", i + 1 < text.count, text[i + 1] == "\n" { i += 1 }
                start = i + 1
            }
            i += 1
        }
        if start < text.count { lines.append(start..<text.count) }
        return lines
    }

    /// A formula over several lines ends with the next `$$`, before which there is no blank line. Whose lines begin with what else may
    /// begin a block (`- x`, `= y`), so this is known beforehand.
    private mutating func findFormulas(_ lines: [Range<Int>]) {
        var next: Int?
        for (i, line) in lines.enumerated().reversed() {
            if let next { formulaEnds[i + 1] = next }
            if line.contains(where: { text[$0] == "$" && $0 + 1 < line.upperBound && text[$0 + 1] == "$" }) {
                next = i + 1
            } else if line.allSatisfy({ text[$0].isBlankOrTab || text[$0] == ">" }) {
                next = nil
            }
        }
    }

    // MARK: - Reading within the line

    private var first: Unicode.Scalar? { position < end ? text[position] : nil }

    /// Goes on by so many columns, at most to the line's end. Of a tab it may take a part.
    private mutating func skip(columns: Int) {
        var left = columns
        while left > 0, let character = first {
            guard character == "\t" else {
                position += 1
                column += 1
                left -= 1
                continue
            }
            let width = tabRest > 0 ? tabRest : 4 - column % 4
            let taken = min(width, left)
            column += taken
            left -= taken
            tabRest = width - taken
            if tabRest == 0 { position += 1 }
        }
    }

    /// Columns of blanks from here on, and where they end.
    private var blanks: (width: Int, end: Int) {
        var i = position
        var reached = column
        while i < end, text[i].isBlankOrTab {
            reached += text[i] == " " ? 1 : i == position && tabRest > 0 ? tabRest : 4 - reached % 4
            i += 1
        }
        return (reached - column, i)
    }

    private mutating func skipBlanks() { skip(columns: blanks.width) }

    /// What is left of the line; of a tab that is read in part, blanks.
    private var rest: [Unicode.Scalar] {
        tabRest > 0 ? Array(repeating: " ", count: tabRest) + text[(position + 1)..<end] : Array(text[position..<end])
    }

    // MARK: - A line

    private enum Continuation { case yes, no, lineIsRead }

    private mutating func readLine() {
        matched = 1
        match: while matched < open.count {
            switch continues(open[matched]) {
            case .yes: matched += 1
            case .no: break match
            case .lineIsRead: return
            }
        }
        begin: while true {
            switch beginsBlock() {
            case .container: continue
            case .text: break begin
            case .line: return
            }
        }
        let isBlank = blanks.end == end
        let innermost = open[open.count - 1]
        if matched < open.count, !isBlank, innermost.kind == .paragraph {
            // A paragraph goes on though what it is in does not.
            skipBlanks()
            add(to: innermost)
            return
        }
        closeUnmatched()
        let block = open[open.count - 1]
        if block.isVerbatim {
            add(to: block, isBlank: isBlank)
        } else if !isBlank {
            skipBlanks()
            if block.kind != .paragraph, !block.isTable { begin(.paragraph) }
            add(to: open[open.count - 1])
        }
    }

    private mutating func add(to block: MarkdownBlock, isBlank: Bool = false) {
        block.add(rest)
        if !isBlank || block.isFenced { block.end = number }
    }

    /// Whether the line continues a block. Reads the part of the line that says so.
    private mutating func continues(_ block: MarkdownBlock) -> Continuation {
        let (indent, start) = blanks
        switch block.kind {
        case .document, .list: return .yes
        case .quote:
            guard indent < MarkdownReader.codeIndent, start < end, text[start] == ">" else { return .no }
            readQuoteMark()
            block.end = number
            return .yes
        case .item(_, let width):
            if start == end {
                // An item does not begin with a blank line.
                if block.children.isEmpty { return .no }
                skipBlanks()
                return .yes
            }
            guard indent >= width else { return .no }
            skip(columns: width)
            return .yes
        case .paragraph, .table: return start < end ? .yes : .no
        case .code(_, let fence?):
            if indent < MarkdownReader.codeIndent, let length = run(of: fence.mark, at: start), length >= fence.length,
                isBlank(from: start + length) {
                block.end = number
                close()
                return .lineIsRead
            }
            skip(columns: min(indent, fence.indent))
            return .yes
        case .code(_, nil):
            guard indent >= MarkdownReader.codeIndent || start == end else { return .no }
            skip(columns: min(indent, MarkdownReader.codeIndent))
            return .yes
        case .formula:
            guard start < end else { return .no }
            guard let close = formulaMark(from: start) else { return .yes }
            block.add(text[position..<close + 2])
            block.end = number
            self.close()
            skip(columns: close + 2 - position)
            return isBlank(from: position) ? .lineIsRead : .no
        case .heading, .rule, .definitions: return .no
        }
    }

    private enum Beginning {
        /// A block in which others may begin.
        case container
        /// A block that is the rest of the line.
        case line
        /// None, or one whose text is the rest of the line.
        case text
    }

    /// Begins the next block within the line.
    private mutating func beginsBlock() -> Beginning {
        let container = open[matched - 1]
        let (indent, start) = blanks
        guard !container.isVerbatim, start < end else { return .text }
        guard indent < MarkdownReader.codeIndent else {
            if open[open.count - 1].kind == .paragraph { return .text }
            skip(columns: MarkdownReader.codeIndent)
            begin(.code(language: "", fence: nil))
            return .text
        }
        let isDeep = open.count >= MarkdownReader.depthLimit
        switch text[start] {
        case ">":
            if isDeep { return .text }
            begin(.quote)
            readQuoteMark()
            return .container
        case "#": return beginsHeading(at: start) ? .line : .text
        case "`", "~": return beginsFence(at: start, indent: indent) ? .line : .text
        case "$": return beginsFormula(at: start) ? .line : .text
        case "=", "-", "|", ":", "*", "_", "+", "0"..."9":
            if container.kind == .paragraph, endsHeading(container, at: start) || beginsTable(container, at: start) { return .line }
            if isRule(at: start) {
                begin(.rule)
                return .line
            }
            return !isDeep && beginsItem(in: container, at: start, indent: indent) ? .container : .text
        default: return .text
        }
    }

    // MARK: - Opening and closing

    private mutating func begin(_ kind: MarkdownBlock.Kind) {
        closeUnmatched()
        while !open[open.count - 1].canHold(kind) { close() }
        let block = MarkdownBlock(kind, line: number)
        open[open.count - 1].children.append(block)
        open.append(block)
        matched = open.count
    }

    private mutating func closeUnmatched() { while open.count > max(matched, 1) { close() } }

    private mutating func close() {
        let block = open.removeLast()
        matched = min(matched, open.count)
        open[open.count - 1].end = max(open[open.count - 1].end, block.end)
        switch block.kind {
        case .paragraph: finishParagraph(block)
        case .code(_, nil):
            let blankEnd = block.text.reversed().prefix { $0.isBlankOrTab || $0 == "\n" }.count
            // Blanks at the end of the last line that is not blank belong to it.
            let kept = block.text.count - blankEnd
            block.keep(0..<(block.text[kept...].firstIndex(of: "\n") ?? block.text.count))
        case .formula:
            if block.text.count > 4, block.text.suffix(2) == ["$", "$"] {
                block.keep(2..<block.text.count - 2)
            } else {
                block.kind = .paragraph
            }
        default: break
        }
    }

    /// What a paragraph defines is no part of it.
    private mutating func finishParagraph(_ block: MarkdownBlock) {
        let start = definitions.take(from: block.text)
        let kept = block.text.count - block.text.reversed().prefix { $0.isBlankOrTab || $0 == "\n" }.count
        if start >= kept { block.kind = .definitions }
        block.keep(min(start, kept)..<kept)
    }

    // MARK: - What begins with a mark

    private mutating func readQuoteMark() {
        skipBlanks()
        skip(columns: 1)
        if first?.isBlankOrTab == true { skip(columns: 1) }
    }

    private mutating func beginsHeading(at start: Int) -> Bool {
        guard let level = run(of: "#", at: start), level <= 6, start + level == end || text[start + level].isBlankOrTab else {
            return false
        }
        var title = text[(start + level)..<end]
        func trim() { title = title.drop(while: \.isBlankOrTab).trimmed(\.isBlankOrTab) }
        trim()
        let closing = title.trimmed { $0 == "#" }
        if closing.isEmpty || closing.last?.isBlankOrTab == true { title = closing }
        trim()
        begin(.heading(level: level))
        open[open.count - 1].add(title)
        return true
    }

    /// The line below a heading: `=====` or `-----`.
    private mutating func endsHeading(_ paragraph: MarkdownBlock, at start: Int) -> Bool {
        guard text[start] == "=" || text[start] == "-", let length = run(of: text[start], at: start), isBlank(from: start + length) else {
            return false
        }
        finishParagraph(paragraph)
        guard paragraph.kind == .paragraph else {
            paragraph.kind = .paragraph
            return false
        }
        paragraph.kind = .heading(level: text[start] == "=" ? 1 : 2)
        paragraph.end = number
        return true
    }

    private func isRule(at start: Int) -> Bool {
        guard text[start] == "-" || text[start] == "*" || text[start] == "_" else { return false }
        var count = 0
        for i in start..<end where !text[i].isBlankOrTab {
            guard text[i] == text[start] else { return false }
            count += 1
        }
        return count >= 3
    }

    private mutating func beginsFence(at start: Int, indent: Int) -> Bool {
        guard let length = run(of: text[start], at: start), length >= 3, text[start] == "~"
            || !text[(start + length)..<end].contains("`") else {
            return false
        }
        let info = MarkdownText.unescaped(text[(start + length)..<end])
        let language = info.split { $0.isBlankOrTab }.first.map { String(String.UnicodeScalarView($0)) } ?? ""
        begin(.code(language: language, fence: .init(mark: text[start], length: length, indent: indent)))
        return true
    }

    private mutating func beginsItem(in container: MarkdownBlock, at start: Int, indent: Int) -> Bool {
        var length = 1
        var marker = MarkdownBlock.Marker(mark: text[start])
        if text[start].properties.numericType != nil {
            length = text[start..<end].prefix { ("0"..."9").contains($0) }.count
            guard length <= 9, start + length < end, text[start + length] == "." || text[start + length] == ")" else { return false }
            marker = .init(mark: text[start + length], number: text[start..<start + length].reduce(0) { $0 * 10 + Int($1.value - 48) })
            length += 1
        } else if !["-", "*", "+"].contains(text[start]) {
            return false
        }
        guard start + length == end || text[start + length].isBlankOrTab else { return false }
        // Not every line of a paragraph that happens to begin with a number or a dash ends it.
        if container.kind == .paragraph, isBlank(from: start + length) || (marker.number ?? 1) != 1 { return false }
        if case .list(let other) = container.kind, other.isOfOneList(with: marker) {} else { begin(.list(marker)) }
        skipBlanks()
        skip(columns: length)
        let (width, after) = blanks
        // Code in an item begins one blank after the mark.
        let taken = after == end || width > MarkdownReader.codeIndent ? min(width, 1) : width
        skip(columns: taken)
        begin(.item(marker, width: indent + length + max(taken, 1)))
        return true
    }

    // MARK: - Formulas and tables

    private func formulaMark(from start: Int) -> Int? {
        (start..<max(start, end - 1)).first { text[$0] == "$" && text[$0 + 1] == "$" }
    }

    /// `$$ x $$` on one line, or from a line that begins with `$$` to another.
    private mutating func beginsFormula(at start: Int) -> Bool {
        guard formulaMark(from: start) == start else { return false }
        let last = formulaMark(from: start + 2)
        if let last {
            guard last > start + 2, isBlank(from: last + 2) else { return false }
        } else if formulaEnds[number] == nil {
            return false
        }
        begin(.formula)
        open[open.count - 1].add(text[start..<(last.map { $0 + 2 } ?? end)])
        if last != nil { close() }
        return true
    }

    /// The line below a table's head, which says what side the cells of each column stand at.
    private mutating func beginsTable(_ paragraph: MarkdownBlock, at start: Int) -> Bool {
        guard let alignments = MarkdownTable.alignments(text[start..<end]), let head = paragraph.lastLine else { return false }
        let line = Array(paragraph.text[head...])
        guard MarkdownTable.cells(of: line).count == alignments.count else { return false }
        paragraph.keep(0..<max(0, head - 1))
        begin(.table(alignments))
        open[open.count - 1].add(line)
        return true
    }

    // MARK: - Marks in the line

    /// How many of a mark stand there; nil for none.
    private func run(of mark: Unicode.Scalar, at start: Int) -> Int? {
        var i = start
        while i < end, text[i] == mark { i += 1 }
        return i > start ? i - start : nil
    }

    private func isBlank(from start: Int) -> Bool { text[start..<end].allSatisfy(\.isBlankOrTab) }
}
