import Foundation
import Text

/// Gives files and folders another path.
package enum FileMove {
    /// A file that is there is replaced. To another file system what is moved is copied under a name of its own, then takes its place, and
    /// only then is removed here. Throws what the system refused, and `NASError.interrupted`.
    package static func move(_ path: String, to target: String) throws {
        try World.act("moving '\(path)'") { try moveHere(path, to: target) }
    }

    private static func moveHere(_ path: String, to target: String) throws {
        // The system may see the other file system first.
        guard !["", ".", ".."].contains(FilePath.name(path)) else { throw SystemError(path.isEmpty ? ENOENT : EBUSY) }
        if rename(path, target) == 0 { return }
        guard errno == EXDEV else { throw SystemError(errno) }
        let (folder, name) = (FilePath.folder(target), FilePath.name(target))
        let copy = FilePath.joined(
            folder, "\(name.utf8.count > 200 ? "" : name).padash-\(String(format: "%016lx", UInt64.random(in: .min ... .max))).new")
        do {
            try copyAll(path, to: copy)
            guard rename(copy, target) == 0 else { throw SystemError(errno) }
        } catch {
            removeAll(copy)
            throw error
        }
        removeAll(path)
    }

    private static func copyAll(_ path: String, to copy: String) throws {
        try Cancellation.check()
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemError(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: try copyFile(path, to: copy)
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            guard readlink(path, &buffer, buffer.count - 1) >= 0, symlink(buffer, copy) == 0 else { throw SystemError(errno) }
            return
        case S_IFDIR:
            guard mkdir(copy, 0o700) == 0 else { throw SystemError(errno) }
            for name in try FilePath.names(in: path) {
                guard let name = name.text else { throw SystemError(EILSEQ) }
                try copyAll(FilePath.joined(path, name), to: FilePath.joined(copy, name))
            }
        default: throw SystemError(EXDEV)
        }
        _ = lchown(copy, status.st_uid, status.st_gid)
        guard chmod(copy, status.st_mode & 0o7777) == 0 else { throw SystemError(errno) }
        var times = [status.st_atim, status.st_mtim]
        utimensat(AT_FDCWD, copy, &times, 0)
    }

    private static func copyFile(_ path: String, to copy: String) throws {
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard source >= 0 else { throw SystemError(errno) }
        defer { close(source) }
        let target = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw SystemError(errno) }
        defer { close(target) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            try Cancellation.check()
            let got = read(source, &buffer, buffer.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw SystemError(errno) }
            if got == 0 { break }
            try FileReplacement.writeAll(Array(buffer[..<got]), to: target, mayWait: false)
        }
        guard fsync(target) == 0 else { throw SystemError(errno) }
    }

    /// A file, a link or a folder with all that is in it, as far as may be.
    package static func removeAll(_ path: String) {
        var status = stat()
        guard remove(path) != 0, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
        for name in (try? FilePath.names(in: path)) ?? [] { if let name = name.text { removeAll(FilePath.joined(path, name)) } }
        _ = remove(path)
    }
}
