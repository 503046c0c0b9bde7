/// Pictures of one size side by side, each with its caption.
package struct Images: Sendable {
    /// Pixels across and down.
    package let width: Int
    package let height: Int
    /// Whether there is more than shades of grey in them.
    package let isColored: Bool
    package let pictures: [Picture]
    /// How many stand in a row; nil leaves it to the renderer.
    package var columns: Int?

    package struct Picture: Sendable {
        package let caption: String
        /// Row by row, from the top left.
        package let pixels: [Color]

        package init(caption: String, pixels: [Color]) { (self.caption, self.pixels) = (caption, pixels) }
    }

    package struct Color: Sendable, Equatable {
        package let red: UInt8
        package let green: UInt8
        package let blue: UInt8

        package init(red: UInt8, green: UInt8, blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

        /// How bright it looks, from 0 to 1 (ITU-R BT.601).
        var brightness: Double { (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255 }
    }

    /// Of each picture there are `width` x `height` pixels.
    package init(width: Int, height: Int, isColored: Bool, pictures: [Picture], columns: Int? = nil) {
        precondition(width > 0 && height > 0 && pictures.allSatisfy { $0.pixels.count == width * height })
        (self.width, self.height, self.isColored, self.pictures, self.columns) = (width, height, isColored, pictures, columns)
    }

    /// The most that one plot shows.
    package static let most = 100

    package var pixelCount: Int { pictures.count * width * height }

    package var byteCount: Int { pictures.reduce(0) { $0 + 64 + $1.caption.utf8.count + $1.pixels.count * MemoryLayout<Color>.stride } }

    var hasCaptions: Bool { pictures.contains { !$0.caption.isEmpty } }

    /// The same with a pixel, the mean, for each block of `size` x `size`; those at the right and lower edge may be smaller.
    func reduced(by size: Int) -> Images {
        guard size > 1 else { return self }
        let (columns, rows) = ((width + size - 1) / size, (height + size - 1) / size)
        let reduced = pictures.map { picture in
            Picture(caption: picture.caption, pixels: (0..<columns * rows).map { place in
                let (left, top) = (place % columns * size, place / columns * size)
                var (red, green, blue, count) = (0, 0, 0, 0)
                for y in top..<min(top + size, height) {
                    for x in left..<min(left + size, width) {
                        let color = picture.pixels[y * width + x]
                        red += Int(color.red)
                        green += Int(color.green)
                        blue += Int(color.blue)
                        count += 1
                    }
                }
                func mean(_ sum: Int) -> UInt8 { UInt8((sum + count / 2) / count) }
                return Color(red: mean(red), green: mean(green), blue: mean(blue))
            })
        }
        return Images(width: columns, height: rows, isColored: isColored, pictures: reduced, columns: self.columns)
    }
}
