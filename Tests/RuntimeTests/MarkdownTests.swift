import Testing

@testable import Runtime

@Suite struct MarkdownPages {
    @Test(arguments: [
        ("# A *b*", "<h1>A <em>b</em></h1>"),
        ("### C ###", "<h3>C</h3>"),
        ("#hashtag", "<p>#hashtag</p>"),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>"),
        ("**a** __b__ *c* _d_ ~~e~~ ***f***", "<p><strong>a</strong> <strong>b</strong> <em>c</em> <em>d</em> <del>e</del> <strong><em>f</em></strong></p>"),
        ("snake_case_name 2 * 3 * 4 ** 5", "<p>snake_case_name 2 * 3 * 4 ** 5</p>"),
        ("`a <b> *c*` and ``x ` y``", "<p><code>a &lt;b&gt; *c*</code> and <code>x ` y</code></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[text](https://a.b/c_d \"title\") <https://e.f>", "<p><a href=\"https://a.b/c_d\">text</a> <a href=\"https://e.f\">https://e.f</a></p>"),
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
        ("![no](missing.png)", "<p><em>(no: <a href=\"missing.png\">missing.png</a>)</em></p>"),
    ])
    func html(_ markdown: String, _ expected: String) { #expect(Markdown().html(markdown) == expected) }

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
    ])
    func formulas(_ tex: String, _ expected: String) { #expect(MathML.render(tex, isDisplayed: false) == "<math><mrow>\(expected)</mrow></math>") }

    @Test func sumsTakeLimitsWhereThereIsRoom() {
        #expect(MathML.render("\\sum_{i=1}^n i", isDisplayed: true).contains("<munderover><mo movablelimits=\"false\">∑</mo>"))
        #expect(MathML.render("\\sum_{i=1}^n i", isDisplayed: false).contains("<msubsup>"))
        #expect(MathML.render("\\frac{1}{\\sum_j x} + \\sum_i y", isDisplayed: true).matches(of: /<munder>|<msub>/).map { String($0.0) } == ["<msub>", "<munder>"])
    }

    @Test func brokenFormulasAndTextsEnd() {
        let pieces = ["{", "}", "\\", "$", "$$", "\\frac", "\\left(", "\\right", "\\begin{cases}", "\\end", "&", "^", "_", "x", "*", "`", "[", "](", ")", "|", "\n", "- ", "> ", "#", "1. ", "  ", "~~", "<", "\\sqrt[", "\\mathbb", "'", "```"]
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
        for deep in ["{", "\\left(", "^{", "\\sqrt{", "\\begin{cases}", "\\hat"] { expectClosed(MathML.render(String(repeating: deep, count: 5_000), isDisplayed: true)) }
        for deep in ["> ", "- ", "*", "[", "**a "] { expectClosed(Markdown().html(String(repeating: deep, count: 2_000) + "x")) }
    }
}
