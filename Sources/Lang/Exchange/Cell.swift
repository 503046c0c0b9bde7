import Text

/// A part of a script that begins with a `# %%` line. Marker and body together are the part's bytes, exactly.
package struct Cell: Equatable, Sendable {
    /// The kind of a cell, in brackets in the marker; nothing for code.
    package enum Kind: String, Sendable, CaseIterable {
        case code
        /// Prose, in comments.
        case markdown
        /// Text that no program interprets, in comments.
        case raw
        /// No cell but what holds for the whole notebook: the marker's metadata.
        case notebook
    }

    package var kind = Kind.code
    /// The title in the marker; empty if there is none.
    package var title = ""
    /// The members of the JSON object at the end of the marker; empty if there is none.
    package var metadata: [JSONText.Member] = []
    /// The marker's line with its line break; empty for text before the first marker, and for code right below prose.
    package var marker: String
    /// The cell's text after the marker.
    package var body: String
    /// The number of the body's first line in the script.
    package var line: Int

    package init(marker: String, body: String, line: Int) {
        self.marker = marker
        self.body = body
        self.line = line
        (title, metadata) = Cell.parts(ofMarker: marker)
        for (tag, kind) in Cell.tags {
            if title.hasPrefix(tag) {
                title.removeFirst(tag.count)
            } else if title.hasSuffix(tag) {
                title.removeLast(tag.count)
            } else {
                continue
            }
            self.kind = kind
            title = Cell.trimmed(title[...])
            break
        }
    }

    private static let tags: [(String, Kind)] = [("[markdown]", .markdown), ("[md]", .markdown), ("[raw]", .raw), ("[notebook]", .notebook)]

    /// Title and metadata of `# %% Title {"key": 1}`.
    private static func parts(ofMarker marker: String) -> (title: String, metadata: [JSONText.Member]) {
        let words = trimmed(marker.drop { $0 != "%" }.dropFirst(2))
        guard words.hasSuffix("}") else { return (words, []) }
        for start in words.indices where words[start] == "{"
            && (start == words.startIndex || words[words.index(before: start)].isWhitespace) {
            if let members = (try? JSONText(String(words[start...])))?.members, !members.isEmpty {
                return (trimmed(words[..<start]), members)
            }
        }
        return (words, [])
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// Whether the cell's body is only white space.
    package var isBlank: Bool { body.allSatisfy(\.isWhitespace) }

    // MARK: - Prose

    /// The text in a body of comments: each line without its `# `.
    package var prose: String {
        Cell.lines(of: body).map { line in
            let text = line.drop { $0 == " " || $0 == "\t" }
            guard text.first == "#" else { return String(text) }
            return Cell.shown(text.dropFirst(text.hasPrefix("# ") ? 2 : 1))
        }.joined(separator: "\n")
    }

    /// Prose as a body of comments, without a break at the end: the opposite of `prose`.
    package static func comments(of prose: String) -> String {
        lines(of: prose).map { $0.isEmpty ? "#" : "# \(hidden($0))" }.joined(separator: "\n")
    }

    // MARK: - Lines that are not to be markers

    /// What stands in a comment of a cell with a stroke before it where it would begin a cell: `\%% x` for `%% x`.
    private static func hidden(_ text: Substring) -> String {
        let rest = text.drop { $0 == " " }
        return rest.drop { $0 == "\\" }.hasPrefix("%%") ? "\(text[..<rest.startIndex])\\\(rest)" : String(text)
    }

    /// The opposite.
    private static func shown(_ text: Substring) -> String {
        let rest = text.drop { $0 == " " }
        return rest.first == "\\"
            && rest.drop { $0 == "\\" }.hasPrefix("%%") ? "\(text[..<rest.startIndex])\(rest.dropFirst())" : String(text)
    }

    /// Code for the body of a cell: lines that would begin another cell are escaped: `# \%% x`.
    package static func body(ofCode code: String) -> String { withComments(of: code) { hidden($0) } }

    /// The code in a body: the opposite of `body(ofCode:)`.
    package var code: String { Cell.withComments(of: body) { Cell.shown($0) } }

    /// Changes the comments that are lines of their own, without their `#`.
    private static func withComments(of code: String, _ change: (Substring) -> String) -> String {
        guard code.contains("%%") else { return code }
        let source = Source(name: "", text: code)
        var lexer = Lexer(source)
        while lexer.next().kind != .end {}
        var result = ""
        var end = 0
        for comment in lexer.comments where comment.start == 0 || source.bytes[comment.start - 1] == UInt8(ascii: "\n") {
            result += source.text(of: Span(end, comment.start + 1)) + change(source.text(of: Span(comment.start + 1, comment.end))[...])
            end = comment.end
        }
        return result + source.text(of: Span(end, source.bytes.count))
    }

    private static func lines(of text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}

// MARK: - Cutting a script into cells

extension Cell {
    /// The cells of a script, whose bytes joined are the script's. A marker stands at the beginning of a line, outside of
    /// strings. Prose ends with its comments: code below it makes a cell of its own. O(length).
    package static func cells(of source: Source) -> [Cell] {
        var lexer = Lexer(source)
        while lexer.next().kind != .end {}
        let starts = lexer.cells.map(\.span.start).filter { $0 == 0 || source.bytes[$0 - 1] == UInt8(ascii: "\n") }
        var cells: [Cell] = []
        if starts.first != 0, !source.bytes.isEmpty {
            cells.append(Cell(marker: "", body: source.text(of: Span(0, starts.first ?? source.bytes.count)), line: 1))
        }
        for (i, start) in starts.enumerated() {
            let end = i + 1 < starts.count ? starts[i + 1] : source.bytes.count
            let first = source.bytes[start..<end].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? end
            let line = source.position(at: start).line + 1
            var cell = Cell(marker: source.text(of: Span(start, first)), body: source.text(of: Span(first, end)), line: line)
            guard cell.kind != .code, let code = firstCode(in: source.bytes[first..<end]) else {
                cells.append(cell)
                continue
            }
            cell.body = source.text(of: Span(first, code))
            cells.append(cell)
            cells.append(Cell(marker: "", body: source.text(of: Span(code, end)), line: source.position(at: code).line))
        }
        return cells
    }

    /// Where the first line begins that is neither blank nor a comment.
    private static func firstCode(in bytes: ArraySlice<UInt8>) -> Int? {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            let first = bytes[start..<end].first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
            if let first, first != UInt8(ascii: "#") { return start }
            start = end + 1
        }
        return nil
    }
}
