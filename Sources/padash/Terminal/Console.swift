import Foundation
import Lang
import Text

/// Where all outputs go: text, values and plots to standard output, the rest to standard error.
///
/// Standard output is buffered, but never for longer than a moment, so that what a script prints is seen however long
/// its next step takes; and it is always out before anything goes to standard error. A progress line is erased before
/// other output and drawn again after it.
final class Console: @unchecked Sendable {
    private let lock = NSLock()
    private var pending: [UInt8] = []
    private let flusher: Flusher
    private var endsLine = true
    private var progress = ProgressLine()
    /// Columns of the progress line that stands on the terminal; 0 when there is none.
    private var progressColumns = 0
    private var failure: Int32?
    private let onFailure: @Sendable () -> Void

    let style = Style.output
    let errorStyle = Style.error

    /// Columns a progress line may take; the rest is for the ^C a terminal may write after it.
    private var progressWidth: Int { Descriptors.width - 3 }

    private static let bufferSize = 1 << 16
    /// Seconds that text may wait.
    private static let delay = 0.03

    /// `onFailure` is called once, when standard output takes no more.
    init(onFailure: @escaping @Sendable () -> Void) {
        self.onFailure = onFailure
        flusher = Flusher(delay: Console.delay)
        flusher.flush = { [weak self] in self?.flushLater() }
    }

    /// Why nothing more can be written to standard output (an error number), or nil.
    var outputFailure: Int32? { lock.withLock { failure } }

    /// Shows one output. `valueLabel` goes before a cell's value; without it values are not shown.
    func show(_ output: Output, valueLabel: String? = nil) {
        lock.withLock {
            switch output {
            case .text(let text): append(Descriptors.isOutputTerminal ? text.drawing : text)
            case .plot(let plot): append(plot.terminal(isColored: style.isColored))
            case .value(let value):
                guard let valueLabel else { return }
                let fits = !value.text.contains("\n") && DisplayWidth.of(valueLabel) + 1 + DisplayWidth.of(value.text) <= Descriptors.width
                append("\(style.red(valueLabel))\(fits ? " " : "\n")\(value.isCode ? style.code(value.text) : value.text)\n")
            case .progress(let report): show(report)
            case .warning(let text): writeError(errorStyle.yellow("warning: ") + text + "\n")
            case .error(let diagnostics):
                // After a broken pipe the run is stopped on purpose.
                guard failure == nil else { return }
                // ^C stands where the cursor was.
                if diagnostics.first?.kind == .interrupted, Descriptors.isErrorTerminal { leaveLine() }
                writeError(errorStyle.diagnostics(diagnostics, width: Descriptors.isErrorTerminal ? Descriptors.width : 100) + "\n")
            }
        }
    }

    /// Text for standard output, of which what is not padash's own is harmless.
    func write(_ text: String) { lock.withLock { append(text) } }

    /// Text for standard error.
    func writeError(line: String) { lock.withLock { writeError(line.harmless + "\n") } }

    /// The `^C` that a terminal without echo does not write.
    func showInterrupt() { lock.withLock { writeRaw("^C", to: 2) } }

    private func flushLater() { lock.withLock { flush() } }

    /// Brings everything out, and leaves a progress line that did not finish as it stands.
    func finish() {
        lock.withLock {
            if progressColumns > 0 { leaveLine() }
            flush()
            progress.clear()
        }
    }

    // MARK: - Under the lock

    private func append(_ text: String) {
        guard failure == nil, !text.isEmpty else { return }
        pending.append(contentsOf: text.utf8)
        if pending.count >= Console.bufferSize || !flusher.schedule() { flush() }
    }

    private func flush() {
        guard !pending.isEmpty, failure == nil else { return }
        let wasShown = progressColumns > 0
        if Descriptors.isOutputTerminal { eraseProgress() }
        failure = Descriptors.write(pending, to: 1)
        endsLine = pending.last == UInt8(ascii: "\n")
        pending.removeAll(keepingCapacity: true)
        if failure != nil { onFailure() } else if wasShown, endsLine { drawProgress() }
    }

    private func writeError(_ text: String) {
        flush()
        eraseProgress()
        writeRaw(text, to: 2)
    }

    private func show(_ report: ProgressReport) {
        guard Descriptors.isErrorTerminal else { return }
        let finished = progress.update(report)
        flush()
        if let finished {
            eraseProgress()
            writeRaw(ProgressLine.text(finished, width: progressWidth, style: errorStyle) + "\n", to: 2)
        } else {
            drawProgress()
        }
    }

    private func drawProgress() {
        guard !progress.isEmpty else { return eraseProgress() }
        let width = progressWidth
        // Measured without its colours.
        let columns = DisplayWidth.of(progress.text(width: width, style: Style(isColored: false)))
        writeRaw("\(toProgressStart)\(progress.text(width: width, style: errorStyle))\u{1B}[K", to: 2)
        progressColumns = max(1, columns)
    }

    private func eraseProgress() {
        guard progressColumns > 0 else { return }
        writeRaw("\(toProgressStart)\u{1B}[K", to: 2)
        progressColumns = 0
    }

    /// Goes back to where the progress line begins, which is some rows up when the window became narrower since.
    private var toProgressStart: String {
        let rows = max(0, progressColumns - 1) / Descriptors.width
        return rows > 0 ? "\r\u{1B}[\(rows)A\u{1B}[J" : "\r"
    }

    /// Leaves what stands on the line, perhaps a progress line, as it is.
    private func leaveLine() {
        flush()
        writeRaw("\n", to: 2)
        progressColumns = 0
    }

    private func writeRaw(_ text: String, to descriptor: Int32) {
        // Nobody can be told when standard error is closed.
        _ = Descriptors.write(Array(text.utf8), to: descriptor)
    }
}
