import Text

extension Diagnostic {
    /// The diagnostic as every front end shows it, without a line break at the end:
    ///
    ///     name error: 'epoch' is not defined
    ///       --> search.pada:3:14
    ///        |
    ///      3 | for i in 0..epoch {
    ///        |             ^^^^^
    ///        = hint: did you mean 'epochs'?
    ///
    /// then each note in the same form, then the calls that led there. Nothing is wider than `width` except names and sentences.
    public func rendered(color: Bool, width: Int = 100) -> String {
        var renderer = Renderer(palette: color ? .terminal : .plain, width: width)
        renderer.show(self)
        return renderer.lines.joined(separator: "\n")
    }
}

private struct Renderer {
    let palette: Palette
    let width: Int
    var lines: [String] = []

    mutating func show(_ diagnostic: Diagnostic) {
        let title = switch (diagnostic.severity, diagnostic.kind) {
        case (.warning, _): "warning"
        case (.error, .error), (.error, .interrupted): diagnostic.kind.rawValue
        default: "\(diagnostic.kind.rawValue) error"
        }
        let paint = diagnostic.severity == .error ? palette.error : palette.warning
        lines.append(paint(title) + palette.strong(": " + diagnostic.message.shown))
        let gutter = gutterWidth(of: diagnostic)
        if let place = diagnostic.place { show(place, gutter: gutter, mark: "^", paint: paint) }
        if let hint = diagnostic.hint { show(hint: hint.shown, gutter: gutter) }
        for note in diagnostic.notes {
            lines.append(palette.hint("note") + ": " + note.message.shown)
            show(note.place, gutter: gutter, mark: "-", paint: palette.hint)
        }
        show(diagnostic.trace, of: diagnostic)
    }

    /// Broken between words where it is longer than a line.
    private mutating func show(hint: String, gutter: Int) {
        let blank = String(repeating: " ", count: gutter + 1)
        for (i, part) in hint.wrapped(to: max(30, width - gutter - 9)).enumerated() {
            lines.append(blank + (i == 0 ? palette.frame("= ") + palette.hint("hint: " + part) : "        " + palette.hint(part)))
        }
    }

    /// Wide enough for the largest line number in the diagnostic.
    private func gutterWidth(of diagnostic: Diagnostic) -> Int {
        let places = [diagnostic.place].compactMap { $0 } + diagnostic.notes.map(\.place)
        return places.map { String($0.source.position(at: max($0.span.start, $0.span.end - 1)).line).count }.max().map { $0 + 1 } ?? 2
    }

    /// Where it is, and the lines of source it covers with the place underlined.
    private mutating func show(_ place: Diagnostic.Place, gutter: Int, mark: Character, paint: (String) -> String) {
        let blank = String(repeating: " ", count: gutter + 1)
        let (first, column) = place.source.position(at: place.span.start)
        let last = max(first, place.source.position(at: max(place.span.start, place.span.end - 1)).line)
        lines.append(String(repeating: " ", count: gutter) + palette.frame("--> ") + "\(place.source.name.shown):\(first):\(column)")
        lines.append(blank + palette.frame("|"))
        let shown = last - first < 3 ? Array(first...last) : [first, first + 1, last]
        for (i, number) in shown.enumerated() {
            if i > 0, number > shown[i - 1] + 1 { lines.append(blank + palette.frame("…")) }
            let label = String(number)
            let excerpt = excerpt(of: place, line: number, room: width - gutter - 3)
            lines.append(String(repeating: " ", count: gutter - label.count) + palette.frame(label + " |") + (excerpt.text.isEmpty ? "" : " " + palette.code(excerpt.text)))
            lines.append(blank + palette.frame("|") + String(repeating: " ", count: excerpt.start + 1) + paint(String(repeating: mark, count: excerpt.length)))
        }
    }

