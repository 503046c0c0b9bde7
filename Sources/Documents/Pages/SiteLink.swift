import Foundation
import Text

/// What a link on a page of a site leads to.
struct SiteLink {
    enum Destination {
        /// An address of the web or of mail, which is not looked at.
        case elsewhere
        /// A page by its name, and a place on it.
        case page(String, anchor: String?)
        /// A file that is no page, by its path and its place in the site.
        case file(String, copy: String)
        case nowhere
    }

    /// As it stands in the text.
    var target: String
    /// The lines of the block that it stands in, counted from 1.
    var lines: ClosedRange<Int>
    var destination: Destination

    /// What the page has in its place.
    var address: String {
        switch destination {
        case .elsewhere, .nowhere: target
        case .page(let name, let anchor): "\(name).html" + (anchor.map { "#\($0)" } ?? "")
        case .file(_, let copy): copy
        }
    }

    /// `pages` has the names of the pages by their full paths; `page` is the path of the page that the link is on, and
    /// `root` the working folder.
    init(_ target: String, in lines: ClosedRange<Int>, on page: String, among pages: [TextKey: String], _ files: PageFiles, root: String) {
        self.target = target
        self.lines = lines
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].removingPercentEncoding ?? String(parts[0])
        let anchor = parts.count > 1 ? String(parts[1]) : nil
        let full = files.absolute(path.isEmpty ? page : FilePath.joined(FilePath.folder(page), path))
        if target.firstMatch(of: /^([A-Za-z][A-Za-z0-9+.\-]*:|\/\/)/) != nil {
            destination = .elsewhere
        } else if let name = pages[TextKey(full)] {
            destination = .page(name, anchor: anchor)
        } else if let file = files.path(path, from: FilePath.folder(page), root: root) {
            let below = path.split(separator: "/").filter { $0 != ".." && $0 != "." }
            destination = .file(file, copy: "files/" + below.joined(separator: "/"))
        } else {
            destination = .nowhere
        }
    }
}
