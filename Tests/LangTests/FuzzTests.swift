import Lang
import Testing

@Suite struct Fuzz {
    /// A small generator with a fixed seed (xorshift), so that a failure comes again.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    @Test func theCorpusIsValid() {
        for script in Corpus.scripts {
            #expect(mistakes(script) == [])
        }
    }

    @Test func truncatedScriptsAreRead() {
        for script in Corpus.scripts {
            for length in 0..<script.unicodeScalars.count {
                check(String(String.UnicodeScalarView(script.unicodeScalars.prefix(length))))
            }
        }
    }

    @Test func mutatedScriptsAreRead() {
        var generator = Generator(state: 0x9E37_79B9_7F4A_7C15)
        let pieces = ["(", ")", "[", "]", "{", "}", "\"", "\"\"\"", "\n", ";", ":", ",", "=>", "=", "..", "...", "if ", "else ", "fn ", "let ", "for ", " in ", "not ", "try ", "catch ",
                      "-", "**", "|>", "??", "~", "#", "##", "\\", "'", "“", "\0", "\r", "é", "😀", "1", "1e", "0x", "x", "{x:", "return ", "import ", "!", "?", ".", "r\"", " "]
        for round in 0..<6_000 {
            var scalars = Array(Corpus.scripts[round % Corpus.scripts.count].unicodeScalars)
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !scalars.isEmpty {
                let at = Int.random(in: 0..<scalars.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: scalars.remove(at: at)
                case 1: scalars.insert(contentsOf: pieces.randomElement(using: &generator)!.unicodeScalars, at: at)
                case 2: scalars.replaceSubrange(at..<min(at + 8, scalars.count), with: pieces.randomElement(using: &generator)!.unicodeScalars)
                default: scalars.swapAt(at, Int.random(in: 0..<scalars.count, using: &generator))
                }
            }
            check(String(String.UnicodeScalarView(scalars)))
        }
    }

    /// The parser ends, its spans lie in the text, an error node never comes without a mistake, and the mistakes can be shown.
    private func check(_ text: String) {
        let source = Source(name: "fuzz", text: text)
        let (program, diagnostics) = Parser.parse(source)
        for diagnostic in diagnostics {
            _ = diagnostic.rendered(width: 60) { "<\($0)>\($1)" }
            guard let place = diagnostic.place else { continue }
            if place.span.end > source.bytes.count || place.span.start > place.span.end { Issue.record("span out of bounds in \(text)") }
        }
        for statement in program.statements where statement.span.end > source.bytes.count || statement.span.start > statement.span.end {
            Issue.record("statement out of bounds in \(text)")
        }
        if diagnostics.isEmpty, dump(program).contains("<error>"), !text.contains("<error>") { Issue.record("silent error in \(text)") }
        if diagnostics.count > 21 { Issue.record("too many mistakes in \(text)") }
        _ = Parser.isComplete(text)
    }
}
