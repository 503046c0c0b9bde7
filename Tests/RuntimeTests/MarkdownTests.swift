import Foundation
import Lang
import Testing

@testable import Documents
@testable import Library
@testable import padash
@testable import Runtime

@Suite struct MarkdownPages {
    @Test(arguments: [
        ("# A *b*", "<h1>A <em>b</em></h1>"),
        ("### C ###", "<h3>C</h3>"),
        ("#hashtag", "<p>#hashtag</p>"),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>"),
        ("**a** __b__ *c* _d_ ~~e~~ ***f***", "<p><strong>a</strong> <strong>b</strong> <em>c</em> <em>d</em> <del>e</del> <em><strong>f</strong></em></p>"),
        ("snake_case_name 2 * 3 * 4 ** 5", "<p>snake_case_name 2 * 3 * 4 ** 5</p>"),
        ("`a <b> *c*` and ``x ` y``", "<p><code>a &lt;b&gt; *c*</code> and <code>x ` y</code></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[text](https://a.b/c_d \"title\") <https://e.f>", "<p><a href=\"https://a.b/c_d\" title=\"title\">text</a> <a href=\"https://e.f\">https://e.f</a></p>"),
        ("[x](javascript:alert(1))", "<p>x (javascript:alert(1))</p>"),
        ("\\*a\\* \\$5", "<p>*a* $5</p>"),
        ("a  \nb\\\nc", "<p>a<br/>\nb<br/>\nc</p>"),
        ("---", "<hr/>"),
        ("> a\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>"),
        ("- a\n- b\n  - c\n\ntext", "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul></li>\n</ul>\n<p>text</p>"),
        ("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("- a\n\n- b", "<ul>\n<li><p>a</p></li>\n<li><p>b</p></li>\n</ul>"),
        ("```\n<a>\n# b\n```", "<pre class=\"fenced\" tabindex=\"0\" role=\"region\" aria-label=\"Code\"><code>&lt;a&gt;\n# b</code></pre>"),
        ("    <a>\n\n      # b\n\ntext", "<pre class=\"fenced\" tabindex=\"0\" role=\"region\" aria-label=\"Code\"><code>&lt;a&gt;\n\n  # b</code></pre>\n<p>text</p>"),
        ("text\n    that goes on", "<p>text\nthat goes on</p>"),
        ("- a\n\n      b", "<ul>\n<li><p>a</p>\n<pre class=\"fenced\" tabindex=\"0\" role=\"region\" aria-label=\"Code\"><code>b</code></pre></li>\n</ul>"),
        ("It costs $5 and $6.", "<p>It costs $5 and $6.</p>"),
        ("![no](missing.png)", "<p><img src=\"missing.png\" alt=\"no\"/></p>"),
        ("![no](https://a.b/c.png) ![](d.png)", "<p><em>(no: <a href=\"https://a.b/c.png\">https://a.b/c.png</a>)</em> <em>(image: <a href=\"d.png\">d.png</a>)</em></p>"),
    ])
    func html(_ markdown: String, _ expected: String) { #expect(Markdown().html(markdown) == expected) }

    /// As the CommonMark specification's reference implementation has them, but for HTML in the text.
    @Test(arguments: [
        ("> a\n## b", "<blockquote>\n<p>a</p>\n</blockquote>\n<h2>b</h2>"), ("> a\n- b", "<blockquote>\n<p>a</p>\n</blockquote>\n<ul>\n<li>b</li>\n</ul>"),
        ("> a\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr/>"), ("> a\n>\nb", "<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>"), ("> a\nb", "<blockquote>\n<p>a\nb</p>\n</blockquote>"),
        ("[a](<b c.html>)", "<p><a href=\"b%20c.html\">a</a></p>"), ("[a](u b)", "<p>[a](u b)</p>"), ("[x](a\\_b)", "<p><a href=\"a_b\">x</a></p>"),
        ("***b** i*", "<p><em><strong>b</strong> i</em></p>"), ("*a [*b*](u)*", "<p><em>a <a href=\"u\"><em>b</em></a></em></p>"), ("*(*foo*)*", "<p><em>(<em>foo</em>)</em></p>"),
        ("**foo*bar**", "<p><strong>foo*bar</strong></p>"), ("foo__bar__baz", "<p>foo__bar__baz</p>"), ("[[i](u)](v)", "<p>[<a href=\"u\">i</a>](v)</p>"),
        ("[![i](https://a.b/c.png)](u)", "<p><a href=\"u\"><em>(i: https://a.b/c.png)</em></a></p>"), ("$$ x", "<p>$$ x</p>"), ("$$\n- a\n\nb", "<p>$$</p>\n<ul>\n<li>a</li>\n</ul>\n<p>b</p>"),
        ("<me@x.org>", "<p><a href=\"mailto:me@x.org\">me@x.org</a></p>"), ("Title\n=====", "<h1>Title</h1>"), ("Sub\ntitle\n---", "<h2>Sub\ntitle</h2>"),
        ("[a][1] [1] [b][]\n\n[1]: <u v> \"t\"\n[B]: w", "<p><a href=\"u%20v\" title=\"t\">a</a> <a href=\"u%20v\" title=\"t\">1</a> <a href=\"w\">b</a></p>"),
        ("&nbsp;&copy;&#35;&#x22;&unknown;", "<p>\u{a0}©#&quot;&amp;unknown;</p>"), ("1) a\n1. b", "<ol>\n<li>a</li>\n</ol>\n<ol>\n<li>b</li>\n</ol>"), ("a\n2. b", "<p>a\n2. b</p>"),
        ("-\n\n  a", "<ul>\n<li></li>\n</ul>\n<p>a</p>"), ("- a\n-\n\n- c", "<ul>\n<li><p>a</p></li>\n<li></li>\n<li><p>c</p></li>\n</ul>"),
        ("**重要。**です", "<p><strong>重要。</strong>です</p>"), ("`` a\nb `` `c", "<p><code>a b</code> `c</p>"), ("[x](JAVA\nSCRIPT:y) [y](java&#10;script:z)", "<p>[x](JAVA\nSCRIPT:y) <a href=\"java%0Ascript:z\">y</a></p>"),
        ("[x]( javascript:y) ![i](javascript:y)", "<p>x (javascript:y) <em>(i: javascript:y (javascript:y))</em></p>"),
    ]) func blocksAndInlinesOfCommonMark(_ markdown: String, _ expected: String) { #expect(Markdown().html(markdown) == expected) }

    @Test func blankLinesInCodeAreKept() {
        #expect(Markdown().html("- ```\n  b\n\n\n  ```").contains("<code>b\n\n</code>"))
        #expect(Markdown().html("```py x\n\na\n```").contains("<code class=\"language-py\">\na</code>"))
        #expect(Markdown().html("\ta\n\n\tb\n\n").contains("<code>a\n\nb</code>"))
    }

    /// One stroke before a bracket is CommonMark's.
    @Test func formulasStandInBracketsWithTwoStrokes() {
        #expect(Markdown().html("a \\\\(x\\\\) b") == "<p>a <math><mrow><mi>x</mi></mrow></math> b</p>")
        #expect(Markdown().html("\\\\[x\\\\]") == "<p><math display=\"block\"><mrow><mi>x</mi></mrow></math></p>")
        #expect(Markdown().html("a \\(x\\) \\[y\\]") == "<p>a (x) [y]</p>")
    }

    @Test func imagesWithBlanksInTheirNamesAreFound() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("padash-images-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data([1, 2, 3]).write(to: folder.appendingPathComponent("my plot.png"))
        let markdown = Markdown(folder: folder.path, files: .system)
        for address in ["<my plot.png>", "my%20plot.png"] { #expect(markdown.html("![a *b*](\(address))") == "<p><img src=\"data:image/png;base64,AQID\" alt=\"a b\"/></p>") }
    }

    /// The first heading that is one, without its markup.
    @Test(arguments: [
        ("```\n# no\n```\n\n# Real *title*", "Real title"), ("#12 for more\n\n## Part *one* with `code`", "Part one with code"), ("Title\n===", "Title"), ("> # in a quotation", "in a quotation"), ("#\n\n# a", "a"),
        ("text", nil), ("    # code", nil),
    ] as [(String, String?)]) func titles(_ markdown: String, _ title: String?) { #expect(Markdown.title(of: markdown) == title) }

    @Test func headingsHaveTheAnchorsThatGitHubGivesThem() {
        var anchors = HeadingAnchors()
        let titles = ["Lists & maps", "`padash doc --site`", "Größe, *n*", "Lists & maps", "Lists & maps 1", "Lists & maps"]
        let expected = ["lists--maps", "padash-doc---site", "größe-n", "lists--maps-1", "lists--maps-1-1", "lists--maps-2"]
        var markdown = Markdown()
        markdown.anchor = { level, title in level == 2 ? anchors.next(for: title) : nil }
        let html = markdown.html("# Title\n\n" + titles.map { "## \($0)" }.joined(separator: "\n\n"))
        #expect(html.hasPrefix("<h1>Title</h1>\n<h2 id=\"lists--maps\">Lists &amp; maps</h2>\n<h2 id=\"padash-doc---site\"><code>"))
        #expect(html.matches(of: #/ id="([^"]*)"/#).map { String($0.1) } == expected)
    }

    @Test func tables() {
        let html = Markdown().html("| a | b |\n|---|--:|\n| `x|y` | 1 |\n| z \\| w |")
        #expect(html.contains("<th scope=\"col\">a</th><th scope=\"col\" class=\"right\">b</th>"))
        #expect(html.contains("<tr><td><code>x|y</code></td><td class=\"right\">1</td></tr>") && html.contains("<td>z | w</td><td class=\"right\"></td>"))
    }

    @Test(arguments: [
        ("x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("\\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        ("\\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        ("\\sqrt[3]{x}", "<mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot>"),
        ("\\mathbb{E}", "<mi>𝔼</mi>"),
        ("\\text{if } x", "<mtext>if </mtext><mi>x</mi>"),
        ("f'", "<msup><mi>f</mi><mo>′</mo></msup>"),
        ("\\unknown", "<mtext>\\unknown</mtext>"),
        ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        ("\\overset{!}{=}", "<mover><mrow><mo>=</mo></mrow><mrow><mo>!</mo></mrow></mover>"), ("\\stackrel a b", "<mover><mi>b</mi><mi>a</mi></mover>"),
        ("\\xrightarrow[b]{a}", "<munderover><mo stretchy=\"true\">→</mo><mrow><mi>b</mi></mrow><mrow><mi>a</mi></mrow></munderover>"),
        ("\\not= \\not\\in", "<mo>=\u{338}</mo><mo>∈\u{338}</mo>"), ("\\color{red} x \\textcolor{blue}{y}", "<mi>x</mi><mrow><mi>y</mi></mrow>"), ("\\iint", "<mo>∬</mo>"),
        ("\\cancel{x}", "<mrow><mtext>\\cancel{</mtext><mrow><mi>x</mi></mrow><mtext>}</mtext></mrow>"),
    ])
    func formulas(_ tex: String, _ expected: String) { #expect(MathML.render(tex, isDisplayed: false) == "<math><mrow>\(expected)</mrow></math>") }

    @Test func sumsTakeLimitsWhereThereIsRoom() {
        #expect(MathML.render("\\sum_{i=1}^n i", isDisplayed: true).contains("<munderover><mo movablelimits=\"false\">∑</mo>"))
        #expect(MathML.render("\\sum_{i=1}^n i", isDisplayed: false).contains("<msubsup>"))
        #expect(MathML.render("\\frac{1}{\\sum_j x} + \\sum_i y", isDisplayed: true).matches(of: /<munder>|<msub>/).map { String($0.0) } == ["<msub>", "<munder>"])
    }

    @Test func bracesHaveTheirTextBelow() {
        #expect(MathML.render("\\underbrace{a}_n", isDisplayed: true).contains("<munder><munder><mrow><mi>a</mi></mrow><mo stretchy=\"true\">⏟</mo></munder><mi>n</mi></munder>"))
        #expect(MathML.render("\\operatorname*{argmin}_x", isDisplayed: true).contains("argmin</mo><mi>x</mi></munder>"))
    }

    @Test func brokenFormulasAndTextsEnd() {
        let pieces = ["\\not", "\\overset", "\\xrightarrow[", "\\color", "\\underbrace", "\\[", "\\]", "&amp;", "===", "[a]: b", "{", "}", "\\", "$", "$$", "\\frac", "\\left(", "\\right", "\\begin{cases}", "\\end", "&", "^", "_", "x", "*", "`", "[", "](", ")", "|", "\n", "- ", "> ", "#", "1. ", "  ", "~~", "<", "\\sqrt[", "\\mathbb", "'", "```"]
        var state: UInt64 = 1
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            expectClosed(Markdown().html(text))
            expectClosed(MathML.render(text, isDisplayed: true))
        }
        for deep in ["{", "\\left(", "^{", "\\sqrt{", "\\sqrt[", "\\xrightarrow[", "\\not", "\\cancel{", "\\overset{a}{", "\\begin{cases}", "\\hat"] { expectClosed(MathML.render(String(repeating: deep, count: 5_000), isDisplayed: true)) }
        for deep in ["> ", "- ", "*", "[", "**a "] { expectClosed(Markdown().html(String(repeating: deep, count: 2_000) + "x")) }
    }
}
