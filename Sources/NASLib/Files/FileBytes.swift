import Foundation

/// What is wrong with a file: which one, where in it, and what should have been there.
public struct FileError: Error, Equatable, Sendable {
    public let message: String
    public let hint: String?

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    init(_ file: String, at offset: Int, _ problem: String, hint: String? = nil) {
        self.init("'\(file)' at byte \(offset): \(problem)", hint: hint)
    }
}

/// The bytes of a file, read from front to back. What does not fit is a `FileError` that names the file, the offset and
/// what was expected.
public struct FileBytes: Sendable {
    /// As messages show it.
    public let name: String
    public let bytes: [UInt8]
    public internal(set) var offset = 0

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A whole file; one compressed by gzip is unpacked. Throws where it cannot be read.
    public init(unpacking path: String) throws {
        let file = try FileBytes(path)
        guard Gzip.isMagic(file.bytes) else {
            self = file
            return
        }
        self.init(name: "\(path) (unpacked)", bytes: try Gzip.unpack(file))
    }

    /// A whole file. Throws where it cannot be read.
    public init(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let missing = errno == ENOENT
            throw FileError(missing ? "there is no file '\(path)'" : "'\(path)' cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileError("'\(path)' cannot be read: it is not a plain file")
        }
        guard status.st_size <= FileBytes.limit else { throw FileError("'\(path)' has \(status.st_size) bytes: the most is \(FileBytes.limit)") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw FileError("'\(path)' cannot be read: \(String(cString: strerror(errno)))") }
            guard got > 0 else { throw FileError(path, at: count, "the file ended while it was read; it had \(bytes.count) bytes before") }
            count += got
        }
        self.init(name: path, bytes: bytes)
    }

    /// The largest file, packed or unpacked.
    public static let limit = 1 << 31

    public var remaining: Int { bytes.count - offset }

    func error(at offset: Int? = nil, _ problem: String, hint: String? = nil) -> FileError {
        FileError(name, at: offset ?? self.offset, problem, hint: hint)
    }

    /// The next `count` bytes, which are `what`.
    mutating func take(_ count: Int, _ what: String) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else {
            throw error("expected \(what), \(count) byte\(count == 1 ? "" : "s"), but \(remaining == 0 ? "the file ends here" : "only \(remaining) are left")")
        }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func byte(_ what: String) throws -> UInt8 { try take(1, what).first ?? 0 }

    /// An unsigned number of one to eight bytes, the lowest first.
    mutating func littleEndian(_ count: Int, _ what: String) throws -> UInt64 {
        try take(count, what).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// An unsigned number of one to eight bytes, the highest first.
    mutating func bigEndian(_ count: Int, _ what: String) throws -> UInt64 {
        try take(count, what).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Nothing may follow `what`.
    func expectEnd(after what: String) throws {
        guard remaining == 0 else { throw error("expected the end of the file after \(what), but \(remaining) more byte\(remaining == 1 ? "" : "s") follow\(remaining == 1 ? "s" : "")") }
    }
}
