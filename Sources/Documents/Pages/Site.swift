import Foundation
import Lang
import Text

/// A static site: an HTML page for each Markdown page and for the library's reference, which works offline.
package struct Site {
    /// A file in the site's folder.
    package struct File: Sendable {
        /// The file's path inside the site's folder.
        package var path: String
        package var bytes: [UInt8]
    }

    /// In the order of the navigation; the reference is the last.
    let pages: [SitePage]
    /// The broken links of the pages, and pages whose names collide.
    package private(set) var mistakes: [Diagnostic] = []
    /// The files that pages link to, by their place in the site.
    private var linkedFiles: [TextKey: String] = [:]
    private let taken: PageFiles
    /// `padash 0.1.0`.
    let program: String

    /// A site of Markdown pages, named by their paths. If `index.md` is among them, the navigation follows the order of its links. The
    /// reference page is made from the registry: a link to `reference.md` beside a page leads there, and a page with that name is skipped.
    /// Pages below `root`, the working folder, may link to all files there.
    package init(_ sources: [Source], reference: Reference, program: String, files: PageFiles, root: String = ".") {
        (taken, self.program) = (files, program)
        let sources = sources.filter { SitePage.name(of: $0.name) != Site.reference }
        var names: [TextKey: String] = [:]
        for source in sources {
            names[TextKey(files.absolute(source.name))] = SitePage.name(of: source.name)
            names[TextKey(files.absolute(FilePath.joined(FilePath.folder(source.name), "\(Site.reference).md")))] = Site.reference
        }
        let rendered = sources.map { source in
            SitePage(source, files) { SiteLink($0, in: $1, on: source.name, among: names, files, root: root) }
        }
        let reference = reference.page(name: Site.reference)
        pages = Site.ordered(rendered) + [reference]
        let byName = Dictionary(pages.map { (TextKey($0.name), $0) }, uniquingKeysWith: { first, _ in first })
        for (source, page) in zip(sources, rendered) {
            if let twin = sources.first(where: { SitePage.name(of: $0.name).isSame(as: page.name) }), twin !== source {
                mistakes.append(Diagnostic(.io, "'\(twin.name)' and '\(source.name)' would both be '\(page.file)'", at: nil))
            }
            var seen: Set<TextKey> = []
            for link in page.links where seen.insert(TextKey(link.target)).inserted { check(link, on: source, byName) }
        }
    }

    private static let reference = "reference"
    private static let front = "index"

    private static func ordered(_ pages: [SitePage]) -> [SitePage] {
        guard let front = pages.first(where: { $0.name == Site.front }) else { return pages }
        var places = [TextKey(front.name): -1]
        for (place, link) in front.links.enumerated() {
            if case .page(let name, _) = link.destination, places[TextKey(name)] == nil { places[TextKey(name)] = place }
        }
        return pages.enumerated().sorted { a, b in
            (places[TextKey(a.element.name)] ?? front.links.count, a.offset) < (places[TextKey(b.element.name)] ?? front.links.count,
                b.offset)
        }.map(\.element)
    }

    /// All pages and the files they link to. Throws an error if a linked file cannot be read.
    package func files() throws(Diagnostic) -> [File] {
        var files = pages.map { File(path: $0.file, bytes: Array(html(of: $0).utf8)) }
        for (place, path) in linkedFiles.sorted(by: { $0.key.text.precedes($1.key.text) }) {
            guard let bytes = taken.bytes(path) else { throw Diagnostic(.io, "'\(path)' cannot be read", at: nil) }
            files.append(File(path: place.text, bytes: bytes))
        }
        return files
    }

    // MARK: - Links

    private mutating func check(_ link: SiteLink, on source: Source, _ pages: [TextKey: SitePage]) {
        var place: Diagnostic.Place { Diagnostic.Place(source, LinkPlace(source: source).span(of: link.target, in: link.lines)) }
        switch link.destination {
        case .elsewhere, .page(_, anchor: nil): break
        case .page(let name, let anchor?):
            guard let page = pages[TextKey(name)], !page.anchors.contains(same: anchor) else { return }
            let near = Suggestion.nearest(to: anchor, among: page.anchors)
            mistakes.append(
                Diagnostic(.io, "the page '\(name)' has no '#\(anchor)'", at: place, hint: near.map { "did you mean '#\($0)'?" }))
        case .file(let path, let copy):
            if let other = linkedFiles.updateValue(path, forKey: TextKey(copy)), !other.isSame(as: path) {
                mistakes.append(Diagnostic(.io, "'\(other)' and '\(path)' would both be '\(copy)'", at: place))
            }
        case .nowhere:
            let near = Suggestion.nearest(to: link.target, among: pages.keys.map { "\($0.text).md" })
            mistakes.append(Diagnostic(.io, "there is no page or file '\(link.target)'", at: place,
                hint: near.map { "did you mean '\($0)'?" }
                ?? (taken.isPlainFile(FilePath.joined(FilePath.folder(source.name), link.target)) ? PageFiles.rule : nil)))
        }
    }
}
