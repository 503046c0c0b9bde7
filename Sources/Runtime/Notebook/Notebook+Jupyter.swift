import Lang

extension Notebook {
    /// As a Jupyter notebook (nbformat 4.5). With `provenance`, the cells' outputs are in it.
    public func jupyter(_ provenance: NotebookProvenance?) -> String {
        let json = JSONTexts()
        var cells = cells
        var results = results
        var metadata = JupyterText.metadata
        // The metadata of the whole notebook, unless they would come back otherwise.
        if let first = cells.first, first.kind == .notebook, first.marker == "# %% [notebook] \(first.metadata)\n", first.body == "\n", json.standard(first.metadata) == first.metadata {
            metadata = first.metadata
            cells.removeFirst()
            results.removeFirst()
        }
        var count = 0
        let texts = cells.indices.map { i in
            let cell = JupyterCell(cells[i], isFirst: i == 0 && metadata == JupyterText.metadata, isLast: i == cells.count - 1, standard: json.standard)
            if results[i] != nil { count += 1 }
            return JupyterText.text(of: cell, number: i + 1, result: provenance == nil ? nil : results[i], execution: count, json)
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

    /// Reads a Jupyter notebook. What a script cannot hold is left out: outputs, the cells' ids, line breaks at the end of a cell.
    public init(jupyter source: Source, folder: String) throws(Diagnostic) {
        let json = JSONTexts()
        let document: Value
        do {
            document = try json.value(source.text, name: "'\(source.name)'")
        } catch {
            throw Diagnostic(.io, "'\(source.name)' is no Jupyter notebook: \(error.message)", at: nil)
        }
        guard document.tag == .map, let list = json.member("cells", of: document), list.tag == .list else {
            throw Diagnostic(.io, "'\(source.name)' is no Jupyter notebook: it has no list of cells", at: nil, hint: "nbformat 4 is read: jupyter nbconvert --to notebook brings others to it")
        }
        let cells = list.asList.array
        let metadata = json.text(json.member("metadata", of: document))
        let isPlain = metadata.isEmpty || metadata == JupyterText.metadata
        var script = isPlain ? "" : "# %% [notebook] \(metadata)\n\n"
        for (i, value) in cells.enumerated() {
            guard value.tag == .map, let kind = json.string(json.member("cell_type", of: value)).flatMap(Cell.Kind.init), kind != .notebook,
                let text = json.lines(json.member("source", of: value))
            else { throw Diagnostic(.io, "'\(source.name)' is no Jupyter notebook: cell \(i + 1) has no type or no source", at: nil) }
            var cell = JupyterCell(kind: kind, source: text)
            (cell.metadata, cell.exact) = json.metadata(of: value)
            let restored = cell.cell(isFirst: i == 0 && isPlain, isLast: i == cells.count - 1, standard: json.standard)
            script += restored.marker + restored.body
        }
        self.init(name: source.name, folder: folder, cells: Cell.cells(of: Source(name: source.name, text: script)))
    }
}

/// The text of a notebook in Jupyter's format.
private enum JupyterText {
    static let metadata = #"{"kernelspec": {"display_name": "padash", "language": "pada", "name": "padash"}, "language_info": {"file_extension": ".pada", "mimetype": "text/x-pada", "name": "pada"}}"#

    static func text(of cell: JupyterCell, number: Int, result: CellResult?, execution: Int, _ json: JSONTexts) -> String {
        let (metadata, attachments) = json.apart(cell.metadata)
        var lines = (attachments.isEmpty ? [] : ["\"attachments\": \(attachments)"]) + ["\"cell_type\": \"\(cell.kind.rawValue)\""]
        if cell.kind == .code { lines.append("\"execution_count\": \(result == nil ? "null" : String(execution))") }
        lines.append("\"id\": \"cell-\(number)\"")
        lines.append("\"metadata\": \(whole(metadata, cell.exact))")
        if cell.kind == .code { lines.append("\"outputs\": [\(result?.outputs.compactMap { output($0, execution) }.joined(separator: ", ") ?? "")]") }
        lines.append("\"source\": \(sourceLines(cell.source))")
        return "  {\n   \(lines.joined(separator: ",\n   "))\n  }"
    }

    /// The cell's own metadata, and what a script's cell has beyond Jupyter's.
    private static func whole(_ metadata: String, _ exact: JupyterCell.Exact) -> String {
        let parts = [("marker", exact.marker), ("body", exact.body), ("end", exact.end)].compactMap { name, text in text.map { "\"\(name)\": \(quoted($0))" } }
        guard !parts.isEmpty else { return metadata.isEmpty ? "{}" : metadata }
        let own = "\"padash\": {\(parts.joined(separator: ", "))}"
        return metadata.isEmpty || metadata == "{}" ? "{\(own)}" : "\(metadata.dropLast()), \(own)}"
    }

    private static func sourceLines(_ text: String) -> String {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) + "\n" }
        if let last = lines.popLast(), last != "\n" { lines.append(String(last.unicodeScalars.dropLast())) }
        guard !lines.isEmpty else { return "[]" }
        return "[\n    \(lines.map(quoted).joined(separator: ",\n    "))\n   ]"
    }

