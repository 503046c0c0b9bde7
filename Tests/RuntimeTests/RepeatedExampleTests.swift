import Foundation
import Lang
import Testing

@testable import Library
@testable import Runtime

/// Each call site remembers what it called last: the code of every example runs twice, in a function that is called twice, and gives the
/// second time what it gave the first time.
@Suite struct RepeatedExamples {
    /// It goes on where the run before ended: that is what it is for.
    private static let exceptions: Set = ["resumable"]

    @Test(arguments: Examples.builtins.filter { !$0.example.isEmpty && !exceptions.contains($0.name) }.map(\.name))
    func example(_ name: String) throws {
        let example = try #require(Examples.builtins.first { $0.name == name }).example
        check(example, of: name)
    }

    @Test(arguments: Library.modules.documentation.values.flatMap { module in module.functions.map { [module.name, $0.name] } })
    func ofModule(_ names: [String]) throws {
        let function = try #require(Library.modules.documentation[names[0]]?.functions.first { $0.name == names[1] })
        check("import \(names[0])\n\(function.example)", of: names.joined(separator: "."))
    }

    private func check(_ example: String, of name: String) {
        let source = Source(name: name, text: example)
        let program = Parser.parse(source).program
        var imports = "", body = ""
        for statement in program.statements {
            let text = source.text(of: statement.span)
            switch statement.kind {
            case .import: imports += text + "\n"
            // What it gives is kept as text, as `print` shows it.
            case .expression: body += "    seen.push(str((\(text))))\n"
            default: body += "    \(text)\n"
            }
        }
        let session = Session()
        var runs: [String] = []
        let declared = session.run(Source(name: name, text: "\(imports)fn example() {\n    seed(0)\n    let seen = []\n\(body)    seen\n}"))
        #expect(declared.outcome == .finished, "\(declared.outputs)")
        for _ in 0..<2 {
            let (outputs, outcome) = session.run(Source(name: name, text: "example()"))
            let texts = outputs.map { output -> String in
                switch output {
                case .text(let text): text
                case .value(let value): value.text
                case .error(let errors): errors.map { $0.rendered() }.joined()
                case .warning(let text): text
                case .plot, .progress: ""
                }
            }
            runs.append("\(outcome) \(texts.joined(separator: "\n"))")
        }
        #expect(runs[0] == runs[1], "\(name)")
    }
}
