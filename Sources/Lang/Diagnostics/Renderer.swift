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
    /// `paint` gives each part the look of its role.
    package func rendered(width: Int = 100, paint: (Role, String) -> String = { $1 }) -> String {
        withoutActuallyEscaping(paint) { paint in
            var renderer = Renderer(paint: paint, width: width)
            renderer.show(self)
            return renderer.lines.joined(separator: "\n")
        }
    }

    /// The role of a part of a rendered diagnostic.
    package enum Role: Sendable {
        case error, warning, strong, frame, hint
        /// A line of source, which may be cut off at its start; it begins with `…` then.
        case code
    }
}

private struct Renderer {
    let paint: (Diagnostic.Role, String) -> String
    let width: Int
    var lines: [String] = []

    mutating func show(_ diagnostic: Diagnostic) {
        let title = switch (diagnostic.severity, diagnostic.kind) {
        case (.warning, _): "warning"
        case (.error, .error), (.error, .interrupted): diagnostic.kind.rawValue
        default: "\(diagnostic.kind.rawValue) error"
        }
        let role: Diagnostic.Role = diagnostic.severity == .error ? .error : .warning
        lines.append(paint(role, title) + paint(.strong, ": " + diagnostic.message.shown))
        let gutter = gutterWidth(of: diagnostic)
        if let place = diagnostic.place { show(place, gutter: gutter, mark: "^", role) }
        if let hint = diagnostic.hint { show(hint: hint.shown, gutter: gutter) }
        for note in diagnostic.notes {
            lines.append(paint(.hint, "note") + ": " + note.message.shown)
            show(note.place, gutter: gutter, mark: "-", .hint)
        }
        show(diagnostic.trace, of: diagnostic)
    }

    /// Broken between words where it is longer than a line.
    private mutating func show(hint: String, gutter: Int) {
        let blank = String(repeating: " ", count: gutter + 1)
        for (i, part) in hint.wrapped(to: max(30, width - gutter - 9)).enumerated() {
            lines.append(blank + (i == 0 ? paint(.frame, "= ") + paint(.hint, "hint: " + part) : "        " + paint(.hint, part)))
        }
    }

    /// Wide enough for the largest line number in the diagnostic.
    private func gutterWidth(of diagnostic: Diagnostic) -> Int {
        let places = [diagnostic.place].compactMap { $0 } + diagnostic.notes.map(\.place)
        return places.map { String($0.source.position(at: max($0.span.start, $0.span.end - 1)).line).count }.max().map { $0 + 1 } ?? 2
    }

    /// Where it is, and the lines of source it covers with the place underlined.
    private mutating func show(_ place: Diagnostic.Place, gutter: Int, mark: Character, _ role: Diagnostic.Role) {
        let blank = String(repeating: " ", count: gutter + 1)
        let (first, column) = place.source.position(at: place.span.start)
        let last = max(first, place.source.position(at: max(place.span.start, place.span.end - 1)).line)
        lines.append(String(repeating: " ", count: gutter) + paint(.frame, "--> ") + "\(place.source.name.shown):\(first):\(column)")
        lines.append(blank + paint(.frame, "|"))
        let shown = last - first < 3 ? Array(first...last) : [first, first + 1, last]
        for (i, number) in shown.enumerated() {
            if i > 0, number > shown[i - 1] + 1 { lines.append(blank + paint(.frame, "…")) }
            let label = String(number)
            let excerpt = excerpt(of: place, line: number, room: width - gutter - 3)
            lines.append(String(repeating: " ", count: gutter - label.count) + paint(.frame, label + " |")
                + (excerpt.text.isEmpty ? "" : " " + paint(.code, excerpt.text)))
            lines.append(blank + paint(.frame, "|") + String(repeating: " ", count: excerpt.start + 1)
                + paint(role, String(repeating: mark, count: excerpt.length)))
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
        lines.append(paint(.frame, "called through, innermost first:"))
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
                lines.append("  in " + paint(.strong, call) + "  at "
                    + (code.isEmpty ? entry.location.harmless : entry.location.harmless.padded(to: places) + "  " + paint(.frame, code)))
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

extension String {
    fileprivate func padded(to length: Int) -> String { self + String(repeating: " ", count: max(0, length - DisplayWidth.of(self))) }

    /// At most some thousand characters, harmless ones.
    fileprivate var shown: String {
        let part = unicodeScalars.prefix(4000)
        return utf8.count < 4000 || part.count < 4000 ? harmless : String(part).harmless + "…"
    }
}
