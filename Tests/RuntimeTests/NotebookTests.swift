import Foundation
import Lang
import Testing
import Text

@testable import Documents
@testable import Library
@testable import padash
@testable import Runtime

/// Scripts run cell by cell, and the documents of what they gave.
@Suite struct Notebooks {
    private func notebook(_ script: String) -> Notebook { Notebook(name: "test.pada", folder: ".", cells: Cell.cells(of: Source(name: "test.pada", text: script))) }

    private func ran(_ script: String, keepsGoing: Bool = false) -> Notebook {
        NotebookRun(options: .init()).run(notebook(script), keepsGoing: keepsGoing, willRun: { _, _, _ in }, emit: { _ in })
    }

    private let provenance = NotebookProvenance(version: "1.2.3", machine: "a machine", seed: 7, hasTiming: false, date: "2026-11-24 12:00:00 UTC")

    private func printed(_ result: CellResult?) -> String? {
        result.map { $0.outputs.map { if case .text(let text) = $0 { text } else { "?" } }.joined() }
    }

    @Test func cellsShareOneSession() {
        let notebook = ran("let a = 2\n# %%\nprint(a * 21)\n# %%\nlet a = 3\nprint(a)\n")
        #expect(notebook.results.map(printed) == ["", "42\n", "3\n"])
    }

    @Test func anErrorIsTheLastCellUnlessToldToGoOn() {
        let script = "print(1)\n# %%\nnope\n# %%\nprint(2)\n"
        #expect(ran(script).results.map { $0?.outcome } == [.finished, .runtimeError, nil])
        #expect(ran(script, keepsGoing: true).results.map { $0?.outcome } == [.finished, .runtimeError, .finished])
        #expect(ran("exit(3)\n# %%\nprint(2)\n", keepsGoing: true).results.map { $0?.outcome } == [.exit(3), nil])
    }

    @Test func errorsPointAtLinesOfTheScript() throws {
        let result = try #require(ran("# %% One\nlet a = 1\n\n# %% Two\n\nlen(1)\n", keepsGoing: true).results[1])
        guard case .error(let diagnostics)? = result.outputs.first, let place = diagnostics.first?.place else { throw CancellationError() }
        #expect(place.source.position(at: place.span.start).line == 6 && place.source.name == "test.pada")
    }

    @Test func onlyWhatChangedRunsAgain() {
        let run = NotebookRun(options: .init())
        func results(_ script: String) -> [String?] {
            run.run(notebook(script), keepsGoing: false, willRun: { _, _, _ in }, emit: { _ in }).results.map(printed)
        }
        let first = results("seed(1)\nlet start = clock()\nprint(start)\n# %%\nlet b = 1\nlet x ~ normal(0, 1)\nprint(x)\n")
        let second = results("seed(1)\nlet start = clock()\nprint(start)\n# %%\nlet c = 2\nlet x ~ normal(0, 1)\nprint(x)\n")
        #expect(first == second)
        // What the cell that is gone declared is forgotten.
        #expect(results("seed(1)\nlet start = clock()\nprint(start)\n# %%\nprint(b)\n")[1] == "?")
        run.reset()
        #expect(results("seed(1)\nlet start = clock()\nprint(start)\n")[0] != first[0])
    }

