import Lang
import NASLib
import Text

/// What a session's built-ins may need to know of it, shared with the VM.
package final class SessionContext: @unchecked Sendable {
    /// `args()` in a script.
    package var arguments: [String] = []
    /// What the cells are from, for records of what was run.
    package var script: Source?
    /// The width a front end can show, in characters.
    package var width = 80
    /// Set by `exit(code)`.
    package var exitCode: Int32?
    /// The names that the session's cells declared.
    package var scope: GlobalScope?
    /// What the running cell has begun and not finished, by its name: each is told how the cell ended where that is by an error.
    package var unfinished: [TextKey: (_ status: String, _ error: String) -> Void] = [:]
    private var madeFolder: String?
    private var loopCount = 0

    package init() {}

    /// The session's own folder for files of no lasting use.
    package func temporaryFolder() throws -> String {
        let folder = try World.text("the temporary folder") {
            let folder = try madeFolder ?? TemporaryFolders.make()
            madeFolder = folder
            return folder
        }
        return folder ?? ""
    }

    /// A number for the next `progress(…)` loop.
    package func nextLoop() -> Int {
        loopCount += 1
        return loopCount
    }
}
