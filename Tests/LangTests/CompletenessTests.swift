import Lang
import Testing

@Suite struct Completeness {
    @Test(arguments: ["f(", "[1, 2", "{a: 1,", "fn f() {", "fn f()", "if x {\n", "if x", "while x", "a +", "a |>", "a and", "let x =", "let x ~", "x =>", "f(x => {\n a\n",
                      "if a { } else", "if a { } else if b", "try { }", "\"\"\"\nabc", "\"\"\"\n{f(", "a not", "not", "-", "x = [\n  1,", "## documented", "xs[1..",
                      "with rng(1)", "do", "f(1,\n# comment\n", "a.", "a ??", "for x in"])
    func needsMoreLines(_ text: String) { #expect(!Parser.isComplete(text)) }

    @Test(arguments: ["", "  ", "a", "let x = 1", "f(1)", "if x { }", "fn f() { }", "# comment", "f(1]", "let x", "\"abc", "\"{f(", ")", "x--", "f(1 2", "let = {", "import", "throw",
                      "## documented\n\n", "a &&", "'abc"])
    func isWhole(_ text: String) { #expect(Parser.isComplete(text)) }
}
