import Testing
import Text

@testable import Lang

@Suite struct ScriptCells {
    private func cells(_ text: String) -> [Cell] {
        let cells = Cell.cells(of: Source(name: "cells", text: text))
        #expect(cells.map { $0.marker + $0.body }.joined().utf8.elementsEqual(text.utf8), "\(text)")
        return cells
    }

    @Test func markersBeginCells() {
        let found = cells("let a = 1\n# %% Train\na\n#%% tight\n# %%\nb")
        #expect(found.map(\.title) == ["", "Train", "tight", ""])
        #expect(found.map(\.body) == ["let a = 1\n", "a\n", "", "b"])
        #expect(found.map(\.line) == [1, 3, 5, 6])
        #expect(found.allSatisfy { $0.kind == .code && $0.metadata.isEmpty })
    }

    @Test func kindsStandInBrackets() {
        let found = cells("# %% [markdown] Why\n# # Why\n# %% Notes [md]\n# x\n# %% [raw]\n# y\n# %% [notebook] {\"a\": 1}\n")
        #expect(found.map(\.kind) == [.markdown, .markdown, .raw, .notebook])
        #expect(found.map(\.title) == ["Why", "Notes", "", ""])
        #expect(JSONText.object(found[3].metadata).text == "{\"a\": 1}")
    }

    @Test func metadataStandAtTheEndOfAMarker() {
        let found = cells("# %% Train {\"tags\": [\"slow\"]}\n1\n# %% A set {1, 2}\n2\n# %% {\"a\":{\"b\":2}}\r\n")
        #expect(found.map(\.title) == ["Train", "A set {1, 2}", ""])
        #expect(found.map { JSONText.object($0.metadata).text } == ["{\"tags\": [\"slow\"]}", "{}", "{\"a\": {\"b\": 2}}"])
    }

    @Test func whatLooksLikeAMarkerInAStringOrABlockIsNone() {
        #expect(cells("let s = \"\"\"\n# %% no\n\"\"\"\n").count == 1)
        #expect(cells("let s = \"\"\"{\n# %% no\n1}\"\"\"\n").count == 1)
        #expect(cells("let s = \"{1\n# %% yes\n").count == 2)
        #expect(cells("fn f() {\n    # %% no\n    1\n}\n").count == 1)
        #expect(cells("1 # %% no\n").count == 1)
    }

    @Test func codeBelowProseIsACellOfItsOwn() {
        let found = cells("# %% [markdown]\n# Prose\n\n# more\n\nlet x = 1\n# %% Next\n")
        #expect(found.map(\.kind) == [.markdown, .code, .code])
        #expect(found[1].marker.isEmpty && found[1].body == "let x = 1\n" && found[1].line == 6)
    }

    @Test func proseIsTheCommentsWithoutTheirMarks() {
        let cell = cells("# %% [markdown]\n# # Title\n#\n# text\n#tight\n\n# end\n")[0]
        #expect(cell.prose == "# Title\n\ntext\ntight\n\nend\n")
        #expect(Cell.comments(of: "a\n\nb") == "# a\n#\n# b")
    }

    @Test func anyTextWillDo() {
        for text in ["", "\n", "# %%", "\u{feff}# %% a\n", "# %% a\r\n1\r\n", "\"unclosed\n# %% a\n", "\"\"\"\n# %% a\n", "{[(\n# %% a\n)", "# %% [markdown]"] { _ = cells(text) }
    }
}
