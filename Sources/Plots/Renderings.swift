extension PlotDescription {
    /// A whole SVG document that needs nothing else; it can also stand within HTML as it is. What is stopped on the way, which is looked at
    /// between panels and series, is unfinished.
    package func drawSVG(isStopped: () -> Bool = { false }) -> String { SVGPlot.render(self, isStopped: isStopped) }

    /// Unicode text for a terminal of so many columns.
    package func drawText(width: Int, isColored: Bool, isStopped: () -> Bool = { false }) -> String {
        TerminalPlot.render(self, width: width, isColored: isColored, isStopped: isStopped)
    }
}
