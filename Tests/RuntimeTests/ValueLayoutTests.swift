import Lang
import Testing
import Text

@testable import Library
@testable import Runtime

/// Values as the prompt shows them in a window.
@Suite struct ValueLayouts {
    private func shown(_ code: String, width: Int = 40, height: Int = 10) -> [String] {
        var options = Session.Options()
        options.width = width
        options.height = height
        let (outputs, _) = Session(options: options).run(Source(name: "cell", text: code))
        let text = outputs.compactMap { if case .value(let value) = $0 { value.text } else { nil } }.last ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func whatFitsIsOneLine() {
        #expect(shown("[1, 2.5, \"x\", nil, {a: 1}]") == ["[1, 2.5, \"x\", nil, {a: 1}]"])
    }

    /// The terminal breaks a text that is longer than the window: nothing of it is left out as long as there is room.
    @Test func aTextOfSeveralWindowsIsWhole() {
        #expect(shown("\"ab\" * 50") == ["\"" + String(repeating: "ab", count: 50) + "\""])
        #expect(shown("\"ab\" * 500")[0].hasSuffix(" more"))
    }

    @Test func longListsAreFilledAlignedAndCounted() {
        let lines = shown("list(0..10000)")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("[ 0,  1,  2,"))
        #expect(lines[4].hasSuffix(" more]"))
        let seen = lines.joined().split { !$0.isNumber && $0 != "," }.joined().split(separator: ",").count
        #expect(seen > 30)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 40 })
    }

    @Test func theCountAndWhatIsShownMakeUpTheWhole() throws {
        for count in [50, 100, 1_234, 20_000] {
            let text = shown("list(0..\(count))").joined()
            guard let more = text.firstMatch(of: /(\d+), … ([\d,]+) more]$/) else {
                #expect(text.hasSuffix("\(count - 1)]"))
                continue
            }
            let last = try #require(Int(more.1)), rest = try #require(Int(more.2.filter { $0 != "," }))
            #expect(last + 1 + rest == count)
        }
    }

    @Test func entriesShareTheRows() {
        #expect(shown("{first: list(0..100), second: \"s\", third: {a: 1}}", width: 30, height: 8) == [
            "{first: [ 0,  1,  2,  3,  4,", "       5,  6, … 93 more],", " second: \"s\",", " third: {a: 1}}",
        ])
    }

    @Test func moreEntriesThanRowsAreCounted() {
        let lines = shown("{\"key {i}\": i for i in 0..2000}", height: 6)
        #expect(lines.count == 6 && lines[0] == "{\"key 0\": 0," && lines[5] == " … 1,995 more}")
    }

    @Test func longTextsAreCutWithACount() throws {
        let lines = shown("\"abcd\\n\" * 1000")
        #expect(lines.count == 1)
        let parts = try #require(lines[0].firstMatch(of: /^"((?:abcd\\n)+[a-d]*)…" … ([\d,]+) more$/))
        let rest = try #require(Int(parts.2.filter { $0 != "," }))
        #expect(parts.1.replacing("\\n", with: "n").count + rest == 5000)
    }

    /// Whatever the value, no line but that of a text is wider than the window, and there are no more than allowed.
    @Test(arguments: [
        "[list(0..30) for i in 0..30]", "[[[list(0..30)]]]", "[{a: i, b: \"text\" * 20} for i in 0..5]", "{m: {m: {m: list(0..99)}}}",
        "[\"日本語\" * 3] * 40", "let xs = []; xs.push(xs); xs * 50", "[x => x] * 100", "list(\"abc\" * 100)", "{[[i, i][0]]: \"v\" * 100 for i in 0..50}",
        "[normal(0, 1)] * 30", "[1.5, 2, nil] * 100",
    ])
    func staysInTheWindow(_ code: String) {
        for (width, height) in [(20, 6), (40, 10), (80, 20), (200, 50)] {
            let lines = shown(code, width: width, height: height)
            #expect(lines.count <= height && lines.allSatisfy { DisplayWidth.of($0) <= width }, "\(width)x\(height):\n\(lines.joined(separator: "\n"))")
        }
    }
}
