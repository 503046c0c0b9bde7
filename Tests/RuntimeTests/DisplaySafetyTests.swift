import Lang
import Library
import Runtime
import Testing
import Text

@testable import Documents

/// What padash shows of a value, a name or a source has no character in it that a terminal obeys, that breaks a line, or that turns the direction
/// of the text around it.
@Suite struct DisplaySafety {
    /// All of them but for the tab and the line feed.
    static let scalars: [Unicode.Scalar] = {
        let values = Array(0..<0x20) + Array(0x7F..<0xA0) + Array(0x2028...0x202E) + Array(0x2066...0x2069)
        return values.filter { $0 != 9 && $0 != 10 }.compactMap { Unicode.Scalar(UInt32($0)) }
    }()

    /// As front ends show it: as text, and on pages.
    static func shown(_ output: Output) -> [String] {
        switch output {
        case .text, .progress: []
        case .value(let value): [value.text, value.table?.text(width: 80) ?? "", value.table?.html ?? "", Highlighting.html(value.text)]
        case .plot(let plot): [plot.terminal(isColored: false), plot.svg]
        case .warning(let text): [text, text.escapedForHTML]
        case .error(let diagnostics): diagnostics.map { $0.rendered() } + diagnostics.map { $0.rendered().escapedForHTML }
        }
    }

    private func expectSafe(_ code: String, _ scalar: Unicode.Scalar) {
        let (outputs, _) = Session().run(Source(name: "cell", text: code))
        let texts = outputs.flatMap(Self.shown)
        #expect(!texts.isEmpty)
        for text in texts { #expect(!text.unicodeScalars.contains(scalar), "\(code): \(text.debugDescription)") }
    }

    @Test(arguments: [
        "\"EVIL\"", "[\"EVIL\"]", "{[\"EVIL\"]: 1}", "throw \"EVIL\"", "read_text(\"EVIL\")", "table({[\"EVIL\"]: [\"EVIL\"]})",
        "plot.bar([1, 2], names: [\"EVIL\", \"b\"], title: \"EVIL\", xlabel: \"EVIL\", ylabel: \"EVIL\")", "plot.line([1, 2], {[\"EVIL\"]: [1, 2]})",
        "plot.grid([plot([1, 2], title: \"EVIL\", show: false), plot([2, 1], show: false)])", "plot.heatmap([[1, 2]], names: [\"EVIL\"])",
    ])
    func valuesAreShownWithout(_ code: String) {
        for scalar in Self.scalars { expectSafe(code.replacing("EVIL", with: "a\\u{\(String(scalar.value, radix: 16))}b"), scalar) }
    }

    /// A source that pretends to be another one, in the line that an error shows.
    @Test func excerptsAreShownWithout() {
        for scalar in Self.scalars where scalar != "\r" { expectSafe("let x = \"a\(scalar)b\" + nope # c\(scalar)d", scalar) }
    }

    @Test func theDirectionIsSeen() {
        #expect("a\u{202e}b\u{2028}c".harmless == "a\\u{202e}b\\u{2028}c" && "…—é\u{2060}\u{2027}\u{202f}".harmless == "…—é\u{2060}\u{2027}\u{202f}")
        #expect("<\u{2066}>".escapedForHTML == "&lt;\\u{2066}&gt;" && "\u{2066}".readForHTML == "\u{2066}")
        #expect(DisplayWidth.of("a\u{202e}b") == DisplayWidth.of("a\u{202e}b".harmless))
    }
}
