import Lang

/// The documentation of a module: the `##` lines that begin its file and those above its public functions.
package struct ModuleDocumentation: Sendable {
    package struct Function: Sendable {
        package var name: String
        /// The function's usage: `best(history, n: 1)`.
        package var usage: String
        /// The documentation as written: sentences, and examples in lines indented by four.
        package var text: String
    }

    package let name: String
    package let text: String
    package let functions: [Function]

    package init(of source: Source, named name: String) {
        self.name = name
        let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
        let opening = lines.prefix { $0.hasPrefix("##") }
        // Right above a declaration they are about that.
        let isOfModule = lines.dropFirst(opening.count).first?.allSatisfy(\.isWhitespace) ?? true
        text = isOfModule ? opening.map { String($0.drop { $0 == "#" }.drop { $0 == " " }) }.joined(separator: "\n") : ""
        let program = Parser.parse(source).program
        let callables = Checker.functions(of: program)
        functions = program.statements.compactMap { statement in
            guard case .function(let function) = statement.kind, let name = function.name?.name, !name.hasPrefix("_"),
                let callable = callables[name] else {
                return nil
            }
            return Function(name: name, usage: callable.usage, text: function.documentation ?? "")
        }
    }
}

extension ModuleDocumentation.Function {
    private static let indentation = "    "

    /// The text without examples.
    package var sentences: String { lines.filter { !$0.hasPrefix(Self.indentation) }.joined(separator: "\n") }

    /// The examples, as code that runs once the module is imported.
    package var example: String {
        lines.filter { $0.hasPrefix(Self.indentation) }.map { $0.dropFirst(Self.indentation.count) }.joined(separator: "\n")
    }

    private var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}
