import Lang

extension Session {
    /// The errors and probable mistakes of a script, without running it: from the parser, the compiler and `Checker`, in the order of the
    /// text.
    package func check(_ source: Source) -> [Diagnostic] {
        thread.perform { [self] in
            let (program, mistakes) = Parser.parse(source)
            guard mistakes.isEmpty else { return mistakes }
            let compiled = Compiler.compile(
                program, into: GlobalScope(), heap: vm.heap, globals: vm.globals, registry: vm.registry, allowsRedeclaration: false
            ) { [self] (target) throws(Diagnostic) in try modules.load(target, from: options.directory) }
            let found = Checker.check(program, in: surroundings)
            // The compiler's come first where both point at the same place.
            return (compiled.diagnostics + found).enumerated().sorted { a, b in
                (a.element.place?.span.start ?? 0, a.offset) < (b.element.place?.span.start ?? 0, b.offset)
            }.map(\.element)
        }
    }

    private var surroundings: Checker.Surroundings {
        var functions: [String: Callable] = [:]
        var constants: [String: Double] = [:]
        for builtin in vm.registry.builtins {
            switch builtin.kind {
            case .function: functions[builtin.name] = builtin.callable
            case .constant(let value): constants[builtin.name] = value
            case .method, .property: break
            }
        }
        return Checker.Surroundings(
            functions: functions, constants: constants, modules: Set(vm.registry.modules.names), foreignNames: vm.registry.habits.names
        ) { [self] target in
            guard let module = try? modules.load(target, from: options.directory) else { return nil }
            let functions = module.prototype.map { Checker.functions(of: Parser.parse($0.source).program) } ?? [:]
            return Dictionary(uniqueKeysWithValues: module.publicNames.map { ($0, functions[$0]) })
        }
    }
}
