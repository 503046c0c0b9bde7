import Foundation
import Lang

/// Finds, parses and compiles the modules that programs import. A module is compiled once per session.
final class ModuleLoader {
    private let vm: VM
    private var loaded: [String: Module] = [:]
    /// Paths being compiled, outermost first: a path that turns up again closes a cycle.
    private var loading: [String] = []

    init(vm: VM) { self.vm = vm }

    /// The module that `target` names, seen from a file in `directory`.
    func load(_ target: Import.Target, from directory: String) throws(Diagnostic) -> Module {
        switch target {
        case .library(let name):
            guard let source = LibraryModules.source(of: name.name) else {
                let near = Suggestion.nearest(to: name.name, among: LibraryModules.names)
                let known = LibraryModules.names.isEmpty ? nil : "library modules are \(LibraryModules.names.joined(separator: ", "))"
                throw Diagnostic(
                    .name, "there is no library module '\(name.name)'", at: nil,
                    hint: near.map { "did you mean '\($0)'?" } ?? [known, "a file is imported with quotes: import \"\(name.name).pada\""].compactMap(\.self).joined(separator: "; "))
            }
            return try module(path: source.name, name: name.name, directory: directory) { source }
        case .file(let path, _):
            let full = path.hasPrefix("/") || directory == "." ? path : "\(directory)/\(path)"
            let standard = URL(fileURLWithPath: full).standardizedFileURL.path
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            return try module(path: standard, name: name, directory: SourceFile.folder(of: full)) { () throws(Diagnostic) -> Source in
                Source(name: full, text: try SourceFile.read(standard, shownAs: path))
            }
        }
    }

    /// Modules are read anew from now on.
    func forget() { loaded = [:] }

    private func module(path: String, name: String, directory: String, source: () throws(Diagnostic) -> Source) throws(Diagnostic) -> Module {
        if let module = loaded[path] { return module }
        if let start = loading.firstIndex(of: path) {
            let cycle = (loading[start...] + [path]).map { URL(fileURLWithPath: $0).lastPathComponent }
            throw Diagnostic(.name, "the imports form a cycle: \(cycle.joined(separator: " → "))", at: nil, hint: "move what both need into a third file")
        }
        loading.append(path)
        defer { loading.removeLast() }
        let (program, diagnostics) = Parser.parse(try source())
        if let mistake = ModuleLoader.joined(diagnostics) { throw mistake }
        let module = Module(name: name, index: vm.modules.count)
        vm.modules.append(module)
        let compiled = Compiler.compile(
            program, into: module.scope, heap: vm.heap, globals: vm.globals, registry: vm.registry, allowsRedeclaration: false
        ) { (target) throws(Diagnostic) in try self.load(target, from: directory) }
        if let mistake = ModuleLoader.joined(compiled.diagnostics) { throw mistake }
        module.prototype = compiled.prototype
        loaded[path] = module
        return module
    }

    /// The first of a module's mistakes, with the others as notes; nil where there is none.
    private static func joined(_ diagnostics: [Diagnostic]) -> Diagnostic? {
        guard var first = diagnostics.first else { return nil }
        for other in diagnostics.dropFirst() {
            if let place = other.place { first.notes.append(.init("another mistake: \(other.message)", at: place)) }
        }
        return first
    }
}

/// Source files as text.
public enum SourceFile {
    /// Reads a file; `shownAs` is its name as the user wrote it.
    public static func read(_ path: String, shownAs name: String) throws(Diagnostic) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Diagnostic(.io, "there is no file '\(name)'", at: nil, hint: hint(path))
        }
        guard !isDirectory.boolValue else { throw Diagnostic(.io, "'\(name)' is a folder, not a file", at: nil) }
        guard let file = FileHandle(forReadingAtPath: path), let data = contents(of: file) else {
            throw Diagnostic(.io, "'\(name)' cannot be read", at: nil, hint: "look at the file's permissions")
        }
        guard data.count <= Limit.bytes else { throw Diagnostic(.limit, "'\(name)' has more than \(Limit.bytes) bytes, the most that a string may have", at: nil) }
        return try text(of: data, shownAs: name)
    }

    /// All bytes, or a few more than a string may have: some files, such as `/dev/zero`, have no end.
    private static func contents(of file: FileHandle) -> Data? {
        var data = Data()
        do {
            while data.count <= Limit.bytes, let part = try file.read(upToCount: 1 << 22), !part.isEmpty { data += part }
        } catch {
            return nil
        }
        return data
    }

    /// The folder that a path lies in. (Foundation's own function traps on names of one character.)
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Bytes of a file as text.
    public static func text(of data: Data, shownAs name: String) throws(Diagnostic) -> String {
        guard let text = String(validating: data, as: UTF8.self) else {
            let offset = invalidOffset(data)
            throw Diagnostic(.io, "'\(name)' is not UTF-8 text: byte \(offset) cannot be read", at: nil, hint: "save the file as UTF-8")
        }
        return text
    }

    private static func hint(_ path: String) -> String? {
        let url = URL(fileURLWithPath: path)
        let siblings = (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
        return Suggestion.nearest(to: url.lastPathComponent, among: siblings).map { "did you mean '\($0)'?" }
    }

    private static func invalidOffset(_ data: Data) -> Int {
        var decoder = UTF8()
        var consumed = 0
        var iterator = data.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): consumed += UTF8.width(scalar)
            case .emptyInput, .error: return consumed
            }
        }
    }
}
