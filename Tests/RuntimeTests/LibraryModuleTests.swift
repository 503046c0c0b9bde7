import Lang
import Testing

@testable import Library
@testable import Runtime

/// The modules that ship with the language are programs like any other: checked, formatted, documented, found.
@Suite struct LibraryModuleFiles {
    @Test func thereIsOne() { #expect(!Library.modules.names.isEmpty) }

    @Test(arguments: Library.modules.names) func areFormattedAndWithoutAWarning(_ name: String) throws {
        let source = try #require(Library.modules.source(of: name))
        #expect(Formatter.format(source).text == source.text)
        #expect(Session().check(source).map(\.message) == [])
    }

    @Test(arguments: Library.modules.names) func sayWhatTheyDo(_ name: String) throws {
        let documentation = try #require(Library.modules.documentation[name])
        #expect(!documentation.text.isEmpty && !documentation.functions.isEmpty)
        let session = Session()
        let shown = try #require(session.help(for: name))
        #expect(shown.hasPrefix("\(name)\n\n\(documentation.text)\n\nfunctions:\n"))
        let first = try #require(documentation.functions.first)
        let ofFunction = try #require(session.help(for: "\(name).\(first.name)"))
        #expect(ofFunction == "\(first.usage)\n\n\(first.text)")
        // The same once it is imported, under any name.
        #expect(session.run(Source(name: "cell", text: "import \(name) as m")).outcome == .finished)
        #expect(session.help(for: "m") == shown && session.help(for: "m.\(first.name)") == ofFunction)
    }

    @Test func areCompleted() {
        let session = Session()
        #expect(session.completions(of: "import sea", at: 10).candidates == ["search"])
        #expect(session.run(Source(name: "cell", text: "import search")).outcome == .finished)
        #expect(session.completions(of: "search.rand", at: 11).candidates == ["random_search"])
        #expect(session.completions(of: "search.random_search(nil, eva", at: 29).candidates == ["evaluations:"])
    }
}
