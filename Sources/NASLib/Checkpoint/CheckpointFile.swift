import Text

/// The envelope of a checkpoint: magic number, version, length, contents, and the CRC-32 of all before it.
public enum CheckpointFile {
    /// Goes up when older versions of padash could not read the contents.
    public static let version = 1
    private static let magic: [UInt8] = [0x89] + Array("PADASH\n".utf8)
    private static let headerLength = 20

    public static func pack(_ contents: [UInt8], version: Int = version) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(contents.count + 24)
        bytes.append(littleEndian: UInt64(version), bytes: 4)
        bytes.append(littleEndian: UInt64(contents.count), bytes: 8)
        bytes += contents
        bytes.append(littleEndian: UInt64(CRC32.of(bytes)), bytes: 4)
        return bytes
    }

    /// The contents, when all of the file is as it was written.
    public static func unpack(_ file: FileBytes) throws -> ArchiveReader {
        let name = file.name
        guard !file.bytes.isEmpty else { throw NASError(.file, "'\(name)' is no checkpoint: it is empty") }
        guard file.bytes.starts(with: magic.prefix(file.bytes.count)) else {
            throw NASError(.file, "'\(name)' is no checkpoint of padash: it begins with other bytes")
        }
        var reader = file
        _ = try reader.take(magic.count, "the magic number of a checkpoint")
        let found = try reader.littleEndian(4, "the version of the checkpoint")
        guard found <= version else {
            throw NASError(
                .file, "'\(name)' was written by a newer padash: its format is \(found), and this one reads up to \(version)",
                hint: "use the padash that wrote it, or a newer one")
        }
        let length = try reader.littleEndian(8, "the length of the checkpoint")
        guard let count = Int(exactly: length), count <= Int.max - 24, file.bytes.count == headerLength + count + 4 else {
            throw NASError(
                .file, "'\(name)' is damaged: expected \(length) bytes of contents, found \(max(0, file.bytes.count - headerLength - 4))")
        }
        try MemoryAccount.ask(count)
        let contents = Array(try reader.take(count, "the contents of the checkpoint"))
        let checksum = UInt32(try reader.littleEndian(4, "the checksum of the checkpoint"))
        let actual = CRC32.of(file.bytes.dropLast(4))
        guard checksum == actual else {
            throw NASError(.file, "'\(name)' is damaged: its checksum is \(hex(actual)), and should be \(hex(checksum))")
        }
        return ArchiveReader(FileBytes(name: name, bytes: contents))
    }
}
