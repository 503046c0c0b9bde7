import Text

/// Writes pictures in the PNG format: 8 bits a sample, grey or RGB, not compressed, which for pictures of a few hundred pixels is as small.
enum PNGWriter {
    /// - Parameters:
    ///   - samples: rows of `width` pixels, from the top left: one byte a pixel for grey, three for RGB.
    static func write(width: Int, height: Int, isGrey: Bool, samples: [UInt8]) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        // Depth, colour type, and the only ways there are to compress, filter and order rows.
        append("IHDR", bigEndian(width) + bigEndian(height) + [8, isGrey ? 0 : 2, 0, 0, 0], to: &file)
        let length = samples.count / height
        var rows: [UInt8] = []
        rows.reserveCapacity(samples.count + height)
        for row in 0..<height {
            rows.append(0)
            rows += samples[row * length..<(row + 1) * length]
        }
        append("IDAT", zlib(rows), to: &file)
        append("IEND", [], to: &file)
        return file
    }

    /// Length, kind, contents, checksum.
    private static func append(_ kind: String, _ contents: [UInt8], to file: inout [UInt8]) {
        let body = Array(kind.utf8) + contents
        file += bigEndian(contents.count) + body + bigEndian(Int(CRC32.of(body)))
    }

    /// A zlib stream (RFC 1950) of blocks that are stored as they are.
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        let most = 65_535
        for start in stride(from: 0, to: max(1, bytes.count), by: most) {
            let end = min(start + most, bytes.count)
            let count = UInt16(end - start)
            stream += [end == bytes.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
            stream += bytes[start..<end]
        }
        var (a, b) = (1, 0)
        for byte in bytes {
            a = (a + Int(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return stream + bigEndian(b << 16 | a)
    }

    private static func bigEndian(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
}
