import Text

/// Images in the PNG format: grey, RGB and palette of any depth, with or without transparency, interlaced or not.
enum PNG {
    /// An image's shape and its samples, 0...255, row by row. Transparency is left out; a palette's colours are looked up; samples of
    /// another depth are rounded to that scale.
    static func read(_ file: FileBytes) throws -> (shape: ImageShape, samples: [UInt8]) {
        var file = file
        let magic = Array(try file.take(8, "the magic number of a PNG file"))
        guard magic == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] else {
            throw file.error(at: 0, "expected the magic number \\x89PNG of a PNG file")
        }
        var header: Header?
        var palette: [UInt8] = []
        var packed: [UInt8] = []
        var last = ""
        while true {
            let start = file.offset
            let (kind, contents) = try chunk(&file)
            guard header != nil || kind == "IHDR" else { throw file.error(at: start + 4, "expected the chunk IHDR first, found \(kind)") }
            switch kind {
            case "IHDR":
                guard header == nil else { throw file.error(at: start + 4, "expected one chunk IHDR, found another") }
                header = try Header(contents)
            case "PLTE":
                guard palette.isEmpty, packed.isEmpty else {
                    throw file.error(at: start + 4, "expected one chunk PLTE, before the chunks IDAT")
                }
                palette = Array(contents.bytes)
                guard palette.count % 3 == 0, (3...768).contains(palette.count) else {
                    throw file.error(at: start + 8, "expected 1 to 256 colours of 3 bytes, found \(palette.count) bytes")
                }
            case "IDAT":
                guard packed.isEmpty || last == "IDAT" else {
                    throw file.error(at: start + 4, "expected the chunks IDAT one after the other, found one after \(last)")
                }
                packed += contents.bytes
            case "IEND":
                guard let header else { throw file.error("expected the chunk IHDR") }
                try file.expectEnd(after: "the chunk IEND")
                return (header.shape, try header.samples(try unpack(packed, header, file.name), palette: palette, file))
            default:
                // An upper-case first letter: a reader must know it.
                guard kind.first?.isLowercase == true else { throw file.error(at: start + 4, "expected a known chunk, found \(kind)") }
            }
            last = kind
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
        guard expected == actual else {
            throw file.error(
                at: file.offset - 4,
                "expected the checksum \(hex(actual)) of the chunk \(kind), found \(hex(expected)): the file is damaged")
        }
        return (kind, FileBytes(name: file.name, bytes: Array(contents)))
    }

    /// A zlib stream (RFC 1950): two bytes, deflated data, the Adler-32 of what comes out.
    private static func unpack(_ packed: [UInt8], _ header: Header, _ name: String) throws -> [UInt8] {
        var file = FileBytes(name: "\(name) (image data)", bytes: packed)
        let head = try file.bigEndian(2, "the header of the compressed data")
        guard head >> 8 & 15 == 8, head % 31 == 0, head & 32 == 0 else {
            throw file.error(at: 0, "expected the header of a zlib stream, found \(hex(UInt32(head), digits: 4))")
        }
        let size = header.passes.reduce(0) { $0 + (header.rowLength($1) + 1) * $1.height }
        let bytes = try Inflate.unpack(&file, limit: size)
        guard bytes.count == size else { throw file.error("expected \(size) bytes of rows, found \(bytes.count)") }
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        let expected = UInt32(try file.bigEndian(4, "the checksum of the rows"))
        guard expected == b << 16 | a else {
            throw file.error(
                at: file.offset - 4, "expected the checksum \(hex(b << 16 | a)) of the rows, found \(hex(expected)): the file is damaged")
        }
        try file.expectEnd(after: "the checksum of the rows")
        return bytes
    }

    /// Part of an image: every so many pixels of every so many rows. An image that is not interlaced is a single one.
    private struct Pass {
        var x: Int, y: Int, stepX: Int, stepY: Int
        var width = 0, height = 0

        init(_ x: Int, _ y: Int, _ stepX: Int, _ stepY: Int, of columns: Int, _ rows: Int) {
            (self.x, self.y, self.stepX, self.stepY) = (x, y, stepX, stepY)
            width = (columns - x + stepX - 1) / stepX
            height = width > 0 ? max(0, (rows - y + stepY - 1) / stepY) : 0
        }
    }

    private struct Header {
        /// Without transparency, and with a palette looked up.
        let shape: ImageShape
        /// In the order of the file.
        let passes: [Pass]
        /// Bits of a sample, and samples of a pixel, in the file.
        private let depth: Int
        private let width: Int
        private let hasPalette: Bool

        func rowLength(_ pass: Pass) -> Int { (pass.width * width * depth + 7) / 8 }

