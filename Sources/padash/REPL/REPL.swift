import Foundation
import Lang
import Runtime

/// The interactive prompt: reads an entry, runs it, shows what it gave, again and again.
struct REPL {
    private let session: Session
    private let console: Console
    private let signals = PromptSignals()
    private let editor: any LineEditor

    init() {
        var options = Session.Options()
        options.allowsRedeclaration = true
        options.remembersValues = true
        let session = Session(options: options)
        self.session = session
        console = Console(onFailure: { session.interrupt() })
        if Descriptors.isOutputTerminal {
            editor = ReadlineEditor(signals: signals, history: HistoryFile()) { session.completions(of: $0, at: $1) }
        } else {
            editor = PlainEditor(signals: signals)
        }
    }

    /// Gives the exit code.
    func run() -> Int32 {
        watchSignals()
        if Descriptors.isOutputTerminal { console.write("padash \(Usage.version), one-shot neural architecture search\n:help explains, Tab completes, Ctrl-D leaves\n") }
        while console.outputFailure == nil {
            console.finish()
            switch readEntry() {
            case .end: return 0
            case .interrupted: continue
            case .line(let entry):
                if let code = handle(entry) {
                    console.finish()
                    return code
                }
            }
        }
        return ExitCode.runtimeError
    }

    private func watchSignals() {
        Signals.watch([SIGINT, SIGTSTP, SIGWINCH, SIGTERM]) { [signals, session, console] signal in
            if signal == SIGTERM {
                ReadlineEditor.restoreTerminal()
                _exit(128 + SIGTERM)
            }
            if signals.post(signal) { return }
            switch signal {
            case SIGINT: session.interrupt()
            case SIGTSTP:
                console.finish()
                kill(getpid(), SIGSTOP)
            default: break
            }
        }
    }

    /// Reads lines until they make a whole entry.
    private func readEntry() -> LineResult {
        var entry = ""
        let isColored = console.style.isColored
        while true {
            let number = session.cellNumber
            let prompt = entry.isEmpty ? Prompt.input(number, isColored: isColored) : .continuation(number, isColored: isColored)
            switch editor.readLine(prompt: prompt, before: entry) {
            case .line(let line):
                entry += line
                if entry.allSatisfy(\.isWhitespace) { return .interrupted }
                if isWhole(entry) {
                    // A pasted text often ends in line breaks.
                    while entry.last?.isNewline == true { entry.removeLast() }
                    editor.remember(entry)
                    return .line(entry)
                }
                entry += "\n"
            case .interrupted: return .interrupted
            case .end: return entry.isEmpty ? .end : .interrupted
            }
        }
    }

    private func isWhole(_ entry: String) -> Bool {
        switch Directive(entry) {
        case nil: session.isComplete(entry)
        case .time(let code): session.isComplete(code)
        default: true
        }
    }

    /// Gives an exit code when the entry ends the session.
    private func handle(_ entry: String) -> Int32? {
        switch Directive(entry) {
        case nil: return run(entry)
        case .quit: return 0
        case .overview: console.write(Directive.guide)
        case .help(let name): showHelp(on: name)
        case .time(let code):
            let start = DispatchTime.now().uptimeNanoseconds
            let result = run(code)
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            console.finish()
            console.write(console.style.dim(seconds < 1 ? String(format: "%.2f ms", seconds * 1e3) : String(format: "%.2f s", seconds)) + "\n")
            return result
        case .unknown(let word): console.writeError(line: Directive.complaint(about: word))
        }
        return nil
    }

    private func run(_ code: String) -> Int32? {
        session.options.width = Descriptors.width
        let number = session.cellNumber
        let outcome = session.run(Source(name: "In [\(number)]", text: code)) { [console] in console.show($0, valueLabel: "Out[\(number)]:") }
        if case .exit(let code) = outcome { return code }
        return nil
    }

    private func showHelp(on name: String) {
        if let text = session.help(for: name) { return console.write(text + "\n") }
        let near = Suggestion.nearest(to: name, among: session.completions(of: "", at: 0).candidates)
        console.writeError(line: "there is no help on '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
    }
}
