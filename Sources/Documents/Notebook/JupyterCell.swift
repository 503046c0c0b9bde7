import Lang
import Text

/// A cell as Jupyter's format has it, and what of a script's cell that format cannot say.
struct JupyterCell {
    var kind: Cell.Kind
    var source: JSONString
    /// The attachments of prose among them, under that name.
    var metadata: [JSONText.Member]
    /// The marker, the body and the line breaks after it, where the cell would be written otherwise.
    var exact = Exact()

    struct Exact: Equatable {
        var marker: String?
        var body: String?
        var end: String?
    }

    /// Where a cell stands in its script.
    struct Place {
        /// The kind of the cell before it; nil for the first one.
        var previous: Cell.Kind?
        var isLast: Bool
    }

    /// In a notebook's metadata what it cannot say of a script's cell, and in a script's what lines cannot say of a notebook's source.
    private static let key = JSONString("padash_script")
    private static let attachments = JSONString("attachments")

    /// Of a notebook. `metadata` may have what was kept of a script's cell.
    init(kind: Cell.Kind, source: JSONString, metadata: [JSONText.Member]) {
        (self.kind, self.source, self.metadata) = (kind, source, [])
        for member in metadata {
            if member.key == JupyterCell.key, let kept = Exact(member.value) { exact = kept } else { self.metadata.append(member) }
        }
    }

    /// Of a script.
    init(_ cell: Cell, at place: Place) {
        self.init(reading: cell)
        let (body, end) = JupyterCell.split(cell.body)
        let written = written()
        let marker = place.previous == nil && written.marker == JupyterCell.bareMarker ? "" : written.marker
        if !marker.utf8.elementsEqual(cell.marker.utf8) { exact.marker = cell.marker }
        if !written.body.utf8.elementsEqual(body.utf8) { exact.body = body }
        if !JupyterCell.gap(place).utf8.elementsEqual(end.utf8) { exact.end = end }
    }

    /// The metadata of the notebook's cell.
    var notebookMetadata: JSONText {
        .object(metadata.filter { $0.key != JupyterCell.attachments } + (exact.value.map { [.init(JupyterCell.key, $0)] } ?? []))
    }

    var notebookAttachments: JSONText? { metadata.first { $0.key == JupyterCell.attachments }?.value }

    // MARK: - Reading a script's cell

    /// What the script's cell says by itself.
    private init(reading cell: Cell) {
        let body = JupyterCell.split(cell.body).text
        kind = cell.kind == .notebook ? .raw : cell.kind
        metadata = cell.metadata.filter { JupyterCell.kept($0) == nil }
        source = JSONString("")
        let own = cell.metadata.lazy.compactMap(JupyterCell.kept).first
        if let whole = own?["source"]?.string,
            [true, false].contains(where: { JupyterCell.body(of: whole, kind, isCommentedOut: $0).isSame(as: body) }) {
            source = whole
        } else if kind == .code {
            // A title is shown as the first line, which begins a cell in editors too.
            let code = Cell(marker: "", body: body, line: 1).code + (own?["end"]?.string?.text ?? "")
            let line = JupyterCell.line(of: cell)
            source = JSONString(cell.title.isEmpty ? code : code.isEmpty ? line : "\(line)\n\(code)")
        } else {
            source = JSONString(Cell(marker: "", body: body, line: 1).prose)
        }
    }

    /// What a script's metadata keep of a notebook's source; nil for any other of its members.
    private static func kept(_ member: JSONText.Member) -> JSONText? {
        guard member.key == key, member.value.members.count == 1, (member.value["source"] ?? member.value["end"])?.string != nil else {
            return nil
        }
        return member.value
    }

    private func isSame(as other: JupyterCell) -> Bool { kind == other.kind && source == other.source && metadata == other.metadata }

    /// Whether the script's cell is one at that place, and reads as this one.
    private func isSaid(by cell: Cell, at place: Place) -> Bool {
        let text = cell.marker + cell.body
        guard JupyterCell(reading: cell).isSame(as: self), place.isLast || text.utf8.last == UInt8(ascii: "\n") else { return false }
        let before = place.previous == nil ? [] : [place.previous == .code ? "# %%\n1\n" : "# %% [raw]\n#\n"]
        let after = place.isLast ? [] : ["# %%\n"]
        let cells = Cell.cells(of: Source(name: "", text: (before + [text] + after).joined()))
        return cells.map { $0.marker + $0.body }.isSame(as: before + [text] + after) && cells[before.count].marker.isSame(as: cell.marker)
    }