        init(_ contents: FileBytes) throws {
            var file = contents
            guard file.bytes.count == 13 else { throw file.error(at: 8, "expected 13 bytes in the chunk IHDR, found \(file.bytes.count)") }
            let (columns, rows) = (Int(try file.bigEndian(4, "the width")), Int(try file.bigEndian(4, "the height")))
            let (depth, color) = (try file.byte("the bit depth"), try file.byte("the colour type"))
            let (compression, filter) = (try file.byte("the compression method"), try file.byte("the filter method"))
            let interlace = try file.byte("the interlace method")
            guard (1...4096).contains(columns), (1...4096).contains(rows) else {
                throw file.error(at: 16, "expected an image of 1 to 4096 pixels a side, found \(rows)x\(columns)")
            }
            guard let (channels, width) = [0: (1, 1), 2: (3, 3), 3: (3, 1), 4: (1, 2), 6: (3, 4)][color] else {
                throw file.error(at: 25, "expected a colour type of 0, 2, 3, 4 or 6, found \(color)")
            }
            let depths: [UInt8] = color == 0 ? [1, 2, 4, 8, 16] : color == 3 ? [1, 2, 4, 8] : [8, 16]
            guard depths.contains(depth) else {
                throw file.error(
                    at: 24,
                    "expected \(depths.map(String.init).joined(separator: ", ")) bits a sample for colour type \(color), found \(depth)")
            }
            guard compression == 0 else { throw file.error(at: 26, "expected compression method 0, found \(compression)") }
            guard filter == 0 else { throw file.error(at: 27, "expected filter method 0, found \(filter)") }
            guard interlace < 2 else { throw file.error(at: 28, "expected interlace method 0 or 1, found \(interlace)") }
            shape = ImageShape(height: rows, width: columns, channels: channels)
            passes = (interlace == 0 ? [(0, 0, 1, 1)] : Header.adam7).map { Pass($0.0, $0.1, $0.2, $0.3, of: columns, rows) }.filter {
                $0.height > 0
            }
            self.depth = Int(depth)
            self.width = width
            hasPalette = color == 3
        }

        /// First pixel, first row, and the steps from one to the next, of the seven passes of an interlaced image.
        private static let adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]

        func samples(_ filtered: [UInt8], palette: [UInt8], _ file: FileBytes) throws -> [UInt8] {
            var result = [UInt8](repeating: 0, count: shape.count)
            var start = 0
            for pass in passes { try read(pass, filtered, at: &start, palette, into: &result, file) }
            return result
        }

        /// Undoes each row's filter, which predicts a byte from those to the left, above, and above to the left.
        private func read(
            _ pass: Pass, _ filtered: [UInt8], at start: inout Int, _ palette: [UInt8], into result: inout [UInt8], _ file: FileBytes
        ) throws {
            let length = rowLength(pass)
            // Bytes from a sample to the one on its left.
            let unit = max(1, width * depth / 8)
            var above = [UInt8](repeating: 0, count: length)
            var row = above
            for y in 0..<pass.height {
                let place = pass.y + y * pass.stepY
                let filter = filtered[start]
                for i in 0..<length {
                    let left = i >= unit ? row[i - unit] : 0
                    let corner = i >= unit ? above[i - unit] : 0
                    let prediction: UInt8
                    switch filter {
                    case 0: prediction = 0
                    case 1: prediction = left
                    case 2: prediction = above[i]
                    case 3: prediction = UInt8((Int(left) + Int(above[i])) / 2)
                    case 4: prediction = PNG.paeth(left, above[i], corner)
                    default: throw NASError(.file, "'\(file.name)': expected a filter of 0 to 4 in row \(place), found \(filter)")
                    }
                    row[i] = filtered[start + 1 + i] &+ prediction
                }
                for x in 0..<pass.width {
                    let pixel = (place * shape.width + pass.x + x * pass.stepX) * shape.channels
                    guard hasPalette else {
                        for c in 0..<shape.channels { result[pixel + c] = sample(row, x * width + c) }
                        continue
                    }
                    let color = 3 * bits(row, x)
                    guard color + 3 <= palette.count else {
                        throw NASError(
                            .file, "'\(file.name)': expected a colour below \(palette.count / 3) in row \(place), found \(color / 3)")
                    }
                    for c in 0..<3 { result[pixel + c] = palette[color + c] }
                }
                swap(&above, &row)
                start += length + 1
            }
        }

        /// A sample on the scale from 0 to 255.
        private func sample(_ row: [UInt8], _ i: Int) -> UInt8 {
            switch depth {
            case 8: row[i]
            case 16: UInt8(((Int(row[2 * i]) << 8 | Int(row[2 * i + 1])) * 255 + 32767) / 65535)
            default: UInt8(bits(row, i) * 255 / (1 << depth - 1))
            }
        }

        /// A sample of up to 8 bits as it stands in the file, the first in a byte's highest bits.
        private func bits(_ row: [UInt8], _ i: Int) -> Int {
            let bit = i * depth
            return Int(row[bit / 8]) >> (8 - depth - bit % 8) & (1 << depth - 1)
        }
    }

    /// Whichever of the three is nearest to left + above - corner; the first of equals.
    private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
        let (a, b, c) = (Int(left), Int(above), Int(corner))
        let (da, db, dc) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
        return da <= db && da <= dc ? left : db <= dc ? above : corner
    }
}
