import Foundation
import Testing

@Suite struct DocumentationCommand {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(path).path) }

    @Test func aSiteHasAPageForEachAndTheReference() throws {
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("docs"), withIntermediateDirectories: true)
        _ = try folder.file("docs/index.md", "# Front\n\n[notes](notes.md#part) [`mean`](reference.md#mean)\n")
        _ = try folder.file("docs/notes.md", "# Notes\n\n## Part\n\n```pada\nlet x = 1\n```\n\n$x^2$\n")
        let result = try Binary.run(["doc", "--site", "out/site"], directory: folder.url)
        #expect(result.code == 0 && result.output == "" && result.errors == "")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("out/site").path)
        #expect(Set(files) == ["index.html", "notes.html", "reference.html"])
        let notes = try String(contentsOf: folder.url.appendingPathComponent("out/site/notes.html"), encoding: .utf8)
        for part in ["<title>Notes – padash", "<h2 id=\"part\">Part</h2>", "<span class=\"keyword\">let</span>", "<msup>", "<a href=\"index.html\">Front</a>"] { #expect(notes.contains(part), "\(part)") }
        // The same again, in place of what was there.
        #expect(try Binary.run(["doc", "--site", "out/site", "docs/notes.md"], directory: folder.url).code == 0)
    }

    @Test func aMistakeOnAPageIsShownAndNothingIsWritten() throws {
        _ = try folder.file("notes.md", "# Notes\n\nSee [there](nots.md) and [here](#prat).\n\n## Part\n")
        let result = try Binary.run(["doc", "--site", "out", "notes.md"], directory: folder.url)
        #expect(result.code == 2)
        #expect(result.errors.contains("there is no page or file 'nots.md'") && result.errors.contains("--> notes.md:3:13") && result.errors.contains("did you mean 'notes.md'?"))
        #expect(result.errors.contains("the page 'notes' has no '#prat'") && result.errors.contains("did you mean '#part'?"))
        #expect(!exists("out"))
    }

    @Test func pagesThatAreNotThere() throws {
        let none = try Binary.run(["doc", "--site", "out"], directory: folder.url)
        #expect(none.code == 2 && none.errors.contains("there are no pages 'docs/*.md' in this folder"))
        _ = try folder.file("notes.md", "# Notes\n")
        let mistyped = try Binary.run(["doc", "--site", "out", "nots.md"], directory: folder.url)
        #expect(mistyped.code == 2 && mistyped.errors.contains("there is no file 'nots.md'") && mistyped.errors.contains("did you mean 'notes.md'?"))
        #expect(!exists("out"))
    }

    @Test func aFolderThatCannotBeMade() throws {
        _ = try folder.file("notes.md", "# Notes\n")
        let result = try Binary.run(["doc", "--site", "notes.md/site", "notes.md"], directory: folder.url)
        #expect(result.code == 2 && result.errors.contains("the folder 'notes.md/site' cannot be made"))
    }

    @Test(arguments: [
        (["doc", "notes.md"], "padash doc --site FOLDER notes.md"), (["doc", "--site", "out", "-o", "x.html"], "leave out '--output'"),
        (["doc", "--site", "out", "--format", "html"], "leave out '--format'"),
    ])
    func whatDoesNotGoTogether(_ arguments: [String], _ hint: String) throws {
        let result = try Binary.run(arguments, directory: folder.url)
        #expect(result.code == 2 && result.errors.contains(hint))
    }
}
