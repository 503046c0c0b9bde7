import Foundation

/// The prompt where standard output is no terminal: lines as they come, the prompt on standard error.
final class PlainEditor: LineEditor {
    private let signals: PromptSignals
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    init(signals: PromptSignals) { self.signals = signals }

    func readLine(prompt: Prompt, before: String) -> LineResult {
        _ = Descriptors.write(Array(prompt.text.utf8), to: 2)
        return signals.whileWaiting {
            while true {
                if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { buffer.removeSubrange(...end) }
                    return .line(String(decoding: buffer[..<end], as: UTF8.self))
                }
                if isAtEnd {
                    defer { buffer = [] }
                    return buffer.isEmpty ? .end : .line(String(decoding: buffer, as: UTF8.self))
                }
                switch signals.next() {
                case .signal(SIGINT):
                    buffer = []
                    _ = Descriptors.write([UInt8(ascii: "\n")], to: 2)
                    return .interrupted
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
