import NASLib

/// The files that a page takes in: images, and what it links to.
enum PageFile {
    static let rule = "a page takes files from its own folder, or from the working folder where it lies in that; no hidden ones"

    /// The real path of a plain file that lies in the page's folder, or in the working folder where the page does. A page from elsewhere
    /// must not carry away what lies beside it, nor hidden files.
    static func path(_ target: String, from folder: String, root: String = ".") -> String? {
        guard !FilePath.isAbsolute(target), let path = FilePath.real(FilePath.joined(folder, target)), FilePath.isPlainFile(path),
            let own = FilePath.real(folder), let working = FilePath.real(root)
        else { return nil }
        let root = isInside(own, working) ? working : own
        return isInside(path, root) && !path.dropFirst(root.count).contains("/.") ? path : nil
    }

    private static func isInside(_ path: String, _ folder: String) -> Bool { path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/") }
}
