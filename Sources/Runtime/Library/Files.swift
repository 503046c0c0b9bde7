import Foundation
import Lang

extension Library {
    static let files: [Builtin] = [
        .fn("read_text", "path", "The text in a file.", "write_text(\"/tmp/padash-read.txt\", \"a\\n\")\nread_text(\"/tmp/padash-read.txt\")  # => \"a\\n\"") { call in
            let path = try call.text(0)
            do throws(Diagnostic) {
                return call.string(try SourceFile.read(path, shownAs: path))
            } catch {
                throw RuntimeError(error.kind, error.message, hint: error.hint, argument: 0)
            }
        },
        .fn("write_text", "path, text", "Writes a text to a file, in place of what was there: all of it or nothing.", "write_text(\"/tmp/padash-write.txt\", \"a\")") { call in
            let (path, text) = (try call.text(0), try call.text(1))
            try replaceFile(path, with: Array(text.utf8))
            return .nil
        },
        .fn("append_text", "path, text", "Writes a text to the end of a file, which is made where there is none.",
            "append_text(\"/tmp/padash-append.txt\", \"more\")") { call in
            let (path, text) = (try call.text(0), try call.text(1))
            guard let file = fopen(path, "a") else { throw cannotWrite(path, String(cString: strerror(errno))) }
            let bytes = Array(text.utf8)
            let written = fwrite(bytes, 1, bytes.count, file)
            guard fclose(file) == 0, written == bytes.count else { throw cannotWrite(path, String(cString: strerror(errno))) }
            return .nil
        },
        .fn("exists", "path", "Whether there is a file or folder.", "exists(\"/no/such/file\")  # => false") { call in
            .bool(FileManager.default.fileExists(atPath: try call.text(0)))
        },
        .fn("env", "name", "The value of an environment variable, or nil.", "env(\"NO_SUCH_VARIABLE\")  # => nil") { call in
            ProcessInfo.processInfo.environment[try call.text(0)].map(call.string) ?? .nil
        },
        .fn("clock", "", "Seconds since some moment in the past: for measuring how long something takes.", "let start = clock()\nclock() >= start  # => true") { _ in
            .float(Double(DispatchTime.now().uptimeNanoseconds) / 1e9)
        },
    ]

    /// Writes bytes in place of what was in a file, whose path is the first argument.
    static func replaceFile(_ path: String, with bytes: [UInt8]) throws {
        do throws(FileReplacement.Failure) {
            try FileReplacement.write(bytes, to: path)
        } catch {
            throw cannotWrite(path, error.reason)
        }
    }

    private static func cannotWrite(_ path: String, _ reason: String) -> RuntimeError {
        let folder = SourceFile.folder(of: path)
        let isMissing = !FileManager.default.fileExists(atPath: folder)
        return RuntimeError(.io, "'\(path)' cannot be written: \(reason)", hint: isMissing ? "there is no folder '\(folder)'" : nil, argument: 0)
    }
}
