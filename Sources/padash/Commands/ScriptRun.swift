import Foundation
import Lang
import Library
import Runtime

/// Runs one script from beginning to end.
struct ScriptRun {
    var source: Source
    var arguments: [String]
    /// What its relative imports start from.
    var directory: String

    /// Gives the exit code.
    func run() -> Int32 {
        var options = Session.Options()
        options.arguments = arguments
        options.directory = directory
        options.width = Descriptors.width
        let session = Session(options: options)
        let console = Console(onFailure: { session.interrupt() })
        let presses = Presses()
        Signals.watch([SIGINT]) { _ in
            // A built-in that takes long may not listen; the second time is final.
            if presses.add() > 1 { _exit(ExitCode.interrupted) }
            session.interrupt()
        }
        let outcome = session.run(source) { console.show($0) }
        console.finish()
        if let failure = console.outputFailure {
            if failure == EPIPE { return ExitCode.brokenPipe }
            console.writeError(line: "io error: standard output cannot be written: \(String(cString: strerror(failure)))")
            return ExitCode.runtimeError
        }
        return ExitCode.of(outcome)
    }
}

enum ExitCode {
    static let runtimeError: Int32 = 1
    /// `padash fmt --check` found something to change, or `padash check --strict` something to warn of.
    static let notClean: Int32 = 1
    static let usage: Int32 = 2
    static let interrupted: Int32 = 130
    /// What a shell sees of a program that SIGPIPE ended.
    static let brokenPipe: Int32 = 141

    static func of(_ outcome: CellOutcome) -> Int32 {
        switch outcome {
        case .finished: 0
        case .runtimeError: runtimeError
        case .syntaxError: usage
        case .interrupted: interrupted
        case .exit(let code): code
        }
    }
}
