import Foundation
import Lang
import Library
import Runtime
import Testing

@Suite struct Golden {
    @Test(.timeLimit(.minutes(5)), arguments: GoldenScript.all)
    func script(_ script: GoldenScript) { check(script) }

    /// The same with a collection at every chance, which finds objects that the collector's roots miss.
    @Test(.timeLimit(.minutes(5)), arguments: GoldenScript.all)
    func scriptUnderCollection(_ script: GoldenScript) { check(script, stressesCollector: true) }

    private func check(_ script: GoldenScript, stressesCollector: Bool = false) {
        var options = Session.Options()
        options.stressesCollector = stressesCollector
        options.directory = script.url.deletingLastPathComponent().path
        var session: Session? = Session(options: options)
        weak var remaining = session
        guard let (outputs, outcome) = session?.run(Source(name: script.url.path, text: script.text)) else { return }
        session = nil
        if remaining != nil { Issue.record("\(script.name): the session is not freed") }

        var printed = ""
        var diagnostics: [Diagnostic] = []
        for output in outputs {
            switch output {
            case .text(let text): printed += text
            case .error(let errors): diagnostics += errors
            default: break
            }
        }
        var complaints = compare(script.expectedLines, with: lines(of: printed))
        complaints += compare(script.expectedErrors, with: diagnostics, in: script)
        if diagnostics.isEmpty, outcome != .finished { complaints.append("the script ended as \(outcome)") }
        if !complaints.isEmpty {
            let report = complaints + diagnostics.map { $0.rendered() }
            Issue.record("\(script.name)\n\(report.joined(separator: "\n"))")
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["PADASH_GOLDEN"] == nil)) func thereAreScripts() { #expect(GoldenScript.all.count > 500) }
}

/// Printed lines without trailing blanks, which editors take off the expectations.
private func lines(of printed: String) -> [String] {
    var lines = printed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
}

/// The two texts line by line, those that differ marked `-` (expected) and `+` (printed); empty when they agree.
private func compare(_ expected: [String], with printed: [String]) -> [String] {
    let trim = { (line: String) in line.trimmingSuffix { $0 == " " } }
    guard expected.map(trim) != printed.map(trim) else { return [] }
    var report = ["printed lines differ (- expected, + printed):"]
    for i in 0..<max(expected.count, printed.count) {
        let (wanted, got) = (i < expected.count ? expected[i] : nil, i < printed.count ? printed[i] : nil)
        if let wanted, let got, trim(wanted) == trim(got) {
            report.append("    \(wanted)")
        } else {
            if let wanted { report.append("  - \(wanted)") }
            if let got { report.append("  + \(got)") }
        }
    }
    return report
}

private func compare(_ expected: [GoldenScript.ExpectedError], with diagnostics: [Diagnostic], in script: GoldenScript) -> [String] {
    var report: [String] = []
    var rest = diagnostics
    for error in expected {
        let match = rest.firstIndex { diagnostic in
            (error.kind == "*" || diagnostic.kind.rawValue == error.kind)
                && (error.fragment.isEmpty || diagnostic.message.contains(error.fragment))
                && line(of: diagnostic, in: script) == error.line
        }
        if let match {
            rest.remove(at: match)
        } else {
            report.append("no \(error.kind) error on line \(error.line) with “\(error.fragment)”")
        }
    }
    return report + rest.map { "unexpected \($0.kind.rawValue) error on line \(line(of: $0, in: script) ?? 0): \($0.message)" }
}

/// The line in the script: of the error itself, or of the call that led to it in another file.
private func line(of diagnostic: Diagnostic, in script: GoldenScript) -> Int? {
    let places = [diagnostic.place].compactMap { $0 } + diagnostic.trace.map(\.place) + diagnostic.notes.map(\.place)
    return places.first { $0.source.text == script.text }.map { $0.source.position(at: $0.span.start).line }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
