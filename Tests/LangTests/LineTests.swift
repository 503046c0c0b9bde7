import Lang
import Testing

@Suite struct Lines {
    @Test func aLineBreakEndsAStatement() {
        expectTree("a\nb", "a b")
        expectTree("f\n(x)", "f x")
        expectTree("xs\n[0]", "xs [0]")
        expectTree("a\n-b", "a (- b)")
        expectTree("a; b; c", "a b c")
        expectTree("fn f() { a; b\nc }", "(fn f () {a b c})")
        expectTree("fn f() {\n return\n x\n}", "(fn f () {(return) x})")
    }

    @Test func anOpenBracketGoesOn() {
        expectTree("f(\n a,\n b\n)", "(call f a b)")
        expectTree("(a\n+ b)", "(+ a b)")
        expectTree("[\n1\n,\n2\n]", "[1 2]")
        expectTree("xs[\n0\n]", "(index xs 0)")
    }

    @Test func aBinaryOperatorGoesOn() {
        expectTree("a +\n b", "(+ a b)")
        expectTree("a and\n\n# why\n b", "(and a b)")
        expectTree("let x =\n  3", "(let x 3)")
        expectTree("a |>\n f", "(|> a f)")
        expectTree("a not in\n b", "<a not in b>")
    }

    @Test func aNextLineWithPipeOrPointGoesOn() {
        expectTree("a\n  |> f\n  # between\n  |> g(1)\n  .h", "(|> (|> a f) (. (call g 1) h))")
        expectTree("net\n  .train()\n  .rank()", "(call (. (call (. net train)) rank))")
    }

    @Test func blocksInBracketsHaveLinesAgain() {
        expectTree("f(x => {\n a\n b\n}, 2)", "(call f (fn (x) {a b}) 2)")
        expectTree("f(x => {\n g(\n a\n)\n -b\n})", "(call f (fn (x) {(call g a) (- b)}))")
    }
}

@Suite struct PrecedenceTable {
    @Test(arguments: [
        ("a |> f ?? b", "(|> a (?? f b))"),
        ("a ?? b or c", "(?? a (or b c))"),
        ("a ?? b ?? c", "(?? a (?? b c))"),
        ("a or b and c", "(or a (and b c))"),
        ("not a and b", "(and (not a) b)"),
        ("not a == b", "(not <a == b>)"),
        ("not not a", "(not (not a))"),
        ("a == b..c", "<a == (.. b c)>"),
        ("x in 0..n + 1", "<x in (.. 0 (+ n 1))>"),
        ("a + b * c", "(+ a (* b c))"),
        ("a - b - c", "(- (- a b) c)"),
        ("a / b // c % d @ e", "(@ (% (// (/ a b) c) d) e)"),
        ("-a * b", "(* (- a) b)"),
        ("-a ** b", "(- (** a b))"),
        ("a ** -b", "(** a (- b))"),
        ("a ** b ** c", "(** a (** b c))"),
        ("-a.b(c)[d]", "(- (index (call (. a b) c) d))"),
        ("a < b <= c", "<a < b <= c>"),
        ("a is b; a is not b; a not in b", "<a is b> <a is not b> <a not in b>"),
        ("a == b != c in d", "<a == b != c in d>"),
        ("a |> f |> g(1)", "(|> (|> a f) (call g 1))"),
        ("0..=n - 1", "(..= 0 (- n 1))"),
        ("(a + b) * c", "(* (+ a b) c)"),
    ])
    func isTheContracts(_ text: String, _ expected: String) { expectTree(text, expected) }
}
