/// Images in the PNG format with 8 bits a sample: grey, RGB and palette, with or without transparency, not interlaced.
enum PNG {
    /// An image's shape and its samples, 0...255, row by row. Transparency is left out; a palette's colours are looked up.
    static func read(_ file: FileBytes) throws -> (shape: ImageShape, samples: [UInt8]) {
        var file = file
        let magic = Array(try file.take(8, "the magic number of a PNG file"))
        guard magic == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] else { throw file.error(at: 0, "expected the magic number \\x89PNG of a PNG file") }
        var header: Header?
        var palette: [UInt8] = []
        var packed: [UInt8] = []
        while true {
            let start = file.offset
            let (kind, contents) = try chunk(&file)
            guard header != nil || kind == "IHDR" else { throw file.error(at: start + 4, "expected the chunk IHDR first, found \(kind)") }
            switch kind {
            case "IHDR": header = try Header(contents)
            case "PLTE": palette = Array(contents.bytes)
            case "IDAT": packed += contents.bytes
            case "IEND":
                guard let header else { throw file.error("expected the chunk IHDR") }
                try file.expectEnd(after: "the chunk IEND")
                return (header.shape, try header.samples(try unpack(packed, header, file.name), palette: palette, file))
            default:
                // An upper-case first letter: a reader must know it.
                guard kind.first?.isLowercase == true else { throw file.error(at: start + 4, "expected a known chunk, found \(kind)") }
            }
        }
    }

    /// Length, kind, contents, checksum.
    private static func chunk(_ file: inout FileBytes) throws -> (kind: String, contents: FileBytes) {
        let length = Int(try file.bigEndian(4, "the length of a chunk"))
        let start = file.offset
        let kind = String(decoding: try file.take(4, "the kind of a chunk"), as: UTF8.self)
        let contents = try file.take(length, "the chunk \(kind)")
        let expected = UInt32(try file.bigEndian(4, "the checksum of the chunk \(kind)"))
        let actual = CRC32.of(file.bytes[start..<start + 4 + length])
        guard expected == actual else { throw file.error(at: file.offset - 4, "expected the checksum \(hex(actual)) of the chunk \(kind), found \(hex(expected)): the file is damaged") }
        return (kind, FileBytes(name: file.name, bytes: Array(contents)))
    }

    /// A zlib stream (RFC 1950): two bytes, deflated data, the Adler-32 of what comes out.
    private static func unpack(_ packed: [UInt8], _ header: Header, _ name: String) throws -> [UInt8] {
        var file = FileBytes(name: "\(name) (image data)", bytes: packed)
        let head = try file.bigEndian(2, "the header of the compressed data")
        guard head >> 8 & 15 == 8, head % 31 == 0, head & 32 == 0 else { throw file.error(at: 0, "expected the header of a zlib stream, found \(hex(UInt32(head), digits: 4))") }
        let size = (header.rowLength + 1) * header.shape.height
        let bytes = try Inflate.unpack(&file, limit: size)
        guard bytes.count == size else { throw file.error("expected \(size) bytes of rows, found \(bytes.count)") }
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        let expected = UInt32(try file.bigEndian(4, "the checksum of the rows"))
        guard expected == b << 16 | a else { throw file.error(at: file.offset - 4, "expected the checksum \(hex(b << 16 | a)) of the rows, found \(hex(expected)): the file is damaged") }
        return bytes
    }

    private struct Header {
        /// Without transparency, and with a palette looked up.
        let shape: ImageShape
        /// Samples of a pixel in the file.
        private let width: Int
        private let hasPalette: Bool

        var rowLength: Int { shape.width * width }

        init(_ contents: FileBytes) throws {
            var file = contents
            guard file.bytes.count == 13 else { throw file.error(at: 8, "expected 13 bytes in the chunk IHDR, found \(file.bytes.count)") }
            let (columns, rows) = (Int(try file.bigEndian(4, "the width")), Int(try file.bigEndian(4, "the height")))
            let (depth, color) = (try file.byte("the bit depth"), try file.byte("the colour type"))
            _ = try file.take(2, "the compression and filter method")
            let interlace = try file.byte("the interlace method")
            guard (1...4096).contains(columns), (1...4096).contains(rows) else { throw file.error(at: 16, "expected an image of 1 to 4096 pixels a side, found \(rows)x\(columns)") }
            guard depth == 8 else { throw file.error(at: 24, "expected 8 bits a sample, found \(depth)") }
            guard let (channels, width) = [0: (1, 1), 2: (3, 3), 3: (3, 1), 4: (1, 2), 6: (3, 4)][color] else {
                throw file.error(at: 25, "expected a colour type of 0, 2, 3, 4 or 6, found \(color)")
            }
            guard interlace == 0 else { throw file.error(at: 28, "expected an image that is not interlaced, found interlace method \(interlace)") }
            shape = ImageShape(height: rows, width: columns, channels: channels)
            self.width = width
            hasPalette = color == 3
        }

        /// Undoes each row's filter, which predicts a byte from those to the left, above, and above to the left.
        func samples(_ filtered: [UInt8], palette: [UInt8], _ file: FileBytes) throws -> [UInt8] {
            var above = [UInt8](repeating: 0, count: rowLength)
            var row = above
            var result: [UInt8] = []
            result.reserveCapacity(shape.count)
            for y in 0..<shape.height {
                let start = y * (rowLength + 1)
                let filter = filtered[start]
                for i in 0..<rowLength {
                    let left = i >= width ? row[i - width] : 0
                    let corner = i >= width ? above[i - width] : 0
                    let prediction: UInt8
                    switch filter {
                    case 0: prediction = 0
                    case 1: prediction = left
                    case 2: prediction = above[i]
                    case 3: prediction = UInt8((Int(left) + Int(above[i])) / 2)
                    case 4: prediction = PNG.paeth(left, above[i], corner)
                    default: throw FileError("'\(file.name)': expected a filter of 0 to 4 in row \(y), found \(filter)")
                    }
                    row[i] = filtered[start + 1 + i] &+ prediction
                }
                for x in 0..<shape.width {
                    guard hasPalette else {
                        for c in 0..<shape.channels { result.append(row[x * width + c]) }
                        continue
                    }
                    let color = 3 * Int(row[x])
                    guard color + 3 <= palette.count else { throw FileError("'\(file.name)': expected a colour below \(palette.count / 3) in row \(y), found \(row[x])") }
                    result += palette[color..<color + 3]
                }
                swap(&above, &row)
            }
            return result
        }
    }

    /// Whichever of the three is nearest to left + above - corner; the first of equals.
    private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
        let (a, b, c) = (Int(left), Int(above), Int(corner))
        let (da, db, dc) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
        return da <= db && da <= dc ? left : db <= dc ? above : corner
    }
}
