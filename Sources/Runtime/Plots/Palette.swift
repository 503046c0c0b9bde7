/// The colours of series: eight that stay apart for readers with any of the common colour deficiencies, for light and
/// for dark backgrounds (WCAG contrast of at least 3), in the order in which they are used.
enum Palette {
    static let light = ["#0072b2", "#d55e00", "#009e73", "#a8487c", "#8c6d00", "#4d4d9f", "#37837f", "#7a3b1d"]
    static let dark = ["#56b4e9", "#f08a3c", "#2fc79a", "#e08fbf", "#e3c63f", "#a7a3f0", "#9fd8d4", "#d9a58c"]
    /// The same in the 256 colours of terminals, readable on both backgrounds.
    static let terminal = [32, 172, 36, 169, 142, 105, 73, 131]
    static let terminalNeutral = 245

    static func index(_ i: Int) -> Int { i % light.count }
}
