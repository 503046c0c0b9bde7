import Foundation
import Testing

/// A thing of each kind is one file and one entry: the table of docs/extending.md says which, and these are the files that one example of
/// each stands in. Who adds another touches no more.
@Suite struct Extending {
    private static let root = GoldenScript.root.appendingPathComponent("../..").standardizedFileURL

    /// The kind, what the example is called in the sources, its own file, and where its entry is, if it needs one.
    static let kinds: [(kind: String, names: String, file: String, entry: String?)] = [
        ("layer", "[uU]psampling", "NASLib/Layers/Upsampling.swift", "Library/Bindings/Blocks.swift"),
        ("space", #"MLP\.space|enum MLP"#, "NASLib/Spaces/MLP.swift", "Library/Bindings/Spaces.swift"),
        ("distribution", "Gumbel", "NASLib/Sampling/Distributions/Gumbel.swift", "Library/Core/Distributions.swift"),
        ("dataset", "ImageFolder", "NASLib/Data/ImageFolder.swift", "Library/Bindings/DatasetsFromFiles.swift"),
        ("measure of rankings", "weightedKendall", "NASLib/Evaluation/WeightedTau.swift", "Library/Bindings/Evaluation.swift"),
        ("proxy", "jacov", "NASLib/Evaluation/Proxies/Jacov.swift", "NASLib/Evaluation/Proxies/Proxy.swift"),
        ("plot", #"func pareto\(|\.pareto\("#, "Plots/Charts.swift", "Library/Core/Plots.swift"),
        ("sampler in Swift", "ItemImportance", "NASLib/Sampling/ItemImportance.swift", "Library/Bindings/Samplers.swift"),
        ("sampler", "exp3", "Library/Modules/samplers.pada", nil),
        ("search", "nsga2", "Library/Modules/search.pada", nil),
        ("module", "adaptive", "Library/Modules/adaptive.pada", "Library/Core/Library.swift"),
        ("topic, or type of object", "WeightedSamplerObject|weightedSampling", "Library/Core/WeightedSampler.swift", "Library/Core/Library.swift"),
        ("command", "ResultsCommand", "padash/Commands/ResultsCommand.swift", "padash/Commands/CommandTable.swift"),
        ("command of the prompt", #"repl\.forget\(|func forget\(_ [a-z]+: String\) -> Int32"#, "padash/REPL/SessionCommands.swift", "padash/REPL/PromptCommand.swift"),
    ]

    @Test(arguments: kinds)
    func oneFileAndOneEntry(kind: String, names: String, file: String, entry: String?) throws {
        let pattern = try Regex(names)
        let sources = Self.root.appendingPathComponent("Sources")
        var found: Set<String> = []
        for case let url as URL in try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        where ["swift", "pada"].contains(url.pathExtension) {
            if try String(contentsOf: url, encoding: .utf8).contains(pattern) {
                found.insert(String(url.standardizedFileURL.path.dropFirst(sources.path.count + 1)))
            }
        }
        #expect(found == Set([file, entry].compactMap(\.self)))
    }

    @Test(arguments: kinds)
    func theTableSaysWhere(kind: String, names: String, file: String, entry: String?) throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/extending.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| \(kind) | ") }
        let cells = try #require(rows.count == 1 ? rows[0].split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } : nil)
        let folder = file.prefix(through: try #require(file.lastIndex(of: "/")))
        #expect(cells.count == 3 && (cells[1].contains("`\(folder)NAME.") || cells[1].contains("`\(file)`")), "\(rows[0])")
        #expect(entry.map { cells[2].contains("`\($0)`") } ?? (cells[2] == "nothing"), "\(rows[0])")
    }
}
