import CProcessor
import Foundation
import Lang
import Library
import Runtime
import Text

@main
enum Padash {
    static func main() {
        Descriptors.openMissing()
        for number in Signals.ignored { signal(number, SIG_IGN) }
        guard CProcessor_runsTheEngine() != 0 else {
            Report.complain("this padash is built for processors with AVX2 and FMA (x86-64-v3), and this one has not got them")
            exit(ExitCode.usage)
        }
        if getenv("PADASH_THREADS") != nil, let mistake = ThreadSetting.mistake {
            Report.complain(mistake)
            exit(ExitCode.usage)
        }
        exit(run())
    }

    private static func run() -> Int32 {
        do {
            let words = try Arguments.texts()
            let invocation = try Invocation(words, isInputTerminal: Descriptors.isInputTerminal)
            switch invocation {
            case .help(let command): return Report.say(command.map(Usage.text) ?? Usage.text)
            case .version: return Report.say("padash \(Usage.version)\n")
            case .interactive(let readsRC):
                try RankedRun.refuse("the prompt", hint: "padash run FILE runs a script")
                return REPL().run(readsRC: readsRC)
            case .code(let code, let arguments):
                return try RankedRun.run { ScriptRun(source: Source(name: "-e", text: code), arguments: arguments, directory: ".").run() }
            case .input(let arguments):
                // What mpirun hands on of a terminal is no terminal any more.
                if words.isEmpty { try RankedRun.refuse("the prompt", hint: "padash run FILE runs a script, padash - one from a pipe") }
                return try RankedRun.run { ScriptRun(source: try Source.read("-"), arguments: arguments, directory: ".").run() }
            case .file(let path, let arguments):
                return try RankedRun.run { ScriptRun(source: try script(path), arguments: arguments, directory: FilePath.importFolder(path)).run() }
            case .format(let paths, let isCheck): return Format(paths: paths, isCheck: isCheck).run()
            case .check(let paths, let isStrict): return Check(paths: paths, isStrict: isStrict).run()
            case .notebook(let command):
                if command.watches { try RankedRun.refuse("--watch", hint: "leave it out") }
                return try RankedRun.run { command.run() }
            case .convert(let command): return command.run()
            case .results(let folder, let isComparison, let order, let isCSV):
                var report = ResultsReport(folder: folder)
                (report.isComparison, report.order, report.isCSV, report.width) = (isComparison, order, isCSV, Descriptors.width)
                return Report.say(try report.text(warn: Report.warn))
            case .documentation(let command): return try command.run()
            case .kernel(.serve, _, _, _):
                try RankedRun.refuse("a Jupyter kernel", hint: "padash notebook FILE runs a notebook's cells")
                return KernelServer().run()
            case .kernel(let action, let name, let prefix, let python):
                let spec = try KernelSpec(name: name, prefix: prefix, python: python)
                return action == .install ? spec.install() : spec.uninstall()
            case .completions(let shell): return Report.say(shell.completions)
            }
        } catch let mistake as Invocation.Mistake {
            Report.complain(mistake)
        } catch let diagnostic as Diagnostic {
            Report.complain([diagnostic])
        } catch {
            Report.complain("\(error)")
        }
        return ExitCode.usage
    }

    /// A script to run. A word that is no file may be a command mistyped.
    private static func script(_ path: String) throws(Diagnostic) -> Source {
        do {
            return try Source.read(path)
        } catch {
            var diagnostic = error
            let near = Suggestion.nearest(to: path, among: CommandTable.commands.map(\.name))
            if diagnostic.hint == nil, let command = CommandTable.commands.first(where: { $0.name == near }) {
                diagnostic.hint = "did you mean 'padash \(command.usage)'?"
            }
            if diagnostic.hint == nil, ["help", "version"].contains(path) { diagnostic.hint = "did you mean 'padash --\(path)'?" }
            throw diagnostic
        }
    }
}
