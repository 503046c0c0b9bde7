/// A part of a script that begins with a `# %%` line. Marker and body together are the part's bytes, exactly.
public struct Cell: Equatable, Sendable {
    /// What stands in brackets in the marker; nothing for code.
    public enum Kind: String, Sendable, CaseIterable {
        case code
        /// Prose, in comments.
        case markdown
        /// Text that no program interprets, in comments.
        case raw
        /// No cell but what holds for the whole notebook: the marker's metadata.
        case notebook
    }

    public var kind = Kind.code
    /// Empty when the marker has none.
    public var title = ""
    /// The JSON object at the end of the marker; empty when there is none.
    public var metadata = ""
    /// The marker's line with its break; empty for what stands before the first marker, and for code right below prose.
    public var marker: String
    /// What comes after the marker.
    public var body: String
    /// The number of the body's first line in the script.
    public var line: Int

    public init(marker: String, body: String, line: Int) {
        self.marker = marker
        self.body = body
        self.line = line
        let words = Cell.words(ofMarker: marker)
        if let match = words.firstMatch(of: /(?:^|\s)(\{"[^"]*":.*\})$/) {
            metadata = String(match.1)
            title = Cell.trimmed(words[..<match.1.startIndex])
        } else {
            title = words
        }
        for (tag, kind) in Cell.tags {
            if title.hasPrefix(tag) { title.removeFirst(tag.count) } else if title.hasSuffix(tag) { title.removeLast(tag.count) } else { continue }
            self.kind = kind
            title = Cell.trimmed(title[...])
            break
        }
    }

    private static let tags: [(String, Kind)] = [("[markdown]", .markdown), ("[md]", .markdown), ("[raw]", .raw), ("[notebook]", .notebook)]

    /// `Title` of `# %% Title`.
    private static func words(ofMarker marker: String) -> String { trimmed(marker.drop { $0 != "%" }.dropFirst(2)) }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// Whether there is nothing but blanks in it.
    public var isBlank: Bool { body.allSatisfy(\.isWhitespace) }

    // MARK: - Prose

    /// The text in a body of comments: each line without its `# `.
    public var prose: String {
        Cell.lines(of: body).map { line in
            let text = line.drop { $0 == " " || $0 == "\t" }
            guard text.first == "#" else { return String(text) }
            return String(text.dropFirst(text.hasPrefix("# ") ? 2 : 1))
        }.joined(separator: "\n")
    }

    /// Prose as a body of comments, without a break at the end: the opposite of `prose`.
    public static func comments(of prose: String) -> String {
        lines(of: prose).map { $0.isEmpty ? "#" : "# \($0)" }.joined(separator: "\n")
    }

    private static func lines(of text: String) -> [Substring] { text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" } }
}

// MARK: - Cutting a script into cells

extension Cell {
    /// The cells of a script, whose bytes joined are the script's. A marker stands at the beginning of a line, outside of
    /// strings. Prose ends with its comments: code below it makes a cell of its own. O(length).
    public static func cells(of source: Source) -> [Cell] {
        var lexer = Lexer(source)
        while lexer.next().kind != .end {}
        let starts = lexer.cells.map(\.span.start).filter { $0 == 0 || source.bytes[$0 - 1] == UInt8(ascii: "\n") }
        var cells: [Cell] = []
        if starts.first != 0, !source.bytes.isEmpty { cells.append(Cell(marker: "", body: source.text(of: Span(0, starts.first ?? source.bytes.count)), line: 1)) }
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
