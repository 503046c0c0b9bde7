import Foundation
import Lang
import Text

extension Notebook {
    /// The notebook as one Markdown file with its pictures inside.
    package func markdown(_ provenance: NotebookProvenance) -> String {
        var blocks: [String] = []
        for (cell, result) in zip(cells, results) where cell.isShown {
            if let heading = cell.heading { blocks.append("\(blocks.isEmpty ? "#" : "##") \(heading.escapedForMarkdown)") }
            switch cell.kind {
            case .markdown: blocks.append(cell.prose.withoutEndBreak)
            case .raw: blocks.append(Notebook.fenced(cell.prose.withoutEndBreak, ""))
            case .code where !cell.isBlank:
                blocks.append(Notebook.fenced(cell.shownCode, "pada"))
                if let result {
                    blocks += result.outputs.compactMap(Notebook.markdown)
                    if provenance.hasTiming, result.seconds >= 0.01 { blocks.append("*\(NotebookProvenance.duration(result.seconds))*") }
                } else {
                    blocks.append("*not run*")
                }
            case .code, .notebook: break
            }
        }
        let document = (blocks + ["---", provenance.line(for: self).escapedForMarkdown]).joined(separator: "\n\n") + "\n"
        // As in HTML, there are no control characters.
        return String(String.UnicodeScalarView(document.unicodeScalars.map { $0.isAllowedInDocuments ? $0 : "\u{fffd}" }))
    }

    private static func markdown(of output: Output) -> String? {
        switch output {
        case .text(let text): fenced(text.withoutEndBreak, "text")
        case .value(let value): value.table.map(table) ?? fenced(value.text, value.isCode ? "pada" : "text")
        case .plot(let plot):
            "![\(plot.alternativeText.escapedForMarkdown)](data:image/svg+xml;base64,\(Data(plot.svg.utf8).base64EncodedString()))"
        case .warning(let text): "> **warning:** \(text.escapedForMarkdown)"
        case .error(let diagnostics): fenced(diagnostics.map { $0.rendered() }.joined(separator: "\n\n"), "text")
        case .progress: nil
        }
    }

    /// Between fences longer than any in the text.
    private static func fenced(_ text: String, _ language: String) -> String {
        let longest = text.matches(of: /`+/).map(\.0.count).max() ?? 0
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)\(language)\n\(text)\n\(fence)"
    }

    private static func table(_ table: DisplayedTable) -> String {
        let line = { (cells: [String]) in "| \(cells.joined(separator: " | ")) |" }
        var lines = [line([""] + table.columns.map(\.name.escapedForMarkdown)),
            line(["---:"] + table.columns.map { $0.isNumeric ? "---:" : "---" })]
        for (i, row) in table.rows.enumerated() {
            if i > 0, row != table.rows[i - 1] + 1 { lines.append(line(["…"] + table.columns.map { _ in "…" })) }
            lines.append(line(["\(row)"] + table.columns.map { $0.cells[i].escapedForMarkdown }))
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// As text that a line of Markdown shows as it is, also in a cell of a table.
    var escapedForMarkdown: String {
        var result = ""
        let scalars = Array(unicodeScalars)
        for (i, scalar) in scalars.enumerated() {
            switch scalar {
            case "\n", "\r": result += " "
            case "\\", "`", "*", "[", "]", "<", ">", "&", "|", "~", "$", "#": result += "\\\(scalar)"
            case "_":
                // Within a word it is no mark.
                let isWithin = i > 0 && i + 1 < scalars.count && Character(scalars[i - 1]).isWordPart
                    && Character(scalars[i + 1]).isWordPart
                result += isWithin ? "_" : "\\_"
            // What a site may take for the beginning of an address.
            case ":" where i + 1 < scalars.count && scalars[i + 1] == "/": result += "\\:"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Character {
    fileprivate var isWordPart: Bool { isLetter || isNumber }
}
