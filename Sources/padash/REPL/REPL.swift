import Foundation
import Lang
import Library
import Runtime

/// The interactive prompt: reads an entry, runs it, shows what it gave, again and again.
final class REPL {
    let session: Session
    let console: Console
    let editor: any LineEditor
    let terminal = TerminalMode()
    private let signals: PromptSignals
    /// Of Ctrl-C, since the running cell began.
    let presses = Presses()
    /// Whether the rc file is run at the start and after `:reset`.
    var readsRC = false
    /// What was run here, oldest first.
    var cells: [Cell] = []

    struct Cell {
        var number: Int
        var code: String
        var outcome: CellOutcome
    }

    init() {
        var options = Session.Options()
        options.allowsRedeclaration = true
        options.remembersValues = true
        let session = Session(options: options)
        self.session = session
        signals = PromptSignals(onWait: { session.forgetInterruption() })
        console = Console(onFailure: { session.interrupt() })
        let rules = EntryRules(isWhole: { Entry($0).isWhole(in: session) }, complete: { Entry.completions(of: $0, at: $1, in: session) })
        editor = Descriptors.canEdit
            ? ReadlineEditor(signals: signals, terminal: terminal, history: HistoryFile(), isColored: console.style.isColored, rules: rules)
            : PlainEditor(signals: signals, rules: rules)
    }

    /// Gives the exit code.
    func run(readsRC: Bool) -> Int32 {
        watchSignals()
        terminal.enter()
        defer { terminal.leave() }
        if Descriptors.isOutputTerminal {
            console.write("padash \(Usage.version), one-shot neural architecture search\n:help explains, Tab completes, Ctrl-D leaves\n")
        }
        self.readsRC = readsRC
        if readsRC, let code = runRC() { return leave(code) }
        // How often Ctrl-C was pressed with nothing to stop and nothing typed.
        var idlePresses = 0
        while console.outputFailure == nil {
            console.finish()
            switch editor.readEntry(Prompts(cell: session.cellNumber, isColored: console.style.isColored)) {
            case .end:
                if !hasValues || confirm("Leave padash, and lose its values? [y/N] ", atEnd: true) { return leave(0) }
            case .interrupted(let wasEmpty):
                idlePresses = wasEmpty ? idlePresses + 1 : 0
                if idlePresses == 2 {
                    idlePresses = 0
                    if confirm("Leave padash? [y/N] ", atEnd: true) { return leave(0) }
                }
            case .entry(let text):
                idlePresses = 0
                if let code = handle(text) { return leave(code) }
            }
        }
        return ExitCode.runtimeError
    }

    /// Whether leaving loses anything: somebody types, and has given names to values.
    private var hasValues: Bool { Descriptors.isInputTerminal && !cells.isEmpty && !session.variables(width: 20).isEmpty }

    private func leave(_ code: Int32) -> Int32 {
        console.finish()
        return code
    }

    private func watchSignals() {
        Signals.watch(
            [SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH, SIGTERM, SIGHUP]) { [signals, session, console, terminal, presses] signal in
            if signal == SIGTERM || signal == SIGHUP {
                terminal.leave()
                _exit(128 + signal)
            }
            if signal == SIGCONT { terminal.enter() }
            if signals.post(signal) { return }
            switch signal {
            case SIGINT:
                session.interrupt()
                // An editor has the terminal otherwise, or the terminal writes it itself.
                if terminal.isEntered { console.showInterrupt() }
                if presses.add() > 1 { console.writeError(line: "\nnot stopped yet; Ctrl-\\ ends padash at once") }
            case SIGQUIT:
                guard terminal.isEntered else { return }
                terminal.leave()
                _exit(128 + signal)
            case SIGTSTP:
                console.finish()
                terminal.leave()
                kill(getpid(), SIGSTOP)
            default: break
            }
        }
    }

    /// Gives an exit code when the entry ends the session.
    private func handle(_ text: String) -> Int32? {
        let entry = Entry(text)
        if entry != .blank { editor.remember(Entry.trimmed(text)) }
        switch entry {
        case .blank: return nil
        case .code(let code): return run(code)
        case .command(let command, let operand): return command.action(self, operand)
        case .help(let name): showHelp(on: name)
        case .foreign(let advice): complain(advice)
        case .unknown(let word): complain(PromptCommand.complaint(about: word))
        }
        return nil
    }

    /// Runs code as the next cell; errors call it `name`, or by its number.
    func run(_ code: String, name: String? = nil, directory: String? = nil) -> Int32? {
        let number = session.cellNumber
        let source = Source(name: name ?? "In [\(number)]", text: code)
        let outcome = session.run(source, directory: directory, emit: emitter(number))
        return record(number, code, outcome)
    }

    /// Shows a cell's outputs as they come.
    func emitter(_ number: Int) -> @Sendable (Output) -> Void {
        presses.reset()
        session.options.width = Descriptors.width
        session.options.height = max(6, Descriptors.height - 4)
        return { [console] in console.show($0, valueLabel: "Out[\(number)]:") }
    }

    /// Gives the exit code of a cell that ends the session.
    func record(_ number: Int, _ code: String, _ outcome: CellOutcome) -> Int32? {
        cells.append(Cell(number: number, code: code, outcome: outcome))
        if case .exit(let code) = outcome { return code }
        return nil
    }

    func complain(_ text: String) { console.writeError(line: text) }

    /// Asks for a yes; the end of the input, or Ctrl-C, answers `atEnd`.
    func confirm(_ question: String, atEnd: Bool = false) -> Bool {
        console.finish()
        switch editor.ask(question) {
        case .entry(let answer): return answer.lowercased().hasPrefix("y")
        case .interrupted: return false
        case .end: return atEnd
        }
    }
}
