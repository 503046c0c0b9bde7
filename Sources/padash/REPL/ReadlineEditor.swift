@preconcurrency import CReadline
import Foundation

/// The prompt on GNU readline, which reads the keys, edits the text and keeps the history. Drawing is ours
/// (`EntryScreen`), since readline knows neither prompts on further lines nor colours.
///
/// All of readline's state is global, so only the files of this type touch it, and one editor is made in a process.
/// Readline is driven by its callback interface: the loop here waits for keys and signals alike, so Ctrl-C, Ctrl-Z and a
/// resized window are handled between keys and never inside a signal handler.
final class ReadlineEditor: LineEditor {
    /// What the C callbacks work on. Only the thread that runs the prompt gets there.
    struct State {
        var rules: EntryRules
        var prompts = Prompts(question: "")
        /// A question is answered by one line.
        var isQuestion = false
        var screen = EntryScreen()
        var needsDrawing = false
        var result: EntryResult?
        var recall: Recall?
        /// What came of a paste whose end has not come yet.
        var paste: [UInt8]?
        /// Where the cursor was put by the last indentation.
        var indented: Int32 = -1
        let isColored: Bool
    }
    nonisolated(unsafe) static var state = State(rules: EntryRules(isWhole: { _ in true }, complete: { _, cursor in (cursor, []) }),
        isColored: false)

    private let signals: PromptSignals
    private let terminal: TerminalMode
    private let history: HistoryFile

    init(signals: PromptSignals, terminal: TerminalMode, history: HistoryFile, isColored: Bool, rules: EntryRules) {
        self.signals = signals
        self.terminal = terminal
        self.history = history
        ReadlineEditor.state = State(rules: rules, isColored: isColored)
        ReadlineEditor.configure()
        for entry in history.load() { add_history(entry) }
        stifle_history(Int32(HistoryFile.capacity))
    }

    private static func configure() {
        // Characters of more than one byte need a UTF-8 locale, which a container often lacks.
        if setlocale(LC_CTYPE, "") == nil || String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
        // "padash" in ~/.inputrc; strdup because readline keeps the pointer.
        rl_readline_name = UnsafePointer(strdup("padash"))
        rl_catch_signals = 0
        rl_catch_sigwinch = 0
        rl_change_environment = 0
        // `TerminalMode` does that.
        rl_prep_term_function = { _ in }
        rl_deprep_term_function = {}
        rl_redisplay_function = { ReadlineEditor.state.needsDrawing = true }
        nameKeys()
        rl_initialize()
        bindKeys()
        using_history()
    }

    static func bind(_ line: String) {
        var bytes = Array(line.utf8CString)
        _ = rl_parse_and_bind(&bytes)
    }

    // MARK: - Entries

    func readEntry(_ prompts: Prompts) -> EntryResult { read(prompts, isQuestion: false) }

    func ask(_ question: String) -> EntryResult { read(Prompts(question: question), isQuestion: true) }

    private func read(_ prompts: Prompts, isQuestion: Bool) -> EntryResult {
        ReadlineEditor.state.prompts = prompts
        ReadlineEditor.state.isQuestion = isQuestion
        ReadlineEditor.state.result = nil
        ReadlineEditor.state.recall = nil
        ReadlineEditor.state.indented = -1
        ReadlineEditor.state.screen.begin()
        history_set_pos(history_length)
        rl_callback_handler_install(prompts.input.text) { ReadlineEditor.accept($0) }
        return terminal.whileReading { signals.whileWaiting { waitForEntry() } }
    }

    private func waitForEntry() -> EntryResult {
        while true {
            if ReadlineEditor.state.needsDrawing, !Descriptors.isInputWaiting { ReadlineEditor.draw() }
            switch signals.next() {
            case .input where ReadlineEditor.state.paste != nil: readPasted()
            case .input: rl_callback_read_char()
            case .signal(SIGINT): return abandon()
            case .signal(SIGWINCH): resize()
            case .signal(SIGTSTP): suspend()
            case .signal(SIGCONT): resize()
            case .signal: break
            }
            if let result = ReadlineEditor.state.result { return result }
        }
    }

    func remember(_ entry: String) {
        let last = history_length > 0 ? history_get(history_base + history_length - 1) : nil
        if let line = last?.pointee.line, String(cString: line) == entry { return }
        add_history(entry)
        history.append(entry)
    }

    /// Called by readline with a whole entry, or nothing at Ctrl-D.
    private static func accept(_ line: UnsafeMutablePointer<CChar>?) {
        // At once, or readline would begin the next.
        rl_callback_handler_remove()
        if let line {
            state.result = .entry(String(cString: line))
            free(line)
        } else {
            // Readline has put an end mark into a text that is empty.
            rl_end = 0
            leave()
            state.result = .end
        }
    }

    /// Leaves the entry as it is on the screen, and forgets it.
    private func abandon() -> EntryResult {
        let wasEmpty = ReadlineEditor.text.isEmpty && ReadlineEditor.state.paste == nil
        ReadlineEditor.state.paste = nil
        ReadlineEditor.leave(mark: "^C")
        rl_callback_sigcleanup()
        rl_free_line_state()
        rl_callback_handler_remove()
        return .interrupted(wasEmpty: wasEmpty)
    }

    /// Takes a byte of a paste. (Readline's own command would wait for the end of it, whatever signals come.)
    private func readPasted() {
        var byte: UInt8 = 0
        guard Foundation.read(0, &byte, 1) == 1 else { return rl_callback_read_char() }
        ReadlineEditor.state.paste?.append(byte)
        guard byte == UInt8(ascii: "~"), var paste = ReadlineEditor.state.paste, paste.suffix(6).elementsEqual("\u{1B}[201~".utf8) else {
            return
        }
        ReadlineEditor.state.paste = nil
        paste.removeLast(6)
        // A text of C has no zeros; terminals send carriage returns for line breaks.
        let text = String(decoding: paste.filter { $0 != 0 }, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        rl_insert_text(text)
        ReadlineEditor.state.needsDrawing = true
    }

    private func suspend() {
        let point = rl_point
        ReadlineEditor.leave()
        rl_point = point
        terminal.leave()
        kill(getpid(), SIGSTOP)
    }

    private func resize() {
        ReadlineEditor.state.screen.erase(columns: Descriptors.width)
        rl_resize_terminal()
        ReadlineEditor.state.needsDrawing = true
    }

    // MARK: - Text

    /// The text being edited.
    static var text: String {
        guard let buffer = rl_line_buffer else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: buffer, count: Int(rl_end)), as: UTF8.self)
    }

    /// The part of it before the cursor.
    static var textBeforeCursor: String {
        guard let buffer = rl_line_buffer else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: buffer, count: Int(min(rl_point, rl_end))), as: UTF8.self)
    }

    static func draw() {
        state.needsDrawing = false
        state.screen.draw(layout, height: Descriptors.height)
    }

    /// Leaves the whole entry on the screen, the cursor on the line below.
    static func leave(mark: String = "") {
        rl_point = rl_end
        state.needsDrawing = false
        state.screen.leave(layout, height: Descriptors.height, mark: mark)
    }

    private static var layout: EntryLayout {
        var prompts = state.prompts
        // Readline has a prompt of its own while it searches.
        if let shown = rl_display_prompt.map({ String(cString: $0) }), shown != prompts.input.text {
            prompts.input = Prompt(text: shown, color: "")
        }
        return EntryLayout(prompts: prompts, text: text, offset: Int(rl_point), width: Descriptors.width, isColored: state.isColored
            && !state.isQuestion)
    }
}
