import Foundation
import Lang
import NASLib
import Text

/// What a command that runs no script has to say.
enum Report {
    /// Writes to standard output and gives the exit code.
    static func say(_ text: String) -> Int32 {
        switch Descriptors.write(Array((Descriptors.isOutputTerminal ? text.harmless : text).utf8), to: 1) {
        case nil: return 0
        case EPIPE: return ExitCode.brokenPipe
        case let failure?:
            complain("io error: standard output cannot be written: \(String(cString: strerror(failure)))")
            return ExitCode.runtimeError
        }
    }

    /// Puts a text in place of the file that is there, and gives the exit code.
    static func write(_ text: String, to path: String) -> Int32 { write(Array(text.utf8), to: path) }

    /// Puts bytes in place of the file that is there, and gives the exit code.
    static func write(_ bytes: [UInt8], to path: String) -> Int32 {
        do {
            try FileReplacement.write(bytes, to: path)
            return 0
        } catch {
            let reason = (error as? SystemError)?.reason ?? "\(error)"
            complain(
                [Diagnostic(.io, "'\(path)' cannot be written: \(reason)", at: nil,
                hint: FilePath.exists(FilePath.folder(path)) ? nil : "there is no folder '\(FilePath.folder(path))'")])
            return ExitCode.runtimeError
        }
    }

    static func complain(_ text: String) { show(text.harmless) }

    static func warn(_ text: String) { show("\(style.yellow("warning:")) \(text.harmless)") }

    static func complain(_ diagnostics: [Diagnostic]) {
        let width = Descriptors.isErrorTerminal ? Descriptors.width : 100
        show(style.diagnostics(diagnostics, width: width))
    }

    static func complain(_ mistake: Invocation.Mistake) {
        let hint = mistake.hint.map { "\n  \(style.cyan("hint: \($0.harmless)"))" } ?? ""
        show("\(style.red("usage error")): \(mistake.message.harmless)\(hint)")
    }

    private static func show(_ text: String) { _ = Descriptors.write(Array((text + "\n").utf8), to: 2) }

    private static let style = Style.error
}
