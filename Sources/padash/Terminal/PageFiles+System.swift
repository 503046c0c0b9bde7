import Documents
import NASLib
import Text

extension PageFiles {
    /// The files of this machine.
    static let system = PageFiles(
        absolute: { (try? FilePath.absolute($0)) ?? $0 }, real: FilePath.real, isPlainFile: FilePath.isPlainFile,
        bytes: { (try? FileBytes($0))?.bytes })
}
