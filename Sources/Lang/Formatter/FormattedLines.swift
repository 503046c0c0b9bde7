import Text

/// The lines of a laid-out source, with the columns aligned that the author aligned: the `=` of bindings in adjacent
/// lines, and the comments behind them.
struct FormattedLines {
    private struct Line {
        var isAfterBlank: Bool
        var indentation: Int
        /// Without the indentation; several lines when a string in it is.
        var code = ""
        var comment = ""
        /// Where the comment stood in the source.
        var commentColumn = 0
        /// Of a binding's `=` or `~`: where it stood in the source, and how many bytes of `code` are before it.
        var sign: (column: Int, offset: Int)?

        /// Columns up to the end of the code's last line.
        var width: Int {
            guard let lineBreak = code.lastIndex(of: "\n") else { return indentation + DisplayWidth.of(code) }
            return DisplayWidth.of(code[code.index(after: lineBreak)...])
        }

        /// Columns before the sign.
        var signColumn: Int { indentation + DisplayWidth.of(String(decoding: code.utf8.prefix(sign?.offset ?? 0), as: UTF8.self)) }
    }

    private var lines: [Line] = []
    private let source: Source

    init(_ layout: Layout, _ source: Source) {
        self.source = source
        var start = 0
        while start < layout.pieces.count {
            let end = layout.lineEnd(from: start)
            lines.append(line(layout, start, end))
            start = end
        }
        alignSigns()
        alignComments()
    }

    var text: String {
        var result = ""
        for line in lines {
            if line.isAfterBlank { result += "\n" }
            result += String(repeating: " ", count: line.indentation) + line.code + line.comment + "\n"
        }
        return result
    }

    private func line(_ layout: Layout, _ start: Int, _ end: Int) -> Line {
        let pieces = layout.pieces
        var line = Line(isAfterBlank: layout.breaks[start] == .blankLine, indentation: layout.indentation[start])
        let isBinding = pieces[start].startsStatement && (pieces[start].kind == .let || pieces[start].kind == .var)
        for i in start..<end {
            let piece = pieces[i]
            if piece.isComment, i > start {
                line.comment = piece.text
                line.commentColumn = column(of: piece)
            } else {
                if i > start { line.code += layout.separator(before: i) }
                if isBinding, line.sign == nil, piece.kind == .assign || piece.kind == .tilde {
                    line.sign = (column(of: piece), line.code.utf8.count)
                }
                line.code += piece.text
            }
        }
        return line
    }

    private func column(of piece: Piece) -> Int {
        let line = source.lineStarts[source.position(at: piece.span.start).line - 1]
        return DisplayWidth.of(source.text(of: Span(line, piece.span.start)))
    }

    private mutating func alignSigns() {
        forEachRun { a, b in a.sign != nil && a.sign?.column == b.sign?.column && a.indentation == b.indentation } align: { lines in
            let column = lines.map(\.signColumn).max() ?? 0
            for i in lines.indices {
                guard let sign = lines[i].sign else { continue }
                let index = lines[i].code.utf8.index(lines[i].code.startIndex, offsetBy: sign.offset)
                lines[i].code.insert(contentsOf: String(repeating: " ", count: column - lines[i].signColumn), at: index)
            }
        }
    }

    private mutating func alignComments() {
        forEachRun { a, b in !a.comment.isEmpty && !b.comment.isEmpty && a.commentColumn == b.commentColumn } align: { lines in
            let column = lines.map(\.width).max() ?? 0
            for i in lines.indices where !lines[i].comment.isEmpty {
                lines[i].comment = String(repeating: " ", count: column - lines[i].width + 2) + lines[i].comment
            }
        }
    }

    /// Cuts the lines into the longest runs of adjacent lines that belong together, one with the next.
    private mutating func forEachRun(_ belong: (Line, Line) -> Bool, align: (inout ArraySlice<Line>) -> Void) {
        var start = 0
        while start < lines.count {
            var end = start + 1
            while end < lines.count, !lines[end].isAfterBlank, belong(lines[end - 1], lines[end]) { end += 1 }
            align(&lines[start..<end])
            start = end
        }
    }
}
