import Documents
import Foundation
import Lang
import Library
import Text

/// `padash doc`: writes the reference of all built-ins, or a site of it and pages of Markdown.
enum Documentation: CommandAction, Equatable {
    static let command = Command(
        "doc", .pages, "write the reference of all built-ins, or a site with it and Markdown pages", format, output, site,
        does: Documentation.self)
    private static let format = CommandOption(
        names: ["--format"], value: .choice(Format.allCases.map(\.rawValue)), summary: "Markdown, the default, or one HTML page")
    private static let output = CommandOption(names: ["--output", "-o"], value: .file,
        summary: "where to write it; by default standard output")
    private static let site = CommandOption(
        names: ["--site"], value: .folder,
        summary: "write an HTML page for each PAGE.md (by default docs/*.md) and one for the reference into a folder")

    enum Format: String, CaseIterable { case markdown, html }

    /// Without a path it goes to standard output.
    case reference(Format, path: String?)
    /// Without pages it has those of the folder `docs`.
    case site(folder: String, pages: [String])

    init(_ arguments: CommandArguments) throws(Invocation.Mistake) {
        let format = arguments[Self.format], path = arguments[Self.output]
        guard let folder = arguments[Self.site] else {
            if let page = arguments.operands.first {
                throw .init(message: "'\(page)' is a page, and only a site has pages", hint: "padash doc --site FOLDER \(page)")
            }
            self = .reference(format.flatMap(Format.init) ?? .markdown, path: path)
            return
        }
        if format != nil || path != nil {
            throw .init(message: "a site goes into its folder, as HTML", hint: "leave out \(format != nil ? "'--format'" : "'--output'")")
        }
        self = .site(folder: folder, pages: arguments.operands)
    }

    private var program: String { "padash \(Usage.version)" }

    /// Gives the exit code.
    func run() throws(Diagnostic) -> Int32 {
        switch self {
        case .reference(let format, let path):
            let text = switch format {
            case .markdown: Reference.library.markdown()
            case .html: Reference.library.html(program: program)
            }
            guard let path else { return Report.say(text) }
            return Report.write(text, to: path)
        case .site(let folder, let pages):
            let sources = try (pages.isEmpty ? Documentation.standardPages() : pages).map(Source.read)
            return try Documentation.write(Site(sources, reference: .library, program: program, files: .system), to: folder)
        }
    }

    /// Nothing is written as long as there is a mistake on any page.
    private static func write(_ site: Site, to folder: String) throws(Diagnostic) -> Int32 {
        guard site.mistakes.isEmpty else {
            Report.complain(site.mistakes)
            return ExitCode.usage
        }
        for file in try site.files() {
            let path = "\(folder)/\(file.path)"
            do {
                try FilePath.makeFolder(FilePath.folder(path))
            } catch {
                throw Diagnostic(.io, "the folder '\(FilePath.folder(path))' cannot be made", at: nil,
                    hint: "is there a file of that name, or may you not write there?")
            }
            let code = Report.write(file.bytes, to: path)
            guard code == 0 else { return code }
        }
        return 0
    }

    private static func standardPages() throws(Diagnostic) -> [String] {
        let names = ((try? FilePath.names(in: "docs")) ?? []).compactMap(\.text).filter { $0.hasSuffix(".md") }
        guard !names.isEmpty else {
            throw Diagnostic(.io, "there are no pages 'docs/*.md' in this folder", at: nil,
                hint: "name them: padash doc --site FOLDER PAGE.md…")
        }
        return names.map { "docs/\($0)" }
    }
}
