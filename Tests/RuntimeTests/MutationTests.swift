import Foundation
import Lang
import Library
import Runtime
import Testing

/// Scripts with mistakes that nobody thought of: the golden scripts with tokens and bytes deleted, doubled and swapped.
/// The parser, the compiler and the VM survive all of them, and the session works on afterwards.
@Suite struct Mutations {
    /// A small generator with a fixed seed (xorshift), so that a failure comes again.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    /// Scripts that touch nothing but their own session, and take no time.
    private static let scripts: [[String]] = GoldenScript.all.filter { script in
        !["engine", "data", "files", "limits", "recursion", "imports"].contains(script.topic)
            && !["write_text", "append_text", "read_text", "exit", "import"].contains { script.text.contains($0) }
    }.map { tokens(of: $0.text) }

    @Test(.timeLimit(.minutes(5)), arguments: [0x9E37_79B9_7F4A_7C15, 0x2545_F491_4F6C_DD1D] as [UInt64])
    func areSurvived(_ seed: UInt64) {
        var generator = Generator(state: seed)
        let watch = Watch()
        for _ in 0..<15 {
            var options = Session.Options()
            options.allowsRedeclaration = true
            options.memoryLimit = 64 << 20
            let session = Session(options: options)
            for _ in 0..<100 {
                guard let script = Self.scripts.randomElement(using: &generator) else { return }
                let text = Self.mutated(script, &generator)
                if let path = ProcessInfo.processInfo.environment["PADASH_LAST_MUTATION"] { try? text.write(toFile: path, atomically: false, encoding: .utf8) }
                watch.begin(session)
                let (outputs, _) = session.run(Source(name: "mutation", text: text))
                watch.end()
                for case .error(let diagnostics) in outputs {
                    for diagnostic in diagnostics { _ = diagnostic.rendered(width: 60) { "<\($0)>\($1)" } }
                }
            }
            let (outputs, outcome) = session.run(Source(name: "afterwards", text: "[1 + 1, \"a{2}\"]"))
            #expect(outcome == .finished, "\(outputs)")
        }
    }

    // MARK: - Mutating

    /// Words, runs of spaces, and single characters.
    private static func tokens(of text: String) -> [String] {
        var tokens: [String] = []
        var kind = 0
        for character in text {
            let own = character.isLetter || character.isNumber || character == "_" ? 1 : character == " " ? 2 : 0
            if own != 0, own == kind { tokens[tokens.count - 1].append(character) } else { tokens.append(String(character)) }
            kind = own
        }
        return tokens
    }

    private static let strangers = [
        "(", ")", "[", "]", "{", "}", "\"", "\n", "..", "...", "=", "=>", "|>", "~", "??", "not ", "nil", "-1", "9223372036854775807", "1e308", "0", "nan", "[]", "{}", "x",
        " if true { ", " for x in ", "try { ", " } catch e { ", "while ", "let x = ", "x => ", "...[1, 2]", "fn f(...a) = ", "return ", "break", "draw(", "tensor(", "** ", "# ", "\u{0}", "é",
    ]

    private static func mutated(_ script: [String], _ generator: inout Generator) -> String {
        var tokens = script
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !tokens.isEmpty {
            let at = Int.random(in: 0..<tokens.count, using: &generator)
            let other = Int.random(in: 0..<tokens.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: tokens.remove(at: at)
            case 1: tokens.insert(tokens[at], at: other)
            case 2: tokens.swapAt(at, other)
            case 3: tokens[at] = tokens[other]
            case 4: tokens.insert(strangers[Int.random(in: 0..<strangers.count, using: &generator)], at: at)
            default:
                var bytes = Array(tokens[at].utf8)
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[position] = UInt8.random(in: 9...126, using: &generator)
                tokens[at] = String(decoding: bytes, as: UTF8.self)
            }
        }
        return tokens.joined()
    }

    /// Interrupts a script that has run for a while.
    private final class Watch: @unchecked Sendable {
        private let lock = NSLock()
        private var running: (session: Session, since: Date)?
        private let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "mutations"))

        init() {
            timer.setEventHandler { [weak self] in
                guard let self else { return }
                lock.withLock { if let running, Date().timeIntervalSince(running.since) > 0.05 { running.session.interrupt() } }
            }
            timer.schedule(deadline: .now(), repeating: 0.02)
            timer.resume()
        }

        func begin(_ session: Session) { lock.withLock { running = (session, Date()) } }
        func end() { lock.withLock { running = nil } }

        deinit { timer.cancel() }
    }
}
