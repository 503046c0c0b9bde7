import Foundation
import Lang
import Testing

@testable import Library
@testable import Runtime

/// Every example of a built-in or a module's function runs as it stands and gives what it says.
@Suite struct Examples {
    static let builtins = Registry(Library.topics).builtins

    @Test(arguments: builtins.filter { !$0.example.isEmpty }.map(\.name))
    func example(_ name: String) throws {
        try run(try #require(Self.builtins.first { $0.name == name }).example, of: name, in: session())
    }

    /// Those of the library's modules run once the module is imported.
    @Test(arguments: Library.modules.documentation.values.flatMap { module in module.functions.map { [module.name, $0.name] } })
    func ofModule(_ names: [String]) throws {
        let function = try #require(Library.modules.documentation[names[0]]?.functions.first { $0.name == names[1] })
        #expect(!function.sentences.isEmpty && !function.example.isEmpty, "\(names)")
        let session = session()
        #expect(session.run(Source(name: "import", text: "import \(names[0])")).outcome == .finished)
        try run(function.example, of: names.joined(separator: "."), in: session)
    }

    private func session() -> Session { Session(options: { var options = Session.Options(); options.allowsRedeclaration = true; return options }()) }

    private func run(_ example: String, of name: String, in session: Session) throws {
        // A statement may span lines: run line by line as soon as what has gathered is complete.
        var pending = ""
        for line in example.split(separator: "\n", omittingEmptySubsequences: false) {
            pending += (pending.isEmpty ? "" : "\n") + line
            guard session.isComplete(pending) else { continue }
            let (outputs, outcome) = session.run(Source(name: name, text: pending))
            #expect(outcome == .finished, "\(outputs)")
            let shown = outputs.compactMap { if case .value(let value) = $0 { value.text } else { nil } }.last
            if let expected = line.range(of: "# => ") { #expect(shown ?? "nil" == line[expected.upperBound...], "\(line)") }
            let printed = outputs.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
            if let expected = line.range(of: "# prints: ") {
                #expect(printed.split(separator: "\n").joined(separator: " ") == line[expected.upperBound...], "\(line)")
            }
            pending = ""
        }
        #expect(pending.isEmpty, "the example is not complete")
    }

    @Test func everyFunctionIsDocumented() {
        for builtin in Self.builtins {
            #expect(!builtin.doc.isEmpty, "\(builtin.name)")
            if builtin.kind == .function, builtin.name != "exit" { #expect(!builtin.example.isEmpty, "\(builtin.name)") }
        }
    }
}
