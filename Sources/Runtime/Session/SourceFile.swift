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
        } catch let error as FileError {
            throw Diagnostic(error.isTooLong ? .limit : .io, error.message.replacing("'\(path)'", with: "'\(name)'"), at: nil,
                hint: error.hint ?? (FilePath.exists(path) ? nil : hint(path)))
        } catch let error as SizeError {
            throw tooLarge(name, error)
        } catch let error as RanksError {
            throw Diagnostic(.ranks, error.message, at: nil, hint: error.hint)
        } catch {
            throw interruption
        }
        return try text(of: file.bytes, shownAs: name)
    }

    /// Reads all of standard input.
    package static func readInput() throws(Diagnostic) -> String {
        do {
            return try text(of: try World.input(limit: Limit.bytes), shownAs: "<stdin>")
        } catch let error as FileError {
            throw Diagnostic(error.isTooLong ? .limit : .io, error.message, at: nil)
        } catch let error as SizeError {
            throw Diagnostic(.limit, "standard input is too long: \(error.message)", at: nil, hint: error.hint)
        } catch let error as Diagnostic {
            throw error
        } catch let error as RanksError {
            throw Diagnostic(.ranks, error.message, at: nil, hint: error.hint)
        } catch {
            throw interruption
        }
    }

    private static func tooLarge(_ name: String, _ error: SizeError) -> Diagnostic {
        Diagnostic(.limit, "'\(name)' is too large: \(error.message)", at: nil, hint: error.hint)
    }

    private static var interruption: Diagnostic { Diagnostic(.interrupted, Interrupted().runtimeError.message, at: nil) }

    /// Bytes of a file as text.
    package static func text(of data: [UInt8], shownAs name: String) throws(Diagnostic) -> String {
        do throws(SizeError) {
            // The text, and the string of the language or the tokens that are made of it.
            try MemoryAccount.ask(2 * data.count)
        } catch {
            throw tooLarge(name, error)
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
