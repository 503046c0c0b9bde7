import Foundation

/// Writes a file in place of another: whoever reads it, even after a crash, finds all of the old one or all of the new.
public enum FileReplacement {
    /// What the system refused, as its `errno`.
    public struct Failure: Error {
        public let code: Int32
        public var reason: String { String(cString: strerror(code)) }
    }

    /// The bytes go to a new file beside it, which then takes its name and permissions. A link is followed.
    public static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let target = realpath(path, nil)
        defer { free(target) }
        let path = target.map { String(cString: $0) } ?? path
        var old = stat()
        let exists = stat(path, &old) == 0
        if exists, old.st_mode & S_IFMT == S_IFDIR { throw Failure(code: EISDIR) }
        if exists, old.st_mode & S_IFMT != S_IFREG { return try writeInPlace(bytes, path) }
        // Several writers, in this process too, may be at work on one path.
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        flock(descriptor, LOCK_EX)
        if exists { fchmod(descriptor, old.st_mode & 0o7777) }
        var code = writeAll(bytes, to: descriptor)
        if code == 0, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, rename(temporary, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(temporary)
            throw Failure(code: code)
        }
        removeAbandoned(besides: path)
    }

    /// Whoever was killed on the way left its new file behind: nobody holds that one's lock, and nobody has written to it for a minute.
    private static func removeAbandoned(besides path: String) {
        let folder = (path as NSString).deletingLastPathComponent, start = (path as NSString).lastPathComponent + "."
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        where name.hasPrefix(start) && name.hasSuffix(".new") && UInt64(name.dropFirst(start.count).dropLast(4)) != nil {
            let other = (folder as NSString).appendingPathComponent(name)
            guard let changed = try? files.attributesOfItem(atPath: other)[.modificationDate] as? Date, changed.timeIntervalSinceNow < -60 else { continue }
            let descriptor = open(other, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(other) }
            close(descriptor)
        }
    }

    /// A terminal, a pipe or another device takes the bytes, and stays what it is.
    private static func writeInPlace(_ bytes: [UInt8], _ path: String) throws(Failure) {
        // Without waiting for a reader of a pipe that has none.
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        _ = fcntl(descriptor, F_SETFL, 0)
        var code = writeAll(bytes, to: descriptor)
        if close(descriptor) != 0, code == 0 { code = errno }
        guard code == 0 else { throw Failure(code: code) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written >= 0 else { return errno }
                rest = rest.dropFirst(written)
            }
            return 0
        }
    }
}