    @Test func htmlHasCodeOutputsTablesAndErrors() {
        let page = ran("""
            # %% [markdown]
            # # A <b>title</b>
            # Some *text* and $x^2$.

            # %% Numbers & more
            let t = table({op: ["conv<", "skip"], acc: [93.5, 90]})
            print("<printed>")
            t
            # %%
            plot.line([0, 1], [0, 1], title: "A line")
            # %%
            1 // 0
            # %%
            2
            """).html(provenance)
        for part in [
            "<h1>A &lt;b&gt;title&lt;/b&gt;</h1>", "<em>text</em>", "<msup><mi>x</mi><mn>2</mn></msup>", "<h2>Numbers &amp; more</h2>", "<span class=\"keyword\">let</span>",
            "&lt;printed&gt;", "<th scope=\"col\">op</th>", "<td>conv&lt;</td>", "<td class=\"right\">93.5</td>", "<svg", "class=\"error\"", "test.pada:12:", "not run", "padash 1.2.3 · seed 7",
        ] where !page.contains(part) { Issue.record("the page lacks \(part)") }
        // Nothing is fetched from anywhere.
        let isPageByItself = page.firstMatch(of: /(src|href)="http|@import|url\(|<script/) == nil
        #expect(isPageByItself)
        expectClosed(page)
    }

    @Test func theSameScriptGivesTheSameDocument() {
        let script = "let x ~ normal(0, 1)\nx\n# %%\nfor i in progress(0..3) { print(i) }\nplot([1, 2, 3])\n"
        #expect(ran(script).html(provenance) == ran(script).html(provenance))
        #expect(!ran(script).html(provenance).contains("2026"))
        #expect(ran(script).markdown(provenance) == ran(script).markdown(provenance))
        #expect(ran(script).jupyter(provenance) == ran(script).jupyter(provenance))
    }

    @Test func markdownHasThemToo() {
        let text = ran("# %% [markdown]\n# # T\n# %%\nprint(\"```\")\ntable({a: [1]})\n# %%\nthrow \"no\"\n").markdown(provenance)
        #expect(text.hasPrefix("# T\n\n````pada\nprint"))
        #expect(text.contains("````text\n```\n````") && text.contains("|  | a |\n| ---: | ---: |\n| 0 | 1 |") && text.contains("error: no"))
    }

    @Test func whatCellsPrintIsNoMarkdown() {
        let text = ran("""
            # %% <b>T</b> *x* `y`
            table({"<i>&amp;": ["<script>alert(1)</script>", "*x* _y_ [l](u) a|b \\\\ `c` $x$ \u{1b}[31m\u{0}"]})
            """).markdown(provenance)
        #expect(text.hasPrefix("# \\<b\\>T\\</b\\> \\*x\\* \\`y\\`\n"))
        // Outside the cell's own code every < has a stroke before it.
        let prose = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined()
        #expect(!prose.replacing("\\<", with: "").contains("<"))
        #expect(text.unicodeScalars.allSatisfy { $0.isAllowedInDocuments })
        // Read back it is what was in the table.
        let html = Markdown().html(text)
        for cell in ["<th scope=\"col\">&lt;i&gt;&amp;amp;</th>", "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>", "<td>*x* _y_ [l](u) a|b"] where !html.contains(cell) { Issue.record("\(cell) is not in \(html)") }
    }

    /// The page has one title: the first heading that is one, as it is shown.
    @Test(arguments: [
        ("# %% [markdown]\n# ```\n# # install it\n# ```\n#\n# # Real title\n", "Real title", "<h1>Real title</h1>"),
        ("# %% [markdown]\n# #12 for more\n# %% [markdown]\n# ## Part *one* with `code`\n", "Part one with code", "<h1>Part <em>one</em> with <code>code</code></h1>"),
        ("# %% A *title*\n1\n# %% [markdown]\n# ## Next\n", "A *title*", "<h1>A *title*</h1>"), ("1\n# %% B\n2\n", "B", "<h1>B</h1>"), ("1\n", "test.pada", "<h1>test.pada</h1>"),
    ]) func aPageHasOneTitle(_ script: String, _ title: String, _ heading: String) {
        let page = notebook(script).html(provenance)
        #expect(page.contains("<title>\(title)</title>") && page.matches(of: /<h1>.*<\/h1>/).map { String($0.0) } == [heading])
    }

    @Test func whatPrintsWithoutEndIsCutOff() throws {
        let result = try #require(ran("for i in 0..400000 { print(\"line\", i) }").results[0])
        let text = try #require(printed(result))
        #expect(text.utf8.count < 1_100_000 && text.hasSuffix(" more lines\n"))
    }

    // MARK: - Jupyter's format

    @Test func everyScriptComesBackFromJupyterAsItWas() throws {
        let examples = try FileManager.default.contentsOfDirectory(atPath: ExampleScripts.folder.path).filter { $0.hasSuffix(".pada") }
            .map { try String(contentsOf: ExampleScripts.folder.appendingPathComponent($0), encoding: .utf8) }
        let odd = [
            "", "\n\n", "# %%", "# %%\n", "# %%\n# %%\n", "#%% tight\nx\n\n\n\n# %% [markdown] T\n# a\n#b\n\n#  c \nlet x = 1\n# %% [raw]\n# r", "# %% a\r\n1\r\n\r\n# %%\r\n2",
            "# %% [notebook] {\"kernelspec\": {\"name\": \"x\"}}\n\n1\n", "# %% [notebook] {\"a\":1}\n1\n", "1\n# %% [notebook] {\"a\": 1}\n", "# %% T {\"tags\": [\"a\"]}\n1\n",
            "# %% T {\"tags\":[\"a\"]}\n1\n", "# %% {\"tags\":[\"a\"]}  \n1\n", "# %% {\"a\" 1}\n", "#!/usr/bin/env padash\nprint(1)\n", "\u{feff}# %% a\nlet é = 1\n", "# %%   \nx\n",
        ]
        for script in GoldenScript.all.map(\.text) + examples + odd {
            let file = notebook(script).jupyter(nil)
            let back = try Notebook(jupyter: Source(name: "x.ipynb", text: file), folder: ".").script
            if !back.utf8.elementsEqual(script.utf8) { Issue.record("\(script.debugDescription) became \(back.debugDescription) by way of \(file)") }
        }
    }

    @Test func foreignNotebooksKeepWhatAScriptCanHold() throws {
        let text = """
            {"cells": [
              {"cell_type": "markdown", "id": "x1", "metadata": {"collapsed": true}, "attachments": {"a.png": {"image/png": "AAAA"}}, "source": ["# Title\\n", "\\n", "text"]},
              {"cell_type": "code", "execution_count": 3, "metadata": {"tags": ["slow"]}, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}], "source": "let a = 1\\nprint(a)"},
              {"cell_type": "raw", "metadata": {}, "source": "raw"}
             ], "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "custom": [1, 2.5]}, "nbformat": 4, "nbformat_minor": 4}
            """
        let notebook = try Notebook(jupyter: Source(name: "x.ipynb", text: text), folder: ".")
        #expect(notebook.script == """
            # %% [notebook] {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "custom": [1, 2.5]}

            # %% [markdown] {"attachments": {"a.png": {"image/png": "AAAA"}}, "collapsed": true}
            # # Title
            #
            # text

            # %% {"tags": ["slow"]}
            let a = 1
            print(a)

            # %% [raw]
            # raw

            """)
        let again = notebook.jupyter(nil)
        for part in ["\"attachments\": {\"a.png\"", "\"metadata\": {\"collapsed\": true}", "\"metadata\": {\"tags\": [\"slow\"]}", "\"custom\": [1, 2.5]", "\"name\": \"python3\""] where !again.contains(part) {
            Issue.record("\(part) is lost in \(again)")
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(again.utf8)) as? [String: Any])
        #expect((object["cells"] as? [[String: Any]])?.map { $0["cell_type"] as? String } == ["markdown", "code", "raw"])
    }

    /// Whatever a notebook's cells and metadata are, they come back from the script that is made of them.
    @Test func everyNotebookComesBackFromAScript() throws {
        var maker = NotebookMaker()
        for _ in 0..<1500 {
            let text = maker.notebook()
            let script = try Notebook(jupyter: Source(name: "x.ipynb", text: text), folder: ".").script
            let file = notebook(script).jupyter(nil)
            let (before, after) = (try NotebookMaker.cells(text), try NotebookMaker.cells(file))
            if before != after { Issue.record("\(before)\nbecame\n\(after)\nby way of\n\(script)") }
            let again = try Notebook(jupyter: Source(name: "x.ipynb", text: file), folder: ".").script
            if !again.utf8.elementsEqual(script.utf8) { Issue.record("\(script.debugDescription) became \(again.debugDescription)") }
        }
    }

    @Test func everyScriptOfPiecesComesBackFromJupyter() throws {
        var maker = NotebookMaker()
        for _ in 0..<1500 {
            let script = maker.script()
            let back = try Notebook(jupyter: Source(name: "x.ipynb", text: notebook(script).jupyter(nil)), folder: ".").script
            if !back.utf8.elementsEqual(script.utf8) { Issue.record("\(script.debugDescription) became \(back.debugDescription)") }
        }
    }

    @Test func linesThatLookLikeMarkersStayInTheirCell() throws {
        let text = """
            {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "%%timeit is a magic"},
              {"cell_type": "code", "metadata": {"k": "a\\u2028b"}, "outputs": [], "source": "1\\n# %% no\\n"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            """
        let script = try Notebook(jupyter: Source(name: "x.ipynb", text: text), folder: ".").script
        #expect(script == """
            # %% [markdown]
            # \\%%timeit is a magic

            # %% {"k": "a\\u2028b", "padash_script": {"end": "\\n"}}
            1
            # \\%% no

            """)
        #expect(try NotebookMaker.cells(notebook(script).jupyter(nil)) == NotebookMaker.cells(text))
    }

    /// Cells that are moved or added in Jupyter do not run into one another.
    @Test func cellsMovedInJupyterStayCells() throws {
        let file = notebook("let a = 1\n# %% [markdown]\n# b\nlet c = 3").jupyter(nil)
        let document = try JSONText(file)
        guard case .array(let cells)? = document["cells"] else { throw CancellationError() }
        let moved = JSONText.object([.init(JSONString("cells"), .array(cells.reversed()))]).text
        #expect(try Notebook(jupyter: Source(name: "x.ipynb", text: moved), folder: ".").script == "let c = 3\n\n# %% [markdown]\n# b\n# %%\nlet a = 1\n")
    }

    @Test func oldFormatsAreNamed() {
        let error = #expect(throws: Diagnostic.self) { _ = try Notebook(jupyter: Source(name: "x.ipynb", text: "{\"nbformat\": 3, \"worksheets\": []}"), folder: ".") }
        #expect(error?.message == "'x.ipynb' is not a Jupyter notebook of format 4 but of format 3")
    }

    @Test func cellsEditedInJupyterAreTakenAsTheyAre() throws {
        let file = notebook("#%% tight\n1\n\n\n\n# %% [markdown]\n#x\n").jupyter(nil)
        let edited = file.replacing("\"x\"", with: "\"y\"").replacing("#%% tight", with: "#%% loose")
        #expect(try Notebook(jupyter: Source(name: "x.ipynb", text: edited), folder: ".").script == "#%% loose\n1\n\n\n\n# %% [markdown]\n# y\n")
    }

    @Test func outputsAreInJupyterDocuments() throws {
        let text = ran("print(1)\n# %%\ntable({a: [1]})\n# %%\nplot([1, 2])\n# %%\nthrow \"no\"").jupyter(provenance)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let outputs = try #require(object["cells"] as? [[String: Any]]).map { ($0["outputs"] as? [[String: Any]])?.first }
        #expect(outputs.map { $0?["output_type"] as? String } == ["stream", "execute_result", "display_data", "error"])
        #expect((outputs[2]?["data"] as? [String: Any])?["image/svg+xml"] != nil)
        #expect(outputs[3]?["evalue"] as? String == "no")
    }

    @Test(arguments: ["", "[]", "{\"cells\": 1}", "{\"cells\": [1]}", "{\"cells\": [{\"cell_type\": \"code\"}]}", "{\"cells\": [", "not json"])
    func whatIsNoNotebookIsAnError(_ text: String) {
        #expect(throws: Diagnostic.self) { _ = try Notebook(jupyter: Source(name: "x.ipynb", text: text), folder: ".") }
    }

    /// Every block of docs/notebooks.md is a script that runs.
    @Test func theGuideRuns() throws {
        let guide = try String(contentsOf: GoldenScript.root.appendingPathComponent("../../docs/notebooks.md"), encoding: .utf8)
        let blocks = guide.matches(of: /(?m)^```pada\n((?s:.*?))^```$/).map { String($0.1) }
        #expect(blocks.count > 1)
        for block in blocks {
            let notebook = ran(block)
            for result in notebook.results.compactMap(\.self) where result.isFailed { Issue.record("\(result.outputs) in \(block)") }
        }
    }
}

/// Every element is closed in its turn.
func expectClosed(_ html: String) {
    var open: [Substring] = []
    for tag in html.matches(of: /<(\/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(\/?)>/) where tag.3.isEmpty {
        if tag.1.isEmpty { open.append(tag.2) } else if open.popLast() != tag.2 { Issue.record("\(tag.0) closes what is not open: \(html.prefix(400))") }
    }
    #expect(open.isEmpty, "\(open) in \(html.prefix(400))")
}
