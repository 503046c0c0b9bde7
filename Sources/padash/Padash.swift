import Foundation
import Lang
import Runtime

@main
enum Padash {
    static func main() {
        Descriptors.openMissing()
        // A reader that has gone away is told by the write's result.
        signal(SIGPIPE, SIG_IGN)
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ arguments: [String]) -> Int32 {
        do {
            switch try Invocation(arguments, isInputTerminal: Descriptors.isInputTerminal) {
            case .help: return say(Usage.text)
            case .version: return say("padash \(Usage.version)\n")
            case .interactive: return REPL().run()
            case .code(let code, let arguments):
                return ScriptRun(source: Source(name: "-e", text: code), arguments: arguments, directory: ".").run()
            case .input(let arguments):
                let data = (try? FileHandle.standardInput.readToEnd()) ?? Data()
                let source = Source(name: "<stdin>", text: try SourceFile.text(of: data, shownAs: "<stdin>"))
                return ScriptRun(source: source, arguments: arguments, directory: ".").run()
            case .file(let path, let arguments):
                let source = Source(name: path, text: try read(path))
                return ScriptRun(source: source, arguments: arguments, directory: (path as NSString).deletingLastPathComponent.nonEmpty ?? ".").run()
            }
        } catch let mistake as Invocation.Mistake {
            let style = Console(onFailure: {}).errorStyle
            complain("\(style.red("usage error")): \(mistake.message)\(mistake.hint.map { "\n  \(style.cyan("hint: \($0)"))" } ?? "")")
        } catch let diagnostic as Diagnostic {
            complain(diagnostic.rendered(color: Console(onFailure: {}).errorStyle.isColored, width: Descriptors.width))
        } catch {
            complain("\(error)")
        }
        return ExitCode.usage
    }

    /// The text of a script. A word that is no file may be a command mistyped.
    private static func read(_ path: String) throws(Diagnostic) -> String {
        do {
            return try SourceFile.read(path, shownAs: path)
        } catch {
            var diagnostic = error
            if diagnostic.hint == nil, Suggestion.nearest(to: path, among: ["run"]) != nil { diagnostic.hint = "did you mean 'padash run FILE'?" }
            if diagnostic.hint == nil, ["help", "version"].contains(path) { diagnostic.hint = "did you mean 'padash --\(path)'?" }
            throw diagnostic
        }
    }

    private static func say(_ text: String) -> Int32 {
        let failure = Descriptors.write(Array(text.utf8), to: 1)
        return failure == nil ? 0 : ExitCode.runtimeError
    }

    private static func complain(_ text: String) { _ = Descriptors.write(Array((text + "\n").utf8), to: 2) }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
