import Foundation

/// The prompt where a line editor cannot work: lines as they come, the prompt on standard error.
final class PlainEditor: LineEditor {
    private let signals: PromptSignals
    private let rules: EntryRules
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    init(signals: PromptSignals, rules: EntryRules) {
        self.signals = signals
        self.rules = rules
    }

    func readEntry(_ prompts: Prompts) -> EntryResult {
        var entry = ""
        while true {
            let isEmpty = entry.isEmpty
            switch readLine(isEmpty ? prompts.input : prompts.continuation) {
            case .entry(let line):
                entry += line
                if entry.allSatisfy(\.isWhitespace) || rules.isWhole(entry) { return .entry(entry) }
                entry += "\n"
            case .interrupted(let wasEmpty): return .interrupted(wasEmpty: wasEmpty && isEmpty)
            case .end: return isEmpty ? .end : .interrupted(wasEmpty: false)
            }
        }
    }

    func ask(_ question: String) -> EntryResult { readLine(Prompts(question: question).input) }

    private func readLine(_ prompt: Prompt) -> EntryResult {
        _ = Descriptors.write(Array(prompt.text.utf8), to: 2)
        return signals.whileWaiting {
            while true {
                if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { buffer.removeSubrange(...end) }
                    return .entry(String(decoding: buffer[..<end], as: UTF8.self))
                }
                if isAtEnd {
                    defer { buffer = [] }
                    return buffer.isEmpty ? .end : .entry(String(decoding: buffer, as: UTF8.self))
                }
                switch signals.next() {
                case .signal(SIGINT):
                    let wasEmpty = buffer.isEmpty
                    buffer = []
                    _ = Descriptors.write([UInt8(ascii: "\n")], to: 2)
                    return .interrupted(wasEmpty: wasEmpty)
                case .signal(SIGTSTP): kill(getpid(), SIGSTOP)
                case .signal: break
                case .input: readSome()
                }
            }
        }
    }

    private func readSome() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = read(0, &chunk, chunk.count)
        if count > 0 { buffer.append(contentsOf: chunk[..<count]) } else if count == 0 || errno != EINTR { isAtEnd = true }
    }

    func remember(_ entry: String) {}
}
