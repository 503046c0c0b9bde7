import Text

/// Unpacks gzip files (RFC 1952).
enum Gzip {
    static func isMagic(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

    /// All members one after the other, each checked against its checksum and length. Zero bytes after the last are padding.
    static func unpack(_ file: FileBytes) throws -> [UInt8] {
        var file = file
        var output: [UInt8] = []
        repeat {
            try skipHeader(&file)
            let part = try Inflate.unpack(&file, limit: FileBytes.limit - output.count)
            let checksum = CRC32.of(part)
            let expected = UInt32(try file.littleEndian(4, "the checksum of the unpacked data"))
            guard checksum == expected else {
                throw file.error(at: file.offset - 4, "expected the checksum \(hex(checksum)) of the unpacked data, found \(hex(expected)): the file is damaged")
            }
            let length = try file.littleEndian(4, "the length of the unpacked data")
            guard length == UInt64(part.count) & 0xffff_ffff else {
                throw file.error(at: file.offset - 4, "expected the length \(part.count) of the unpacked data, found \(length): the file is damaged")
            }
            if !output.isEmpty { try MemoryAccount.ask(output.count + part.count) }
            output = output.isEmpty ? part : output + part
        } while file.bytes[file.offset...].contains { $0 != 0 }
        return output
    }

    /// Magic, method, flags, time and system, then the optional fields that the flags announce.
    private static func skipHeader(_ file: inout FileBytes) throws {
        let start = file.offset
        let magic = try file.bigEndian(2, "the magic number 1f8b of gzip")
        guard magic == 0x1f8b else { throw file.error(at: start, "expected the end of the file or the magic number 1f8b of gzip, found \(hex(UInt32(magic), digits: 4))") }
        let method = try file.byte("the compression method")
        guard method == 8 else { throw file.error(at: start + 2, "expected compression method 8 (deflate), found \(method)") }
        let flags = try file.byte("the flags")
        guard flags & 0xe0 == 0 else { throw file.error(at: start + 3, "expected gzip flags below 32, found \(flags)") }
        _ = try file.take(6, "the time and system of the gzip header")
        if flags & 4 != 0 { _ = try file.take(Int(try file.littleEndian(2, "the length of the extra field")), "the extra field") }
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            while try file.byte("a text that ends with a zero byte") != 0 {}
        }
        guard flags & 2 != 0 else { return }
        let checksum = CRC32.of(file.bytes[start..<file.offset]) & 0xffff
        let expected = UInt32(try file.littleEndian(2, "the checksum of the gzip header"))
        guard checksum == expected else {
            throw file.error(at: file.offset - 2, "expected the checksum \(hex(checksum, digits: 4)) of the gzip header, found \(hex(expected, digits: 4)): the file is damaged")
        }
    }
}

/// `0x00000803`.
func hex(_ value: UInt32, digits: Int = 8) -> String {
    let text = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
}
