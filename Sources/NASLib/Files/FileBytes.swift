import Foundation

/// The bytes of a file, read from front to back. What does not fit is a `NASError` that names the file, the offset and
/// what was expected.
public struct FileBytes: Sendable {
    /// The file's name, as messages show it.
    public let name: String
    public let bytes: [UInt8]
    package internal(set) var offset = 0

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A whole file; one compressed by gzip is unpacked. Throws where it cannot be read.
    package init(unpacking path: String) throws {
        let file = try FileBytes(path)
        guard Gzip.isMagic(file.bytes) else {
            self = file
            return
        }
        self.init(name: "\(path) (unpacked)", bytes: try Gzip.unpack(file))
    }

    /// Whether it takes long to read a file: a large one, or one of unknown length, such as a pipe, a terminal or another device.
    package static func isLong(_ path: String) -> Bool {
        let answer = try? World.value("asking for '\(path)'") {
            var status = stat()
            return stat(path, &status) == 0
                && (status.st_mode & S_IFMT == S_IFREG ? status.st_size >= 1 << 20 : status.st_mode & S_IFMT != S_IFDIR)
        }
        return answer ?? false
    }

    /// The text of the bytes, for which there must be memory besides them; nil where they are no UTF-8.
    package func text() throws -> String? {
        try MemoryAccount.ask(bytes.count)
        return String(validating: bytes, as: UTF8.self)
    }

    /// A whole file, read to its end: a plain one, or a pipe or terminal. Throws where it cannot be read or there is no memory for it, and
    /// stops where `Cancellation` asks for it.
    public init(_ path: String, limit: Int = FileBytes.limit) throws {
        self.init(name: path, bytes: try World.bytes("reading '\(path)'") { try FileBytes.read(path, limit: limit) })
    }

    private static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = path.utf8.contains(0) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if path.utf8.contains(0) { errno = EINVAL }
            let missing = errno == ENOENT
            throw NASError(.file, missing ? "there is no file '\(path)'" : "'\(path)' cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try read(descriptor, name: path, limit: limit)
    }

    /// What is left to read of an open file. It need not be one that never waits.
    package static func read(_ descriptor: Int32, name path: String, limit: Int = FileBytes.limit) throws -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw NASError(.file, "'\(path)' cannot be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw NASError(.file, "'\(path)' is a folder, not a file") }
        let isPlain = status.st_mode & S_IFMT == S_IFREG
        // The system gives no size for what it makes while it is read.
        let size = isPlain ? Int(status.st_size) : 0
        let tooLong = { (count: Int) in
            NASError(.limit, "'\(path)' has \(isPlain && size > limit ? "\(count)" : "more than \(limit)") bytes: the most is \(limit)")
        }
        guard size <= limit else { throw tooLong(size) }
        try MemoryAccount.ask(size)
        var bytes = [UInt8](repeating: 0, count: size > 0 ? size + 1 : 1 << 12)
        var count = 0
        while true {
            if isPlain { try Cancellation.check() } else { try waitFor(POLLIN, descriptor) }
            if count == bytes.count {
                // One byte beyond the limit tells that there are more.
                let room = min(2 * count, limit + 1)
                try MemoryAccount.ask(room)
                bytes.reserveCapacity(room)
                bytes.append(contentsOf: repeatElement(UInt8(0), count: room - count))
            }
            let got = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress.map { $0 + count }, min($0.count - count, 1 << 24))
            }
            if got < 0, errno == EINTR || errno == EAGAIN { continue }
            guard got >= 0 else { throw NASError(.file, "'\(path)' cannot be read: \(String(cString: strerror(errno)))") }
            if got == 0 { break }
            count += got
            guard count <= limit else { throw tooLong(count) }
        }
        guard count >= size else { throw NASError(path, at: count, "the file ended while it was read; it had \(size) bytes before") }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Waits until a pipe, terminal or other device has something to read or room to write, or `Cancellation` ends the wait.
    package static func waitFor(_ event: Int32, _ descriptor: Int32) throws {
        while true {
            try Cancellation.check()
            var wait = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let ready = poll(&wait, 1, Cancellation.flag == nil ? -1 : 20)
            if ready > 0 || (ready < 0 && errno != EINTR) { return }
        }
    }

    /// The largest file, packed or unpacked.
    public static let limit = 1 << 31

    package var remaining: Int { bytes.count - offset }

    func error(at offset: Int? = nil, _ problem: String, hint: String? = nil) -> NASError {
        NASError(name, at: offset ?? self.offset, problem, hint: hint)
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
