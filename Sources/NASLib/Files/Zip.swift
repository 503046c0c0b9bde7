import Text

/// Files in one file, as ZIP has them: what numpy's NPZ is made of.
enum Zip {
    struct Entry {
        var name: String
        var bytes: [UInt8]
    }

    // MARK: - Reading

    /// Goes through the entries in the order of the directory at the end. Each is unpacked when its turn comes, and checked against its
    /// checksum.
    static func read<Content>(_ file: FileBytes, _ body: (Entry) throws -> Content) throws -> [Content] {
        guard file.bytes.count >= 22 else {
            throw file.error(at: 0, "expected a ZIP file of at least 22 bytes, but it has \(file.bytes.count)")
        }
        guard file.bytes.starts(with: [0x50, 0x4b]) else {
            throw file.error(at: 0, "expected the magic number 504b (PK) of ZIP, found \(found(file, at: 0))")
        }
        // The end record may be followed by a comment of up to 65,535 bytes.
        let earliest = max(0, file.bytes.count - 22 - 0xffff)
        guard let end = (earliest...file.bytes.count - 22).last(where: { file.bytes[$0...].starts(with: [0x50, 0x4b, 5, 6]) }) else {
            throw file.error(at: file.bytes.count, "expected the directory of the ZIP file before here: the file is truncated")
        }
        var reader = file
        reader.offset = end + 10
        let count = Int(try reader.littleEndian(2, "the number of entries"))
        _ = try reader.take(4, "the size of the directory")
        let start = Int(try reader.littleEndian(4, "the place of the directory"))
        guard start <= end else {
            throw file.error(
                at: end + 16, "expected the place of the directory, before byte \(end), found \(start)",
                hint: "ZIP files above 4 GB are not read")
        }
        reader.offset = start
        var entries: [PackedEntry] = []
        for _ in 0..<count { entries.append(try entry(&reader, in: file)) }
        // A small file whose entries share their contents could unpack to any size.
        let sorted = entries.sorted { $0.place < $1.place }
        for (entry, next) in zip(sorted, sorted.dropFirst()) where entry.end > next.place {
            throw file.error(at: next.place, "expected '\(next.name)' behind the end of '\(entry.name)' at byte \(entry.end)")
        }
        if let last = sorted.last, last.end > start {
            throw file.error(at: last.place, "expected '\(last.name)' to end before the directory at byte \(start), found \(last.end)")
        }
        return try entries.map { try body(try unpack($0, file)) }
    }

    /// An entry as the directory tells of it.
    private struct PackedEntry {
        var name: String
        var method: UInt64
        var checksum: UInt32
        var packed: Int
        var size: Int
        /// Where its header is, and where its contents are.
        var place: Int
        var begin: Int
        var end: Int { begin + packed }
    }

    /// The directory's next entry.
    private static func entry(_ directory: inout FileBytes, in file: FileBytes) throws -> PackedEntry {
        let start = directory.offset
        guard try directory.littleEndian(4, "an entry of the directory") == 0x0201_4b50 else {
            throw file.error(at: start, "expected the magic number 504b0102 of a directory entry, found \(found(file, at: start))")
        }
        _ = try directory.take(4, "the versions of an entry")
        let flags = try directory.littleEndian(2, "the flags of an entry")
        let method = try directory.littleEndian(2, "the method of an entry")
        _ = try directory.take(4, "the time of an entry")
        let checksum = UInt32(try directory.littleEndian(4, "the checksum of an entry"))
        let packed = Int(try directory.littleEndian(4, "the packed size of an entry"))
        let size = Int(try directory.littleEndian(4, "the size of an entry"))
        let nameLength = Int(try directory.littleEndian(2, "the length of a name"))
        let extraLength = Int(try directory.littleEndian(2, "the length of an extra field"))
        let commentLength = Int(try directory.littleEndian(2, "the length of a comment"))
        _ = try directory.take(8, "the attributes of an entry")
        let place = Int(try directory.littleEndian(4, "the place of an entry"))
        let name = String(decoding: try directory.take(nameLength, "the name of an entry"), as: UTF8.self)
        _ = try directory.take(extraLength + commentLength, "the extra field and comment of an entry")
        guard flags & 1 == 0 else { throw file.error(at: start + 8, "expected an entry without a password: '\(name)' is encrypted") }
        guard packed < 0xffff_ffff, size < 0xffff_ffff, place < 0xffff_ffff else {
            throw file.error(at: start + 20, "expected an entry below 4 GB: '\(name)' is larger")
        }

        var local = file
        guard place < file.bytes.count else {
            throw file.error(at: start + 42, "expected the place of '\(name)' within the file, found \(place)")
        }
        local.offset = place
        guard try local.littleEndian(4, "the header of '\(name)'") == 0x0403_4b50 else {
            throw file.error(at: place, "expected the magic number 504b0304 of '\(name)', found \(found(file, at: place))")
        }
        _ = try local.take(22, "the header of '\(name)'")
        let names = Int(try local.littleEndian(2, "the length of the name '\(name)'"))
        let extras = Int(try local.littleEndian(2, "the length of the extra field of '\(name)'"))
        _ = try local.take(names + extras, "the name and extra field of '\(name)'")
        guard method == 0 || method == 8 else {
            throw file.error(at: start + 10, "expected '\(name)' to be stored (0) or deflated (8), found method \(method)")
        }
        // A copy takes at least two bits and is of up to 258 bytes.
        guard method == 8 ? size <= packed * 1032 : size == packed else {
            throw file.error(
                at: start + 24,
                "expected '\(name)' to be as large as \(packed) packed bytes can be, found \(size) bytes: the file is damaged")
        }
        return PackedEntry(name: name, method: method, checksum: checksum, packed: packed, size: size, place: place, begin: local.offset)
    }

