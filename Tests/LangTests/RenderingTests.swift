import Lang
import Testing
import Text

@Suite struct Rendering {
    private func shown(_ text: String, _ span: Span, hint: String? = nil, width: Int = 80) -> String {
        Diagnostic(.name, "'x' is not defined", at: .init(Source(name: "a.pada", text: text), span), hint: hint).rendered(width: width)
    }

    @Test func aPlaceIsUnderlined() {
        #expect(shown("let a = 1\nlet b = xyz + a", Span(18, 21), hint: "did you mean 'a'?") == """
        name error: 'x' is not defined
          --> a.pada:2:9
           |
         2 | let b = xyz + a
           |         ^^^
           = hint: did you mean 'a'?
        """)
    }

    @Test func tabsAndWideCharactersKeepTheUnderlineInPlace() {
        #expect(shown("\tlet\ta = 日本 + é", Span(9, 15)) == """
        name error: 'x' is not defined
          --> a.pada:1:10
           |
         1 |     let a = 日本 + é
           |             ^^^^
        """)
    }

    @Test func severalLinesAreUnderlinedEach() {
        #expect(shown("foo(a,\n    b,\n  c,\n\n\n  d)\n", Span(3, 25)) == """
        name error: 'x' is not defined
          --> a.pada:1:4
           |
         1 | foo(a,
           |    ^^^
         2 |     b,
           |     ^^
           …
         6 |   d)
           |   ^^
        """)
    }

    @Test func longLinesAreCutAroundThePlace() {
        let text = String(repeating: "abc ", count: 100) + "xyz" + String(repeating: " abc", count: 100)
        #expect(shown(text, Span(400, 403), width: 40) == """
        name error: 'x' is not defined
          --> a.pada:1:401
           |
         1 | …abc abc xyz abc abc abc abc abc a…
           |          ^^^
        """)
    }

    @Test func theEndOfTheSourceCanBePointedAt() {
        #expect(shown("f(", Span(2, 2)) == """
        name error: 'x' is not defined
          --> a.pada:1:3
           |
         1 | f(
           |   ^
        """)
        #expect(shown("", Span(0, 0)).hasSuffix("--> a.pada:1:1\n   |\n 1 |\n   | ^"))
    }

    @Test func notesFollow() {
        let diagnostic = Parser.parse(Source(name: "b.pada", text: "f(1, 2\nlet y = 3")).diagnostics[0]
        #expect(diagnostic.rendered() == """
        syntax error: this '(' is never closed
          --> b.pada:1:2
           |
         1 | f(1, 2
           |  ^
        note: a new statement begins here
          --> b.pada:2:1
           |
         2 | let y = 3
           | ---
        """)
    }

    @Test func aRecursionIsFolded() {
        let source = Source(name: "a.pada", text: "fn f(n) = f(n - 1) + 1\nf(3)\n")
        let recursion = Diagnostic.TraceEntry(function: "f", place: .init(source, Span(10, 18)))
        let caller = Diagnostic.TraceEntry(function: "<script>", place: .init(source, Span(23, 27)))
        let diagnostic = Diagnostic(.limit, "too many nested calls", at: .init(source, Span(10, 18)), trace: Array(repeating: recursion, count: 9999) + [caller])
        #expect(diagnostic.rendered() == """
        limit error: too many nested calls
          --> a.pada:1:11
           |
         1 | fn f(n) = f(n - 1) + 1
           |           ^^^^^^^^
        called through, innermost first:
          in f         at a.pada:1:11
          … and this call 9998 times more
          in <script>  at a.pada:2:1   f(3)
        """)
    }

    @Test func aMutualRecursionIsFolded() {
        let source = Source(name: "a.pada", text: "fn f(n) = g(n)\nfn g(n) = f(n)\nf(1)\n")
        let f = Diagnostic.TraceEntry(function: "f", place: .init(source, Span(10, 14)))
        let g = Diagnostic.TraceEntry(function: "g", place: .init(source, Span(25, 29)))
        let trace = (0..<1000).map { $0 % 2 == 0 ? g : f }
        let text = Diagnostic(.error, "no", at: nil, trace: trace).rendered()
        #expect(text == """
        error: no
        called through, innermost first:
          in g  at a.pada:2:11
          in f  at a.pada:1:11  g(n)
          … and these 2 calls 499 times more
        """)
    }

    @Test func looksLeaveTheTextAlone() {
        let diagnostic = Parser.parse(Source(name: "b.pada", text: "f(1 2)")).diagnostics[0]
        #expect(diagnostic.rendered { "<\($0)>\($1)<>" }.replacing(#/<\w*>/#, with: "") == diagnostic.rendered())
    }

    @Test func lineWidthsAreThoseOfATerminal() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("日本") == 4)
        #expect(DisplayWidth.of("e\u{301}👩‍🔬❤️") == 5)
    }
}

@Suite struct Suggestions {
    @Test(arguments: [("epoch", "epochs"), ("lenght", "length"), ("Print", "print"), ("numepochs", "num_epochs"), ("acuracy", "accuracy"), ("teh", "the"), ("nor", "normal"), ("importence", "importance")])
    func findTheNearest(_ name: String, _ expected: String) {
        let known = ["epochs", "length", "print", "num_epochs", "accuracy", "the", "normal", "importance", "zebra"]
        #expect(Suggestion.nearest(to: name, among: known) == expected)
    }

    @Test func nothingIsBetterThanNonsense() {
        #expect(Suggestion.nearest(to: "foo", among: ["bar", "baz", "quux"]) == nil)
        #expect(Suggestion.nearest(to: "x", among: ["y", "z"]) == nil)
        #expect(Suggestion.nearest(to: "", among: ["y"]) == nil)
        #expect(Suggestion.nearest(to: "lr", among: ["le", "x"]) == "le")
    }
}
