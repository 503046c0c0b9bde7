import Foundation
import Testing

/// What no source file may do.
@Suite struct SourceRules {
    private static let sources = GoldenScript.root.appendingPathComponent("../../Sources").standardizedFileURL

    /// Foundation's functions of paths trap on some names and change others, and its file manager reads what it cannot interrupt:
    /// `FilePath` and `FileBytes` do these things. Programs that are started would obey what they find in the folder: only `Child` starts
    /// any.
    @Test func pathsAndFilesGoThroughOurOwnFunctions() throws {
        let forbidden = [
            "NSString", "NSHomeDirectory", "NSTemporaryDirectory", "LastPathComponent", "lastPathComponent", "PathExtension",
            "pathExtension", "PathComponent",
            "fileURLWithPath", "filePath:", "standardizedFileURL", "standardizingPath", "expandingTilde", "resolvingSymlinks",
            "FileManager", "FileHandle",
            "String(contentsOf:", "Data(contentsOf:", "CommandLine.arguments", "Process(", "posix_spawn(", "DispatchQueue",
        ]
        let allowed = ["Child.swift": ["posix_spawn("]]
        var count = 0
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)) where file.pathExtension == "swift" {
            count += 1
            let text = try String(contentsOf: file, encoding: .utf8)
            for (i, line) in text.split(separator: "\n",
                omittingEmptySubsequences: false).enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                for word in forbidden where line.contains(word) && allowed[file.lastPathComponent]?.contains(word) != true {
                    Issue.record("\(file.lastPathComponent):\(i + 1) has \(word)")
                }
            }
        }
        #expect(count > 300)
    }

    /// Swift's dictionaries and sets of strings hold texts for equal that the language tells apart: what users write is a `TextKey` in
    /// them. These files keep other names, of variables, built-ins, symbols or the environment.
    @Test func usersTextsAreKeysByTheirCodePoints() throws {
        let allowed: Set = [
            "BenchmarkTable.swift", "CheckpointValues.swift", "Compiler.swift", "Completion.swift", "Globals.swift", "Habits.swift",
            "HTMLEntities.swift", "LibraryModules.swift", "MarkdownInline.swift",
            "Mark.swift", "MathSymbols.swift", "PlotArguments.swift", "Registry.swift", "ScriptCheck.swift", "Statements.swift",
            "WorkerPool.swift",
        ]
        for module in ["Text", "Plots", "Documents", "NASLib", "Runtime", "Library"] {
            let folder = Self.sources.appendingPathComponent(module)
            for case let file as URL in try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            where file.pathExtension == "swift" && !allowed.contains(file.lastPathComponent) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                    for form in ["[String: ", "Set<String>"] where line.contains(form) {
                        Issue.record("\(file.lastPathComponent):\(i + 1) has \(form)")
                    }
                }
            }
        }
    }

    /// A built-in's default stands in its signature, where `call.int(2)` and its like read it. The files named wait for their loops to
    /// move into the engine.
    @Test func defaultsStandInSignaturesAlone() throws {
        let waiting: Set = ["GradientVariances.swift", "Samplers.swift", "Steps.swift", "Supernets.swift", "Training.swift"]
        let folder = Self.sources.appendingPathComponent("Library")
        for case let file as URL in try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" && !waiting.contains(file.lastPathComponent) {
            for (i, line) in try String(contentsOf: file, encoding: .utf8).split(separator: "\n",
                omittingEmptySubsequences: false).enumerated()
            where line.contains(
                /(int|double|bool|text|option|extent|nonNegative)\(.*, default: (-?[0-9]|true|false|"|\[|[A-Za-z.]*\.[a-z]+[,)])/)
                || line.contains(/has\([0-9]+\) \? (try )?call[.\[].* : (-?[0-9]|true|false|"|\[|\.nil)/) {
                Issue.record("\(file.lastPathComponent):\(i + 1) has a default beside the signature's: \(line)")
            }
        }
    }

    /// Two users, or two runs at once, must not meet in one folder.
    @Test func nothingThatRunsNamesAFileInTmp() throws {
        let root = Self.sources.deletingLastPathComponent()
        for folder in ["Sources", "Tests/golden", "docs", "Examples", "Tables", "README.md"] {
            let start = root.appendingPathComponent(folder)
            let files = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
            for file in files + [start] where ["swift", "pada", "md"].contains(file.pathExtension) {
                #expect(try !String(contentsOf: file, encoding: .utf8).contains("\"/tmp/padash"), "\(file.path)")
            }
        }
    }

    /// A line that is longer than 140 columns does not fit beside another file. The engine's folder waits for its turn.
    @Test func linesFitTheWidth() throws {
        let package = Self.sources.deletingLastPathComponent().appendingPathComponent("Package.swift")
        let files = FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        for file in files + [package] where file.pathExtension == "swift" && !file.path.contains("/NASLib/")
            && !file.path.contains("/Plots/") {
            for (i, line) in try String(contentsOf: file, encoding: .utf8).split(separator: "\n",
                omittingEmptySubsequences: false).enumerated()
            where line.utf8.count > 140 && line.count > 140 {
                Issue.record("\(file.lastPathComponent):\(i + 1) has \(line.count) columns")
            }
        }
    }
}
