import Foundation
import Lang
import Library
import NASLib
import Runtime
import Testing

/// The lines that `recipe` gives train rows of the tables that come with padash again, to the last digit.
@Suite struct RecipeTests {
    private static let names = TrainedTable.all.map(\.name)
    /// Most of the digits' rows were trained by an older arithmetic; by that of today these come out the same.
    private static let chosen = ["digits": ["[3, 0, 1, 1, 4, 2]", "[3, 0, 1, 4, 1, 3]"]]

    /// Two paths that train fast and learn something.
    private static func paths(of trained: TrainedTable) throws -> [String] {
        if let chosen = chosen[trained.name] { return chosen }
        let table = trained.table
        let (seconds, scores) = (try #require(table.column("seconds")), try #require(table.column("test")))
        let learnt = scores.indices.filter { scores[$0] > 30 }.sorted { seconds[$0] < seconds[$1] }
        return learnt.prefix(2).map { "\"\(table.architectures[$0])\"" }
    }

    private struct Prompt {
        let session = Session()

        func printed(_ code: String) throws -> String {
            let result = session.run(Source(name: "cell", text: code))
            try #require(result.outcome == .finished, "\(result.outputs)")
            return result.outputs.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined()
        }
    }

    @Test(arguments: names) func trainRowsAgainWithAnyNumberOfThreads(_ name: String) throws {
        let trained = try #require(TrainedTable.named(name))
        let prompt = Prompt()
        _ = try prompt.printed("let truth = benchmark(\"\(name)\")\nlet before = threads()")
        var isReady = false
        for (i, path) in try Self.paths(of: trained).enumerated() {
            let recipe = try prompt.printed("let path\(i) = truth.space.path(\(path))\nprint(truth.recipe(path\(i), seed: 0))")
            let lines = recipe.split(separator: "\n").map(String.init)
            try #require(lines.count == 3)
            // The space and the data are the same for all rows.
            if !isReady { _ = try prompt.printed("\(lines[0])\n\(lines[1])") }
            isReady = true
            let code = "print([\"{score.valid:.2f} {if score.test == nil { \"\" } else { \"{score.test:.2f}\" }}\" for score in \(lines[2])])"
            let outcomes = try [1, 2].map { try prompt.printed("threads(\($0))\n\(code)\nthreads(before)") }
            #expect(outcomes[0] == outcomes[1])
            let row = try prompt.printed("print(\"{truth.lookup(path\(i), \"valid_seed0\"):.2f} {truth.lookup(path\(i), \"test_seed0\"):.2f}\")")
            #expect(!row.isEmpty && outcomes[0].hasSuffix("\"\(row.dropLast())\"]\n"), "\(outcomes[0]) \(row)")
        }
        // What the table says that it was made of is what the lines make.
        #expect(try prompt.printed("print(space.choices == truth.space.choices, space.params(path0) == truth.space.params(path0))") == "true true\n")
        #expect(try prompt.printed("print(data.test.labels == truth.data.test.labels, data.train.mean == truth.data.train.mean)") == "true true\n")
    }

    /// Tables/train.pada trains them with the settings that the recipes have.
    @Test(arguments: names) func haveTheSettingsOfTheScript(_ name: String) throws {
        let file = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Tables/train.pada").standardizedFileURL
        func squeezed(_ text: String) -> String { String(text.filter { !$0.isWhitespace }) }
        let script = squeezed(try String(contentsOf: file, encoding: .utf8))
        let entry = try #require(script.range(of: "\(name):{")).upperBound
        let settings = script[entry...].prefix { $0 != "}" }
        let trained = try #require(TrainedTable.named(name))
        let (evaluated, tested) = (trained.epochs(of: "valid"), trained.epochs(of: "test"))
        for part in [
            "space: \(trained.spaceCode),", "data: () => \(trained.dataCode),", "epochs: \(trained.epochs), \(trained.trainingCode), seed: seed,",
            "at: \(evaluated),", "test_at: \(tested),",
        ] {
            #expect(settings.contains(squeezed(part)), "\(part) in \(settings)")
        }
    }
}
