/// Formats a source: four spaces, one statement a line, the author's line breaks inside brackets, and breaks in lines that are too wide.
/// Names, literals, comments and their order stay as they are.
package enum Formatter {
    /// The widest line in columns, before it is broken.
    package static let width = 110

    /// The formatted source, or the errors that prevent parsing it. Formatting the result again changes nothing.
    package static func format(_ source: Source, width: Int = width) -> (text: String?, diagnostics: [Diagnostic]) {
        let (program, diagnostics) = Parser.parse(source)
        guard diagnostics.isEmpty else { return (nil, diagnostics) }
        var layout = Layout(pieces: Piece.read(program))
        layout.settleBreaks()
        layout.breakLongLines(width: width)
        return (FormattedLines(layout, source).text, [])
    }
}
