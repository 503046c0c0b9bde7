@preconcurrency import CReadline
import Foundation

/// The prompt on GNU readline. All of readline's state is global, so this is the only file that touches it, and one
/// editor is made in a process.
///
/// Readline is driven by its callback interface: the loop here waits for keys and signals alike, so Ctrl-C, Ctrl-Z and a
/// resized window are handled between keys and never inside a signal handler.
final class ReadlineEditor: LineEditor {
    /// Completes the word that ends at UTF-8 offset `cursor` of a text: where it starts, and what it may become.
    typealias Complete = (_ text: String, _ cursor: Int) -> (start: Int, candidates: [String])

    /// What the C callbacks work on. Only the thread that runs the prompt gets there.
    private struct State {
        var complete: Complete
        /// Lines of the entry above the one being edited.
        var before = ""
        var result: LineResult?
        var candidates: [String] = []
    }
    nonisolated(unsafe) private static var state = State { _, cursor in (cursor, []) }

    private let signals: PromptSignals
    private let history: HistoryFile

    init(signals: PromptSignals, history: HistoryFile, complete: @escaping Complete) {
        self.signals = signals
        self.history = history
        ReadlineEditor.state.complete = complete
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
        // Before readline reads ~/.inputrc, so that it has the last word.
        bind("set enable-bracketed-paste on")
        bind("set show-all-if-ambiguous on")
        bind("set blink-matching-paren on")
        bind("set completion-query-items 200")
        bind("\"\\e[A\": history-search-backward")
        bind("\"\\e[B\": history-search-forward")
        bind("\"\\eOA\": history-search-backward")
        bind("\"\\eOB\": history-search-forward")
        rl_initialize()
        // A word is what the language calls a name: all other ASCII characters end it.
        let breaks = (1..<128).map { UInt8($0) }.filter { !isalnum($0) && $0 != UInt8(ascii: "_") }
        rl_completer_word_break_characters = UnsafePointer(strdup(String(decoding: breaks, as: UTF8.self)))
        rl_attempted_completion_function = { _, start, end in ReadlineEditor.matches(start: Int(start), end: Int(end)) }
        rl_bind_key(Int32(UInt8(ascii: "\t"))) { count, key in ReadlineEditor.tab(count, key) }
        using_history()
    }

    private static func bind(_ line: String) {
        var bytes = Array(line.utf8CString)
        _ = rl_parse_and_bind(&bytes)
    }

    private static func isalnum(_ byte: UInt8) -> Bool { Foundation.isalnum(Int32(byte)) != 0 }

    // MARK: - Lines

    func readLine(prompt: Prompt, before: String) -> LineResult {
        ReadlineEditor.state.before = before
        ReadlineEditor.state.result = nil
        // Readline counts what stands between \1 and \2 as having no width.
        let text = prompt.color.isEmpty ? prompt.text : "\u{1}\(prompt.color)\u{2}\(prompt.text)\u{1}\u{1B}[0m\u{2}"
        rl_callback_handler_install(text) { ReadlineEditor.accept($0) }
        return signals.whileWaiting {
            while true {
                switch signals.next() {
                case .input: rl_callback_read_char()
                case .signal(SIGINT): return abandon()
                case .signal(SIGWINCH): rl_resize_terminal()
                case .signal(SIGTSTP): suspend()
                case .signal: break
                }
                if let result = ReadlineEditor.state.result { return result }
            }
        }
    }

    func remember(_ entry: String) {
        let last = history_length > 0 ? history_get(history_base + history_length - 1) : nil
        if let line = last?.pointee.line, String(cString: line) == entry { return }
        add_history(entry)
        history.append(entry)
    }

    /// Called by readline with a whole line, or nothing at Ctrl-D.
    private static func accept(_ line: UnsafeMutablePointer<CChar>?) {
        // At once, or readline would draw its prompt again.
        rl_callback_handler_remove()
        if let line {
            state.result = .line(String(cString: line))
            free(line)
        } else {
            _ = Descriptors.write([UInt8(ascii: "\n")], to: 1)
            state.result = .end
        }
    }

    /// Leaves the line as it is on the screen, and forgets it.
    private func abandon() -> LineResult {
        rl_point = rl_end
        rl_redisplay()
        // Before the next calls move the cursor to the line's beginning.
        _ = Descriptors.write(Array("^C\n".utf8), to: 1)
        rl_callback_sigcleanup()
        rl_free_line_state()
        rl_callback_handler_remove()
        return .interrupted
    }

    private func suspend() {
        rl_deprep_terminal()
        kill(getpid(), SIGSTOP)
        rl_prep_terminal(1)
        rl_resize_terminal()
        rl_forced_update_display()
    }

    /// Gives the terminal back before the process ends in the middle of a line.
    static func restoreTerminal() { rl_deprep_terminal() }

    // MARK: - Completion

    /// Tab indents where no word could be completed.
    private static func tab(_ count: Int32, _ key: Int32) -> Int32 {
        let line = String(decoding: edited.prefix(Int(rl_point)), as: UTF8.self)
        let current = line.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        if current.allSatisfy(\.isWhitespace) { return rl_insert_text("    ") }
        return rl_complete(count, key)
    }

    /// The line being edited, in UTF-8.
    private static var edited: [UInt8] {
        guard let buffer = rl_line_buffer else { return [] }
        return UnsafeBufferPointer(start: buffer, count: Int(rl_end)).map { UInt8(bitPattern: $0) }
    }

    private static func matches(start: Int, end: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        // No file names when there is nothing else.
        rl_attempted_completion_over = 1
        let above = state.before.utf8.count
        let text = state.before + String(decoding: edited, as: UTF8.self)
        let (wordStart, candidates) = state.complete(text, above + end)
        guard wordStart == above + start, !candidates.isEmpty else { return nil }
        state.candidates = candidates
        // After `lr:` a value follows; after a name, more often than not, a bracket or point.
        rl_completion_append_character = candidates.count == 1 && candidates[0].hasSuffix(":") ? Int32(UInt8(ascii: " ")) : 0
        let word = String(decoding: edited[start..<end], as: UTF8.self)
        return rl_completion_matches(word) { _, index in
            // Readline counts calls only as zero or not, and frees each answer.
            guard index == 0 || !ReadlineEditor.state.candidates.isEmpty else { return nil }
            return ReadlineEditor.state.candidates.isEmpty ? nil : strdup(ReadlineEditor.state.candidates.removeFirst())
        }
    }
}
