import Foundation
import Lang
import NASLib
import Text

/// Finds, parses and compiles the modules that programs import. A module is compiled once per session.
final class ModuleLoader {
    private let vm: VM
    /// By their real paths, or the names of library modules.
    private var loaded: [TextKey: Module] = [:]
    /// The real paths being compiled, outermost first: a path that turns up again closes a cycle.
    private var loading: [String] = []

    init(vm: VM) { self.vm = vm }

    /// The module that `target` names, seen from a file in `directory`.
    func load(_ target: Import.Target, from directory: String) throws(Diagnostic) -> Module {
        switch target {
        case .library(let name):
            guard let source = vm.registry.modules.source(of: name.name) else {
                let near = Suggestion.nearest(to: name.name, among: vm.registry.modules.names)
                let known = vm.registry.modules.names.isEmpty ? nil
                    : "library modules are \(vm.registry.modules.names.joined(separator: ", "))"
                throw Diagnostic(
                    .name, "there is no library module '\(name.name)'", at: nil,
                    hint: near.map { "did you mean '\($0)'?" }
                    ?? [known, "a file is imported with quotes: import \"\(name.name).pada\""].compactMap(\.self).joined(separator: "; "))
            }
            return try module(path: source.name, name: name.name, directory: directory) { source }
        case .file(let path, _):
            let full = directory == "." ? path : FilePath.joined(directory, path)
            return try module(path: FilePath.real(full) ?? full, name: FilePath.stem(path),
                directory: FilePath.importFolder(full)) { () throws(Diagnostic) -> Source in
                Source(name: full, text: try SourceFile.read(full, shownAs: path))
            }
        }
    }

    /// Modules are read anew from now on.
    func forget() { loaded = [:] }

    private func module(path: String, name: String, directory: String,
        source: () throws(Diagnostic) -> Source) throws(Diagnostic) -> Module {
        if let module = loaded[TextKey(path)] { return module }
        if let start = loading.firstIndex(same: path) {
            let cycle = (loading[start...] + [path]).map(FilePath.name)
            throw Diagnostic(.name, "the imports form a cycle: \(cycle.joined(separator: " → "))", at: nil,
                hint: "move what both need into a third file")
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
        loaded[TextKey(path)] = module
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
