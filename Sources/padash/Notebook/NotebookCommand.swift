import Documents
import Foundation
import Lang
import Library
import Runtime
import Text

/// `padash notebook`: runs the cells of a script and writes a document of what they gave.
struct NotebookCommand: CommandAction {
    static let command = Command(
        "notebook", .file, "run a script's '# %%' cells and write a document: code, outputs, plots",
        destination, watch, keepGoing, noTiming, does: NotebookCommand.self)
    private static let destination = CommandOption(
        names: ["--output", "-o"], value: .file,
        summary: "where to write it: FILE.html, .md or .ipynb; by default HTML beside the script")
    private static let watch = CommandOption(
        names: ["--watch"], summary: "write it again whenever the script is saved, running from the first changed cell on")
    private static let keepGoing = CommandOption(names: ["--keep-going"], summary: "go on with the other cells when one fails")
    private static let noTiming = CommandOption(
        names: ["--no-timing"], summary: "leave out times and dates, so that the same script gives the same document")

    var path: String
    /// Where the document goes; nil for beside the script, as HTML.
    var output: String?
    /// Run again whenever the file changes.
    var watches: Bool
    /// A cell that fails is not the last.
    var keepsGoing: Bool
    var hasTiming: Bool

    init(_ arguments: CommandArguments) throws(Invocation.Mistake) {
        path = arguments.operands[0]
        output = arguments[Self.destination]
        watches = arguments[Self.watch] != nil
        keepsGoing = arguments[Self.keepGoing] != nil
        hasTiming = arguments[Self.noTiming] == nil
        if watches, path == "-" {
            throw Invocation.Mistake(message: "'--watch' needs a file: standard input is read only once",
                hint: "padash notebook search.pada --watch")
        }
    }

    func run() throws -> Int32 {
        if watches { try RankedRun.refuse("--watch", hint: "leave it out") }
        return try RankedRun.run(write)
    }

    private func write() -> Int32 {
        do throws(Diagnostic) {
            let notebook = try NotebookFile.read(path)
            let output = try NotebookFile.output(self.output ?? NotebookFile.sibling(of: path, ".html"), from: path,
                among: NotebookFile.Format.documents)
            return watches ? NotebookWatch(command: self, output: output).run(notebook) : once(notebook, output)
        } catch {
            Report.complain([error])
            return ExitCode.usage
        }
    }

    private func once(_ notebook: Notebook, _ output: NotebookFile.Output) -> Int32 {
        let runner = NotebookRunner(command: self, output: output)
        let presses = Presses()
        Signals.watch([SIGINT]) { _ in
            // A built-in that takes long may not listen; the second time is final.
            if presses.add() > 1 { _exit(ExitCode.interrupted) }
            runner.interrupt()
        }
        return runner.run(notebook)
    }
}

/// Runs a notebook, shows how far it is, and writes the document.
final class NotebookRunner: Sendable {
    private let command: NotebookCommand
    private let output: NotebookFile.Output
    private let notebookRun: NotebookRun
    private let console: Console

    init(command: NotebookCommand, output: NotebookFile.Output) {
        self.command = command
        self.output = output
        var options = Session.Options()
        options.directory = FilePath.importFolder(command.path)
        notebookRun = NotebookRun(options: options)
        console = Console(onFailure: {})
    }

    func interrupt() { notebookRun.interrupt() }
    func forgetInterruption() { notebookRun.forgetInterruption() }

    /// Begins anew with the first cell.
    func reset() { notebookRun.reset() }

    /// Gives the exit code: 0 where all cells ran to their end.
    func run(_ notebook: Notebook) -> Int32 {
        let ran = notebookRun.run(notebook, keepsGoing: command.keepsGoing) { number, count, cell in
            if Descriptors.isErrorTerminal {
                console.writeError(line: Style.error.dim("cell \(number) of \(count)\(cell.title.isEmpty ? "" : ": \(cell.title)")"))
            }
        } emit: { [console] output in
            switch output {
            case .progress, .error, .warning: console.show(output)
            case .text, .value, .plot: break
            }
        }
        console.finish()
        let provenance = NotebookProvenance(version: Usage.version, machine: Machine.current.summary, seed: notebookRun.seed,
            hasTiming: command.hasTiming, date: NotebookRunner.date)
        let failure = Report.write(output.format.document(ran, provenance), to: output.path)
        return failure != 0 ? failure : NotebookRunner.exitCode(ran)
    }

    /// That of the first cell which was interrupted or called `exit`; 1 where any other failed.
    private static func exitCode(_ notebook: Notebook) -> Int32 {
        let outcomes = notebook.results.compactMap { $0?.outcome }
        for outcome in outcomes {
            switch outcome {
            case .interrupted: return ExitCode.interrupted
            case .exit(let code): return code
            case .finished, .syntaxError, .runtimeError: break
            }
        }
        return outcomes.allSatisfy { $0 == .finished } ? 0 : ExitCode.runtimeError
    }

    private static var date: String {
        Date.now.formatted(
            .iso8601.year().month().day().dateSeparator(.dash).dateTimeSeparator(.space).time(includingFractionalSeconds: false)
                .timeSeparator(.colon)) + " UTC"
    }
}
