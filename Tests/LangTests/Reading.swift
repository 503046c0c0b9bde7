import Lang
import Testing

/// The tree of a text that must parse.
func tree(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    let (program, diagnostics) = Parser.parse(Source(name: "test.pada", text: text))
    for diagnostic in diagnostics { Issue.record("\(diagnostic.message) in \(text)", sourceLocation: sourceLocation) }
    return dump(program)
}

func expectTree(_ text: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(tree(text, sourceLocation: sourceLocation) == expected, sourceLocation: sourceLocation)
}

/// The mistakes in a text, each as `line:column message`.
func mistakes(_ text: String) -> [String] {
    let source = Source(name: "test.pada", text: text)
    return Parser.parse(source).diagnostics.map { diagnostic in
        guard let place = diagnostic.place else { return diagnostic.message }
        let (line, column) = source.position(at: place.span.start)
        return "\(line):\(column) \(diagnostic.message)"
    }
}
