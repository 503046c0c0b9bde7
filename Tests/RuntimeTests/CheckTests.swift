import Foundation
import Lang
import Library
import Runtime
import Testing

@Suite struct CheckReports {
    @Test(arguments: [
        // Names
        ("print(epoch)\nlet epochs = 1", "1:7 error: 'epoch' is not declared | did you mean 'epochs'?"),
        ("fn f(a: b, b: 2) = a\nf()", "1:9 error: 'b' has no value yet: a default sees only the parameters before its own"),
        ("print(x)\nlet x = 1", "1:7 error: 'x' has no value yet: it is declared further down | move its declaration up"),
        ("fn f() = x\nlet x = 1", ""),
        ("fn f() { g() }\nfn g() = 1", ""),
        ("let len = len([1])", ""),
        ("print(\"{a + 1}\")", "1:9 error: 'a' is not declared"),
        ("do { let _a = 1 }\nprint(_a)", "2:7 error: '_a' is not declared"),
        ("[x for x in [1] if x > 0]; x", "1:28 error: 'x' is not declared"),
        ("try { nope } catch e { print(e) }", "1:7 warning: 'nope' is not declared"),
        ("x => x + y", "1:10 error: 'y' is not declared"),
        ("_ => _", ""),
        ("(x, y: x) => y", ""),
        ("plot.line([1], [2])", ""),
        ("search.evolve", "1:1 error: 'search' is not declared | write 'import search' first"),
        ("import search as s\ns.random_search(1, evaluations: 3)", "2:1 error: missing argument 'objective' | the call is random_search(paths, objective, evaluations: 100)"),
        // What the compiler reports
        ("let a = 1\na = 2", "2:1 error: 'a' is a constant and cannot be assigned again | what changes is declared with var: var a = …"),
        ("b = 2", "1:1 error: 'b' is not declared | write 'var b = …' to declare it"),
        ("let = 3", "1:5 error: expected a name, found '='"),
        // Only used here
        ("import search\nprint(1)", "1:8 warning: the module 'search' is never used | leave the import out"),
        ("import search as s\nprint(s.best)", ""),
        ("fn _helper() = 1\nlet _x = 2\nprint(_x)", "1:4 warning: '_helper' is never used, and no other file sees it"),
        // Arguments
        ("fn f(a, b: 1) = a + b\nf()", "2:1 error: missing argument 'a' | the call is f(a, b: 1)"),
        ("fn f(a, b: 1) = a + b\nf(1, 2, 3)", "2:9 error: too many arguments: f takes 1 to 2 arguments, not 3 | the call is f(a, b: 1)"),
        ("fn f(scale: 1) = scale\nf(scael: 1)", "2:3 error: there is no parameter 'scael' | did you mean 'scale'? the call is f(scale: 1)"),
        ("fn f(a) = a\nf(1, a: 2)", "2:6 error: 'a' is given twice, by position and by name | the call is f(a)"),
        ("fn f(a, ...xs) = xs\nf(1, 2, 3); f()", "2:13 error: missing argument 'a' | the call is f(a, ...xs)"),
        ("fn f(a, b) = a + b\nlet xs = [1, 2]\nf(...xs)", ""),
        ("fn f(a, b) = a + b\n1 |> f(2); 1 |> f", "2:12 error: missing argument 'b' | the call is f(a, b)"),
        ("let f = x => x\nf(1, 2)", "2:6 error: too many arguments: f takes 1 argument, not 2 | the call is f(x)"),
        ("var f = x => x\nf = (x, y) => x\nf(1, 2)", ""),
        ("fn f(a) = a\nfn g(f) = f(1, 2)\ng(f)", ""),
        ("sqrt(1, 2)", "1:9 error: too many arguments: sqrt takes 1 argument, not 2 | the call is sqrt(x)"),
        ("plot.line([1], ys: [2], titel: \"a\")",
         "1:25 error: there is no parameter 'titel' | did you mean 'title'? the call is plot.line(xs, ys, title: \"\", xlabel: \"\", ylabel: \"\", xscale: \"linear\", yscale: \"linear\", xlim: nil, ylim: nil, show: true)"),
        // Unused
        ("fn f() { let x = 1; 2 }", "1:14 warning: 'x' is never read | '_' takes a value that is not needed"),
        ("fn f() { var x = 1; x = 2; x += 1 }", "1:14 warning: 'x' is never read | '_' takes a value that is not needed"),
        ("fn f() { let [a, _b] = [1, 2]; a }", ""),
        ("fn f() { fn g() = 1; 2 }", "1:13 warning: 'g' is never used"),
        ("fn f() { let x = 1; () => x }", ""),
        ("let x = 1\nfn f(y) = 1\nfor i in 0..3 { print(1) }", ""),
        // Unreachable
        ("fn f() { return 1; print(2) }", "1:20 warning: this is never reached | the statement before it always leaves"),
        ("while true { break; print(2); print(3) }", "1:21 warning: this is never reached | the statement before it always leaves"),
        ("fn f(x) { if x { return 1 } else { throw \"no\" }\nprint(2) }", "2:1 warning: this is never reached | the statement before it always leaves"),
        ("fn f(x) { if x { return 1 }\nprint(2) }", ""),
        // Keys and comparisons
        ("print({a: 1, b: 2, \"a\": 3})", "1:20 warning: the key \"a\" occurs twice; the last one counts"),
        ("print({[1]: 1, [\"1\"]: 2, ...{}, [1]: 3})", "1:34 warning: the key 1 occurs twice; the last one counts"),
        ("let x = 1\nprint(x == nan, x != nan)",
         "2:7 warning: this is always false | nan differs from everything; is_nan(x) tells\n2:17 warning: this is always true | nan differs from everything; is_nan(x) tells"),
        ("let x = [1]\nprint(x is [1])", "2:7 warning: this is always false | a new list or map is never the same object; == compares contents"),
        ("let xs = [1]\nprint(len(xs) < 0, len(xs) > 0)", "2:7 warning: this is always false | a length is never below 0"),
        ("let x = 1\nprint(x < x, x == x)", "2:7 warning: this is always false | both sides are the same"),
    ]) func finds(_ code: String, _ expected: String) {
        #expect(Session().check(Source(name: "test.pada", text: code)).map(\.line).joined(separator: "\n") == expected)
    }

