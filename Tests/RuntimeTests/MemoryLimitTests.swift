import Lang
@testable import Library
@testable import Runtime
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
        "let xs = []\nlet s = mlp(depth: 100)\nwhile true { xs.push(draw(s)) }",
        "let xs = []\nlet ys = list(0..10000)\nwhile true { xs.push(plot.scatter(ys, ys, show: false)) }",
        "let xs = []\nlet ys = list(0..10000)\nwhile true { xs.push(plot.bar(ys, show: false)) }",
        "let xs = []\nlet d = noise_images(10000, shape: [1, 1, 1])\nwhile true { xs.push(importance(d)) }",
        "let xs = []\nlet ys = repeat([1.0], 10000)\nwhile true { xs.push(dirichlet(ys)) }",
        "let xs = []\nlet ys = list(0..10000)\nwhile true { xs.push(categorical(ys)) }",
        "let xs = []\nlet ys = [normal(x, 1) for x in 0..1000]\nwhile true { xs.push(mixture(ys)) }",
        "let xs = []\nlet ys = [[x / 10000, x] for x in 0..10001]\nwhile true { xs.push(piecewise(ys)) }",
        "let xs = []\nlet w = {a: ones([10000])}\nwhile true { let o = adam(lr: 0.1)\no.step(w, w)\nxs.push(o) }",
        "let xs = []\nwhile true { xs.push(rng(1)) }",
        "let m = {}\nvar i = 0\nwhile true { m[\"{i}\"] = [i]; i += 1 }",
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

    /// At a prompt every value is kept. The user can let go of them, and goes on.
    @Test func cellByCell() {
        var options = Session.Options()
        (options.allowsRedeclaration, options.remembersValues, options.memoryLimit) = (true, true, 32 << 20)
        let session = Session(options: options)
        func run(_ text: String) -> (kind: Diagnostic.Kind?, hint: String?) {
            for output in session.run(Source(name: "cell", text: text)).outputs {
                if case .error(let diagnostics) = output { return (diagnostics.first?.kind, diagnostics.first?.hint) }
            }
            return (nil, nil)
        }
        // 4 MB each.
        let kinds = (0..<10).map { _ in run("zeros([1000000])") }
        let refused = kinds.filter { $0.kind == .limit }
        #expect(kinds.prefix(7).allSatisfy { $0.kind == nil } && !refused.isEmpty, "\(kinds)")
        #expect(refused.allSatisfy { $0.hint?.contains("clear(Out)") == true })
        #expect(run("clear(Out)").kind == nil && run("zeros([1000000])").kind == nil && run("sum(ones([1000]))").kind == nil)
    }

    /// The frame of the next cell has registers that it has not written to yet: what the cell before left there is garbage.
    @Test func registersOfTheCellBefore() throws {
        let session = session()
        let (outputs, outcome) = session.run(Source(name: "cell", text: "[0, 1, 2, 3, 4, len(list(0..1500000))]"))
        #expect(outcome == .finished, "\(outputs)")
        try session.vm.collect(top: session.vm.stack + 100)
        #expect(session.vm.heap.bytesInUse < 1 << 20)
    }

    /// Without a call or a loop in between.
    @Test func straightLines() {
        let lines = (0..<12).map { "let a\($0) = ones([1000000])" }.joined(separator: "\n    ")
        let program = "let kind = try {\n    \(lines)\n    a0\n} catch e { e.kind }\nprint(kind)"
        let (outputs, outcome) = session().run(Source(name: "cell", text: program))
        let text = outputs.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
        #expect(outcome == .finished && text == "limit\n", "\(outputs)")
    }

    /// What a tensor takes over from a checkpoint is counted when it comes and when it goes.
    @Test func valuesThatGrowInPlace() {
        let session = session()
        let program = """
        let file = "/tmp/padash-grow-{clock()}"
        save(file, {t: ones([1000000])})
        for i in 0..100 { load(file, into: {t: ones([1])}) }
        remove_file(file)
        let kind = try { let xs = []; while true { xs.push("abc" * 100000) } } catch e { e.kind }
        assert(kind == "limit")
        """
        #expect(session.run(Source(name: "cell", text: program)).outcome == .finished)
        session.vm.heap.checkCharges()
    }

    @Test func garbageDoesNotCount() {
        let session = session()
        let (outputs, outcome) = session.run(Source(name: "cell", text: "var s = \"\"\nfor i in 0..2000 { s = \"a\" * 100000 }\nlen(s)"))
        #expect(outcome == .finished, "\(outputs)")
    }
}
