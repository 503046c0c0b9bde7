import Foundation
import Testing

/// The rooms of the house, see docs/architecture.md: an arrow is an import, and there are no others than these.
@Suite struct Arrows {
    private static let sources = GoldenScript.root.appendingPathComponent("../../Sources").standardizedFileURL

    /// What each target may import of the others.
    private static let rooms: [String: Set<String>] = [
        "Text": [],
        "Lang": ["Text"],
        "Plots": ["Text"],
        "Documents": ["Text", "Lang"],
        "WideKernels": ["CKernels"],
        "NASLib": ["Text", "WideKernels", "EmbeddedData", "COpenBLAS", "CProcessor", "CKernels"],
        "Runtime": ["Text", "Lang", "NASLib"],
        "Library": ["Text", "Lang", "Plots", "NASLib", "Runtime"],
        "padash": ["Text", "Lang", "Documents", "NASLib", "Runtime", "Library", "CReadline", "CProcessor"],
    ]
    private static let system: Set = ["Foundation", "Synchronization", "Dispatch", "Glibc"]

    @Test func thePackageHasTheArrowsOfTheDrawing() throws {
        let package = try String(contentsOf: Self.sources.appendingPathComponent("../Package.swift"), encoding: .utf8)
        var found: [String: Set<String>] = [:]
        for target in package.matches(of: /\.(?:executableT|t)arget\(\s*name: "(\w+)"(?:,\s*dependencies: \[([^\]]*)\])?/) {
            found[String(target.1)] = Set((target.2 ?? "").matches(of: /"(\w+)"/).map { String($0.1) })
        }
        found["EmbeddedData"] = nil
        #expect(found == Self.rooms)
    }

    @Test func filesImportNoOthers() throws {
        for (room, allowed) in Self.rooms {
            for file in try Self.files(in: room) {
                for line in try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^(?:@\w+ )*import (?:\w+ )?(\w+)/) {
                    let module = String(line.1)
                    if module != room, !allowed.contains(module), !Self.system.contains(module) { Issue.record("\(room)/\(file.lastPathComponent) imports \(module)") }
                }
            }
        }
    }

    /// The engine's folders from the ground up, as docs/engine.md lists them: each may use those before it.
    private static let engine = [
        "Core", "Kernels", "Tensor", "Files", "Checkpoint", "Data", "Autodiff", "Optimizers", "Layers", "Network", "Spaces", "Supernet", "Sampling",
        "Training", "Evaluation", "Tables",
    ]

    @Test func theEnginesFoldersPointDown() throws {
        let folders = try Self.folders(of: "NASLib")
        #expect(Set(folders.keys) == Set(Self.engine))
        for (level, from) in Self.engine.enumerated() {
            for to in Self.engine[(level + 1)...] {
                guard let lower = folders[from], let upper = folders[to] else { continue }
                let names = lower.uses(upper)
                if !names.isEmpty { Issue.record("\(from) → \(to): \(names.sorted().joined(separator: ", "))") }
            }
        }
    }

    /// Of the engine the interpreter knows the ground alone.
    @Test func theInterpreterStandsOnTheEnginesGround() throws {
        // Names that the language or the interpreter has too.
        var own: Set<String> = []
        let interpreter = try Self.folders(of: "Runtime")
        for folder in try Array(interpreter.values) + Self.folders(of: "Lang").values { own.formUnion(folder.types.union(folder.inner)) }
        let ground: Set = ["Core", "Files"]
        for (from, folder) in interpreter {
            for (to, other) in try Self.folders(of: "NASLib") where !ground.contains(to) {
                let names = folder.uses(other).subtracting(own)
                if !names.isEmpty { Issue.record("\(from) → NASLib/\(to): \(names.sorted().joined(separator: ", "))") }
            }
        }
    }

    // MARK: - Reading sources

    private static func files(in room: String) throws -> [URL] {
        let all = try #require(FileManager.default.enumerator(at: sources.appendingPathComponent(room), includingPropertiesForKeys: nil))
        return all.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    /// The types that a folder's files declare outside of others, and the names of types that they use.
    private struct Folder {
        var types: Set<String> = []
        /// Types within others hide those of the same name elsewhere.
        var inner: Set<String> = []
        var used: Set<String> = []

        func uses(_ other: Folder) -> Set<String> { used.intersection(other.types).subtracting(types).subtracting(inner) }
    }

    private static func folders(of room: String) throws -> [String: Folder] {
        var folders: [String: Folder] = [:]
        for file in try files(in: room) {
            let parts = file.pathComponents
            let name = parts[(parts.firstIndex(of: room) ?? 0) + 1]
            let words = SwiftWords(try String(contentsOf: file, encoding: .utf8)).words
            var folder = folders[name] ?? Folder()
            for (i, word) in words.enumerated() {
                let isDeclared = i > 0 && !words[i - 1].isMember && ["struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype"].contains(words[i - 1].text)
                guard isDeclared else {
                    if !word.isMember { folder.used.insert(word.text) }
                    continue
                }
                let isPrivate = words[max(0, i - 4)..<i].contains { $0.text == "private" || $0.text == "fileprivate" }
                if word.depth == 0, !isPrivate { folder.types.insert(word.text) } else { folder.inner.insert(word.text) }
            }
            folders[name] = folder
        }
        return folders
    }
}

/// The words of a Swift source outside of comments and strings; what is interpolated in a string is code.
private struct SwiftWords {
    struct Word {
        var text: String
        /// How many braces are open.
        var depth: Int
        /// Whether it stands behind a point.
        var isMember: Bool
    }

    private(set) var words: [Word] = []
    private let bytes: [UInt8]
    private var i = 0
    private var depth = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        readCode(isInterpolated: false)
    }

    private func stands(_ text: String) -> Bool { bytes[i...].starts(with: text.utf8) }

    private mutating func readCode(isInterpolated: Bool) {
        var parentheses = 0
        while i < bytes.count {
            let byte = bytes[i]
            if stands("//") {
                while i < bytes.count, bytes[i] != 10 { i += 1 }
            } else if byte == UInt8(ascii: "\"") || stands("#\"") {
                readString()
            } else if SwiftWords.isWordByte(byte) {
                let start = i
                while i < bytes.count, SwiftWords.isWordByte(bytes[i]) { i += 1 }
                words.append(Word(text: String(decoding: bytes[start..<i], as: UTF8.self), depth: depth, isMember: start > 0 && bytes[start - 1] == UInt8(ascii: ".")))
            } else {
                switch byte {
                case UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: "("): parentheses += 1
                case UInt8(ascii: ")"): parentheses -= 1
                default: break
                }
                i += 1
                if isInterpolated, parentheses == 0 { return }
            }
        }
    }

    private mutating func readString() {
        let isRaw = stands("#")
        if isRaw { i += 1 }
        let quote = stands("\"\"\"") ? "\"\"\"" : "\""
        let end = quote + (isRaw ? "#" : "")
        i += quote.utf8.count
        while i < bytes.count, !stands(end) {
            if stands(isRaw ? "\\#(" : "\\(") {
                i += isRaw ? 2 : 1
                readCode(isInterpolated: true)
            } else {
                i += !isRaw && stands("\\") ? 2 : 1
            }
        }
        i += end.utf8.count
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
