import Foundation
import Lang
import NASLib
import Runtime
import Text

extension Library {
    static let files: [Builtin] = [
        // Text
        .fn("read_text", "path", "The contents of a text file.",
            """
            write_text("{temporary_folder()}/read.txt", "a\\n")
            read_text("{temporary_folder()}/read.txt")  # => "a\\n"
            """) { call in
            call.string(try readFile(0, call))
        },
        .fn("read_lines", "path", "The lines of a text file, without their line breaks.",
            """
            write_text("{temporary_folder()}/lines.txt", "a\\nb\\n")
            read_lines("{temporary_folder()}/lines.txt")  # => ["a", "b"]
            """) { call in
            let text = try readFile(0, call)
            return try call.list(try call.vm.searching(text) { try lines(of: text) })
        },
        .fn("write_text", "path, text", "Writes a text to a file and replaces its contents, atomically.",
            "write_text(\"{temporary_folder()}/write.txt\", \"a\")") { call in
            try replaceFile(try call.filePath(0), with: Array(try call.text(1).utf8))
            return .nil
        },
        .fn("append_text", "path, text", "Appends a text to a file, which is created if it does not exist.",
            "append_text(\"{temporary_folder()}/append.txt\", \"more\")") { call in
            try append(Array(try call.text(1).utf8), to: try call.filePath(0))
            return .nil
        },

        // Files and folders
        .fn("exists", "path", "Whether a file or folder exists at the path.", "exists(\"/no/such/file\")  # => false") { call in
            .bool(FilePath.exists(try call.filePath(0)))
        },
        .fn("is_folder", "path", "Whether a folder exists at the path.", "is_folder(\"/tmp\")  # => true") { call in
            .bool(FilePath.isFolder(try call.filePath(0)))
        },
        .fn("file_size", "path", "The size of a file in bytes.",
            "write_text(\"{temporary_folder()}/size.txt\", \"abc\")\nfile_size(\"{temporary_folder()}/size.txt\")  # => 3") { call in
            let path = try call.filePath(0)
            return try doing("read", path) { .int(try FilePath.size(path)) }
        },
        .fn("list_files", "folder: \".\", pattern: \"*\"",
            "The names of the files and folders in a folder that match a pattern, sorted: `*` matches any characters, `?` one character.",
            """
            make_folder("{temporary_folder()}/list")
            write_text("{temporary_folder()}/list/a.csv", "")
            list_files("{temporary_folder()}/list", "*.csv")  # => ["a.csv"]
            """) { call in
            let (folder, pattern) = (try call.filePath(0), try call.text(1))
            let wildcards = Wildcards(pattern)
            return try call.list(try FilePath.names(in: folder).compactMap { name in
                guard wildcards.match(name.shown) else { return nil }
                guard let text = name.text else {
                    throw NASError(.file, "'\(folder)' has a name that is not UTF-8: '\(name.shown)'",
                        hint: "no string can hold it: rename it, or list the others by a pattern")
                }
                return text
            })
        },
        .fn("make_folder", "path", "Creates a folder and its parent folders, if they do not exist yet.",
            "make_folder(\"{temporary_folder()}/made/inner\")\nis_folder(\"{temporary_folder()}/made/inner\")  # => true") { call in
            let path = try call.filePath(0)
            try doing("made", path) { try FilePath.makeFolder(path) }
            return .nil
        },
        .fn("temporary_folder", "",
            """
            A folder for the temporary files of this run: the same at each call, empty at first, and removed when padash ends.
            """,
            """
            let path = join_path(temporary_folder(), "a.txt")
            write_text(path, "a")
            list_files(temporary_folder())  # => ["a.txt"]
            """) { call in
            call.string(try call.vm.options.temporaryFolder())
        },
        .fn("remove_file", "path", "Removes a file or an empty folder.",
            """
            write_text("{temporary_folder()}/gone.txt", "")
            remove_file("{temporary_folder()}/gone.txt")
            exists("{temporary_folder()}/gone.txt")  # => false
            """) { call in
            let path = try call.filePath(0)
            try doing("removed", path) { try FilePath.remove(path) }
            return .nil
        },
        .fn("move_file", "path, to", "Moves or renames a file or folder; an existing file at the new path is replaced.",
            """
            write_text("{temporary_folder()}/old.txt", "a")
            move_file("{temporary_folder()}/old.txt", "{temporary_folder()}/new.txt")
            read_text("{temporary_folder()}/new.txt")  # => "a"
            """) { call in
            let (path, target) = (try call.filePath(0), try call.filePath(1))
            try doing("moved to '\(target)'", path) { try FileMove.move(path, to: target) }
            return .nil
        },

        // Paths as texts
        .fn("join_path", "...parts", "The parts joined to one path with `/`; an absolute part replaces all parts before it.",
            "join_path(\"runs\", \"a.csv\")  # => \"runs/a.csv\"") { call in
            var path = ""
            for part in call.rest(0) {
                guard part.tag == .string else {
                    throw RuntimeError(.type, "a path's parts are strings, not \(part.typePhrase)", argument: 0)
                }
                let text = part.asString.text
                path = FilePath.joined(path, text)
                try Limit.check(bytes: path.utf8.count)
            }
            return call.string(path)
        },
        .fn("base_name", "path", "The last part of a path.", "base_name(\"runs/a.csv\")  # => \"a.csv\"") { call in
            call.string(FilePath.name(try call.text(0)))
        },
        .fn("stem", "path", "The last part of a path without its extension.", "stem(\"runs/a.csv\")  # => \"a\"") { call in
            call.string(FilePath.stem(try call.text(0)))
        },
        .fn("extension", "path",
            "The extension of a path: its last part from the last dot on. A dot at the start of the name does not count.",
            "extension(\"runs/a.csv\")  # => \".csv\"") { call in
            call.string(FilePath.fileExtension(try call.text(0)))
        },
        .fn("parent_folder", "path", "The folder that contains the path.", "parent_folder(\"runs/a.csv\")  # => \"runs\"") { call in
            call.string(FilePath.folder(try call.text(0)))
        },
        .fn("absolute_path", "path", "The path from the root, without `.` and `..`.",
            "absolute_path(\"/tmp/../tmp/a\")  # => \"/tmp/a\"") { call in
            call.string(try FilePath.absolute(try call.text(0)))
        },
        .fn("env", "name", "The value of an environment variable, or nil.", "env(\"NO_SUCH_VARIABLE\")  # => nil") { call in
            let name = try call.text(0)
            guard !name.isEmpty, !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") }) else { return .nil }
            guard let value = try World.variable(name) else { return .nil }
            guard let text = value.text else { throw RuntimeError(.value, "the environment variable '\(name)' is not UTF-8", argument: 0) }
            return call.string(text)
        },
    ]

