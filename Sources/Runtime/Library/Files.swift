import Foundation
import Lang
import NASLib

extension Library {
    static let files: [Builtin] = [
        // Text
        .fn("read_text", "path", "The text in a file.", "write_text(\"/tmp/padash-read.txt\", \"a\\n\")\nread_text(\"/tmp/padash-read.txt\")  # => \"a\\n\"") { call in
            call.string(try readFile(0, call))
        },
        .fn("read_lines", "path", "The lines of the text in a file, without their ends.", "write_text(\"/tmp/padash-lines.txt\", \"a\\nb\\n\")\nread_lines(\"/tmp/padash-lines.txt\")  # => [\"a\", \"b\"]") { call in
            let text = try readFile(0, call)
            return try call.list(try call.vm.searching(text) { lines(of: text) })
        },
        .fn("write_text", "path, text", "Writes a text to a file, in place of what was there: all of it or nothing.", "write_text(\"/tmp/padash-write.txt\", \"a\")") { call in
            try replaceFile(try call.filePath(0), with: Array(try call.text(1).utf8))
            return .nil
        },
        .fn("append_text", "path, text", "Writes a text to the end of a file, which is made where there is none.",
            "append_text(\"/tmp/padash-append.txt\", \"more\")") { call in
            let path = try call.filePath(0)
            guard append(Array(try call.text(1).utf8), to: path) else { throw refused("written", path) }
            return .nil
        },

        // Files and folders
        .fn("exists", "path", "Whether there is a file or folder.", "exists(\"/no/such/file\")  # => false") { call in
            .bool(FileManager.default.fileExists(atPath: try call.filePath(0)))
        },
        .fn("is_folder", "path", "Whether there is a folder.", "is_folder(\"/tmp\")  # => true") { call in
            var isFolder: ObjCBool = false
            return .bool(FileManager.default.fileExists(atPath: try call.filePath(0), isDirectory: &isFolder) && isFolder.boolValue)
        },
        .fn("file_size", "path", "How many bytes a file has.", "write_text(\"/tmp/padash-size.txt\", \"abc\")\nfile_size(\"/tmp/padash-size.txt\")  # => 3") { call in
            let path = try call.filePath(0)
            var status = stat()
            guard stat(path, &status) == 0 else { throw refused("read", path) }
            return .int(Int(status.st_size))
        },
        .fn("list_files", "folder: \".\", pattern: \"*\"", "The names of the files and folders in a folder that fit a pattern, in order: `*` stands for any characters, `?` for one.",
            "make_folder(\"/tmp/padash-list\")\nwrite_text(\"/tmp/padash-list/a.csv\", \"\")\nlist_files(\"/tmp/padash-list\", \"*.csv\")  # => [\"a.csv\"]") { call in
            let (folder, pattern) = (call.has(0) ? try call.filePath(0) : ".", try call.text(1, default: "*"))
            guard let stream = opendir(folder) else { throw refused("listed", folder) }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
                if name != ".", name != "..", fnmatch(pattern, name, FNM_PERIOD) == 0 { names.append(name) }
                try call.vm.checkInterruption()
            }
            return try call.list(names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        },
        .fn("make_folder", "path", "Makes a folder, and those it lies in, unless it is there.", "make_folder(\"/tmp/padash-made/inner\")\nis_folder(\"/tmp/padash-made/inner\")  # => true") { call in
            let path = try call.filePath(0)
            var made = path.hasPrefix("/") ? "/" : ""
            for part in path.split(separator: "/") {
                made += part + "/"
                guard mkdir(made, 0o777) == 0 || errno == EEXIST || errno == EISDIR else { throw refused("made", path) }
            }
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                errno = ENOTDIR
                throw refused("made", path)
            }
            return .nil
        },
        .fn("remove_file", "path", "Removes a file or an empty folder.", "write_text(\"/tmp/padash-gone.txt\", \"\")\nremove_file(\"/tmp/padash-gone.txt\")\nexists(\"/tmp/padash-gone.txt\")  # => false") { call in
            let path = try call.filePath(0)
            guard Foundation.remove(path) == 0 else { throw refused("removed", path) }
            return .nil
        },
        .fn("move_file", "path, to", "Gives a file or folder another path; a file that is there is replaced.",
            "write_text(\"/tmp/padash-old.txt\", \"a\")\nmove_file(\"/tmp/padash-old.txt\", \"/tmp/padash-new.txt\")\nread_text(\"/tmp/padash-new.txt\")  # => \"a\"") { call in
            let (path, target) = (try call.filePath(0), try call.filePath(1))
            guard rename(path, target) == 0 else { throw refused("moved to '\(target)'", path) }
            return .nil
        },

