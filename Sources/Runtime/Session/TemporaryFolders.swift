import Foundation
import NASLib
import Text

/// The sessions' folders for files that nobody needs afterwards. They go away when the process ends by itself.
enum TemporaryFolders {
    private static let made = Guarded<[String]>([])

    static func make() throws -> String {
        var name = Array(FilePath.joined(FilePath.temporaryFolder, "padash-XXXXXX").utf8CString)
        guard mkdtemp(&name) != nil else {
            throw NASError(.file, "no temporary folder can be made in '\(FilePath.temporaryFolder)': \(SystemError(errno).reason)")
        }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        made.withLock { folders in
            if folders.isEmpty { atexit { TemporaryFolders.removeAll() } }
            folders.append(path)
        }
        return path
    }

    private static func removeAll() {
        for path in made.withLock({ $0 }) { FileMove.removeAll(path) }
    }
}
