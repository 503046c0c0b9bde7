import Foundation
import Text

/// Pictures within their part of the plot: each a PNG image whose pixels stay squares however large it is drawn.
enum SVGImages {
    /// Around a picture on each side.
    private static let gap = 8.0
    /// A line of text.
    private static let line = 18.0
    /// The larger side of a picture, where there is room.
    private static let side = 96.0

    /// How pictures are laid out at a width.
    private struct Layout {
        let columns: Int
        /// From one picture to the next, across and down.
        let step: (x: Double, y: Double)
        /// Of a picture.
        let size: (width: Double, height: Double)
        let isEnlarged: Bool

        init(_ images: Images, width: Double) {
            let most = { (cell: Double) in max(1, Int(saturating: width / cell)) }
            // Fewer than asked for where they would be too small to be seen.
            columns = max(1, min(images.pictures.count, images.columns.map { min($0, most(24)) } ?? most(side + 2 * gap)))
            let cell = min(width / Double(columns), side + 2 * gap)
            let scale = (cell - 2 * gap) / Double(max(images.width, images.height))
            isEnlarged = scale >= 1
            let factor = isEnlarged ? scale.rounded(.down) : scale
            size = (Double(images.width) * factor, Double(images.height) * factor)
            step = (cell, size.height + gap + (images.hasCaptions ? line : 0))
        }
    }

    /// How much height the pictures take at that width.
    static func height(of images: Images, title: String, width: Double) -> Double {
        let layout = Layout(images, width: width)
        let rows = (images.pictures.count + layout.columns - 1) / layout.columns
        return (title.isEmpty ? 0 : line) + Double(rows) * layout.step.y + 2 * gap
    }

    static func draw(_ images: Images, title: String, in frame: SVGFrame, _ svg: inout SVGWriter) {
        let layout = Layout(images, width: frame.width)
        let number = SVGWriter.number
        let middle = frame.x + frame.width / 2
        if !title.isEmpty {
            svg.add("text", ["class": "subtitle", "x": number(middle), "y": number(frame.y + 14)], SVGWriter.fitted(title, frame.width - 20, size: 12))
        }
        let (left, top) = (middle - layout.step.x * Double(layout.columns) / 2, frame.y + gap + (title.isEmpty ? 0 : line))
        for (i, picture) in images.pictures.enumerated() {
            let center = left + layout.step.x * (Double(i % layout.columns) + 0.5)
            let y = top + layout.step.y * Double(i / layout.columns)
            // Written as it is: nothing in it is markup, and there is much of it.
            svg.add(raw: "<image x=\"\(number(center - layout.size.width / 2))\" y=\"\(number(y))\" width=\"\(number(layout.size.width))\""
                + " height=\"\(number(layout.size.height))\"\(layout.isEnlarged ? " style=\"image-rendering:pixelated\"" : "")"
                + " href=\"data:image/png;base64,\(Data(png(picture, of: images)).base64EncodedString())\"/>\n")
            guard !picture.caption.isEmpty else { continue }
            let caption = SVGWriter.fitted(picture.caption, layout.step.x - 4)
            svg.add("text", ["class": "note", "x": number(center), "y": number(y + layout.size.height + 13)], caption)
        }
    }

    private static func png(_ picture: Images.Picture, of images: Images) -> [UInt8] {
        PNGWriter.write(
            width: images.width, height: images.height, isGrey: !images.isColored,
            samples: images.isColored ? picture.pixels.flatMap { [$0.red, $0.green, $0.blue] } : picture.pixels.map(\.red))
    }
}
