import Documents
import Foundation
import Lang
import Text

/// The files that notebooks are read from and documents written to.
enum NotebookFile {
    /// A kind of file, by its extension.
    enum Format: String, CaseIterable {
        case script = ".pada", html = ".html", markdown = ".md", jupyter = ".ipynb"

        /// What a notebook that ran can be written as, and what a notebook is kept in.
        static let documents: [Format] = [.html, .markdown, .jupyter]
        static let notebooks: [Format] = [.script, .jupyter]

        init?(path: String, among formats: [Format]) {
            guard let format = formats.first(where: { path.lowercased().hasSuffix($0.rawValue) }) else { return nil }
            self = format
        }

        func document(_ notebook: Notebook, _ provenance: NotebookProvenance) -> String {
            switch self {
            case .script: notebook.script
            case .html: notebook.html(provenance, files: .system)
            case .markdown: notebook.markdown(provenance)
            case .jupyter: notebook.jupyter(provenance)
            }
        }
    }

    struct Output {
        var path: String
        var format: Format
    }

    /// The notebook in a script or in Jupyter's format.
    static func read(_ path: String) throws(Diagnostic) -> Notebook {
        let source = try Source.read(path)
        let folder = FilePath.folder(path)
        if Format(path: path, among: [.jupyter]) != nil { return try Notebook(jupyter: source, folder: folder) }
        return Notebook(name: source.name, folder: folder, cells: Cell.cells(of: source))
    }

    /// Where a document goes, looked at before hours are spent on what is in it.
    static func output(_ path: String, from input: String, among formats: [Format]) throws(Diagnostic) -> Output {
        guard let format = Format(path: path, among: formats) else {
            let known = formats.map(\.rawValue)
            throw Diagnostic(.io,
                "'\(path)' does not end in \(known.dropLast().joined(separator: ", "))\(known.count > 1 ? " or " : "")\(known.last ?? "")",
                at: nil, hint: "the ending says what to write: -o \(sibling(of: input, known.first ?? ""))")
        }
        if path == input || (FilePath.real(path).map { $0 == FilePath.real(input) } ?? false) {
            throw Diagnostic(.io, "'\(path)' would be overwritten by its own output", at: nil, hint: "give -o another name")
        }
        let folder = FilePath.folder(path)
        guard FilePath.isFolder(folder) else {
            throw Diagnostic(.io, "'\(path)' cannot be written: there is no folder '\(folder)'", at: nil)
        }
        if FilePath.isFolder(path) {
            throw Diagnostic(.io, "'\(path)' cannot be written: it is a folder", at: nil)
        }
        let place = FilePath.isPlainFile(path) ? path : folder
        if let refusal = FilePath.refusalToWrite(place) {
            throw Diagnostic(.io, "'\(path)' cannot be written: \(refusal.reason)", at: nil, hint: "look at the permissions of '\(place)'")
        }
        return Output(path: path, format: format)
    }

    /// A path with another ending.
    static func sibling(of path: String, _ ending: String) -> String {
        let name = path == "-" ? "notebook" : path
        let stem = Format(path: name, among: Format.allCases).map { String(name.dropLast($0.rawValue.count)) } ?? name
        return stem + ending
    }
}