    @Test func importsAreLookedInto() {
        var options = Session.Options()
        options.directory = GoldenScript.root.appendingPathComponent("imports").path
        func check(_ code: String) -> [String] { Session(options: options).check(Source(name: "test.pada", text: code)).map(\.line) }
        #expect(check("import \"_helper.pada\"\nprint(answer, twice(1), awnser)") == ["2:25 error: 'awnser' is not declared | did you mean 'answer'?"])
        #expect(check("import \"_helper.pada\"\ntwice(1, 2)") == ["2:10 error: too many arguments: twice takes 1 argument, not 2 | the call is twice(x)"])
        #expect(check("import \"_helper.pada\" as h\nh.twice(); h.twise(1)") == [
            "2:1 error: missing argument 'x' | the call is twice(x)", "2:14 error: the module 'h' has no 'twise' | did you mean 'twice'?",
        ])
        // Of what a missing file declares nothing is known.
        let missing = check("import \"_nowhere.pada\"\nprint(anything)")
        #expect(missing.count == 1 && missing[0].contains("_nowhere.pada"))
    }

    @Test func whatIsWrongIsShownAsItIs() {
        let found = Session().check(Source(name: "a.pada", text: "fn f() { let x = 1; 2 }"))
        #expect(found.first?.rendered() == """
            warning: 'x' is never read
              --> a.pada:1:14
               |
             1 | fn f() { let x = 1; 2 }
               |              ^
               = hint: '_' takes a value that is not needed
            """)
    }
}

extension Diagnostic {
    /// `line:column severity: message | hint`
    fileprivate var line: String {
        let position = place.map { $0.source.position(at: $0.span.start) } ?? (0, 0)
        return "\(position.0):\(position.1) \(severity): \(message)" + (hint.map { " | " + $0 } ?? "")
    }
}

/// Scripts that run without an error give no false alarm.
@Suite struct CheckOfTheCorpus {
    /// What is found in some of them, and rightly: they test just that.
    private static let rightly = [
        "control/blocks_have_values.pada": "3:23 warning: 'a' is never read | '_' takes a value that is not needed",
        "equality/identity.pada": "2:15 warning: this is always true | both sides are the same",
        "equality/is_for_plain_values.pada": "1:51 warning: this is always false | a new list or map is never the same object; == compares contents",
        "equality/of_int_and_float_is_exact.pada": "1:65 warning: this is always false | nan differs from everything; is_nan(x) tells",
        "errors/habits_of_other_languages.pada": """
            7:18 error: 'pdf' is not declared | prob(d, x) is the density
            8:18 error: 'hist' is not declared | plot.histogram(xs) draws one
            9:18 error: 'scatter' is not declared | plot.scatter(xs, ys) draws one
            10:18 error: 'randint' is not declared | let n ~ uniform(a, b), and floor(n)
            """,
        "errors/hints_for_other_languages.pada": """
            2:18 error: 'concatenate' is not declared | concat(tensors), or [...xs, ...ys] for lists
            3:18 error: 'logpdf' is not declared | logprob(d, x)
            """,
        "errors/kinds.pada": "2:18 error: 'nope' is not declared",
        "errors/kinds_of_the_contract.pada": "2:18 error: 'nope' is not declared",
        "functions/block_body_without_value.pada": "1:14 warning: 'x' is never read | '_' takes a value that is not needed",
        "functions/nothing_is_nil.pada": "2:14 warning: 'a' is never read | '_' takes a value that is not needed",
        "lists/membership.pada": "1:47 warning: this is always true | the list is empty",
        "maps/later_entries_win.pada": "1:20 warning: the key \"a\" occurs twice; the last one counts",
        "numbers/nan_is_one_thing_everywhere.pada": """
            29:8 warning: this is always false | nan differs from everything; is_nan(x) tells
            29:17 warning: this is always false | nan differs from everything; is_nan(x) tells
            29:26 warning: this is always false | nan differs from everything; is_nan(x) tells
            29:38 warning: this is always false | nan differs from everything; is_nan(x) tells
            29:50 warning: this is always true | nan differs from everything; is_nan(x) tells
            """,
        "operators/in_and_is.pada": "3:15 warning: this is always false | a new list or map is never the same object; == compares contents",
    ]

    @Test(arguments: GoldenScript.all.filter(\.expectedErrors.isEmpty)) func golden(_ script: GoldenScript) {
        var options = Session.Options()
        options.directory = script.url.deletingLastPathComponent().path
        let found = Session(options: options).check(Source(name: script.name, text: script.text))
        #expect(found.map(\.line).joined(separator: "\n") == Self.rightly[script.name] ?? "")
    }

    @Test func examples() throws {
        for file in try FileManager.default.contentsOfDirectory(at: ExampleScripts.folder, includingPropertiesForKeys: nil) where file.pathExtension == "pada" {
            let found = Session().check(Source(name: file.lastPathComponent, text: try String(contentsOf: file, encoding: .utf8)))
            #expect(found.map(\.line) == [])
        }
    }

    /// After twenty of a kind nobody reads on.
    @Test(arguments: ["print(nope)", "let a = 1", "let a = 1; a = 2", "try { nope } catch e { }", "len()"])
    func manyMistakesAreNotAllTold(_ line: String) {
        let found = Session().check(Source(name: "script", text: Array(repeating: line, count: 3000).joined(separator: "\n")))
        #expect(found.count <= 63)
        #expect(found.contains { $0.message.hasPrefix("there are more") })
    }

    /// What ends with an error of the compiler or the parser is told by a check, too.
    @Test(arguments: GoldenScript.all.filter { !$0.expectedErrors.isEmpty }) func mistakes(_ script: GoldenScript) {
        let found = Session().check(Source(name: script.name, text: script.text))
        if script.expectedErrors.contains(where: { $0.kind == "syntax" }) { #expect(found.contains { $0.severity == .error }) }
    }
}
