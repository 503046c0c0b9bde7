import Foundation
import Text

/// What the system says of paths.
extension FilePath {
    // MARK: - Places

    /// The path from the root on, without `.` and `..`. Throws where the working folder is gone.
    package static func absolute(_ path: String) throws -> String {
        var kept: [String] = []
        for part in parts(isAbsolute(path) ? path : joined(try workingFolder(), path)) where part != "." {
            if part == ".." { _ = kept.popLast() } else { kept.append(part) }
        }
        return "/" + kept.joined(separator: "/")
    }

    private static func workingFolder() throws -> String {
        let text = try World.text("the working folder") {
            let folder = getcwd(nil, 0)
            defer { free(folder) }
            guard let folder else { throw NASError(.file, "the working folder cannot be told: \(String(cString: strerror(errno)))") }
            let name = FileName(cString: folder)
            guard let text = name.text else { throw NASError(.file, "the path of the working folder is not UTF-8: \(name.shown)") }
            return text
        }
        return text ?? "/"
    }

    /// The one path of a file that has no links in it, by which files are told apart; nil where there is none.
    package static func real(_ path: String) -> String? {
        let real = try? World.name("looking for '\(path)'") {
            let real = realpath(path, nil)
            defer { free(real) }
            return real.map { FileName(cString: $0) }
        }
        return real?.text
    }

    /// The folder in which a file really lies, from which its imports start: that of what a link leads to.
    package static func importFolder(_ path: String) -> String {
        let folder = folder(path)
        guard let real = real(path), let realFolder = FilePath.real(folder), joined(realFolder, name(path)) != real else { return folder }
        return FilePath.folder(real)
    }

    /// The user's own folder.
    package static var home: String {
        if let home = environment("HOME"), !home.isEmpty { return (try? absolute(home)) ?? home }
        let home = try? World.name("the user's folder") { getpwuid(getuid())?.pointee.pw_dir.map { FileName(cString: $0) } }
        return home?.text ?? "/"
    }

    /// Where files go that nobody needs for long.
    package static var temporaryFolder: String { environment("TMPDIR").flatMap { isFolder($0) ? $0 : nil } ?? "/tmp" }

    /// With the user's folder in place of a `~` at its beginning.
    package static func expandingHome(_ path: String) -> String {
        path == "~" ? home : path.hasPrefix("~/") ? joined(home, String(path.dropFirst(2))) : path
    }

    /// A variable's value, where it is a text.
    package static func environment(_ name: String) -> String? { (try? World.variable(name))?.text }

    // MARK: - Files

    package static func exists(_ path: String) -> Bool { status(path) != nil }

    package static func isFolder(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

    package static func isPlainFile(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFREG } ?? false }

    private static func status(_ path: String) -> stat? {
        let status: stat?? = try? World.value("asking for '\(path)'") {
            var status = stat()
            return !path.utf8.contains(0) && stat(path, &status) == 0 ? status : nil
        }
        return status ?? nil
    }

    /// Why a file or folder may not be written to; nil where it may.
    package static func refusalToWrite(_ path: String) -> SystemError? {
        let code = (try? World.value("asking for '\(path)'") { access(path, W_OK) == 0 ? 0 : errno }) ?? EIO
        return code == 0 ? nil : SystemError(code)
    }

    /// How many bytes a file has. Throws the system's `errno`.
    package static func size(_ path: String) throws -> Int {
        try World.value("asking for '\(path)'") {
            var status = stat()
            guard stat(path, &status) == 0 else { throw SystemError(errno) }
            return Int(status.st_size)
        }
    }

    /// Removes a file or an empty folder.
    package static func remove(_ path: String) throws {
        try World.act("removing '\(path)'") { guard Foundation.remove(path) == 0 else { throw SystemError(errno) } }
    }

    /// Makes a folder, and those it lies in, unless it is there. Throws the system's `errno`.
    package static func makeFolder(_ path: String, mode: mode_t = 0o777) throws {
        try World.act("making '\(path)'") { try make(path, mode) }
    }

    private static func make(_ path: String, _ mode: mode_t) throws(SystemError) {
        guard !path.utf8.contains(0) else { throw SystemError(EINVAL) }
        var made = isAbsolute(path) ? "/" : ""
        for part in parts(path) {
            made += part + "/"
            guard mkdir(made, mode) == 0 || errno == EEXIST || errno == EISDIR else { throw SystemError(errno) }
        }
        guard isFolder(path) else { throw SystemError(path.isEmpty ? ENOENT : ENOTDIR) }
    }
}

extension FilePath {
    /// The names in a folder without `.` and `..`, in order. Stops where `Cancellation` asks for it.
    package static func names(in folder: String) throws -> [FileName] {
        try World.names("listing '\(folder)'") { try list(folder) }
    }

    private static func list(_ folder: String) throws -> [FileName] {
        guard !folder.utf8.contains(0), let stream = opendir(folder.isEmpty ? "." : folder) else {
            throw NASError(.file, "'\(folder)' cannot be listed: \(String(cString: strerror(folder.utf8.contains(0) ? EINVAL : errno)))")
        }
        defer { closedir(stream) }
        var status = stat()
        if fstat(dirfd(stream), &status) == 0, status.st_nlink == 0 { throw NASError(.file, "'\(folder)' cannot be listed: it is gone") }
        var names: [FileName] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { FileName(cString: $0) }
            }
            if name.bytes != [46], name.bytes != [46, 46] { names.append(name) }
            try Cancellation.check()
        }
        return names.sorted()
    }
}
