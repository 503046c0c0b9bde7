@preconcurrency import CReadline
import Foundation

/// The keys that do something else here than elsewhere in readline. Each has a name, so that ~/.inputrc may bind it.
extension ReadlineEditor {
    private typealias KeyCommand = @convention(c) (Int32, Int32) -> Int32

    private static let enterKey: KeyCommand = { count, key in ReadlineEditor.enter(count, key) }
    private static let breakKey: KeyCommand = { _, _ in ReadlineEditor.insertLineBreak() }
    private static let tabKey: KeyCommand = { _, _ in ReadlineEditor.complete() }
    private static let bracketKey: KeyCommand = { count, key in ReadlineEditor.closeBracket(count, key) }
    private static let upKey: KeyCommand = { _, _ in ReadlineEditor.moveUp() }
    private static let downKey: KeyCommand = { _, _ in ReadlineEditor.moveDown() }
    private static let startKey: KeyCommand = { _, _ in ReadlineEditor.move(to: ReadlineEditor.currentLine.lowerBound) }
    private static let endKey: KeyCommand = { _, _ in ReadlineEditor.move(to: ReadlineEditor.currentLine.upperBound) }
    private static let killKey: KeyCommand = { _, _ in ReadlineEditor.killRestOfLine() }
    /// As they are bound, and what they send.
    private static let lineKeys = [
        ("\\C-a", "\u{1}"), ("\\e[H", "\u{1B}[H"), ("\\eOH", "\u{1B}OH"), ("\\e[1~", "\u{1B}[1~"), ("0", "0"),
        ("\\C-e", "\u{5}"), ("\\e[F", "\u{1B}[F"), ("\\eOF", "\u{1B}OF"), ("\\e[4~", "\u{1B}[4~"), ("$", "$"), ("\\C-k", "\u{B}"),
    ]
    /// By readline's names for its own.
    private static let lineCommands = [("beginning-of-line", startKey), ("end-of-line", endKey), ("kill-line", killKey)]
    private static let clearKey: KeyCommand = { _, _ in ReadlineEditor.clearScreen() }
    private static let pasteKey: KeyCommand = { _, _ in
        ReadlineEditor.state.paste = []
        return 0
    }

    /// Before readline reads ~/.inputrc, so that it has the last word.
    static func nameKeys() {
        rl_add_defun("padash-enter", enterKey, -1)
        rl_add_defun("padash-line-break", breakKey, -1)
        rl_add_defun("padash-complete", tabKey, -1)
        rl_add_defun("padash-previous", upKey, -1)
        rl_add_defun("padash-next", downKey, -1)
        rl_add_defun("padash-beginning-of-line", startKey, -1)
        rl_add_defun("padash-end-of-line", endKey, -1)
        rl_add_defun("padash-kill-line", killKey, -1)
        rl_add_defun("padash-clear-screen", clearKey, -1)
        for key in ["\\e[A", "\\eOA", "\\C-p"] { bind("\"\(key)\": padash-previous") }
        for key in ["\\e[B", "\\eOB", "\\C-n"] { bind("\"\(key)\": padash-next") }
        for key in ["\\e\\C-m", "\\e\\C-j"] { bind("\"\(key)\": padash-line-break") }
        bind("\"\\C-l\": padash-clear-screen")
    }

    /// After ~/.inputrc: readline's own commands for these would draw, and could not.
    static func bindKeys() {
        bind("set blink-matching-paren off")
        for name in ["emacs", "vi-insert", "vi-command"] {
            guard let keymap = rl_get_keymap_by_name(name) else { continue }
            for key: Int32 in [10, 13] { rl_bind_key_in_map(key, enterKey, keymap) }
            rl_bind_keyseq_in_map("\u{1B}[200~", pasteKey, keymap)
            // Wherever readline's own are bound, by itself, /etc/inputrc or the user: to them the whole entry is a line.
            for (key, bytes) in lineKeys {
                let bound = rl_function_of_keyseq(bytes, keymap, nil).map { unsafeBitCast($0, to: UInt.self) }
                for (name, ours) in lineCommands where rl_named_function(name).map({ unsafeBitCast($0, to: UInt.self) }) == bound {
                    rl_bind_keyseq_in_map(key, ours, keymap)
                }
            }
            guard name != "vi-command" else { continue }
            rl_bind_key_in_map(9, tabKey, keymap)
            for bracket in ")]}".utf8 { rl_bind_key_in_map(Int32(bracket), bracketKey, keymap) }
        }
    }

    // MARK: - Lines

    /// Ends the entry when it is whole, and begins a new line of it otherwise.
    private static func enter(_ count: Int32, _ key: Int32) -> Int32 {
        // A pasted text often ends in line breaks.
        let entry = String(text.reversed().drop(while: \.isWhitespace).reversed())
        guard state.isQuestion || entry.isEmpty || state.rules.isWhole(entry) else { return insertLineBreak() }
        leave()
        return rl_newline(count, key)
    }

    /// The new line is indented as the one before, and further after an opening bracket.
    private static func insertLineBreak() -> Int32 {
        let line = textBeforeCursor.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        // What is pasted brings its own indentation.
        guard !Descriptors.isInputWaiting else { return rl_insert_text("\n") }
        let opens = line.last { !$0.isWhitespace }.map { "{[(".contains($0) } ?? false
        rl_insert_text("\n" + line.prefix { $0 == " " } + (opens ? indentation : ""))
        state.indented = rl_point
        return 0
    }

