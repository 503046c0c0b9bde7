import Text

/// The files that a page includes or links to, such as images. The program that makes pages provides access to them.
package struct PageFiles: Sendable {
    /// A path from the root on.
    let absolute: @Sendable (String) -> String
    /// The one path of a file or folder that has no links in it; nil where there is none.
    let real: @Sendable (String) -> String?
    let isPlainFile: @Sendable (String) -> Bool
    let bytes: @Sendable (String) -> [UInt8]?

    package init(
        absolute: @escaping @Sendable (String) -> String, real: @escaping @Sendable (String) -> String?,
        isPlainFile: @escaping @Sendable (String) -> Bool, bytes: @escaping @Sendable (String) -> [UInt8]?
    ) {
        (self.absolute, self.real, self.isPlainFile, self.bytes) = (absolute, real, isPlainFile, bytes)
    }

    package static let none = PageFiles(absolute: { $0 }, real: { _ in nil }, isPlainFile: { _ in false }, bytes: { _ in nil })

    static let rule = "a page takes files from its own folder, or from the working folder that contains it; hidden files are not allowed"

    /// The real path of a plain file that lies in the page's folder, or in the working folder where the page does. A page from elsewhere
    /// must not carry away what lies beside it, nor hidden files.
    func path(_ target: String, from folder: String, root: String = ".") -> String? {
        guard !FilePath.isAbsolute(target), let path = real(FilePath.joined(folder, target)), isPlainFile(path), let own = real(folder),
            let working = real(root)
        else { return nil }
        let root = PageFiles.isInside(own, working) ? working : own
        return PageFiles.isInside(path, root) && !path.dropFirst(root.count).contains("/.") ? path : nil
    }

    private static func isInside(_ path: String, _ folder: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }
}
