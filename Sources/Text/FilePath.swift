/// Paths as texts. Foundation's functions of the same kind are not used: some trap on names of one character, and others change the path.
package enum FilePath {
    /// The last part of a path: `a.csv` of `runs/a.csv` and of `runs/a.csv/`, nothing of `/`.
    package static func name(_ path: String) -> String {
        let path = withoutEndSlashes(path[...])
        return path == "/" ? "" : String(path.utf8.lastIndex(of: slash).map { path[path.utf8.index(after: $0)...] } ?? path[...])
    }

    /// The folder that a path lies in: `runs` of `runs/a.csv`, `.` of `a.csv`, `/` of `/a.csv` and of `/`.
    package static func folder(_ path: String) -> String {
        let trimmed = withoutEndSlashes(path[...])
        guard let end = trimmed.utf8.lastIndex(of: slash) else { return "." }
        return end == trimmed.startIndex ? "/" : withoutEndSlashes(trimmed[..<end])
    }

    /// The extension of a path: from the last point of its name on. A point at the start of the name does not count.
    package static func fileExtension(_ path: String) -> String {
        let name = name(path)
        guard let point = name.lastIndex(of: "."), name[..<point].contains(where: { $0 != "." }) else { return "" }
        return String(name[point...])
    }

    /// The last part of a path without its extension.
    package static func stem(_ path: String) -> String { String(name(path).dropLast(fileExtension(path).count)) }

    /// A path relative to a folder; an absolute path stays as it is.
    package static func joined(_ folder: String, _ path: String) -> String {
        isAbsolute(path) || folder.isEmpty ? path : path.isEmpty ? folder : folder.utf8.last == slash ? folder + path : "\(folder)/\(path)"
    }

    package static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

    /// The parts of a path between its slashes.
    package static func parts(_ path: String) -> [String] { path.utf8.split(separator: slash).map { String(decoding: $0, as: UTF8.self) } }

    private static let slash = UInt8(ascii: "/")

    private static func withoutEndSlashes(_ path: Substring) -> String {
        var end = path.utf8.endIndex
        while end > path.utf8.startIndex {
            let last = path.utf8.index(before: end)
            guard path.utf8[last] == slash, last > path.utf8.startIndex else { break }
            end = last
        }
        return String(path[..<end])
    }
}
