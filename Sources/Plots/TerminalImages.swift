import Text

/// Pictures as text: with colours two pixels a character, one over the other; without, two characters a pixel, the denser the brighter.
enum TerminalImages {
    /// From dark to bright.
    private static let ramp = Array(" .:-=+*#%@").map(String.init)
    private static let gap = 2
    /// What a picture may take across, and what a small one with colours is enlarged to at least.
    private static let (most, least) = (40, 12)

    static func render(_ images: Images, title: String, width: Int, isColored: Bool) -> TextCanvas {
        // Characters of a pixel.
        let own = isColored ? 1 : 2
        let room = max(1, min(most, width) / own)
        let shown = images.reduced(by: (images.width + room - 1) / room)
        // Half a row of text is about as high as a column is wide.
        let scale = isColored && shown.width < least ? min(4, (least + shown.width - 1) / shown.width) : 1
        let size = (columns: shown.width * own * scale, rows: isColored ? (shown.height * scale + 1) / 2 : shown.height)
        let captions = shown.pictures.map(\.caption.harmless)
        let cell = min(width, max(size.columns, min(16, captions.map(DisplayWidth.of).max() ?? 0)))
        let columns = max(1, min(images.columns ?? .max, (width + gap) / (cell + gap)))
        let step = size.rows + (images.hasCaptions ? 2 : 1)
        let top = title.isEmpty ? 0 : 1
        var canvas = TextCanvas(width: width, height: top + step * ((shown.pictures.count + columns - 1) / columns))
        canvas.write(title, 0, 0)
        for (i, picture) in shown.pictures.enumerated() {
            let (left, row) = (i % columns * (cell + gap), top + i / columns * step)
            if isColored {
                drawBlocks(picture, shown, scale, &canvas, left, row)
            } else {
                for y in 0..<shown.height {
                    let text = picture.pixels[y * shown.width..<(y + 1) * shown.width].map { color in
                        let level = ramp[max(0, min(Int(saturating: color.brightness * Double(ramp.count)), ramp.count - 1))]
                        return level + level
                    }
                    canvas.write(text.joined(), left, row + y)
                }
            }
            canvas.write(DisplayWidth.fitted(captions[i], columns: cell), left, row + size.rows)
        }
        return canvas
    }

    private static func drawBlocks(_ picture: Images.Picture, _ images: Images, _ scale: Int, _ canvas: inout TextCanvas, _ left: Int, _ top: Int) {
        func pixel(_ x: Int, _ y: Int) -> Images.Color? { y < images.height * scale ? picture.pixels[y / scale * images.width + x / scale] : nil }
        for row in 0..<(images.height * scale + 1) / 2 {
            for x in 0..<images.width * scale {
                guard let upper = pixel(x, 2 * row) else { continue }
                canvas[left + x, top + row] = TextCanvas.Cell(text: "▀", ink: .pixels(upper, pixel(x, 2 * row + 1)))
            }
        }
    }
}
