import Lang

/// A cell as Jupyter's format has it, and what of a script's cell that format cannot say.
struct JupyterCell {
    var kind: Cell.Kind
    var source: String
    /// A JSON object on one line; empty where there is none.
    var metadata = ""
    /// The marker, the body and the line breaks after it, where the cell would be written otherwise.
    var exact = Exact()

    struct Exact {
        var marker: String?
        var body: String?
        var end: String?
    }

    /// `standard` gives a JSON object in its standard form, or nil for what is none.
    init(_ cell: Cell, isFirst: Bool, isLast: Bool, standard: (String) -> String?) {
        let (body, end) = JupyterCell.split(cell.body)
        kind = cell.kind == .notebook ? .raw : cell.kind
        metadata = standard(cell.metadata) ?? ""
        if kind == .code {
            // A title is shown as the first line, which begins a cell in editors too.
            let line = JupyterCell.line(of: cell.marker, standard)
            let isBare = cell.marker.isEmpty || cell.title.isEmpty && !isFirst
            source = isBare ? body : body.isEmpty ? line : "\(line)\n\(body)"
        } else {
            source = Cell(marker: "", body: body, line: 1).prose
        }
        let restored = self.cell(isFirst: isFirst, isLast: isLast, standard: standard)
        let (restoredBody, restoredEnd) = JupyterCell.split(restored.body)
        if !restored.marker.utf8.elementsEqual(cell.marker.utf8) { exact.marker = cell.marker }
        if !restoredBody.utf8.elementsEqual(body.utf8) { exact.body = body }
        if !restoredEnd.utf8.elementsEqual(end.utf8) { exact.end = end }
    }

    init(kind: Cell.Kind, source: String) {
        self.kind = kind
        self.source = source
    }

    /// The script's cell.
    func cell(isFirst: Bool, isLast: Bool, standard: (String) -> String?) -> Cell {
        var body = source
        var isShown = false
        var line = kind == .code ? "# %%" : "# %% [\(kind.rawValue)]"
        if kind == .code {
            let (first, rest) = JupyterCell.cut(source)
            if JupyterCell.isMarker(first) {
                line = first
                body = rest
                isShown = true
            } else if isFirst, metadata.isEmpty {
                line = ""
            }
        } else {
            body = Cell.comments(of: source)
        }
        var marker = line.isEmpty ? "" : line + (metadata.isEmpty ? "" : " \(metadata)") + "\n"
        // What was kept holds as long as the cell is what it was.
        if let kept = exact.marker, kept.isEmpty || (standard(Cell(marker: kept, body: "", line: 1).metadata) ?? "") == metadata,
            !isShown || JupyterCell.line(of: kept, standard).utf8.elementsEqual(line.utf8) { marker = kept }
        if let kept = exact.body, Cell(marker: "", body: kept, line: 1).prose == source { body = kept }
        return Cell(marker: marker, body: body + (exact.end ?? (isLast ? "\n" : "\n\n")), line: 1)
    }

    /// A text, and the line breaks at its end.
    private static func split(_ text: String) -> (String, end: String) {
        let scalars = text.unicodeScalars
        let count = scalars.reversed().prefix { $0 == "\n" || $0 == "\r" }.count
        return (String(scalars.dropLast(count)), String(scalars.suffix(count)))
    }

    /// The first line, and what follows its break.
    private static func cut(_ text: String) -> (String, String) {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")) else { return (text, "") }
        return (String(text[..<end]), String(text[text.utf8.index(after: end)...]))
    }

    private static func isMarker(_ line: String) -> Bool { line.hasPrefix("#") && line.dropFirst().drop { $0 == " " }.hasPrefix("%%") }

    /// A marker's line without its metadata and break.
    private static func line(of marker: String, _ standard: (String) -> String?) -> String {
        let line = cut(marker).0
        let metadata = Cell(marker: marker, body: "", line: 1).metadata
        guard !metadata.isEmpty, standard(metadata) != nil, let start = line.ranges(of: metadata).last?.lowerBound else { return line }
        var rest = line[..<start]
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
