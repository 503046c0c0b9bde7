import Lang
import Library
import Runtime
import Testing

/// The lines that `recipe` gives train a row of the table again, to its last digit. (These rows were trained by today's arithmetic.)
@Suite struct RecipeTests {
    @Test(arguments: ["[3, 0, 1, 1, 4, 2]", "[3, 0, 1, 4, 1, 3]"]) func trainsTheRowAgain(_ path: String) throws {
        let session = Session()
        func printed(_ code: String) throws -> String {
            let result = session.run(Source(name: "cell", text: code))
            #expect(result.outcome == .finished)
            return result.outputs.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
        }
        let recipe = try printed("let truth = benchmark(\"digits\")\nlet path = truth.space.path(\(path))\nprint(truth.recipe(path, seed: 0))")
        let lines = recipe.split(separator: "\n").map(String.init)
        try #require(lines.count == 3)
        let again = try printed("\(lines[0])\n\(lines[1])\nlet scores = \(lines[2])\nprint(\"{scores[2].valid:.2f} {scores[2].test:.2f}\")")
        let row = try printed("print(\"{truth.lookup(path, \"valid_seed0\"):.2f} {truth.lookup(path, \"test_seed0\"):.2f}\")")
        #expect(again == row && !row.isEmpty)
    }
}
