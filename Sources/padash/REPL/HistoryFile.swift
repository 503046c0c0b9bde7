import Foundation
import NASLib
import Text

/// The entries of all sessions, one a line with `\n` and `\\` escaped, in $XDG_STATE_HOME/padash/history.
///
/// An entry is appended by one write, so that prompts running side by side do not mix theirs. Where the file cannot be
/// written there is no history; nothing else depends on it.
struct HistoryFile {
    /// How many entries are kept.
    static let capacity = 10_000

    let path = UserFolders.state + "/padash/history"

    /// The latest entries, oldest first. A file grown to twice the capacity is cut.
    func load() -> [String] {
        guard FilePath.isPlainFile(path), let file = try? FileBytes(path) else { return [] }
        let lines = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
        let kept = lines.suffix(HistoryFile.capacity)
        if lines.count > 2 * HistoryFile.capacity {
            try? FileReplacement.write(Array((kept.joined(separator: "\n") + "\n").utf8), to: path)
        }
        return kept.map { HistoryFile.unescape($0) }
    }

    func append(_ entry: String) {
        try? FilePath.makeFolder(FilePath.folder(path), mode: 0o700)
        guard FilePath.isPlainFile(path) || !FilePath.exists(path) else { return }
        try? FileReplacement.append(Array((HistoryFile.escape(entry) + "\n").utf8), to: path, mode: 0o600)
    }

    static func escape(_ entry: String) -> String {
        entry.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\n", with: "\\n")
    }

    static func unescape(_ line: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in line {
            if isEscaped {
                result.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
