import Lang
import NASLib
import Text

/// The context of a session for its built-ins, shared with the VM.
package final class SessionContext: @unchecked Sendable {
    /// The arguments that a script gets from `args()`.
    package var arguments: [String] = []
    /// The source that contains the cells, for records of runs.
    package var script: Source?
    /// The width a front end can show, in characters.
    package var width = 80
    /// The exit code, set by `exit(code)`.
    package var exitCode: Int32?
    /// The names that the session's cells declared.
    package var scope: GlobalScope?
    /// The unfinished work of the running cell, by name: each handler is called with the status if the cell ends with an error.
    package var unfinished: [TextKey: (_ status: String, _ error: String) -> Void] = [:]
    private var madeFolder: String?
    private var loopCount = 0

    package init() {}

    /// The session's folder for temporary files.
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
