import Foundation
import Testing

@testable import Documents
@testable import Library
@testable import Runtime

/// Texts that make a careless reader take quadratic time, or nest without end.
@Suite struct HostileMarkdown {
    /// Without optimization all is slower by a constant.
    private static let count = _isDebugAssertConfiguration() ? 1000 : 20_000

    private static func times(_ text: String, _ count: Int = count) -> String { String(repeating: text, count: count) }

    private static let texts: [(name: String, text: String)] = [
        "_a ", "**a ", "*a_ ", "~~a ", "*a ", "a_ ", "[a", "a]", "[ a_", "![", "![[]()", "![a", "[a](", "[a](b", "[a](<b", "[a](b \"", "[a](b '", "[a](b (c ", "[ (](", "a**b*c* ", "**a*a__a_a ", "`a ",
        "\\", "\\(a ", "\\[a \\\\(", "$a ", "$$a ", "&", "&amp", "<a", "<a@", "<!--", "<?", "abc\u{0}", "# ", "- ", "> ", "1. ", "\t", ">\t", "-\t", "|", "a|", "* ",
    ].map { ("\($0) repeated", times($0)) } + [
        ("opened and closed", times("*a **a ") + "b" + times(" a** a*")), ("brackets in brackets", times("[") + "a" + times("]")), ("images in images", times("![a") + times("](u)")),
        ("quotes with text", times("> ") + "a"), ("items with text", times("- ") + "a"), ("marks and text", times("* ") + "a"), ("runs of backticks", (1...700).map { "e" + times("`", $0) }.joined()),
        ("blank lines in many lists", times("- ", 500) + "x" + times("\n")), ("ever deeper items", (0..<1000).map { times("  ", $0) + "* a\n" }.joined()),
        ("definitions", (0..<count).map { "[\($0)]: u\n" }.joined() + (0..<count).map { "[\($0)]" }.joined()), ("headings of definitions", times("[a]: b\n===\n")),
        ("one long address many times", "[a]: " + times("x") + "\n\n" + times("[a]")), ("labels", "[x]: y\n\n" + times("[a ") + times("]")), ("labels of links", "[x]: y\n\n" + times("[a][b ")),
        ("wide table of empty rows", "|" + times("a|", 3000) + "\n|" + times("-|", 3000) + "\n" + times("|\n")), ("heads of tables", times("a|b\n|-\n")), ("code in a table", times("`a|") + "\n" + times("|-")),
        ("formulas without end", times("$$\na\n\n")), ("headings", times("a\n===\n")), ("lines below quotations", times("> a\nb\n")), ("fences", times("```\n")), ("code", times("    a\n\n")),
        ("an address of mail", "<" + times("a.") + "@" + times("a.") + ">"),
    ] + ["\\frac{", "\\left( ", "\\sqrt[", "\\begin{cases}", "\\text{", "x_", "x' ", "\\mathbb ", "\\overset{a}{", "a & "].map { ("formula of \($0)", "$" + times($0) + "$") }

    /// Processor time of the thread, which other tests do not take from.
    private static func seconds(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        body()
        return now() - start
    }

    @Test(arguments: texts.indices)
    func takesTimeInProportion(_ index: Int) {
        let (name, text) = Self.texts[index]
        var html = ""
        let seconds = Self.seconds { html = Markdown().html(text) }
        #expect(seconds < (_isDebugAssertConfiguration() ? 60 : 3), "\(name)")
        // Links to one long address take no more than a megabyte.
        #expect(html.utf8.count < 60 * text.utf8.count + 1 << 21, "\(name)")
        if html.utf8.count < 300_000 { expectClosed(html) }
    }

    /// What a cell prints stays text wherever it stands in a Markdown document.
    @Test func escapedTextShowsAsItIs() {
        let pieces = [
            "*", "_", "`", "[", "](u)", "![", "<script>", "</td>", "&amp;", "&#60;", "|", "\\", "\\|", "~~", "$", "$$", "#", "a", "b c", "1.", "- ", "> ", "https://a.b", "www.a.b", "\n", "\r\n", "é", "==", "\"", "'", "!",
        ]
        var generator = SeededGenerator(state: 7)
        for _ in 0..<3000 {
            let text = (0..<8).map { _ in pieces[generator.next(below: pieces.count)] }.joined()
            let shown = text.replacing("\r\n", with: "\n").replacing("\n", with: " ").trimmingCharacters(in: .whitespaces)
            guard !shown.isEmpty else { continue }
            let escaped = text.escapedForMarkdown
            let cell = Markdown().html("| a | b |\n| --- | --- |\n| \(escaped) | x |")
            let heading = Markdown().html("# \(escaped)")
            let bold = Markdown().html("> **warning:** \(escaped)")
            #expect(Self.withoutRuns(cell).contains("<td>\(Self.withoutRuns(shown.escapedForHTML))</td><td>x</td>"), "\(escaped): \(cell)")
            #expect(Self.withoutRuns(heading) == "<h1>\(Self.withoutRuns(shown.escapedForHTML))</h1>", "\(escaped)")
            #expect(Self.withoutRuns(bold).contains("</strong> \(Self.withoutRuns(shown.escapedForHTML))</p>"), "\(escaped)")
        }
    }

    /// With one blank for several.
    private static func withoutRuns(_ text: String) -> String { text.replacing(/\ +/, with: " ") }
}

/// Numbers that are the same in each run.
struct SeededGenerator {
    var state: UInt64

    mutating func next(below count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }
}