    /// A closing bracket right after an indentation that was made for it goes back to where the block began.
    private static func closeBracket(_ count: Int32, _ key: Int32) -> Int32 {
        if state.indented == rl_point, textBeforeCursor.hasSuffix(indentation) {
            let start = rl_point - Int32(indentation.utf8.count)
            rl_delete_text(start, rl_point)
            rl_point = start
        }
        return rl_insert(count, key)
    }

    private static let indentation = "    "

    /// Where the line that the cursor is in begins and ends. Readline takes the whole entry for one line.
    private static var currentLine: ClosedRange<Int32> {
        let before = textBeforeCursor.utf8
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { before[...$0].count } ?? 0
        let rest = text.utf8.dropFirst(before.count)
        return Int32(start)...Int32(before.count + rest.prefix { $0 != UInt8(ascii: "\n") }.count)
    }

    private static func move(to position: Int32) -> Int32 {
        rl_point = position
        return 0
    }

    /// At the end of a line, what is killed is the line break.
    private static func killRestOfLine() -> Int32 {
        let end = currentLine.upperBound
        rl_kill_text(rl_point, end == rl_point ? min(end + 1, rl_end) : end)
        return 0
    }

    private static func clearScreen() -> Int32 {
        state.screen.clear()
        state.needsDrawing = true
        return 0
    }

    // MARK: - Up and down

    /// Entries of the history that begin as the text did before the first of several presses.
    struct Recall {
        var prefix: String
        /// The text that was being typed.
        var unfinished: String
    }

    /// The line above in the entry, and from the first line the entry before.
    private static func moveUp() -> Int32 {
        let lines = textBeforeCursor.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let current = lines.last else { return recall(by: -1) }
        state.recall = nil
        let above = lines[lines.count - 2]
        let start = Int(rl_point) - current.utf8.count - 1 - above.utf8.count
        rl_point = Int32(start + above.prefix(current.count).utf8.count)
        return 0
    }

    /// The line below in the entry, and from the last line the entry after.
    private static func moveDown() -> Int32 {
        let current = textBeforeCursor.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        let rest = text.utf8.dropFirst(Int(rl_point))
        guard let lineBreak = rest.firstIndex(of: UInt8(ascii: "\n")) else { return recall(by: 1) }
        state.recall = nil
        let below = Substring(rest[rest.index(after: lineBreak)...]).prefix { !$0.isNewline }
        rl_point += Int32(rest[...lineBreak].count + below.prefix(current.count).utf8.count)
        return 0
    }

    private static func recall(by step: Int32) -> Int32 {
        var position = where_history()
        let current = text
        let recall = continuedRecall ?? Recall(prefix: textBeforeCursor, unfinished: current)
        state.recall = recall
        position += step
        while position >= 0, position < history_length {
            if let line = history_get(history_base + position)?.pointee.line {
                let entry = String(cString: line)
                if entry.hasPrefix(recall.prefix), entry != current {
                    history_set_pos(position)
                    replaceText(entry)
                    // So that pressing on goes on through the history.
                    if step < 0, let end = entry.utf8.firstIndex(of: UInt8(ascii: "\n")) { rl_point = Int32(entry.utf8[..<end].count) }
                    return 0
                }
            }
            position += step
        }
        guard step > 0, where_history() < history_length else { return rl_ding() }
        history_set_pos(history_length)
        replaceText(recall.unfinished)
        return 0
    }

    /// What the key before this one recalled, if it did.
    private static var continuedRecall: Recall? {
        let last = rl_last_func.map { unsafeBitCast($0, to: UInt.self) }
        return last == unsafeBitCast(upKey, to: UInt.self) || last == unsafeBitCast(downKey, to: UInt.self) ? state.recall : nil
    }

    private static func replaceText(_ text: String) {
        rl_replace_line(text, 1)
        rl_point = rl_end
    }

    // MARK: - Completion

    /// Completes the word before the cursor, or indents where there is none.
    private static func complete() -> Int32 {
        let before = textBeforeCursor
        let line = before.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        if line.allSatisfy(\.isWhitespace) { return rl_insert_text(indentation) }
        guard !state.isQuestion else { return rl_ding() }
        let (start, candidates) = state.rules.complete(before, before.utf8.count)
        guard let first = candidates.first, start <= before.utf8.count else { return rl_ding() }
        let word = String(decoding: before.utf8.dropFirst(start), as: UTF8.self)
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1, options: .literal) }
        if common != word, common.hasPrefix(word) {
            rl_begin_undo_group()
            rl_delete_text(Int32(start), rl_point)
            rl_point = Int32(start)
            // After `lr:` a value follows; after a name, more often than not, a bracket or point.
            rl_insert_text(candidates.count == 1 && first.hasSuffix(":") ? first + " " : common)
            rl_end_undo_group()
        } else if candidates.count == 1 {
            return rl_ding()
        }
        if candidates.count > 1 {
            let point = rl_point
            leave()
            rl_point = point
            let list = Columns.text(candidates, width: Descriptors.width, height: Descriptors.height - 4)
            _ = Descriptors.write(Array((list + "\n").utf8), to: 1)
            state.needsDrawing = true
        }
        return 0
    }
}