        // Paths as texts
        .fn("join_path", "...parts", "The parts as one path, with `/` between; an absolute part begins it anew.", "join_path(\"runs\", \"a.csv\")  # => \"runs/a.csv\"") { call in
            var path = ""
            for part in call.rest(0) {
                guard part.tag == .string else { throw RuntimeError(.type, "a path's parts are strings, not \(part.typePhrase)", argument: 0) }
                let text = part.asString.text
                path = path.isEmpty || text.hasPrefix("/") ? text : text.isEmpty ? path : path.hasSuffix("/") ? path + text : path + "/" + text
                try Limit.check(bytes: path.utf8.count)
            }
            return call.string(path)
        },
        .fn("base_name", "path", "The last part of a path.", "base_name(\"runs/a.csv\")  # => \"a.csv\"") { call in call.string(baseName(try call.text(0))) },
        .fn("stem", "path", "The last part of a path without its extension.", "stem(\"runs/a.csv\")  # => \"a\"") { call in
            let name = baseName(try call.text(0))
            return call.string(String(name.dropLast(fileExtension(name).count)))
        },
        .fn("extension", "path", "What the last part of a path has from its last point on; a point at its start does not count.", "extension(\"runs/a.csv\")  # => \".csv\"") { call in
            call.string(fileExtension(baseName(try call.text(0))))
        },
        .fn("parent_folder", "path", "The folder that a path lies in.", "parent_folder(\"runs/a.csv\")  # => \"runs\"") { call in
            let path = try call.text(0)
            let trimmed = withoutEndSlashes(path)
            guard let slash = trimmed.lastIndex(of: "/") else { return call.string(path.hasPrefix("/") ? "/" : ".") }
            return call.string(slash == trimmed.startIndex ? "/" : withoutEndSlashes(String(trimmed[..<slash])))
        },
        .fn("absolute_path", "path", "The path from the root on, without `.` and `..`.", "absolute_path(\"/tmp/../tmp/a\")  # => \"/tmp/a\"") { call in
            let path = try call.text(0)
            var parts: [Substring] = []
            for part in (path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path).split(separator: "/") where part != "." {
                if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
            }
            return call.string("/" + parts.joined(separator: "/"))
        },
        .fn("env", "name", "The value of an environment variable, or nil.", "env(\"NO_SUCH_VARIABLE\")  # => nil") { call in
            ProcessInfo.processInfo.environment[try call.text(0)].map(call.string) ?? .nil
        },
    ]

    // MARK: - Reading and writing whole files

    /// Work that reads a file.
    static func reading<Contents: Sendable>(_ path: String, _ work: @escaping @Sendable () throws -> Contents) throws -> Contents {
        var status = stat()
        return try Cancellation.abandoning(when: stat(path, &status) == 0 && status.st_size >= 1 << 20, work)
    }

    /// The text of the file that an argument names.
    static func readFile(_ index: Int, _ call: Call) throws -> String {
        let path = try call.filePath(index)
        let text = try reading(path) { Result { () throws(Diagnostic) in try SourceFile.read(path, shownAs: path) } }
        do throws(Diagnostic) {
            return try text.get()
        } catch {
            throw RuntimeError(error.kind, error.message, hint: error.hint, argument: index)
        }
    }

    /// Writes to the end of a file. False where it cannot be done, for the reason that `errno` then has.
    static func append(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "a") else { return false }
        let written = fwrite(bytes, 1, bytes.count, file)
        return fclose(file) == 0 && written == bytes.count
    }

    /// Writes bytes in place of what was in a file, whose path is the first argument.
    static func replaceFile(_ path: String, with bytes: [UInt8]) throws {
        do throws(FileReplacement.Failure) {
            try FileReplacement.write(bytes, to: path)
        } catch {
            throw refused("written", path, error.reason)
        }
    }

    /// What the system says, in `errno` unless it is given.
    private static func refused(_ action: String, _ path: String, _ reason: String = String(cString: strerror(errno))) -> RuntimeError {
        let folder = SourceFile.folder(of: path)
        let isMissing = !FileManager.default.fileExists(atPath: folder)
        return RuntimeError(.io, "'\(path)' cannot be \(action): \(reason)", hint: isMissing ? "there is no folder '\(folder)'" : nil, argument: 0)
    }

    static func lines(of text: String) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    // MARK: - Paths

    private static func withoutEndSlashes(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func baseName(_ path: String) -> String { withoutEndSlashes(path).split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? "" }

    private static func fileExtension(_ name: String) -> String {
        guard let point = name.lastIndex(of: "."), name[..<point].contains(where: { $0 != "." }) else { return "" }
        return String(name[point...])
    }
}
