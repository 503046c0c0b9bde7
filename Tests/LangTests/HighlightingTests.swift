import Lang
import Testing

@Suite struct HighlightingTests {
    private func parts(_ code: String) -> [String] {
        let bytes = Array(code.utf8)
        return Highlighting.parts(of: code).map { "\($0.part) \(String(decoding: bytes[$0.span.start..<$0.span.end], as: UTF8.self))" }
    }

    @Test func eachKindOfPart() {
        #expect(parts("let x = nil + 1.5 # why") == ["keyword let", "constant nil", "number 1.5", "comment # why"])
    }

    @Test func codeInsideAStringIsCode() {
        #expect(parts("\"a {if x} b\"") == ["string \"", "string a ", "keyword if", "string  b", "string \""])
    }

    @Test(arguments: ["\"open", "r\"open", "\"\"\"a\nb", "\"a {1", "'a'", "…", "let 1x", "\"é", "\u{1B}[31m", "}}}", "\"{\"{\"{"])
    func unfinishedAndWrongTextStaysAsItIs(_ code: String) {
        #expect(Highlighting.pieces(of: code).map(\.text).joined() == code)
    }

    @Test func theOpenString() {
        #expect(Highlighting.openString(in: "f(\"a/b") == 3)
        #expect(Highlighting.openString(in: "f(r\"a/b") == 4)
        #expect(Highlighting.openString(in: "f(\"") == 3)
        #expect(Highlighting.openString(in: "f(\"a\" + x") == nil)
        #expect(Highlighting.openString(in: "\"a {x") == nil)
        #expect(Highlighting.openString(in: "\"a {x} b") == 1)
    }
}
