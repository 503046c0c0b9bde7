import Lang
import Testing

@Suite struct Grammar {
    @Test func bindings() {
        expectTree("let lr = 0.05", "(let lr 0.05)")
        expectTree("var best = nil", "(var best nil)")
        expectTree("let [a, b] = pair", "(let [a b] pair)")
        expectTree("let {acc, loss: l} = result", "(let {acc:acc loss:l} result)")
        expectTree("let [first, [x, _], ...rest] = xs", "(let [first [x _] ...rest] xs)")
        expectTree("let x ~ normal(0, 1)", "(let~ x (call normal 0 1))")
        expectTree("var [a, b,] ~ d", "(var~ [a b] d)")
        expectTree("let {\"a b\": c, if: d} = m", "(let {a b:c if:d} m)")
    }

    @Test func assignments() {
        expectTree("x = 1", "(= x 1)")
        expectTree("xs[0] += 2", "(+= (index xs 0) 2)")
        expectTree("m.lr *= 0.5; m.n //= 2; m.n %= 3; m.n **= 2; m.n -= 1; m.n /= 4", "(*= (. m lr) 0.5) (//= (. m n) 2) (%= (. m n) 3) (**= (. m n) 2) (-= (. m n) 1) (/= (. m n) 4)")
        expectTree("m[k] ??= []", "(??= (index m k) [])")
        expectTree("x =\n  1", "(= x 1)")
    }

    @Test func functions() {
        expectTree("fn area(r, scale: 1.0) { scale * r ** 2 }", "(fn area (r scale:1.0) {(* scale (** r 2))})")
        expectTree("fn square(x) = x * x", "(fn square (x) (* x x))")
        expectTree("fn f(a, sep: \" \", ...xs) { return }", "(fn f (a sep:\" \" ...xs) {(return)})")
        expectTree("fn f()\n{\n  1\n}", "(fn f () {1})")
        expectTree("fn f(\n  a,\n  b: 2,\n) = a", "(fn f (a b:2) a)")
    }

    @Test func lambdas() {
        expectTree("let inc = x => x + 1", "(let inc (fn (x) (+ x 1)))")
        expectTree("(x, y) => x * y", "(fn (x y) (* x y))")
        expectTree("() => { f(); 2 }", "(fn () {(call f) 2})")
        expectTree("(x, k: 2, ...r) => x", "(fn (x k:2 ...r) x)")
        expectTree("a => b => a + b", "(fn (a) (fn (b) (+ a b)))")
        expectTree("x => ({a: x})", "(fn (x) {a:x})")
        expectTree("(x => x)(3)", "(call (fn (x) x) 3)")
        expectTree("xs |> map(x => x |> f)", "(|> xs (call map (fn (x) (|> x f))))")
        expectTree("f(x =>\n x)", "(call f (fn (x) x))")
    }

    @Test func calls() {
        expectTree("f(x, scale: 3)", "(call f x scale:3)")
        expectTree("f(...xs, a: 1, in: 2,)", "(call f ...xs a:1 in:2)")
        expectTree("a.b(1).c[0](2)", "(call (index (. (call (. a b) 1) c) 0) 2)")
        expectTree("1.foo", "(. 1 foo)")
        expectTree("e.is", "(. e is)")
    }

    @Test func indices() {
        expectTree("t[0, .., 1..3]", "(index t 0 (.. _ _) (.. 1 3))")
        expectTree("xs[1..]; xs[..3]; xs[..=3]; xs[..]; xs[-1]", "(index xs (.. 1 _)) (index xs (.. _ 3)) (index xs (..= _ 3)) (index xs (.. _ _)) (index xs (- 1))")
        expectTree("t[1.., ..n - 1]", "(index t (.. 1 _) (.. _ (- n 1)))")
    }

    @Test func collections() {
        expectTree("[1, ...xs, 2,]", "[1 ...xs 2]")
        expectTree("{lr: 0.05, \"a b\": 1, [key]: v, acc, ...m,}", "{lr:0.05 a b:1 [key]:v acc:acc ...m}")
        expectTree("{}", "{}")
        expectTree("{if: 1, \"\": 2, 3: 4, -1: 5, \"{x}\": 6}", "{if:1 :2 [3]:4 [(- 1)]:5 [\"{x}\"]:6}")
        expectTree("{\n  a: 1,\n  b: [\n 2\n ],\n}", "{a:1 b:[2]}")
        expectTree("let m = {a, b}", "(let m {a:a b:b})")
    }

    @Test func comprehensions() {
        expectTree("[f(x) for x in xs if p(x)]", "[(call f x) (for x xs) (if (call p x))]")
        expectTree("[x * y for x in 0..3 for [y, _] in ys]", "[(* x y) (for x (.. 0 3)) (for [y _] ys)]")
        expectTree("{k: v for [k, v] in m}", "{k:v (for [k v] m)}")
        expectTree("{k.name: 1 for k in ks if k}", "{(. k name):1 (for k ks) (if k)}")
        expectTree("{[k]: v for [k, v] in m}", "{k:v (for [k v] m)}")
        expectTree("{\"a{k}\": 1 for k in ks}", "{\"a{k}\":1 (for k ks)}")
        expectTree("[\n x\n for x in xs\n if x\n]", "[x (for x xs) (if x)]")
        expectTree("[if x { 1 } else { 2 } for x in xs]", "[(if x {1} {2}) (for x xs)]")
    }

    @Test func control() {
        expectTree("if a { 1 } else if b { 2 } else { 3 }", "(if a {1} (if b {2} {3}))")
        expectTree("if a { 1 }\nelse { 2 }", "(if a {1} {2})")
        expectTree("let x = if a { 1 } else { 2 }", "(let x (if a {1} {2}))")
        expectTree("while i < 3 { i += 1; continue }", "(while <i < 3> {(+= i 1) (continue)})")
        expectTree("for [i, x] in enumerate(xs) { break }", "(for [i x] (call enumerate xs) {(break)})")
        expectTree("for x in {a: 1} { }", "(for x {a:1} {})")
        expectTree("try { f() } catch e { e.message }", "(try {(call f)} e {(. e message)})")
        expectTree("try { f() }\ncatch { 0 }", "(try {(call f)} _ {0})")
        expectTree("let r = do { let a = 1; a }", "(let r (do {(let a 1) a}))")
        expectTree("with rng(1) { draw(d) }", "(with (call rng 1) {(call draw d)})")
        expectTree("throw \"no\"", "(throw \"no\")")
        expectTree("if x == {a: 1} { 2 }", "(if <x == {a:1}> {2})")
    }

    @Test func imports() {
        expectTree("import \"util.pada\" as util", "(import \"util.pada\" util)")
        expectTree("import \"util.pada\"; import search; import search as s", "(import \"util.pada\") (import search) (import search s)")
    }

    @Test func documentationAndCells() {
        let text = "# %% First cell\n## Adds one.\n##   Indented\nfn inc(x) = x + 1\n\n## not this\n\nlet y = 1\n#%%\n# plain\n## its value\nlet z = 2 ## trailing\nlet w = 3"
        let (program, diagnostics) = Parser.parse(Source(name: "t", text: text))
        #expect(diagnostics.isEmpty)
        #expect(program.cells.map(\.title) == ["First cell", ""])
        #expect(program.comments.count == 8)
        var documents: [String?] = []
        for statement in program.statements {
            switch statement.kind {
            case .function(let function): documents.append(function.documentation)
            case .binding(let binding): documents.append(binding.documentation)
            default: break
            }
        }
        #expect(documents == ["Adds one.\n  Indented", nil, "its value", nil])
    }
}
