import Lang
import Library
import Runtime
import Testing

/// An error inside a module that ships with the language is shown at the user's call, and then at the inside.
@Suite struct LibraryErrors {
    @Test func theCallIsShownFirst() {
        let session = Session()
        let library = Source(name: "<ranking>", text: "fn best(scores) = first(scores)\nfn first(xs) = xs[0]\n", isLibrary: true)
        #expect(session.run(library).outcome == .finished)
        let (outputs, _) = session.run(Source(name: "mine.pada", text: "let scores = []\nprint(best(scores))"))
        let shown = outputs.compactMap { if case .error(let diagnostics) = $0 { diagnostics.first?.rendered() } else { nil } }
        #expect(shown == ["""
        index error: index 0 is out of range for a list of length 0
          --> mine.pada:2:7
           |
         2 | print(best(scores))
           |       ^^^^^^^^^^^^
           = hint: the list is empty
        note: it comes from inside '<ranking>'
          --> <ranking>:2:16
           |
         2 | fn first(xs) = xs[0]
           |                -----
        called through, innermost first:
          in first(xs: [])     at <ranking>:2:16
          in best(scores: [])  at <ranking>:1:19  first(scores)
          in <top level>       at mine.pada:2:7   best(scores)
        """])
    }

    @Test func theErrorCaughtIsAtTheCall() {
        let session = Session()
        #expect(session.run(Source(name: "<ranking>", text: "\n\nfn first(xs) = xs[0]\n", isLibrary: true)).outcome == .finished)
        let (outputs, _) = session.run(Source(name: "mine.pada", text: "try { first([]) } catch e { e.line }"))
        let shown = outputs.compactMap { if case .value(let value) = $0 { value.text } else { nil } }
        #expect(shown == ["1"])
    }
}
