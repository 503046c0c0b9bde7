import CProcessor
import Foundation
import Lang
import Library

@main
enum Padash {
    static func main() {
        Descriptors.openMissing()
        for number in Signals.ignored { signal(number, SIG_IGN) }
        guard CProcessor_runsTheEngine() != 0 else {
            Report.complain("this padash is built for processors with AVX2 and FMA (x86-64-v3), and this processor lacks them")
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
            switch try Invocation(try Arguments.texts(), isInputTerminal: Descriptors.isInputTerminal) {
            case .help(let command): return Report.say(command.map(Usage.text) ?? Usage.text)
            case .version: return Report.say("padash \(Usage.version)\n")
            case .interactive(let readsRC):
                try RankedRun.refuse("the prompt", hint: "padash run FILE runs a script")
                return REPL().run(readsRC: readsRC)
            case .command(let command): return try command.run()
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
}
