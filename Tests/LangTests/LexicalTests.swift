import Lang
import Testing

@Suite struct Lexical {
    @Test func numbers() {
        expectTree("42; 1_000; 0xff; 0b101; 0o17; 0", "42 1000 255 5 15 0")
        expectTree("2.5; 1e-3; 1.5E+2; 1_0.2_5; 0.0", "2.5 0.001 150.0 10.25 0.0")
        expectTree("9223372036854775807; -9223372036854775808; 0x7fffffffffffffff", "9223372036854775807 -9223372036854775808 9223372036854775807")
        expectTree("1..3; 1.0..2.5; 1.foo; 1.5.foo", "(.. 1 3) (.. 1.0 2.5) (. 1 foo) (. 1.5 foo)")
    }

    @Test func identifiersMayBeInAnyScript() {
        expectTree("let größe = 1; let μ_2 = größe; _ = λ", "(let größe 1) (let μ_2 größe) (= _ λ)")
    }

    @Test func plainStrings() {
        #expect(parts(of: "\"\"").isEmpty)
        #expect(text(of: #""a\n\t\"\\\{\}\u{1F600}\0\r""#) == "a\n\t\"\\{}😀\0\r")
        #expect(text(of: "\"}\"") == "}")
        #expect(text(of: #"r"\d{3}\n""#) == #"\d{3}\n"#)
        #expect(text(of: #"r"""a "q" \n""""#) == #"a "q" \n"#)
    }

    @Test func interpolation() {
        expectTree(#""acc {acc:.3f} after {n} epochs""#, #""acc {acc:.3f} after {n} epochs""#)
        expectTree(#""{kendall(a, truth.lookup(s, "test")):.3f}""#, #""{(call kendall a (call (. truth lookup) s "test")):.3f}""#)
        expectTree(#""{m ?? 1:>8}|{f({a: 1}, k: 2):,}|{s[1..2]}|{{a: 1}}""#, #""{(?? m 1):>8}|{(call f {a:1} k:2):,}|{(index s (.. 1 2))}|{{a:1}}""#)
        expectTree(#""in {"deep {"er {x:>3}"}"} out""#, #""in {"deep {"er {x:>3}"}"} out""#)
        expectTree(#""{xs.map(x => { let y = x; y })}""#, #""{(call (. xs map) (fn (x) {(let y x) y}))}""#)
        expectTree(#""{x:}""#, #""{x:}""#)
    }

    @Test func multilineStringsLoseTheirIndentation() {
        #expect(text(of: "\"\"\"\n    a\n      b\n\n    c\n    \"\"\"") == "a\n  b\n\nc\n")
        #expect(text(of: "\"\"\"\n  a\n    \"\"\"") == "a\n  ")
        #expect(text(of: "\"\"\"\n  a\n  b\"\"\"") == "a\nb")
        #expect(text(of: "\"\"\"one \"quoted\" line\"\"\"") == "one \"quoted\" line")
        #expect(text(of: "\"\"\"\r\n  a\r\n  b\r\n  \"\"\"") == "a\nb\n")
        #expect(text(of: "r\"\"\"\n  \\d\n  \"\"\"") == "\\d\n")
        expectTree("\"\"\"\n    a {x}\n    {\n  y\n    }\n    \"\"\"", "\"a {x}\n{y}\n\"")
        #expect(text(of: "\"\"\"\"\"\"") == "")
    }

    @Test func lineEndsAndByteOrderMarks() {
        expectTree("\u{FEFF}let a = 1\r\nlet b = 2\r\n", "(let a 1) (let b 2)")
        expectTree("#!/usr/bin/env padash\n1", "1")
        expectTree("", "")
        expectTree("\n\n  # nothing\n;;\n", "")
    }

    @Test func keywordsAreListed() {
        #expect(Keywords.all.count == 25)
        #expect(Keywords.all.contains("with"))
    }
}

private func parts(of text: String) -> [StringPart] {
    let (program, diagnostics) = Parser.parse(Source(name: "t", text: text))
    #expect(diagnostics.isEmpty)
    guard case .expression(let expression)? = program.statements.first?.kind, case .string(let parts) = expression.kind else { return [] }
    return parts
}

/// The characters of a string without interpolation.
private func text(of literal: String) -> String {
    let parts = parts(of: literal)
    guard parts.count <= 1 else { return "<\(parts.count) parts>" }
    guard case .text(let text)? = parts.first else { return "" }
    return text
}
