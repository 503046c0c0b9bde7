import Lang
import Text

/// What a session's built-ins may need to know of it, shared with the VM.
final class SessionContext: @unchecked Sendable {
    /// `args()` in a script.
    var arguments: [String] = []
    /// What the cells are from, for records of what was run.
    var script: Source?
    /// The width a front end can show, in characters.
    var width = 80
    /// Set by `exit(code)`.
    var exitCode: Int32?
    /// The names that the session's cells declared.
    var scope: GlobalScope?
    /// What the running cell has begun and not finished, by its name: each is told how the cell ended where that is by an error.
    var unfinished: [TextKey: (_ status: String, _ error: String) -> Void] = [:]
    private var madeFolder: String?
    private var loopCount = 0

    /// The session's own folder for files of no lasting use.
    func temporaryFolder() throws -> String {
        if let madeFolder { return madeFolder }
        let folder = try TemporaryFolders.make()
        madeFolder = folder
        return folder
    }

    /// A number for the next `progress(…)` loop.
    func nextLoop() -> Int {
        loopCount += 1
        return loopCount
    }
}
