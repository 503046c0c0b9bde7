/// Reads a source into a syntax tree.
package enum Parser {
    /// The tree and all errors, in the order of the text. The tree may be run only if there is none. Linear in the source's length; safe on
    /// any input.
    package static func parse(_ source: Source) -> (program: Program, diagnostics: [Diagnostic]) {
        var descent = Descent(source)
        let statements = descent.program()
        let program = Program(
            source: source, statements: statements, cells: descent.lexer.cells, comments: descent.lexer.comments,
            assignedNames: descent.assignedNames)
        return (program, descent.allDiagnostics())
    }

    /// Whether `text` is a whole cell. False when more lines could make it one: an open bracket or `"""`, an operator
    /// or `=` at its end, a header without its body, a documentation comment. A mistake that no further line can mend counts as whole.
    package static func isComplete(_ text: String) -> Bool { completeness(of: text) != .incomplete }

    package enum Completeness: String, Sendable {
        case complete, incomplete
        /// There is a mistake in it that no further line can mend.
        case invalid
    }

    package static func completeness(of text: String) -> Completeness {
        var descent = Descent(Source(name: "", text: text))
        let statements = descent.program()
        let mistakes = descent.allDiagnostics()
        if !descent.lexer.brokenText.isEmpty, !descent.lexer.endsInsideString { return .invalid }
        if descent.lexer.endsInsideString || descent.isIncomplete { return mistakes.count > 1 ? .invalid : .incomplete }
        if !mistakes.isEmpty { return .invalid }
        return statements.isEmpty && descent.lexer.documentation.last?.token == descent.lexer.bytes.count ? .incomplete : .complete
    }
}
