import Foundation
import Lang
import Text

/// One page of a site, before the navigation is put around it.
struct SitePage {
    struct Section {
        /// Plain text.
        var title: String
        var anchor: String
    }

    /// Its file's name without the ending.
    var name: String
    /// Plain text.
    var title: String
    /// Markup.
    var body: String
    /// What the contents list of it: headings of the second level.
    var sections: [Section]
    /// Everything on it that a link can lead to.
    var anchors: [String]
    /// What its links lead to, in order.
    var links: [SiteLink] = []

    var file: String { "\(name).html" }
}

extension SitePage {
    /// A page of Markdown. `resolve` says what a link's target is, in a block of these lines.
    init(_ source: Source, _ files: PageFiles, resolve: @escaping (String, ClosedRange<Int>) -> SiteLink) {
        var anchors = HeadingAnchors()
        var headings: [(level: Int, title: String, anchor: String)] = []
        var links: [SiteLink] = []
        var markdown = Markdown(folder: FilePath.folder(source.name), files: files)
        markdown.destination = { target, lines in
            let link = resolve(target, lines)
            links.append(link)
            return link.address
        }
        markdown.anchor = { level, title in
            let anchor = anchors.next(for: title)
            headings.append((level, title, anchor))
            return anchor
        }
        name = SitePage.name(of: source.name)
        body = markdown.html(source.text)
        title = headings.first?.title ?? name
        sections = headings.filter { $0.level == 2 }.map { Section(title: $0.title, anchor: $0.anchor) }
        self.anchors = headings.map(\.anchor)
        self.links = links
    }

    /// `docs/tour.md` is the page `tour`.
    static func name(of path: String) -> String { FilePath.stem(path) }
}
