import Lang
import Text

extension Notebook {
    /// The notebook as a Jupyter notebook (nbformat 4.5), with the cells' outputs if `provenance` is given.
    package func jupyter(_ provenance: NotebookProvenance?) -> String {
        var cells = cells
        var results = results
        var metadata = JupyterText.metadata
        var previous: Cell.Kind?
        // The metadata of the whole notebook, unless they would come back otherwise.
        if let first = cells.first, first.kind == .notebook, first.body == "\n", first.marker == Notebook.marker(of: first.metadata) {
            metadata = JSONText.object(first.metadata).text
            previous = .notebook
            cells.removeFirst()
            results.removeFirst()
        }
        var count = 0
        let texts = cells.indices.map { i in
            let cell = JupyterCell(cells[i], at: .init(previous: i > 0 ? cells[i - 1].kind : previous, isLast: i == cells.count - 1))
            if results[i] != nil { count += 1 }
            return JupyterText.text(of: cell, number: i + 1, result: provenance == nil ? nil : results[i], execution: count)
        }
        return """
            {
             "cells": [\(texts.isEmpty ? "" : "\n" + texts.joined(separator: ",\n") + "\n ")],
             "metadata": \(metadata),
             "nbformat": 4,
             "nbformat_minor": 5
            }

            """
    }

    /// Reads a Jupyter notebook. Outputs and the cells' ids, which a script cannot hold, are left out.
    package init(jupyter source: Source, folder: String) throws(Diagnostic) {
        func mistake(_ what: String, hint: String? = nil) -> Diagnostic {
            Diagnostic(.io, "'\(source.name)' is not a Jupyter notebook\(what)", at: nil, hint: hint)
        }
        let document: JSONText
        do {
            document = try JSONText(source.text)
        } catch {
            throw mistake(": \(error.message) (line \(error.line))")
        }
        guard case .array(let cells)? = document["cells"] else {
            if case .word(let format)? = document["nbformat"], format != "4" {
                throw mistake(" of format 4 but of format \(format)", hint: "jupyter nbconvert --to notebook brings it to format 4")
            }
            throw mistake(": it has no list of cells")
        }
        let metadata = document["metadata"]?.members ?? []
        let isPlain = metadata.isEmpty || JSONText.object(metadata).text == JupyterText.metadata
        var script = isPlain ? "" : Notebook.marker(of: metadata) + "\n"
        var previous: Cell.Kind? = isPlain ? nil : .notebook
        for (i, value) in cells.enumerated() {
            guard let kind = (value["cell_type"]?.string?.text).flatMap(Cell.Kind.init), kind != .notebook,
                let text = JupyterText.source(value["source"]) else {
                throw mistake(": cell \(i + 1) has no type or no source")
            }
            let attachments = value["attachments"].map { $0.members.isEmpty ? [] : [JSONText.Member(JSONString("attachments"), $0)] } ?? []
            let cell = JupyterCell(kind: kind, source: text, metadata: attachments + (value["metadata"]?.members ?? []))
                .cell(at: .init(previous: previous, isLast: i == cells.count - 1))
            script += cell.marker + cell.body
            previous = kind
        }
        self.init(name: source.name, folder: folder, cells: Cell.cells(of: Source(name: source.name, text: script)))
    }

    private static func marker(of metadata: [JSONText.Member]) -> String { "# %% [notebook] \(JSONText.object(metadata).text)\n" }
}

/// The text of a notebook in Jupyter's format.
private enum JupyterText {
    static let metadata =
        #"""
        {"kernelspec": {"display_name": "padash", "language": "pada", "name": "padash"}, \#
        "language_info": {"file_extension": ".pada", "mimetype": "text/x-pada", "name": "pada"}}
        """#

    /// A text, or a list of its lines.
    static func source(_ value: JSONText?) -> JSONString? {
        guard case .array(let lines)? = value else { return value?.string }
        let strings = lines.compactMap(\.string)
        return strings.count == lines.count ? JSONString(joining: strings) : nil
    }

    static func text(of cell: JupyterCell, number: Int, result: CellResult?, execution: Int) -> String {
        var lines = (cell.notebookAttachments.map { ["\"attachments\": \($0.text)"] } ?? []) + ["\"cell_type\": \"\(cell.kind.rawValue)\""]
        if cell.kind == .code { lines.append("\"execution_count\": \(result == nil ? "null" : String(execution))") }
        lines.append("\"id\": \"cell-\(number)\"")
        lines.append("\"metadata\": \(cell.notebookMetadata.text)")
        if cell.kind == .code {
            lines.append("\"outputs\": [\(result?.outputs.compactMap { output($0, execution) }.joined(separator: ", ") ?? "")]")
        }
        lines.append("\"source\": \(sourceLines(cell.source))")
        return "  {\n   \(lines.joined(separator: ",\n   "))\n  }"
    }

    private static func sourceLines(_ text: String) -> String { sourceLines(JSONString(text)) }

    private static func sourceLines(_ text: JSONString) -> String {
        text.isEmpty ? "[]" : "[\n    \(text.lines.map(\.quoted).joined(separator: ",\n    "))\n   ]"
    }

    private static func output(_ output: Output, _ execution: Int) -> String? {
        switch output {
        case .text(let text): return stream("stdout", text)
        case .warning(let text): return stream("stderr", "warning: \(text)\n")
        case .plot(let plot):
            return """
                {"data": {"image/svg+xml": \(sourceLines(plot.svg)), "text/plain": \(sourceLines(plot.terminal(isColored: false)))}, \
                "metadata": {}, "output_type": "display_data"}
                """
        case .value(let value):
            let table = value.table.map { "\"text/html\": \(sourceLines($0.html)), " } ?? ""
            return """
                {"data": {\(table)"text/plain": \(sourceLines(value.text))}, "execution_count": \(execution), \
                "metadata": {}, "output_type": "execute_result"}
                """
        case .error(let diagnostics):
            guard let first = diagnostics.first else { return nil }
            let lines = diagnostics.map { $0.rendered() }.joined(separator: "\n\n").split(separator: "\n", omittingEmptySubsequences: false)
            return """
                {"ename": \(quoted(first.kind.rawValue)), "evalue": \(quoted(first.message)), "output_type": "error", \
                "traceback": [\(lines.map { quoted(String($0)) }.joined(separator: ", "))]}
                """
        case .progress: return nil
        }
    }

    private static func stream(_ name: String, _ text: String) -> String {
        "{\"name\": \"\(name)\", \"output_type\": \"stream\", \"text\": \(sourceLines(text))}"
    }

    private static func quoted(_ text: String) -> String { JSONString(text).quoted }
}