    private static func unpack(_ entry: PackedEntry, _ file: FileBytes) throws -> Entry {
        var local = file
        local.offset = entry.begin
        try MemoryAccount.ask(entry.size)
        let bytes =
            entry.method == 0
            ? Array(try local.take(entry.size, "the contents of '\(entry.name)'")) : try Inflate.unpack(&local, limit: entry.size)
        guard bytes.count == entry.size, local.offset == entry.end else {
            throw file.error(
                at: entry.begin, "expected '\(entry.name)' of \(entry.size) bytes, packed \(entry.packed), found \(bytes.count), packed \(local.offset - entry.begin)")
        }
        let actual = CRC32.of(bytes)
        guard actual == entry.checksum else {
            throw file.error(
                at: entry.begin,
                "expected '\(entry.name)' with the checksum \(hex(entry.checksum)), found \(hex(actual)): the file is damaged")
        }
        return Entry(name: entry.name, bytes: bytes)
    }

    private static func found(_ file: FileBytes, at offset: Int) -> String {
        file.bytes[min(offset, file.bytes.count)...].prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: - Writing

    /// A ZIP file of the entries as they are, not compressed, all dated 1 January 1980: equal entries make equal files.
    static func write(_ entries: [Entry]) throws -> [UInt8] {
        var output: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let name = Array(entry.name.utf8)
            guard entry.bytes.count + output.count < 0xffff_0000, name.count < 0xffff, entries.count < 0xffff else {
                throw NASError(.limit, "the arrays take more than the 4 GB, or are more than the 65,534, that an NPZ file holds")
            }
            let place = output.count
            // Version 2.0, names in UTF-8, stored, 1 January 1980.
            var common: [UInt8] = []
            common.append(littleEndian: 20, bytes: 2)
            common.append(littleEndian: 0x0800, bytes: 2)
            common.append(littleEndian: 0, bytes: 2)
            common.append(littleEndian: 0x0021_0000, bytes: 4)
            common.append(littleEndian: UInt64(CRC32.of(entry.bytes)), bytes: 4)
            common.append(littleEndian: UInt64(entry.bytes.count), bytes: 4)
            common.append(littleEndian: UInt64(entry.bytes.count), bytes: 4)
            common.append(littleEndian: UInt64(name.count), bytes: 2)
            common.append(littleEndian: 0, bytes: 2)
            output += [0x50, 0x4b, 3, 4] + common + name + entry.bytes
            directory += [0x50, 0x4b, 1, 2, 20, 0] + common
            directory += [UInt8](repeating: 0, count: 10)  // comment, disk, attributes
            directory.append(littleEndian: UInt64(place), bytes: 4)
            directory += name
        }
        let start = output.count
        output += directory
        output += [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
        output.append(littleEndian: UInt64(entries.count), bytes: 2)
        output.append(littleEndian: UInt64(entries.count), bytes: 2)
        output.append(littleEndian: UInt64(directory.count), bytes: 4)
        output.append(littleEndian: UInt64(start), bytes: 4)
        output += [0, 0]
        return output
    }
}

extension [UInt8] {
    /// A number, its lowest byte first.
    mutating func append(littleEndian value: UInt64, bytes: Int) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0.prefix(bytes)) }
    }
}
