import Lang
import NASLib
import Text

/// What a session's built-ins may need to know of it, shared with the VM.
public final class SessionContext: @unchecked Sendable {
    /// `args()` in a script.
    public var arguments: [String] = []
    /// What the cells are from, for records of what was run.
    public var script: Source?
    /// The width a front end can show, in characters.
    public var width = 80
    /// Set by `exit(code)`.
    public var exitCode: Int32?
    /// The names that the session's cells declared.
    public var scope: GlobalScope?
    /// What the running cell has begun and not finished, by its name: each is told how the cell ended where that is by an error.
    public var unfinished: [TextKey: (_ status: String, _ error: String) -> Void] = [:]
    private var madeFolder: String?
    private var loopCount = 0

    public init() {}

    /// The session's own folder for files of no lasting use.
    public func temporaryFolder() throws -> String {
        let folder = try World.text("the temporary folder") {
            let folder = try madeFolder ?? TemporaryFolders.make()
            madeFolder = folder
            return folder
        }
        return folder ?? ""
    }

    /// A number for the next `progress(…)` loop.
    public func nextLoop() -> Int {
        loopCount += 1
        return loopCount
    }
}
