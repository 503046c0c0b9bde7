import Foundation

/// Writes files: in place of what was there, or at the end of it.
package enum FileReplacement {
    /// Whoever reads the file, even after a crash, finds all of the old bytes or all of the new: these go to a new file beside it, which
    /// then takes its name, owner and permissions. Links are followed, also to where nothing is yet. Where a new file cannot stand for the
    /// old one (it has several names or another owner, is mounted by itself, lies in a folder that may not be written, or is a device), the
    /// bytes are written into it. A file that may not be written stays as it is. Throws what the system refused, and
    /// `NASError.interrupted`.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        try World.act("writing '\(path)'") { try replace(path, with: bytes) }
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw SystemError(path.isEmpty ? ENOENT : EINVAL) }
        let target = try followingLinks(Array(path.utf8))
        var old = stat()
        let exists = target.withCString { stat($0, &old) } == 0
        if !exists, errno != ENOENT { throw SystemError(errno) }
        if exists, old.st_mode & S_IFMT == S_IFDIR { throw SystemError(EISDIR) }
        if exists, old.st_mode & S_IFMT != S_IFREG { return try writeInto(target, bytes) }
        if exists, target.withCString({ faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) }) != 0 { throw SystemError(errno) }
        if exists, old.st_nlink > 1 { return try overwrite(target, bytes, old) }

        let start = temporaryStart(of: target)
        // Several writers, in this process too, may be at work on one path.
        let temporary = start + Array(String(format: "%016lx", UInt64.random(in: .min ... .max)).utf8) + ending
        let descriptor = temporary.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else {
            let code = errno
            if exists, [EACCES, EPERM, EROFS].contains(code) { return try overwrite(target, bytes, old) }
            throw SystemError(code)
        }
        var isFinished = false
        defer {
            close(descriptor)
            if !isFinished { _ = temporary.withCString { unlink($0) } }
        }
        flock(descriptor, LOCK_EX)
        if exists {
            var new = stat()
            guard fstat(descriptor, &new) == 0 else { throw SystemError(errno) }
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid), fchown(descriptor, old.st_uid, old.st_gid) != 0 {
                return try overwrite(target, bytes, old)
            }
            fchmod(descriptor, old.st_mode & 0o7777)
        }
        try writeAll(bytes, to: descriptor, mayWait: false)
        guard fsync(descriptor) == 0 else { throw SystemError(errno) }
        guard temporary.withCString({ from in target.withCString { rename(from, $0) } }) == 0 else {
            let code = errno
            if exists, [EBUSY, EXDEV, EACCES, EPERM].contains(code) { return try overwrite(target, bytes, old) }
            throw SystemError(code)
        }
        isFinished = true
        removeAbandoned(start)
    }

    /// Writes to the end of a file, which is made where there is none: all of it or nothing.
    package static func append(_ bytes: [UInt8], to path: String, mode: mode_t = 0o666) throws {
        try World.act("writing '\(path)'") { try add(bytes, to: path, mode) }
    }

    private static func add(_ bytes: [UInt8], to path: String, _ mode: mode_t) throws {
        guard !path.utf8.contains(0) else { throw SystemError(EINVAL) }
        // Without waiting for a reader of a pipe that has none.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode)
        guard descriptor >= 0 else { throw SystemError(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return try writeAll(bytes, to: descriptor, mayWait: true)
        }
        // Others that append wait, so that what a full disk cut off can be taken back.
        flock(descriptor, LOCK_EX)
        guard fstat(descriptor, &status) == 0 else { throw SystemError(errno) }
        do {
            try writeAll(bytes, to: descriptor, mayWait: false)
        } catch {
            _ = ftruncate(descriptor, status.st_size)
            throw error
        }
    }

    // MARK: - Links

    /// The path with the links at its end followed.
    private static func followingLinks(_ path: [UInt8]) throws -> [UInt8] {
        var path = path
        for _ in 0..<40 {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = path.withCString { readlink($0, &buffer, buffer.count) }
            guard length > 0 else { return path }
            let link = buffer.prefix(length).map { UInt8(bitPattern: $0) }
            path = link.first == UInt8(ascii: "/") ? link : folder(of: path) + link
        }
        throw SystemError(ELOOP)
    }

    /// Up to the last slash.
    private static func folder(of path: [UInt8]) -> [UInt8] { path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[...$0]) } ?? [] }

    // MARK: - New files

    private static let ending = Array(".new".utf8)

    /// What the new files beside a path begin with. A name can have 255 bytes.
    private static func temporaryStart(of path: [UInt8]) -> [UInt8] {
        let folder = folder(of: path)
        return folder + path[folder.count...].prefix(255 - 28) + Array(".padash-".utf8)
    }

    /// Whoever was killed on the way left its new file behind: nobody holds that one's lock, and nobody has written to it for a minute.
    private static func removeAbandoned(_ start: [UInt8]) {
        let folder = folder(of: start), name = start[folder.count...]
        guard let stream = folder.isEmpty ? opendir(".") : folder.withCString({ opendir($0) }) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let other = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { FileName(cString: $0).bytes }
            }
            guard other.starts(with: name), other.count == name.count + 16 + ending.count, other.suffix(ending.count).elementsEqual(ending),
                other.dropFirst(name.count).prefix(16).allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
            else { continue }
            let descriptor = (folder + other).withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
            guard descriptor >= 0 else { continue }
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_mtim.tv_sec < time(nil) - 60, flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                _ = (folder + other).withCString { unlink($0) }
            }
            close(descriptor)
        }
    }

    // MARK: - Files that stay what they are

    /// Writes over a file's bytes, having made sure of the room for them.
    private static func overwrite(_ path: [UInt8], _ bytes: [UInt8], _ old: stat) throws {
        let descriptor = path.withCString { open($0, O_WRONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw SystemError(errno) }
        defer { close(descriptor) }
        if bytes.count > Int(old.st_size) {
            let code = posix_fallocate(descriptor, old.st_size, off_t(bytes.count) - old.st_size)
            guard code == 0 || code == EOPNOTSUPP || code == EINVAL else {
                _ = ftruncate(descriptor, old.st_size)
                throw SystemError(code)
            }
        }
        try writeAll(bytes, to: descriptor, mayWait: false)
        guard ftruncate(descriptor, off_t(bytes.count)) == 0, fsync(descriptor) == 0 else { throw SystemError(errno) }
    }

    /// A terminal, a pipe or another device takes the bytes.
    private static func writeInto(_ path: [UInt8], _ bytes: [UInt8]) throws {
        let descriptor = path.withCString { open($0, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else { throw SystemError(errno) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, mayWait: true)
    }

    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, mayWait: Bool) throws {
        try bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                if mayWait { try FileBytes.waitFor(POLLOUT, descriptor) }
                let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, min(rest.count, 1 << 24))
                if written < 0, errno == EINTR || errno == EAGAIN { continue }
                guard written >= 0 else { throw SystemError(errno) }
                rest = rest.dropFirst(written)
            }
        }
    }
}

extension [UInt8] {
    /// A path's bytes as the system wants them.
    fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try (self + [0]).withUnsafeBufferPointer { buffer in
            try buffer.withMemoryRebound(to: CChar.self) { try body($0.baseAddress.unsafelyUnwrapped) }
        }
    }
}
