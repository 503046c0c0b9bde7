import Lang
import Testing

/// Each mistake with all that is said about it: place and sentence, and the hint where there is one.
@Suite struct Mistakes {
    @Test(arguments: [
        ("print(\"a", "1:7 the string is not closed | end it with \" on its line, or use \"\"\" for several lines"),
        ("\"a {x + 1)\nlet y = 2", "1:4 this '{' in a string is not closed | for a brace as text, write \\{"),
        ("print(\"{x:.2f\")", "1:8 this '{' in a string is not closed | for a brace as text, write \\{"),
        ("\"{\"", "1:2 this '{' in a string is not closed | for a brace as text, write \\{"),
        ("f(x))", "1:5 this ')' closes nothing | delete it, or open its partner before it"),
        ("if a { b\nelse { c }", "1:6 this '{' is never closed"),
        ("{1, 2}", "1:3 expected ':' and a value, found ',' | a map is written {key: value}; a list [a, b]; a block follows do"),
        ("let f = lambda x: x", "1:16 expected the end of the statement, found 'x' | write x => x + 1"),
        ("\"\"\"\nabc", "1:1 this \"\"\" is never closed"),
        ("\"{}\"", "1:2 these braces are empty | for a brace as text, write \\{"),
        ("\"\\q\"", "1:2 '\\q' is not an escape | the escapes are \\n \\t \\r \\0 \\\" \\\\ \\{ \\} \\u{…}; for a backslash write \\\\ or a raw string r\"…\""),
        ("\"\\u{110000}\"", "1:2 there is no such Unicode character | write the character's number in hexadecimal: \\u{1F600}"),
        ("f(1, 2\nlet y = 3", "1:2 this '(' is never closed"),
        ("(1, 2]", "1:1 this '(' is never closed"),
        ("fn f() {\n  g(1, 2\n}", "2:4 this '(' is never closed"),
        ("f(1 2)", "1:5 expected ',' or ')', found '2' | is a comma missing?"),
        ("[1, 2\n3]", "2:1 expected ',' or ']' before this | is a comma or the closing ']' missing on the line above?"),
        ("}", "1:1 this '}' closes nothing | delete it, or open its partner before it"),
        ("print(“hello world”)", "1:7 strings are written in double quotes | write \"hello world\""),
        ("let s = 'text'", "1:9 strings are written in double quotes | write \"text\""),
        ("a && b", "1:3 '&&' is not an operator | write and"),
        ("a || b", "1:3 '||' is not an operator | write or"),
        ("!c", "1:1 '!' is not an operator | write not x"),
        ("a === b", "1:3 '===' is not an operator | write ==, or 'is' for the same object"),
        ("x++", "1:2 '++' is not an operator | write x += 1"),
        ("x--", "1:2 '--' is not an operator | write x -= 1"),
        ("a ^ b", "1:3 '^' is not an operator | a power is written **"),
        ("x := 1", "1:3 ':=' is not in the language | write let x = …, or x = … to assign again"),
        ("a ≤ b", "1:3 '≤' is not in the language | write <="),
        ("a $ b", "1:3 '$' is not in the language | names need no prefix; in a string, write {name}"),
        ("a\u{A0}b", "1:2 an unusual blank (U+00A0) stands here | replace it by an ordinary space"),
        ("a\0", "1:2 the source contains a NUL byte | is this a text file?"),
        ("a\rb", "1:2 a carriage return stands alone | save the file with LF or CRLF line ends"),
        ("if x = 5 { }", "1:6 '=' assigns; it does not compare | write =="),
        ("if x:\n  y", "1:5 expected '{' and the body of the 'if', found ':' | a body is written in braces: { … }"),
        ("if x { 1 } elif y { 2 }", "1:12 'elif' is not in the language | write else if"),
        ("def foo(x):\n    return x", "1:1 'def' is not in the language | write fn name(x) { … }"),
        ("const x = 3", "1:1 'const' is not in the language | write let x = …"),
        ("let x = None", "1:9 'None' is not in the language | write nil"),
        ("f(True)", "1:3 'True' is not in the language | write true"),
        ("let a, b = 1, 2", "1:6 'let' binds one pattern | write let [a, b] = …, or two lines"),
        ("for i, x in xs { print(i) }", "1:6 'for' binds one pattern | write for [i, x] in …"),
        ("for (x in xs) { print(x) }", "1:5 'for' takes no parentheses | write for x in xs, or for [a, b] in pairs"),
        ("xs[1:3]", "1:5 expected ',' or ']', found ':' | a slice is written xs[a..b]"),
        ("f(x=3)", "1:4 an argument is named with a colon | write x: …"),
        ("{a = 1}", "1:4 a key is followed by a colon | write {a: …}"),
        ("{ let x = 1 }", "1:1 this '{' begins a map, but a statement follows | a block follows do: do { … }"),
        ("{f(x): 1}", "1:2 a computed key is written in square brackets | write [f(x)]: …"),
        ("print \"x\"", "1:7 expected the end of the statement, found a string | a call has parentheses: print(…)"),
        ("f\"a {x}\"", "1:1 a string takes no prefix 'f' | every string interpolates: \"acc {acc:.3f}\""),
        ("c ? a : b", "1:3 '?' is not an operator | write if c { a } else { b }"),
        ("a if c else b", "1:3 'if' comes before the values it decides between | write if c { a } else { b }"),
        ("let x = y = 5", "1:11 an assignment is not a value | bind one after the other, each on its own line"),
        ("return 1", "1:1 'return' is outside a function | exit() ends a script"),
        ("break", "1:1 'break' is outside a loop"),
        ("while true { fn f() { continue } }", "1:23 'continue' is outside a loop | to leave a function, write return"),
        ("fn f(a, a) = 1", "1:9 the parameter 'a' occurs twice"),
        ("fn f(a: 1, b) = 1", "1:12 'b' has no default but follows one that has | put the parameters with defaults last"),
        ("fn f(...a, ...b) = 1", "1:15 only one parameter can gather the rest"),
        ("f(a: 1, 2)", "1:9 a positional argument follows a named one | put it before a: …, or name it too"),
        ("f(a: 1, a: 2)", "1:9 the argument 'a' is given twice"),
        ("let [a, a] = b", "1:9 'a' is bound twice in one pattern | '_' takes a value that is not needed"),
        ("let y = 9223372036854775808", "1:9 the int 9223372036854775808 is too large | the largest int is 9223372036854775807; write 9223372036854775808.0 for a float"),
        ("12abc", "1:1 a number is followed by 'abc' | to multiply, write 12 * abc"),
        ("007", "1:1 an int does not start with 0 | write 7, or 0o7 for octal"),
        (".5", "1:1 a float has a digit before the point | write 0.5"),
        ("1e999", "1:1 the float literal is too large | the largest float is about 1.8e308"),
        ("a == not b", "1:6 'not' binds looser than the operator before it | put it in parentheses: (not x)"),
        ("let x = ..3", "1:9 the range has no lower end | write 0..n; an open end is allowed only in an index: xs[..3]"),
        ("1..2..3", "1:5 a range has two ends | for a step, write [x for x in a..b if x % 2 == 0]"),
        ("let f = fn(x) { x }", "1:9 'fn' makes a statement, not a value | a function without a name is written (x, y) => x + y, or x => { … }"),
        ("(1, 2)", "1:1 parentheses hold one value | a list is written [a, b]; a lambda (a, b) => …"),
        ("x ~ d", "1:3 a draw binds a name | write let x ~ d, or call draw(d)"),
        ("let if = 3", "1:5 'if' is a keyword and cannot be a name | choose another name, such as 'if_'"),
        ("try { 1 } catch (e) { 2 }", "1:17 the name of the error is written without parentheses | write catch e { … }"),
        ("else { }", "1:1 this 'else' has no 'if' | it follows the closing brace of an if"),
        ("import \"a{b}.pada\"", "1:8 the path to import is a plain string, without braces"),
        ("// comment", "1:1 expected an expression, found '//' | a comment begins with #"),
        ("f(x) = 3", "1:1 the result of a call cannot be assigned to | assign to a name, an element xs[i] or a member m.key; to compare, write =="),
        ("[a, b] = c", "1:1 a list pattern is allowed only after let or var | write let [a, b] = …, or assign one at a time"),
        ("var x", "1:6 expected '=' and a value, or '~' and a distribution, found the end of the source | write var x = nil if there is no value yet"),
        ("sum(x for x in xs)", "1:7 expected ',' or ')', found 'for' | a comprehension is written in square brackets: [e for x in xs]"),
        ("x => {a: 1}", "1:8 a colon cannot stand here | a body is written in braces: { … }; for a map after '=>', put parentheses around it: ({key: value})"),
        ("fn f(x) -> int { x }", "1:9 '->' is not in the language | a lambda is written x => …; results have no type annotation"),
    ])
    func isExplained(_ text: String, _ expected: String) {
        let source = Source(name: "t", text: text)
        let said = Parser.parse(source).diagnostics.map { diagnostic in
            let position = source.position(at: diagnostic.place?.span.start ?? 0)
            return "\(position.line):\(position.column) \(diagnostic.message)" + (diagnostic.hint.map { " | \($0)" } ?? "")
        }
        #expect(said == [expected])
    }

    @Test func severalAreFoundInOneGo() {
        #expect(mistakes("let x = (1 + ) * 3\nlet y = [1, *, 2]\nfor i, x in xs { f(1 2) }\nlet z = 2\nx = = 3") == [
            "1:14 expected an expression, found ')'", "2:13 expected an expression, found '*'", "3:6 'for' binds one pattern",
            "3:22 expected ',' or ')', found '2'", "5:5 expected an expression, found '='",
        ])
    }

    @Test func anUnclosedBlockIsSaidOnce() {
        #expect(mistakes("fn f() {\n  if x {\n    while y {\n") == ["3:13 this '{' is never closed"])
    }

    @Test func anUnclosedBracketNotesWhereItWasNoticed() {
        let diagnostics = Parser.parse(Source(name: "t", text: "f(1, 2\nlet y = 3")).diagnostics
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first?.notes.map(\.message) == ["a new statement begins here"])
        #expect(diagnostics.first?.notes.first?.place.span == Span(7, 10))
    }

    @Test func theListOfMistakesIsBounded() {
        let said = mistakes(String(repeating: "let = 1\n", count: 1000))
        #expect(said.count == 21)
        #expect(said.last?.hasSuffix("there are more mistakes from here on; the rest was not read") == true)
    }
}
