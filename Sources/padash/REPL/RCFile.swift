import Foundation
import Lang
import Text

/// What runs before the first prompt: $XDG_CONFIG_HOME/padash/rc.pada.
enum RCFile {
    static var path: String { UserFolders.configuration + "/padash/rc.pada" }
}

extension REPL {
    /// Runs the file if there is one; an error in it is shown and no more. Gives an exit code when it calls `exit`.
    func runRC() -> Int32? {
        let path = RCFile.path
        guard FilePath.exists(path) else { return nil }
        guard let source = readSource(path) else { return nil }
        let outcome = session.run(source, directory: FilePath.importFolder(path), isNumbered: false, emit: emitter(0))
        if case .exit(let code) = outcome { return code }
        return nil
    }

    /// A source file, or nil after the reason why it cannot be read is shown.
    func readSource(_ path: String) -> Source? {
        presses.reset()
        do throws(Diagnostic) {
            return try session.read(path)
        } catch {
            console.show(.error([error]))
            return nil
        }
    }
}
