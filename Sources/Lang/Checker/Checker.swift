/// Checks a program without running it: names that nothing declares, calls that cannot work, code that is never reached or never used. It
/// reports nothing that a run might show to be right.
///
/// What the compiler reports anyway (a constant assigned again, a name declared twice) is not looked for here.
package struct Checker {
    /// The names that the program can use without declaring them.
    package struct Surroundings {
        /// The built-in functions by name, members of namespaces (`plot.line`) included.
        package var functions: [String: Callable]
        /// The built-in numbers by name.
        package var constants: [String: Double]
        /// The names of the library's modules.
        package var modules: Set<String>
        /// Hints for names of other languages.
        package var foreignNames: [String: String]
        /// The names a module offers, with those of its functions whose parameters are known; nil when the module cannot be read.
        package var names: (Import.Target) -> [String: Callable?]?

        package init(
            functions: [String: Callable], constants: [String: Double], modules: Set<String>, foreignNames: [String: String] = [:],
            names: @escaping (Import.Target) -> [String: Callable?]?
        ) {
            self.functions = functions
            self.constants = constants
            self.modules = modules
            self.foreignNames = foreignNames
            self.names = names
        }
    }

    let source: Source
    let surroundings: Surroundings
    var scopes = Scopes()
    var diagnostics: [Diagnostic] = []
    /// How many functions are around the place looked at: inside one, names of the top level may be declared further down.
    var functionDepth = 0
    /// How many `try` bodies are around it. What fails there is caught, perhaps on purpose.
    var tryDepth = 0

    /// The errors and probable mistakes of a program, in the order of the text. The program must be free of syntax errors.
    package static func check(_ program: Program, in surroundings: Surroundings) -> [Diagnostic] {
        var checker = Checker(source: program.source, surroundings: surroundings)
        checker.declareTopLevel(program.statements)
        checker.check(program.statements)
        checker.warnOfUnusedTopLevel()
        return checker.diagnostics.enumerated().sorted { a, b in
            (a.element.place?.span.start ?? 0, a.offset) < (b.element.place?.span.start ?? 0, b.offset)
        }.map(\.element)
    }

    /// The functions that a program declares at top level, for programs that import it.
    package static func functions(of program: Program) -> [String: Callable] {
        var checker = Checker(source: program.source, surroundings: Surroundings(functions: [:], constants: [:], modules: []) { _ in nil })
        checker.declareTopLevel(program.statements)
        return checker.scopes.topLevel.compactMapValues(\.callable)
    }

    private init(source: Source, surroundings: Surroundings) {
        self.source = source
        self.surroundings = surroundings
    }

    /// Of what a file has for itself alone: modules, and names that no importer sees.
    private mutating func warnOfUnusedTopLevel() {
        for variable in scopes.topLevel.values where !variable.isRead {
            let name = variable.name.name
            if variable.isWatched {
                warn("the module '\(name)' is never used", variable.name.span, hint: "leave the import out")
            } else if name.hasPrefix("_") {
                warn("'\(name)' is never used, and no other file sees it", variable.name.span)
            }
        }
    }

    private mutating func declareTopLevel(_ statements: [Statement]) {
        for statement in statements {
            switch statement.kind {
            case .binding(let binding): for name in binding.pattern.names { scopes.topLevel[name.name] = variable(name, of: binding) }
            case .function(let function):
                guard let name = function.name else { continue }
                scopes.topLevel[name.name] = Variable(name, callable: Callable(name.name, Signature(function, in: source)))
            case .import(let imported): declare(imported, at: statement.span)
            default: break
            }
        }
    }

    private mutating func declare(_ imported: Import, at span: Span) {
        let names = surroundings.names(imported.target)
        let bound: Identifier?
        switch imported.target {
        case .file: bound = imported.alias
        case .library(let name): bound = imported.alias ?? name
        }
        if let bound {
            scopes.topLevel[bound.name] = Variable(bound, members: names)
            scopes.topLevel[bound.name]?.isWatched = true
        } else if let names {
            for (name, callable) in names { scopes.topLevel[name] = Variable(Identifier(name, span), callable: callable) }
        } else {
            scopes.hasUnknownNames = true
        }
    }

    func variable(_ name: Identifier, of binding: Binding) -> Variable {
        guard !binding.isMutable, !binding.isDraw, case .name = binding.pattern.kind, case .lambda(let function) = binding.value.kind else {
            return Variable(name)
        }
        return Variable(name, callable: Callable(name.name, Signature(function, in: source)))
    }

    // MARK: - Reports

    /// Something that fails when it is run; inside a `try` that may be what the author wants to see.
    mutating func fail(_ kind: Diagnostic.Kind, _ message: String, _ span: Span, hint: @autoclosure () -> String? = nil) {
        report(kind, message, span, hint: hint, severity: tryDepth > 0 ? .warning : .error)
    }

    mutating func warn(_ message: String, _ span: Span, hint: @autoclosure () -> String? = nil) {
        report(.value, message, span, hint: hint, severity: .warning)
    }

    private mutating func report(_ kind: Diagnostic.Kind, _ message: String, _ span: Span, hint: () -> String?,
        severity: Diagnostic.Severity) {
        let told = diagnostics.count { $0.severity == severity }
        guard told <= Diagnostic.most else { return }
        diagnostics.append(
            told < Diagnostic.most
                ? Diagnostic(kind, message, at: .init(source, span), hint: hint(), severity: severity)
                : Diagnostic(kind, "there are more \(severity == .error ? "mistakes" : "warnings") from here on", at: .init(source, span),
                    severity: severity))
    }
}
