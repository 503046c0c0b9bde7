import Text

/// The colours of series: eight that stay apart for readers with any of the common colour deficiencies, for light and
/// for dark backgrounds (WCAG contrast of at least 3), in the order in which they are used.
enum Palette {
    static let light = ["#1295f6", "#cd8000", "#7a1e8f", "#095a59", "#817749", "#5c0acb", "#4e0000", "#090030"]
    static let dark = ["#36a7ff", "#dd8800", "#ca00ab", "#eabd8e", "#357737", "#743fff", "#e7ff77", "#a0a0a0"]
    /// The same in the 256 colours of terminals, readable on both backgrounds.
    static let terminal = [33, 172, 163, 36, 101, 99, 131, 67]
    static let terminalNeutral = 245

    static func index(_ i: Int) -> Int { i % light.count }

    /// Dark blue through green to yellow, evenly in lightness, so that it reads the same without colours.
    private static let scale: [(red: Double, green: Double, blue: Double)] = [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)]

    /// The colour at a place of the scale from 0 to 1, its parts from 0 to 255; that of 0 for what is no number.
    static func color(at place: Double) -> (red: Double, green: Double, blue: Double) {
        let position = place.isNaN ? 0 : min(max(place, 0), 1) * Double(scale.count - 1)
        let below = min(Int(position), scale.count - 2)
        let (a, b, share) = (scale[below], scale[below + 1], position - Double(below))
        return (a.red + (b.red - a.red) * share, a.green + (b.green - a.green) * share, a.blue + (b.blue - a.blue) * share)
    }

    /// The same as `#rrggbb`.
    static func hexadecimal(at place: Double) -> String {
        let (red, green, blue) = color(at: place)
        return "#" + [red, green, blue].map { part in
            let digits = String(Int(saturating: part.rounded()), radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
    }

    /// The nearest of a terminal's 256 colours: its cube has six levels of each part.
    static func terminal(at place: Double) -> Int {
        let (red, green, blue) = color(at: place)
        func level(_ part: Double) -> Int { part < 48 ? 0 : part < 115 ? 1 : min(5, Int(saturating: (part - 35) / 40)) }
        return 16 + 36 * level(red) + 6 * level(green) + level(blue)
    }
}
