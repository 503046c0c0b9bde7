import Foundation

/// Completion of paths.
public enum FileCompletion {
    /// What the last part of `path` may become, folders with a `/`; hidden ones only when asked for by their point. The
    /// path ends at offset `cursor` of some text, and `start` is where its last part begins there. A `~` at the
    /// beginning stands for `home`; with `suffix`, only folders and files that end so.
    public static func candidates(_ path: String, endingAt cursor: Int, home: String? = nil, suffix: String = "") -> (start: Int, candidates: [String]) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        var folder = String(path.dropLast(name.count))
        if let home, folder.hasPrefix("~/") { folder = home + folder.dropFirst() }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let candidates = entries.compactMap { entry -> String? in
            guard entry.hasPrefix(name), !entry.hasPrefix(".") || name.hasPrefix(".") else { return nil }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder + entry, isDirectory: &isFolder) else { return nil }
            return isFolder.boolValue ? entry + "/" : entry.hasSuffix(suffix) ? entry : nil
        }
        return (cursor - name.utf8.count, candidates.sorted())
    }
}
