import Foundation
import NASLib

/// The words of the command line.
enum Arguments {
    /// The program's name and all that follows, as the system gave them.
    ///
    /// Swift's `CommandLine` reads them from /proc, which a container may lack. On Linux they stand in memory right before the environment,
    /// with their number before them (System V ABI, "Process Initialization").
    static let all: [FileName] = {
        #if os(Linux)
        let environment = environ
        if environment[-1] == nil {
            var first = environment - 1
            var count = 0
            // An address is never so small.
            while UInt(bitPattern: first[-1]) != UInt(count), count < 1 << 24 {
                first -= 1
                count += 1
            }
            return (0..<count).compactMap { first[$0].map { FileName(cString: $0) } }
        }
        #endif
        return (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0].map { FileName(cString: $0) } }
    }()

    /// What follows the program's name.
    static func texts() throws(Invocation.Mistake) -> [String] {
        guard !all.isEmpty else {
            throw .init(message: "padash was started without a name and without arguments",
                hint: "the first argument is the program's name")
        }
        var texts: [String] = []
        for argument in all.dropFirst() {
            guard let text = argument.text else {
                throw .init(message: "'\(argument.shown)' is not UTF-8", hint: "if it is a file's name, rename the file")
            }
            texts.append(text)
        }
        return texts
    }
}
