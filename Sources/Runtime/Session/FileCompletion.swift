import Text

/// Completion of paths.
package enum FileCompletion {
    /// The completions of the last part of `path`, folders with a `/`; hidden files only if the part begins with a dot. The path ends at
    /// offset `cursor` of some text, and `start` is where its last part begins there. A `~` at the beginning stands for `home`; with
    /// `suffix`, only folders and files with that ending.
    package static func candidates(
        _ path: String, endingAt cursor: Int, home: String? = nil, suffix: String = ""
    ) -> (start: Int, candidates: [String]) {
        let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
        let name = String(path[start...])
        var folder = String(path[..<start])
        if let home, folder.hasPrefix("~/") { folder = home + folder.dropFirst() }
        let candidates = ((try? FilePath.names(in: folder)) ?? []).compactMap(\.text).compactMap { entry -> String? in
            guard entry.begins(with: name), !entry.hasPrefix(".") || name.hasPrefix(".") else { return nil }
            guard FilePath.exists(folder + entry) else { return nil }
            return FilePath.isFolder(folder + entry) ? entry + "/" : entry.hasSuffix(suffix) ? entry : nil
        }
        return (cursor - name.utf8.count, candidates.sortedByCodePoints())
    }
}
