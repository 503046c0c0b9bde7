/// Writes a source in the one style: four spaces, one statement a line, the author's line breaks inside brackets,
/// lines broken where they grow too wide. Names, literals, comments and their order stay as they are.
package enum Formatter {
    /// The columns a line may take before it is broken.
    package static let width = 110

    /// The source in the style, or the mistakes that keep it from being read. Formatting the result changes nothing more.
    package static func format(_ source: Source, width: Int = width) -> (text: String?, diagnostics: [Diagnostic]) {
        let (program, diagnostics) = Parser.parse(source)
        guard diagnostics.isEmpty else { return (nil, diagnostics) }
        var layout = Layout(pieces: Piece.read(program))
        layout.settleBreaks()
        layout.breakLongLines(width: width)
        return (FormattedLines(layout, source).text, [])
    }
}
