import Foundation
import Lang
import Library
import Runtime
import Text

/// `padash check`: looks scripts over without running them.
struct Check: CommandAction, Equatable {
    static let command = Command("check", .files, "look for mistakes in scripts without running them", strict, does: Check.self)
    private static let strict = CommandOption(names: ["--strict"], summary: "exit with 1 when there are warnings")

    var paths: [String]
    /// Warnings count as failures.
    var isStrict: Bool

    init(paths: [String], isStrict: Bool) { (self.paths, self.isStrict) = (paths, isStrict) }

    init(_ arguments: CommandArguments) { self.init(paths: arguments.operands, isStrict: arguments[Check.strict] != nil) }

    /// Gives the exit code: that of the worst found in any of the files.
    func run() -> Int32 {
        var found: [Diagnostic] = []
        for path in paths {
            do {
                var options = Session.Options()
                options.directory = path == "-" ? "." : FilePath.importFolder(path)
                found += Session(options: options).check(try Source.read(path))
            } catch {
                found.append(error)
            }
        }
        guard !found.isEmpty else { return 0 }
        Report.complain(found)
        let errors = found.count { $0.severity == .error }
        Report.complain("\n"
            + [Check.counted(errors, "error"), Check.counted(found.count - errors, "warning")].compactMap(\.self).joined(separator: ", "))
        return errors > 0 ? ExitCode.usage : isStrict ? ExitCode.notClean : 0
    }

    private static func counted(_ count: Int, _ word: String) -> String? {
        count == 0 ? nil : "\(count) \(word)\(count == 1 ? "" : "s")"
    }
}
