import Lang
import Runtime
import Testing

/// Programs that use up all memory end in an error that can be caught, and the session goes on.
@Suite struct MemoryLimit {
    private func session() -> Session {
        var options = Session.Options()
        options.allowsRedeclaration = true
        options.memoryLimit = 32 << 20
        return Session(options: options)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [
        "let xs = []\nwhile true { xs.push(1) }",
        "let xs = []\nwhile true { xs.push([1, 2]) }",
        "var xs = []\nwhile true { xs = [xs, xs] }",
        "[x for x in 0..10 ** 12]",
        "[[x] for x in 0..10 ** 12]",
        "{x: x for x in 0..10 ** 12}",
        "{\"{x}\": x for x in 0..10 ** 12}",
        "let m = {}\nvar i = 0\nwhile true { m[i] = i; i += 1 }",
        "let fs = []\nwhile true { let x = 1; fs.push(() => x) }",
        "let ts = []\nwhile true { ts.push(zeros([1000])) }",
        "let s = []\nwhile true { s.push(\"a\" * 1000) }",
        "let xs = [1]\nwhile true { xs.extend(copy(xs)) }",
        "map(0..10 ** 7, x => [x, x])",
    ])
    func isKept(_ program: String) {
        let session = session()
        let (outputs, outcome) = session.run(Source(name: "cell", text: program))
        #expect(outcome == .runtimeError)
        let kinds = outputs.compactMap { if case .error(let diagnostics) = $0 { diagnostics.first?.kind } else { nil } }
        #expect(kinds == [.limit], "\(outputs)")
        #expect(session.run(Source(name: "cell", text: "var xs = nil\nvar m = nil\nvar fs = nil\nvar ts = nil\nvar s = nil\n1 + 1")).outcome == .finished)
    }

    @Test func theErrorCanBeCaught() {
        let session = session()
        let program = """
        let kind = try {
            let xs = []
            while true { xs.push([1, 2]) }
        } catch e { e.kind }
        assert(kind == "limit")
        print(sum([x for x in 0..1000]))
        """
        let (outputs, outcome) = session.run(Source(name: "cell", text: program))
        #expect(outcome == .finished, "\(outputs)")
    }

    @Test func garbageDoesNotCount() {
        let session = session()
        let (outputs, outcome) = session.run(Source(name: "cell", text: "var s = \"\"\nfor i in 0..2000 { s = \"a\" * 100000 }\nlen(s)"))
        #expect(outcome == .finished, "\(outputs)")
    }
}
