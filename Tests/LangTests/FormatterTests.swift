import Foundation
import Lang
import Testing

/// Formatting changes the layout and nothing else, and what is formatted stays as it is.
@Suite struct FormatterProperties {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardizedFileURL

    /// Every script there is that can be read.
    static let scripts: [(name: String, text: String)] = {
        let files = ["Tests/golden", "Examples"].flatMap { folder in
            let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)?.compactMap { $0 as? String } ?? []
            return paths.filter { $0.hasSuffix(".pada") }.sorted().map { "\(folder)/\($0)" }
        }
        let texts = files.compactMap { name in
            (try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)).map { (name: name, text: $0) }
        }
        let corpus = Corpus.scripts.enumerated().map { (name: "corpus \($0)", text: $1) }
        return (texts + corpus).filter { Parser.parse(Source(name: $0.name, text: $0.text)).diagnostics.isEmpty }
    }()

    @Test func thereAreScripts() { #expect(Self.scripts.count > 150) }

    @Test(arguments: [110, 72, 40, 12]) func holdForEveryScript(width: Int) {
        for script in Self.scripts { check(script.text, script.name, width: width) }
    }

    @Test func theProjectsOwnScriptsAreInTheStyle() throws {
        let examples = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("Examples").path)
        for name in examples.filter({ $0.hasSuffix(".pada") }).map({ "Examples/\($0)" }) + ["Tables/train.pada"] {
            let text = try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
            #expect(Formatter.format(Source(name: name, text: text)).text == text, "padash fmt \(name)")
        }
    }

    /// Line breaks, blanks and comments thrown in wherever the language allows them.
    @Test func holdForScriptsInDisorder() {
        var generator = Fuzz.Generator(state: 0x9E37_79B9_7F4A_7C15)
        let noise = ["\n", "\n\n\n", "  ", "\t", " # note\n", "\n# note\n", "\n## note\n", "\n# %% cell\n", ";", "\r\n", "\r", ";\n", ","]
        var checked = 0
        for round in 0..<14_000 {
            let script = Self.scripts[round % Self.scripts.count]
            var scalars = Array(script.text.unicodeScalars)
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let places = scalars.indices.filter { " \n,;()[]{}.".unicodeScalars.contains(scalars[$0]) }
                guard let place = places.randomElement(using: &generator), let piece = noise.randomElement(using: &generator) else { continue }
                scalars.insert(contentsOf: piece.unicodeScalars, at: Bool.random(using: &generator) ? place : place + 1)
            }
            let text = String(String.UnicodeScalarView(scalars))
            guard Parser.parse(Source(name: script.name, text: text)).diagnostics.isEmpty else { continue }
            // A semicolon between `##` and the statement below it; no semicolon is left.
            if text.contains(/##[^\n]*\s*;/) { continue }
            checked += 1
            check(text, script.name, width: [110, 60, 30].randomElement(using: &generator) ?? 110)
        }
        #expect(checked > 4_000)
    }

    private func check(_ text: String, _ name: String, width: Int) {
        guard let formatted = Formatter.format(Source(name: name, text: text), width: width).text else {
            Issue.record("\(name) cannot be formatted")
            return
        }
        let again = Formatter.format(Source(name: name, text: formatted), width: width)
        if again.text != formatted { Issue.record("\(name), width \(width) is not stable:\n\(text)\n---\n\(formatted)\n---\n\(again.text ?? "unreadable: \(again.diagnostics.map(\.message))")") }
        let (before, after) = (Contents(text), Contents(formatted))
        if before != after { Issue.record("\(name), width \(width) has changed:\n\(text)\n---\n\(formatted)\n\(before)\n\(after)") }
        if formatted.split(separator: "\n").contains(where: { $0.last == " " }) && !formatted.contains("\"\"\"") { Issue.record("\(name) has blanks at the end of a line") }
        if formatted.contains("\n\n\n") && !formatted.contains("\"\"\"") { Issue.record("\(name) has two blank lines in a row") }
    }

    /// All of a script that formatting must keep.
    private struct Contents: Equatable {
        var tree: String
        var comments: [String]
        var cells: [String]
        var documentation: [String]

        init(_ text: String) {
            let source = Source(name: "", text: text)
            let program = Parser.parse(source).program
            tree = dump(program)
            comments = program.comments.map { source.text(of: $0).trimmingCharacters(in: .whitespacesAndNewlines) }
            cells = program.cells.map(\.title)
            var documentation: [String] = []
            SyntaxNode.forEach(in: program.statements) { node in
                switch node {
                case .statement(let statement): if case .binding(let binding) = statement.kind, let text = binding.documentation { documentation.append(text) }
                case .function(let function): if let text = function.documentation { documentation.append(text) }
                default: break
                }
            }
            self.documentation = documentation.map { $0.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n") }
        }
    }
}

