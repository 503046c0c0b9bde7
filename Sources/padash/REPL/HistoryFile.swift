import Foundation
import Runtime

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
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        let kept = lines.suffix(HistoryFile.capacity)
        if lines.count > 2 * HistoryFile.capacity {
            // Foundation writes a new file and renames it over the old one.
            try? Data((kept.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            chmod(path, 0o600)
        }
        return kept.map { HistoryFile.unescape($0) }
    }

    func append(_ entry: String) {
        let folder = SourceFile.folder(of: path)
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        _ = Descriptors.write(Array((HistoryFile.escape(entry) + "\n").utf8), to: descriptor)
        close(descriptor)
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
