import Foundation
import Lang
import Text

extension KernelServer {
    enum Operation: String { case execute, complete, inspect, isComplete, history }

    struct Request {
        var operation: Operation
        var code = ""
        var cursor: Int?
        var number: Int?
        var isSilent = false

        /// nil for what is no object with an operation. Halves of surrogate pairs, which Python's texts may have, become U+FFFD.
        init?(_ line: String) {
            guard let request = try? JSONText(line), let operation = (request["operation"]?.string?.text).flatMap(Operation.init) else {
                return nil
            }
            func number(_ name: String) -> Int? { if case .word(let word)? = request[name] { Int(word) } else { nil } }
            self.operation = operation
            code = request["code"]?.string?.text ?? ""
            cursor = number("cursor")
            self.number = number("number")
            isSilent = request["isSilent"] == .word("true")
        }
    }

    struct Reply: Encodable {
        enum Kind: String, Encodable { case text, value, display, page, progress, warning, error, done }

        var type: Kind
        var text: String?
        /// By MIME type.
        var data: [String: String]?
        var isFinished: Bool?
        var name: String?
        var message: String?
        var trace: [String]?
        var status: String?
        var matches: [String]?
        var start: Int?
        /// Whether code is `complete`, `incomplete` or `invalid`.
        var completeness: String?
        var entries: [String]?

        init(
            type: Kind, text: String? = nil, data: [String: String]? = nil, isFinished: Bool? = nil, status: String? = nil,
            matches: [String]? = nil,
            start: Int? = nil, completeness: String? = nil, entries: [String]? = nil
        ) {
            (self.type, self.text, self.data, self.isFinished, self.status) = (type, text, data, isFinished, status)
            (self.matches, self.start, self.completeness, self.entries) = (matches, start, completeness, entries)
        }

        init(mistake: String) {
            self.init(type: .error)
            (name, message, trace) = ("request error", mistake, [mistake])
        }

        /// nil for progress that need not be shown.
        init?(_ output: Output, _ progress: ProgressReplies) {
            switch output {
            case .text(let text): self.init(type: .text, text: text.drawing)
            case .value(let value):
                self.init(type: .value, data: ["text/plain": value.text])
                data?["text/html"] = value.table?.html
            case .plot(let plot): self.init(type: .display,
                data: ["text/plain": plot.terminal(isColored: false), "image/svg+xml": plot.svg])
            case .progress(let report):
                guard let reply = progress.reply(to: report) else { return nil }
                self = reply
            case .warning(let text): self.init(type: .warning, text: "warning: \(text)\n")
            case .error(let diagnostics):
                self.init(type: .error)
                name = diagnostics.first.map { "\($0.kind.rawValue) error" }
                message = diagnostics.first?.message
                trace = Style.colored.diagnostics(diagnostics, width: 100).components(separatedBy: "\n")
            }
        }
    }
}

/// The progress of a cell as replies: the running loops in one line, at most ten times a second.
final class ProgressReplies: @unchecked Sendable {
    private var line = ProgressLine()
    private var latest = ""
    private var isShown = true
    private var next = ContinuousClock.now

    private static let width = 79

    func reply(to report: ProgressReport) -> KernelServer.Reply? {
        if let finished = line.update(report) {
            isShown = true
            return .init(type: .progress, text: ProgressLine.text(finished, width: Self.width, style: Style(isColored: false)),
                isFinished: true)
        }
        guard !line.isEmpty else { return nil }
        latest = line.text(width: Self.width, style: Style(isColored: false))
        isShown = false
        guard ContinuousClock.now >= next else { return nil }
        next = .now + .milliseconds(100)
        isShown = true
        return .init(type: .progress, text: latest, isFinished: false)
    }

    /// How far a loop came that did not finish.
    func last() -> KernelServer.Reply? { isShown ? nil : .init(type: .progress, text: latest, isFinished: true) }
}

/// What documentation is asked for: the name at the cursor, or else the function whose argument list is open there.
struct NameAtCursor {
    let names: [String]

    init(code: String, before: String) {
        let isNamePart = { (c: Character) in c.isLetter || c.isNumber || c == "_" || c == "." }
        let after = code.dropFirst(before.count).prefix(while: isNamePart)
        var names = [NameAtCursor.last(of: before) + after]
        var depth = 0
        for index in before.indices.reversed() {
            switch before[index] {
            case ")", "]", "}": depth += 1
            case "[", "{": depth -= 1
            case "(":
                depth -= 1
                if depth < 0 {
                    names.append(NameAtCursor.last(of: before[..<index]))
                    depth = 0
                }
            default: break
            }
        }
        self.names = names.filter { !$0.isEmpty }
    }

    private static func last(of text: some StringProtocol) -> String {
        String(text.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }.reversed())
    }
}