@Suite struct FormatterStyle {
    @Test(arguments: [
        ("let  x=1+2 *-y", "let x = 1 + 2 * -y\n"),
        ("f ( a , ... xs,k:1 )", "f(a, ...xs, k: 1)\n"),
        ("xs [ 1 .. ] [ .. 3,0 ..= n+1 ] . len", "xs[1..][..3, 0..=n + 1].len\n"),
        ("{ a:1,\"b c\" : [ ] , ...{} }", "{a: 1, \"b c\": [], ...{}}\n"),
        ("if a{b}else if c{d}\nelse{ }", "if a { b } else if c { d } else { }\n"),
        ("fn f(x,y:-1)=x**y", "fn f(x, y: -1) = x ** y\n"),
        ("let g=(x)=>{x;-x}", "let g = (x) => { x; -x }\n"),
        ("a; b;\n;c", "a\nb\nc\n"),
        ("\n\n\na\n\n\n\nb\n\n", "a\n\nb\n"),
        ("x.in (3)-1", "x.in(3) - 1\n"),
        ("return_(x)  # why  ", "return_(x)  # why\n"),
        ("let [ a,{b:c,d} ]~e", "let [a, {b: c, d}] ~ e\n"),
        ("x is  not nil and y not   in z", "x is not nil and y not in z\n"),
        ("print( \"a {  x :>3} b\" )", "print(\"a {  x :>3} b\")\n"),
        ("", ""),
        ("# only\r\n\r\n# comments\r\n", "# only\n\n# comments\n"),
    ]) func oneLine(_ text: String, _ expected: String) { expectFormat(text, expected) }

    @Test func bodiesStandFourSpacesIn() {
        expectFormat("for x in xs { if x {\nf(x) } else {\n# none\n} }", """
            for x in xs {
                if x {
                    f(x)
                } else {
                    # none
                }
            }

            """)
    }

    @Test func theAuthorsBreaksInBracketsStay() {
        expectFormat("let m = tensor([\n[1, 2],\n      [3, 4]])\nf(a,\nb +\nc)", """
            let m = tensor([
                [1, 2],
                [3, 4]
            ])
            f(a,
                b +
                    c)

            """)
    }

    @Test func chainsGoOnOneStepIn() {
        expectFormat("let best = xs\n|> map(x => {\nx + 1\n})\n.first\nif a and\nb {\nc\n}", """
            let best = xs
                |> map(x => {
                    x + 1
                })
                .first
            if a and
                b {
                c
            }

            """)
    }

    @Test func columnsTheAuthorAlignedStayAligned() {
        expectFormat("""
            let data  = digits()    # images
            let space = cells(1)    # paths
            let x = 1
            let lr =  2  # rate
            """, """
            let data  = digits()  # images
            let space = cells(1)  # paths
            let x = 1
            let lr = 2  # rate

            """)
    }

    @Test func longLinesAreBrokenAtTheOutermostBrackets() {
        expectFormat("let answer = function(first_argument, second: [1, 2, 3])", width: 50, """
            let answer = function(
                first_argument, second: [1, 2, 3]
            )

            """)
        expectFormat("let answer = function(first_argument, second: [1, 2, 3], third: {key: value})", width: 40, """
            let answer = function(
                first_argument,
                second: [1, 2, 3],
                third: {key: value}
            )

            """)
        expectFormat("numbers |> map(x => x ** 2) |> filter(x => x > 10) |> sum", width: 40, """
            numbers
                |> map(x => x ** 2)
                |> filter(x => x > 10)
                |> sum

            """)
        expectFormat("items.each(item => { let y = f(item); print(y) })", width: 40, """
            items.each(item => {
                let y = f(item)
                print(y)
            })

            """)
        expectFormat("let long = [value_of(x) for x in values if x > 0]", width: 36, """
            let long = [
                value_of(x)
                for x in values
                if x > 0
            ]

            """)
        expectFormat("let end = start.first(one).second(two).third(three)", width: 40, """
            let end = start.first(one)
                .second(two)
                .third(three)

            """)
        expectFormat("fn train(space, epochs: 100, rate: 0.05) { space }", width: 40, """
            fn train(
                space, epochs: 100, rate: 0.05
            ) {
                space
            }

            """)
        expectFormat("if first_condition(x) and second_condition(y) { act() }", width: 50, """
            if first_condition(x) and second_condition(y) {
                act()
            }

            """)
    }

    @Test func commentsBehindCodeStayThere() {
        expectFormat("let answer = function(  # %% no cell\nfirst_argument, second: [1, 2, 3])", width: 40, """
            let answer = function(  # %% no cell
                first_argument, second: [1, 2, 3]
            )

            """)
        expectFormat("a\n; # %% no cell\n;## nothing's documentation\nfn f() = 1", """
            a
            ; # %% no cell
            ; ## nothing's documentation
            fn f() = 1

            """)
    }

    @Test func carriageReturnsThatAreTextStay() {
        expectFormat("let text = r\"\"\"a\r\r\nb\"\"\"\r\n", "let text = r\"\"\"a\r\r\nb\"\"\"\n")
    }

    @Test func whatHasMistakesIsNotFormatted() {
        let (text, diagnostics) = Formatter.format(Source(name: "x", text: "let = 3"))
        #expect(text == nil && diagnostics.count == 1)
    }

    private func expectFormat(_ text: String, width: Int = 110, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(Formatter.format(Source(name: "test.pada", text: text), width: width).text == expected, sourceLocation: sourceLocation)
    }
}
