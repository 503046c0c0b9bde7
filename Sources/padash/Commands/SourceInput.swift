import Foundation
import Lang
import Runtime

extension Source {
    /// The script at a path, or on standard input for `-`.
    static func read(_ path: String) throws(Diagnostic) -> Source {
        guard path == "-" else { return Source(name: path, text: try SourceFile.read(path, shownAs: path)) }
        return Source(name: "<stdin>", text: try SourceFile.readInput())
    }
}