    // MARK: - Writing a script's cell

    private static let bareMarker = "# %%\n"

    /// Line breaks between the cell and the next one.
    private static func gap(_ place: Place) -> String { place.isLast ? "\n" : "\n\n" }

    func cell(at place: Place) -> Cell {
        let written = written()
        // What was kept of a script holds as long as the cell is what it was.
        let gap = JupyterCell.gap(place)
        for marker in [exact.marker, place.previous == nil ? "" : nil].compactMap(\.self) + [written.marker] {
            for body in [exact.body].compactMap(\.self) + [written.body] {
                for end in [exact.end].compactMap(\.self) + [gap] {
                    let cell = Cell(marker: marker, body: body + end, line: 1)
                    if isSaid(by: cell, at: place) { return cell }
                }
            }
        }
        return Cell(marker: written.marker, body: written.body + gap, line: 1)
    }

    /// Marker and body, without line breaks at the end, in the simplest form that reads as this cell.
    private func written() -> Cell {
        let text = source.text
        let line = kind == .code ? "# %%" : "# %% [\(kind.rawValue)]"
        func cell(_ line: String, _ body: String, _ own: (String, JSONString)? = nil) -> Cell {
            let members = metadata + (own.map { [.init(JupyterCell.key, .object([.init(JSONString($0.0), .string($0.1))]))] } ?? [])
            return Cell(marker: "\(line)\(members.isEmpty ? "" : " \(JSONText.object(members).text)")\n", body: body, line: 1)
        }
        var forms = [cell(line, JupyterCell.body(of: source, kind, isCommentedOut: false))]
        if kind == .code {
            let (code, end) = JupyterCell.split(text)
            forms.append(cell(line, Cell.body(ofCode: code), ("end", JSONString(end))))
            let (first, rest) = JupyterCell.cut(code)
            if first.hasPrefix("#") {
                forms = [cell(first, Cell.body(ofCode: rest)), cell(first, Cell.body(ofCode: rest), ("end", JSONString(end)))] + forms
            }
        }
        forms.append(cell(line, JupyterCell.body(of: source, kind, isCommentedOut: false), ("source", source)))
        return forms.first { isSaid(by: Cell(marker: $0.marker, body: $0.body + "\n", line: 1), at: Place(previous: .code, isLast: false)) }
            ?? cell(line, JupyterCell.body(of: source, kind, isCommentedOut: true), ("source", source))
    }

    /// What stands for a source below a marker. Code that would reach into the cells after it, as with a string that has no end, is
    /// commented out.
    private static func body(of source: JSONString, _ kind: Cell.Kind, isCommentedOut: Bool) -> String {
        split(kind == .code && !isCommentedOut ? Cell.body(ofCode: source.text) : Cell.comments(of: source.text)).text
    }

    /// A text, and the line breaks at its end.
    private static func split(_ text: String) -> (text: String, end: String) {
        let scalars = text.unicodeScalars
        let count = scalars.reversed().prefix { $0 == "\n" || $0 == "\r" }.count
        return (String(scalars.dropLast(count)), String(scalars.suffix(count)))
    }

    /// The first line, and what follows its break.
    private static func cut(_ text: String) -> (String, String) {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")) else { return (text, "") }
        return (String(text[..<end]), String(text[text.utf8.index(after: end)...]))
    }

    /// A marker's line without its metadata and break.
    private static func line(of cell: Cell) -> String {
        let line = cut(cell.marker).0
        guard !cell.metadata.isEmpty, let mark = line.firstRange(of: "%%"),
            let title = line[mark.upperBound...].firstRange(of: cell.title) else {
            return line
        }
        return String(line[..<title.upperBound])
    }
}

extension JupyterCell.Exact {
    /// nil for what is none.
    init?(_ value: JSONText) {
        guard !value.members.isEmpty else { return nil }
        for member in value.members {
            guard let text = member.value.string?.text else { return nil }
            switch member.key {
            case JSONString("marker"): marker = text
            case JSONString("body"): body = text
            case JSONString("end"): end = text
            default: return nil
            }
        }
    }

    /// nil where there is nothing to keep.
    var value: JSONText? {
        let parts = [("marker", marker), ("body", body), ("end", end)].compactMap { name, text in
            text.map { JSONText.Member(JSONString(name), .string(JSONString($0))) }
        }
        return parts.isEmpty ? nil : .object(parts)
    }
}
