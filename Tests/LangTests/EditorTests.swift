import Foundation
import Lang
import Testing

/// The editors' grammars know the keywords that the lexer knows, and no others.
@Suite struct Editors {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Editors").standardizedFileURL

    private func text(_ name: String) throws -> String { try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8) }

    private func json(_ name: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text(name).utf8)) as? [String: Any])
    }

    @Test func textMateKeywords() throws {
        let repository = try #require(try json("vscode/syntaxes/pada.tmLanguage.json")["repository"] as? [String: [String: Any]])
        let patterns = try #require(repository["keywords"]?["patterns"] as? [[String: String]])
        let words = patterns.compactMap { $0["match"]?.firstMatch(of: /\(\?:([a-z|]+)\)/)?.1 }.flatMap { $0.split(separator: "|").map(String.init) }
        #expect(words.sorted() == Keywords.all.sorted())
    }

    @Test func textMatePatternsAreIncludedOnlyWhereTheyAre() throws {
        let grammar = try text("vscode/syntaxes/pada.tmLanguage.json")
        let repository = try #require(try json("vscode/syntaxes/pada.tmLanguage.json")["repository"] as? [String: Any])
        let included = Set(grammar.matches(of: /"include": "#([a-z]+)"/).map { String($0.1) })
        #expect(included == Set(repository.keys))
    }

    @Test func extensionNamesFilesThatAreThere() throws {
        let contributes = try #require(try json("vscode/package.json")["contributes"] as? [String: Any])
        let languages = try #require(contributes["languages"] as? [[String: Any]]), grammars = try #require(contributes["grammars"] as? [[String: Any]])
        #expect(languages.first?["extensions"] as? [String] == [".pada"])
        for path in [languages.first?["configuration"], grammars.first?["path"]] {
            _ = try json("vscode/" + (try #require(path as? String)).dropFirst(2))
        }
    }

    @Test func vimKeywords() throws {
        let words = try text("vim/syntax/pada.vim").split(separator: "\n").filter { $0.hasPrefix("syntax keyword ") }.flatMap {
            $0.split(separator: " ").dropFirst(3).map(String.init)
        }
        #expect(words.sorted() == Keywords.all.sorted())
    }
}