    // MARK: - Reading and writing whole files

    /// Work that reads files and makes something of them, which is left when it is to stop. Datasets in folders look by themselves.
    static func reading<Contents: Sendable>(_ paths: String..., work: @escaping @Sendable () throws -> Contents) throws -> Contents {
        try Cancellation.abandoning(when: paths.contains(where: FileBytes.isLong), work)
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

    /// Writes to the end of a file, whose path is the first argument.
    static func append(_ bytes: [UInt8], to path: String) throws {
        try doing("written", path) { try FileReplacement.append(bytes, to: path) }
    }

    /// Writes bytes in place of what was in a file, whose path is the first argument.
    static func replaceFile(_ path: String, with bytes: [UInt8]) throws {
        try doing("written", path) { try FileReplacement.write(bytes, to: path) }
    }

    /// Does something with a file or folder, whose path is the first argument.
    private static func doing<Result>(_ action: String, _ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SystemError {
            let folder = FilePath.folder(path)
            throw RuntimeError(.io, "'\(path)' cannot be \(action): \(error.reason)",
                hint: FilePath.exists(folder) ? nil : "there is no folder '\(folder)'", argument: 0)
        }
    }

    static func lines(of text: String) throws -> [String] {
        // Of each line the part of the text, the text of its own, and the buffers of both as they double.
        let ends = text.unicodeScalars.reduce(0) { $0 + (Character($1).isNewline ? 1 : 0) }
        try MemoryAccount.ask(ends * 160 + text.utf8.count)
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// A pattern of names, in which `*` stands for any characters and `?` for one. A point at the start stands for itself only.
struct Wildcards {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern) }

    func match(_ name: String) -> Bool {
        let name = Array(name)
        if name.first == ".", pattern.first != "." { return false }
        var (i, j) = (0, 0)
        // Where the last `*` stands, and up to where it reaches.
        var star: (pattern: Int, name: Int)?
        while j < name.count {
            if i < pattern.count, pattern[i] == "*" {
                star = (i, j)
                i += 1
            } else if i < pattern.count, pattern[i] == "?" || pattern[i].utf8.elementsEqual(name[j].utf8) {
                (i, j) = (i + 1, j + 1)
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                (i, j) = (last.pattern + 1, last.name + 1)
            } else {
                return false
            }
        }
        return pattern[i...].allSatisfy { $0 == "*" }
    }
}