    private static func output(_ output: Output, _ execution: Int) -> String? {
        switch output {
        case .text(let text): return stream("stdout", text)
        case .warning(let text): return stream("stderr", "warning: \(text)\n")
        case .plot(let plot):
            return "{\"data\": {\"image/svg+xml\": \(sourceLines(plot.svg)), \"text/plain\": \(sourceLines(plot.terminal))}, \"metadata\": {}, \"output_type\": \"display_data\"}"
        case .value(let value):
            let table = value.table.map { "\"text/html\": \(sourceLines($0.html)), " } ?? ""
            return "{\"data\": {\(table)\"text/plain\": \(sourceLines(value.text))}, \"execution_count\": \(execution), \"metadata\": {}, \"output_type\": \"execute_result\"}"
        case .error(let diagnostics):
            guard let first = diagnostics.first else { return nil }
            let lines = diagnostics.map { $0.rendered(color: false) }.joined(separator: "\n\n").split(separator: "\n", omittingEmptySubsequences: false)
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

    private static func quoted(_ text: String) -> String { JSONWriter.quoted(text) }
}

/// Reads and writes JSON as values of the language, which keep the order of an object's members.
private final class JSONTexts {
    private let vm = VM(registry: Registry([]), options: SessionContext())

    func value(_ text: String, name: String) throws(RuntimeError) -> Value {
        do {
            return try JSONReader.read(text, name: name, vm)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.value, "\(error)")
        }
    }

    func member(_ name: String, of value: Value) -> Value? {
        guard value.tag == .map else { return nil }
        return value.asMap.pairs.first { $0.key.tag == .string && $0.key.asString.text == name }?.value
    }

    func string(_ value: Value?) -> String? { value.flatMap { $0.tag == .string ? $0.asString.text : nil } }

    /// A text, or a list of its lines.
    func lines(_ value: Value?) -> String? {
        guard let value, value.tag == .list else { return string(value) }
        return value.asList.array.reduce("") { text, line in text.flatMap { text in string(line).map { text + $0 } } }
    }

    /// On one line; empty for what is no object.
    func text(_ value: Value?) -> String {
        guard let value, value.tag == .map, value.asMap.count > 0 else { return "" }
        var writer = JSONWriter(indent: 0, vm: vm)
        guard (try? writer.write(value)) != nil else { return "" }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// An object's text in the form in which `text(_:)` writes it; nil for what is none.
    func standard(_ text: String) -> String? {
        guard !text.isEmpty, let value = try? value(text, name: "the metadata"), value.tag == .map else { return nil }
        return self.text(value)
    }

    /// A cell's metadata, its attachments among them, and what was kept of a script's cell.
    func metadata(of cell: Value) -> (String, JupyterCell.Exact) {
        let map = vm.heap.map()
        if let attachments = member("attachments", of: cell) { vm.heap.set("attachments", to: attachments, in: map) }
        var exact = JupyterCell.Exact()
        if let metadata = member("metadata", of: cell), metadata.tag == .map {
            for (key, value) in metadata.asMap.pairs {
                guard key.tag == .string, key.asString.text == "padash" else {
                    vm.heap.set(key, hash: hashKey(key) ?? 0, to: value, in: map)
                    continue
                }
                exact = JupyterCell.Exact(marker: string(member("marker", of: value)), body: string(member("body", of: value)), end: string(member("end", of: value)))
            }
        }
        return (text(.map(map)), exact)
    }

    /// The attachments that a cell's metadata hold, apart from the rest.
    func apart(_ metadata: String) -> (metadata: String, attachments: String) {
        guard metadata.contains("\"attachments\""), let value = try? value(metadata, name: "the metadata"), let attachments = member("attachments", of: value) else { return (metadata, "") }
        let rest = vm.heap.map()
        for (key, value) in value.asMap.pairs where !(key.tag == .string && key.asString.text == "attachments") { vm.heap.set(key, hash: hashKey(key) ?? 0, to: value, in: rest) }
        return (text(.map(rest)), text(attachments))
    }
}
