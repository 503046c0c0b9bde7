import Documents
import Foundation
import Lang
import Library
import NASLib
import Runtime
import Synchronization

/// Runs the cells of a notebook in one session, again and again as they change.
final class NotebookRun: Sendable {
    private let session: Session
    private let isStopped = Atomic(false)
    /// The code cells that ran last time, each with how things stood before it.
    private let history = Guarded<[(cell: Cell, mark: Session.Mark, result: CellResult)]>([])

    init(options: Session.Options) {
        var options = options
        options.allowsRedeclaration = true
        session = Session(options: options)
    }

    /// Stops the running cell, and runs no other; where nothing runs yet, not even the first. Safe from any thread.
    func interrupt() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        session.interrupt()
    }

    /// Takes back an interrupt that came too late, as the session's does.
    func forgetInterruption() {
        isStopped.store(false, ordering: .sequentiallyConsistent)
        session.forgetInterruption()
    }

    /// The seed of the ambient generator.
    var seed: Int { session.seed }

    /// Forgets everything, so that the next run begins with the first cell.
    func reset() {
        history.withLock { $0 = [] }
        session.reset()
    }

    /// Runs a notebook's code cells, from the first one that is not as it was last time: what the cells from there on declared is
    /// forgotten, and the ambient generator stands where it stood. (An object that they changed in place stays changed.)
    /// A cell that fails is the last, unless `keepsGoing`; one that is interrupted or calls `exit` is in any case.
    /// `willRun` is told the number of each cell, from 1, and how many there are; `emit` gets each output as it comes.
    func run(
        _ notebook: Notebook, keepsGoing: Bool, willRun: (_ number: Int, _ count: Int, Cell) -> Void,
        emit: @escaping @Sendable (Output) -> Void
    ) -> Notebook {
        defer { forgetInterruption() }
        session.options.script = Source(name: notebook.name, text: notebook.script)
        var notebook = notebook
        let positions = notebook.cells.indices.filter { notebook.cells[$0].kind == .code && !notebook.cells[$0].isBlank }
        var past = history.withLock { $0 }
        let kept = zip(past, positions).prefix { $0.cell == notebook.cells[$1] }.count
        if kept < past.count { session.restore(past[kept].mark) }
        past.removeSubrange(kept...)
        for (entry, position) in zip(past, positions) { notebook.results[position] = entry.result }
        for (number, position) in positions.enumerated().dropFirst(kept) {
            if past.last?.result.stops(keepsGoing: keepsGoing) == true || isStopped.load(ordering: .sequentiallyConsistent) { break }
            let cell = notebook.cells[position]
            let mark = session.mark()
            willRun(number + 1, positions.count, cell)
            let result = run(cell, of: notebook, emit)
            past.append((cell, mark, result))
            notebook.results[position] = result
        }
        history.withLock { $0 = past }
        return notebook
    }

    private func run(_ cell: Cell, of notebook: Notebook, _ emit: @escaping @Sendable (Output) -> Void) -> CellResult {
        let outputs = CellOutputs()
        let start = DispatchTime.now().uptimeNanoseconds
        // The lines before it are blank, so that errors point at lines of the script.
        let source = Source(name: notebook.name, text: String(repeating: "\n", count: cell.line - 1) + cell.body)
        let outcome = session.run(source) { output in
            outputs.append(output)
            emit(output)
        }
        return CellResult(outputs: outputs.finished(), seconds: Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9,
            outcome: outcome)
    }
}

extension CellResult {
    fileprivate func stops(keepsGoing: Bool) -> Bool {
        switch outcome {
        case .finished: false
        case .syntaxError, .runtimeError: !keepsGoing
        case .interrupted, .exit: true
        }
    }
}

/// Collects a cell's outputs: printed text in one piece, progress left out, and no more than a document can bear.
private final class CellOutputs: @unchecked Sendable {
    private var outputs: [Output] = []
    private var text = ""
    private var textBytes = 0
    private var lostLines = 0
    private var lostOutputs = 0

    private static let textLimit = 1 << 20
    private static let countLimit = 500

    func append(_ output: Output) {
        switch output {
        case .progress: break
        case .text(let part):
            guard textBytes < CellOutputs.textLimit else {
                lostLines += part.count(where: \.isNewline)
                return
            }
            textBytes += part.utf8.count
            text += part
        case .error:
            close()
            outputs.append(output)
        case .plot, .value, .warning:
            close()
            if outputs.count < CellOutputs.countLimit { outputs.append(output) } else { lostOutputs += 1 }
        }
    }

    private func close() {
        if lostLines > 0 { text += "… \(lostLines) more lines\n" }
        if !text.isEmpty { outputs.append(.text(text)) }
        (text, lostLines) = ("", 0)
    }

    func finished() -> [Output] {
        close()
        return lostOutputs > 0 ? outputs + [.text("… \(lostOutputs) more plots or values\n")] : outputs
    }
}
