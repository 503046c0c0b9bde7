import Foundation
import Testing

/// NASLib's folders lie on top of each other: a file uses types of its own folder and of those below.
@Suite struct FolderTests {
    /// From the ground up, as docs/engine.md lists them.
    static let folders = [
        "Core", "Kernels", "Tensor", "Files", "Checkpoint", "Data", "Autodiff", "Optimizers", "Layers", "Network", "Spaces", "Supernet",
        "Sampling", "Training", "Evaluation", "Tables",
    ]
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/NASLib").standardized

    /// Each file's folder, and its words without comments and texts.
    private func files() throws -> [(name: String, folder: String, lines: [Substring], words: Set<Substring>)] {
        let paths = try #require(FileManager.default.enumerator(at: Self.root, includingPropertiesForKeys: nil)).compactMap { $0 as? URL }
        return try paths.filter { $0.pathExtension == "swift" }.map { path in
            let code = try String(contentsOf: path, encoding: .utf8).replacing(#/\/\/[^\n]*/#, with: "").replacing(#/"(?:\\.|[^"\\\n])*"/#, with: "\"\"")
            let folder = path.path(percentEncoded: false).dropFirst(Self.root.path(percentEncoded: false).count + 1).prefix { $0 != "/" }
            let words = code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            return (path.lastPathComponent, String(folder), code.split(separator: "\n"), Set(words))
        }
    }

    @Test func arrowsPointDown() throws {
        let files = try files()
        #expect(Set(files.map(\.folder)) == Set(Self.folders))
        let declaration = #/^(?:(?:public|package|final|indirect|@\w+(?:\([^)]*\))?) )*(?:class|struct|enum|protocol|typealias) (\w+)/#
        var homes: [Substring: Set<String>] = [:]
        for file in files {
            for line in file.lines { if let match = line.firstMatch(of: declaration) { homes[match.1, default: []].insert(file.folder) } }
        }
        #expect(homes.count > 200)
        for file in files {
            guard let level = Self.folders.firstIndex(of: file.folder) else { continue }
            for word in file.words {
                guard let home = homes[word], home.count == 1, let above = Self.folders.firstIndex(of: home.first ?? "") else { continue }
                #expect(above <= level, "\(file.folder)/\(file.name) uses \(word) of \(Self.folders[above])")
            }
        }
    }
}
