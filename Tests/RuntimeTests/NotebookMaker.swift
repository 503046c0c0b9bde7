import Lang
import Text

/// Makes notebooks and scripts of pieces that are hard to carry from one to the other; the same ones in each run.
struct NotebookMaker {
    private var generator = SeededGenerator(state: 11)

    private static let pieces = [
        "%%timeit x", "# %% a", "# %%", "#%%b", "# \\%% c", "\\%% d", "   %% e", "#   %% f {\"a\": 1}", "# %% [markdown] x", "# %% [raw]", "# %% [notebook] {\"a\": 1}", "let a = 1", "print(\"x\")", "\n",
        "\n", "\r\n", "\r", "\"\"\"", "\"", "'", "text", "# head", "#", "#!sh", " ", "\t", "\u{2028}", "\u{85}", "\u{0}", "\u{feff}", "\\", "{", "}", "é", "e\u{301}", "##", "{\"k\": 1}", "`", "🎲",
        "# %% T {1}", "# %% {\"a\"", "\u{b}", "%%",
    ]

    private static let keys = ["padash", "a", "tags", "k\u{2028}", "a\"b", "collapsed", "{\"x\": 1}", "", "end", "source", "title"]

    private mutating func text() -> String {
        (0..<generator.next(below: 9)).map { _ in NotebookMaker.pieces[generator.next(below: NotebookMaker.pieces.count)] + (generator.next(below: 2) == 0 ? "\n" : "") }.joined()
    }

    /// Now and then with half a surrogate pair in it.
    private mutating func string() -> String {
        let quoted = JSONString(text()).quoted
        return generator.next(below: 5) == 0 ? "\"\\ud83d\(quoted.dropFirst())" : quoted
    }

    private mutating func value(_ depth: Int) -> String {
        switch generator.next(below: depth > 2 ? 5 : 7) {
        case 0: "123456789012345678901234567890"
        case 1: "1.0"
        case 2: "null"
        case 3: "-1e400"
        case 4: string()
        case 5: "[\((0..<generator.next(below: 3)).map { _ in value(depth + 1) }.joined(separator: ", "))]"
        default: object(depth + 1)
        }
    }

    private mutating func object(_ depth: Int) -> String {
        let names = Set((0..<generator.next(below: 4)).map { _ in NotebookMaker.keys[generator.next(below: NotebookMaker.keys.count)] }).sorted()
        return "{\(names.map { "\(JSONString($0).quoted): \(value(depth))" }.joined(separator: ", "))}"
    }

    mutating func notebook() -> String {
        let cells = (0..<generator.next(below: 6)).map { _ in
            let kind = ["code", "code", "markdown", "raw"][generator.next(below: 4)]
            return "{\"cell_type\": \"\(kind)\", \"metadata\": \(object(0)), \"outputs\": [], \"source\": \(string())}"
        }
        return "{\"cells\": [\(cells.joined(separator: ", "))], \"metadata\": {\"k\": \"\\u2028\", \"n\": 99999999999999999999}, \"nbformat\": 4, \"nbformat_minor\": 5}"
    }

    mutating func script() -> String {
        let gap = ["", "\n", "\n# %%\n", "\n# %% [markdown]\n"][generator.next(below: 4)]
        return (0..<generator.next(below: 6)).map { _ in text() }.joined(separator: gap)
    }

    /// The kinds, sources and metadata of a notebook's cells, and its own metadata.
    static func cells(_ notebook: String) throws -> [String] {
        let document = try JSONText(notebook)
        guard case .array(let cells)? = document["cells"] else { return [] }
        return try cells.map { cell in
            var lines: [JSONString] = []
            if case .array(let list)? = cell["source"] { lines = list.compactMap(\.string) } else if let whole = cell["source"]?.string { lines = [whole] } else { throw CancellationError() }
            return "\(cell["cell_type"]?.text ?? "") \(JSONString(joining: lines).quoted) \(cell["metadata"]?.text ?? "")"
        } + [document["metadata"]?["k"]?.text ?? "", document["metadata"]?["n"]?.text ?? ""]
    }
}
