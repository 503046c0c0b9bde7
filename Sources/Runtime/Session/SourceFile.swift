import Foundation
import Lang
import NASLib
import Text

/// Source files as text.
package enum SourceFile {
    /// Reads a file; `shownAs` is its name as the user wrote it.
    package static func read(_ path: String, shownAs name: String) throws(Diagnostic) -> String {
        let file: FileBytes
        do {
            file = try FileBytes(path, limit: Limit.bytes)
        } catch let error as NASError {
            if error.kind == .memory { throw tooLarge(name, error) }
            let hint = error.hint ?? (error.kind != .file || FilePath.exists(path) ? nil : hint(path))
            throw Diagnostic(error.runtimeError.kind, error.message.replacing("'\(path)'", with: "'\(name)'"), at: nil, hint: hint)
        } catch {
            throw Diagnostic(.io, "\(error)", at: nil)
        }
        return try text(of: file.bytes, shownAs: name)
    }

    /// Reads all of standard input.
    package static func readInput() throws(Diagnostic) -> String {
        do {
            return try text(of: try World.input(limit: Limit.bytes), shownAs: "<stdin>")
        } catch let error as NASError {
            let message = error.kind == .memory ? "standard input is too long: \(error.message)" : error.message
            throw Diagnostic(error.runtimeError.kind, message, at: nil, hint: error.hint)
        } catch let error as Diagnostic {
            throw error
        } catch {
            throw Diagnostic(.io, "\(error)", at: nil)
        }
    }

    private static func tooLarge(_ name: String, _ error: NASError) -> Diagnostic {
        Diagnostic(.limit, "'\(name)' is too large: \(error.message)", at: nil, hint: error.hint)
    }

    /// Bytes of a file as text.
    package static func text(of data: [UInt8], shownAs name: String) throws(Diagnostic) -> String {
        do {
            // The text, and the string of the language or the tokens that are made of it.
            try MemoryAccount.ask(2 * data.count)
        } catch let error as NASError {
            throw tooLarge(name, error)
        } catch {
            throw Diagnostic(.limit, "\(error)", at: nil)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            let offset = invalidOffset(data)
            throw Diagnostic(.io, "'\(name)' is not UTF-8 text: byte \(offset) cannot be read", at: nil, hint: "save the file as UTF-8")
        }
        return text
    }

    /// A file of a similar name beside it.
    private static func hint(_ path: String) -> String? {
        let siblings = ((try? FilePath.names(in: FilePath.folder(path))) ?? []).compactMap(\.text)
        return Suggestion.nearest(to: FilePath.name(path), among: siblings).map { "did you mean '\($0)'?" }
    }

    private static func invalidOffset(_ data: [UInt8]) -> Int {
        var decoder = UTF8()
        var consumed = 0
        var iterator = data.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): consumed += UTF8.width(scalar)
            case .emptyInput, .error: return consumed
            }
        }
    }
}
