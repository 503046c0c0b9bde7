import Foundation
import NASLib
import Runtime
import Text

/// The commit that is checked out in the working folder.
///
/// It is read from git's files. The program git is not run: it would obey the configuration in the folder, which may name commands of
/// whoever made that folder. So whether files differ from the commit is not told.
enum GitCommit {
    /// nil where there is no repository.
    static func current() throws -> String? {
        guard var folder = try? FilePath.absolute(".") else { return nil }
        while !FilePath.exists(FilePath.joined(folder, ".git")) {
            if folder == "/" { return nil }
            folder = FilePath.folder(folder)
        }
        guard let repository = try repository(FilePath.joined(folder, ".git")),
            let head = try line(FilePath.joined(repository, "HEAD")) else {
            return nil
        }
        guard let name = target(head) else { return hash(head) }
        // A further working tree has its own HEAD, and branches in common with the others.
        let common = try line(FilePath.joined(repository, "commondir")).map { FilePath.joined(repository, $0) } ?? repository
        for place in [repository, common] {
            if let text = try line(FilePath.joined(place, name)) { return hash(text) }
        }
        for line in try text(FilePath.joined(common, "packed-refs")).split(separator: "\n") where line.hasSuffix(" \(name)") {
            return hash(String(line.prefix { $0 != " " }))
        }
        return nil
    }

    /// `.git` is the repository, or a file that says where it is.
    private static func repository(_ path: String) throws -> String? {
        if FilePath.isFolder(path) { return path }
        return try line(path).flatMap {
            $0.hasPrefix("gitdir: ") ? FilePath.joined(FilePath.folder(path), String($0.dropFirst("gitdir: ".count))) : nil
        }
    }

    /// The branch that HEAD stands for.
    private static func target(_ head: String) -> String? {
        let parts = head.split(separator: " ")
        return parts.count == 2 && parts[0] == "ref:" && parts[1].hasPrefix("refs/") && !parts[1].contains("..") ? String(parts[1]) : nil
    }

    private static func hash(_ text: String) -> String? {
        [40, 64].contains(text.utf8.count) && text.allSatisfy { $0.isHexDigit && $0.isASCII } ? text : nil
    }

    private static func line(_ path: String) throws -> String? { try text(path).split(separator: "\n").first.map(String.init) }

    /// Nothing where there is no such file.
    private static func text(_ path: String) throws -> String {
        guard FilePath.isPlainFile(path) else { return "" }
        do {
            return String(decoding: try FileBytes(path, limit: 1 << 26).bytes, as: UTF8.self)
        } catch let error as NASError where error.kind == .file || error.kind == .limit {
            return ""
        }
    }
}
