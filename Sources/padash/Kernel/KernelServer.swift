import Foundation
import Lang
import Library
import Runtime

/// `padash kernel serve`: what a Jupyter kernel needs of a session, spoken in lines of JSON.
///
/// Each request is an object with an `operation`; its replies are objects with a `type`, the last of which is `done`:
///
///     execute     code, number, isSilent → text, value, display, page, progress, warning, error …, done with a status
///     complete    code, cursor           → done with matches and the start of what they replace
///     inspect     code, cursor           → done with text, empty where nothing is known
///     isComplete  code                   → done with completeness
///     history                            → done with entries
///
/// What is no request is answered by an error. Positions count characters as Python does (Unicode scalars). SIGINT stops the running
/// cell; `exit` and the end of the input end the server.
final class KernelServer: Sendable {
    private let session: Session
    private let history = HistoryFile()

    init() {
        var options = Session.Options()
        options.allowsRedeclaration = true
        options.remembersValues = true
        options.width = 100
        session = Session(options: options)
    }

    /// Gives the exit code.
    func run() -> Int32 {
        Signals.watch([SIGINT]) { [session] _ in session.interrupt() }
        while let line = readLine() {
            // What came while nothing ran had nothing to stop.
            session.forgetInterruption()
            guard let request = Request(line) else {
                let mistake = Reply(mistake: "a request is an object with an operation, not \(line.prefix(200))")
                guard reply(mistake), reply(Reply(type: .done, status: "error")) else { return ExitCode.brokenPipe }
                continue
            }
            if request.operation == .execute {
                let outcome = execute(request)
                guard reply(Reply(type: .done, status: KernelServer.status(of: outcome))) else { return ExitCode.brokenPipe }
                if case .exit(let code) = outcome { return code }
            } else {
                guard reply(answer(request)) else { return ExitCode.brokenPipe }
            }
        }
        return 0
    }

    private static func status(of outcome: CellOutcome) -> String {
        if case .exit = outcome { return "exit" }
        return outcome == .finished ? "ok" : "error"
    }

    private func answer(_ request: Request) -> Reply {
        let code = request.code
        let scalars = code.unicodeScalars.prefix(max(0, request.cursor ?? .max))
        let before = String(String.UnicodeScalarView(scalars))
        switch request.operation {
        case .execute, .history: return Reply(type: .done, entries: history.load())
        case .complete:
            let (start, matches) = session.completions(of: code, at: before.utf8.count)
            return Reply(type: .done, matches: matches,
                start: String(decoding: code.utf8.prefix(start), as: UTF8.self).unicodeScalars.count)
        case .inspect: return Reply(type: .done,
            text: NameAtCursor(code: code, before: before).names.lazy.compactMap(session.help).first ?? "")
        case .isComplete:
            if case .help = Entry(code) { return Reply(type: .done, completeness: Parser.Completeness.complete.rawValue) }
            return Reply(type: .done, completeness: Parser.completeness(of: code).rawValue)
        }
    }

    /// Runs a cell, and gives how it ended.
    private func execute(_ request: Request) -> CellOutcome {
        let (code, isSilent) = (request.code, request.isSilent)
        let number = request.number ?? session.cellNumber
        if case .help(let name) = Entry(code), let text = session.help(for: name) {
            _ = reply(Reply(type: .page, text: text + "\n"))
            return .finished
        }
        if !isSilent, !code.isEmpty { history.append(Entry.trimmed(code)) }
        let progress = ProgressReplies()
        let outcome = session.run(Source(name: "In [\(number)]", text: code), isNumbered: !isSilent) { [self] output in
            // A kernel that is gone does not want the rest.
            if let replies = Reply(output, progress), !reply(replies) { session.interrupt() }
        }
        if let last = progress.last() { _ = reply(last) }
        return outcome
    }

    private func reply(_ reply: Reply) -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let line = try? encoder.encode(reply) else { return false }
        return Descriptors.write(Array(line) + [UInt8(ascii: "\n")], to: 1) == nil
    }
}
