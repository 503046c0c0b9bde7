import Lang

/// `padash fmt`: writes scripts in the one style, each file in place and standard input to standard output.
struct Format: CommandAction {
    static let command = Command("fmt", .files, "format scripts; - is standard input", check, does: Format.self)
    private static let check = CommandOption(
        names: ["--check"], summary: "change nothing; list the files that are not formatted, and exit with 1")

    var paths: [String]
    /// Change nothing, and name the files that would change.
    var isCheck: Bool

    init(_ arguments: CommandArguments) { (paths, isCheck) = (arguments.operands, arguments[Format.check] != nil) }

    /// Gives the exit code: that of the worst that happened to any of the files.
    func run() -> Int32 { paths.map(format).max() ?? 0 }

    private func format(_ path: String) -> Int32 {
        let source: Source
        do {
            source = try Source.read(path)
        } catch {
            Report.complain([error])
            return ExitCode.usage
        }
        let (formatted, diagnostics) = Formatter.format(source)
        guard let formatted else {
            Report.complain(diagnostics)
            return ExitCode.usage
        }
        let isSame = formatted == source.text
        if isCheck { return isSame ? 0 : max(Report.say("\(source.name)\n"), ExitCode.notClean) }
        if path == "-" { return Report.say(formatted) }
        return isSame ? 0 : Report.write(formatted, to: path)
    }
}