    private func excerpt(of place: Diagnostic.Place, line number: Int, room: Int) -> Excerpt {
        let bytes = place.source.bytes
        let start = place.source.lineStarts[number - 1]
        var end = number < place.source.lineStarts.count ? place.source.lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        var from = min(max(place.span.start, start), end)
        // On the lines after the first, the indentation is not underlined.
        if place.span.start < start {
            while from < end, bytes[from] == UInt8(ascii: " ") || bytes[from] == UInt8(ascii: "\t") { from += 1 }
        }
        return Excerpt(bytes: bytes, line: start..<end, marked: from..<min(max(place.span.end, from), end), width: room)
    }

    private mutating func show(_ trace: [Diagnostic.TraceEntry], of diagnostic: Diagnostic) {
        // A lone entry is the place already shown.
        guard trace.count > 1 else { return }
        lines.append(palette.frame("called through, innermost first:"))
        let folded = TraceFolding.fold(trace)
        let entries = folded.compactMap { if case .entry(let entry) = $0 { entry } else { nil } }
        let calls = min(entries.map { DisplayWidth.of($0.call.harmless) }.max() ?? 0, width / 2)
        let places = entries.map { DisplayWidth.of($0.location.harmless) }.max() ?? 0
        for (i, line) in folded.enumerated() {
            switch line {
            case .entry(let entry):
                let call = DisplayWidth.fitted(entry.call.harmless, columns: calls).padded(to: calls)
                let head = "  in \(call)  at \(entry.location.harmless.padded(to: places))"
                let room = width - DisplayWidth.of(head) - 2
                // The first is shown above.
                let code = i == 0 || room < 8 ? "" : excerpt(of: entry.place, room: room)
                lines.append("  in " + palette.strong(call) + "  at "
                    + (code.isEmpty ? entry.location.harmless : entry.location.harmless.padded(to: places) + "  " + palette.frame(code)))
            case .repeat(let calls, let times):
                let subject = calls == 1 ? "this call" : "these \(calls) calls"
                lines.append("  … and \(subject) \(times) times more")
            case .gap(let count):
                lines.append("  … \(count) calls in between")
            }
        }
    }

    /// The first line of a place's own text.
    private func excerpt(of place: Diagnostic.Place, room: Int) -> String {
        let bytes = place.source.bytes
        let start = min(place.span.start, bytes.count)
        let end = bytes[start..<min(place.span.end, bytes.count)].firstIndex { $0 == 10 || $0 == 13 } ?? min(place.span.end, bytes.count)
        let text = Excerpt(bytes: bytes, line: start..<end, marked: start..<start, width: room).text
        return end < place.span.end && !text.hasSuffix("…") ? String(text.prefix(room - 1)) + "…" : text
    }
}

/// What each part of a diagnostic looks like.
private struct Palette: Sendable {
    var error: @Sendable (String) -> String
    var warning: @Sendable (String) -> String
    var strong: @Sendable (String) -> String
    var frame: @Sendable (String) -> String
    var hint: @Sendable (String) -> String
    var code: @Sendable (String) -> String

    static let plain = Palette(error: { $0 }, warning: { $0 }, strong: { $0 }, frame: { $0 }, hint: { $0 }, code: { $0 })
    static let terminal = Palette(error: { "\u{1B}[1;31m\($0)\u{1B}[0m" }, warning: { "\u{1B}[1;33m\($0)\u{1B}[0m" },
                                  strong: { "\u{1B}[1m\($0)\u{1B}[0m" },
                                  frame: { "\u{1B}[2m\($0)\u{1B}[0m" }, hint: { "\u{1B}[36m\($0)\u{1B}[0m" },
                                  // A line that was cut may begin within a string.
                                  code: { $0.hasPrefix("…") ? $0 : Highlighting.colored($0) })
}

extension String {
    fileprivate func padded(to length: Int) -> String { self + String(repeating: " ", count: max(0, length - DisplayWidth.of(self))) }

    /// At most some thousand characters, harmless ones.
    fileprivate var shown: String {
        let part = unicodeScalars.prefix(4000)
        return utf8.count < 4000 || part.count < 4000 ? harmless : String(part).harmless + "…"
    }
}
