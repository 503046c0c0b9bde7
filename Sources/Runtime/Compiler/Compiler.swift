import Lang

/// Turns a syntax tree into prototypes of bytecode, in one pass over the tree.
///
/// Registers are allocated like a stack: variables of a scope first, temporaries above them. An expression is compiled
/// `to` a register, or as an `operand`, which for a variable is the variable's own register. Top-level names live in
/// global slots, all other variables in registers; inner functions capture the values of those that stay as they are, and
/// share the others as upvalues.
final class Compiler {
    let heap: Heap
    let globals: GlobalTable
    let registry: Registry
    let source: Source
    let scope: GlobalScope
    let allowsRedeclaration: Bool
    let loadModule: ModuleLoader
    var function: FunctionBuilder
    var diagnostics: [Diagnostic] = []
    /// Depth of blocks in the current function; 0 is its outermost. At depth 0 of the outermost function names are global.
    var depth = 0
    /// Names that the cell declares at top level, further down than where compilation stands.
    var upcoming: Set<String> = []
    /// Names that an assignment somewhere in the cell gives a new value.
    private let assignedNames: Set<String>
    /// Names this cell has declared already.
    private var declaredHere: Set<String> = []

    /// Finds, parses and compiles what an `import` names.
    typealias ModuleLoader = (_ target: Import.Target) throws(Diagnostic) -> Module

    private init(
        _ program: Program, heap: Heap, globals: GlobalTable, registry: Registry, scope: GlobalScope,
        allowsRedeclaration: Bool, loadModule: @escaping ModuleLoader
    ) {
        self.heap = heap
        self.globals = globals
        self.registry = registry
        source = program.source
        assignedNames = program.assignedNames
        self.scope = scope
        self.allowsRedeclaration = allowsRedeclaration
        self.loadModule = loadModule
        function = FunctionBuilder(name: Prototype.topLevel, parent: nil)
    }

    /// Compiles a program to a function without parameters whose value is that of its last expression.
    /// New names are added to `scope`; when there are diagnostics the prototype is nil and the scope is as before.
    static func compile(
        _ program: Program, into scope: GlobalScope, heap: Heap, globals: GlobalTable, registry: Registry,
        allowsRedeclaration: Bool, loadModule: @escaping ModuleLoader
    ) -> (prototype: Prototype?, diagnostics: [Diagnostic]) {
        let before = scope.variables
        let compiler = Compiler(
            program, heap: heap, globals: globals, registry: registry, scope: scope, allowsRedeclaration: allowsRedeclaration,
            loadModule: loadModule)
        let prototype = compiler.compileTopLevel(program)
        guard compiler.diagnostics.isEmpty else {
            scope.variables = before
            return (nil, compiler.diagnostics)
        }
        return (prototype, [])
    }

    private func compileTopLevel(_ program: Program) -> Prototype {
        for statement in program.statements { upcoming.formUnion(declaredNames(statement)) }
        let span = Span(0, program.source.bytes.count)
        let result = function.allocate()
        compile(program.statements, to: result, ending: span)
        function.emit(.return, result, at: span)
        return finish(function, span: span, documentation: nil, signature: Signature(""))
    }

    func finish(_ function: FunctionBuilder, span: Span, documentation: String?, signature: Signature) -> Prototype {
        if function.overflowedRegisters {
            report(.limit,
                "too much at once: one function has room for \(FunctionBuilder.registerLimit) variables, arguments and values in between",
                span,
                   hint: "split it into functions, or gather arguments and names in a list")
        }
        if function.overflowedCaptures {
            report(.limit, "this function uses more than \(FunctionBuilder.captureLimit) variables of those around it", span,
                hint: "gather them in a list or a map")
        }
        return function.finish(source: source, span: span, documentation: documentation, signature: signature)
    }

    func report(_ kind: Diagnostic.Kind, _ message: String, _ span: Span, hint: String? = nil, declaredAt place: Diagnostic.Place? = nil) {
        guard diagnostics.count <= Diagnostic.most else { return }
        if diagnostics.count == Diagnostic.most {
            return diagnostics.append(Diagnostic(kind, "there are more mistakes from here on", at: .init(source, span)))
        }
        let notes = place.map { [Diagnostic.Note("it is declared here", at: $0)] } ?? []
        diagnostics.append(Diagnostic(kind, message, at: .init(source, span), hint: hint, notes: notes))
    }

    var isTopLevel: Bool { function.parent == nil && depth == 0 }

    // MARK: - Scopes

    /// Runs `body` in a scope of its own; variables captured in it move out of the stack at its end.
    func inScope<Result>(_ span: Span, _ body: () -> Result) -> Result {
        let firstLocal = function.locals.count
        let firstRegister = function.nextRegister
        depth += 1
        let result = body()
        depth -= 1
        closeLocals(from: firstLocal, at: span)
        function.locals.removeSubrange(firstLocal...)
        function.release(to: firstRegister)
        return result
    }

    /// Emits the instruction that moves captured variables out of the stack, if there are any.
    func closeLocals(from first: Int, at span: Span) {
        if let captured = function.locals[first...].first(where: \.isCaptured) {
            function.emit(.closeUpvalues, captured.register, at: span)
        }
    }

    /// Runs `body` with temporaries that are given back afterwards.
    func withTemporaries<Result>(_ body: () -> Result) -> Result {
        let mark = function.nextRegister
        let result = body()
        function.release(to: mark)
        return result
    }

    // MARK: - Declarations

    /// A variable that was just declared.
    enum Variable {
        case register(Register)
        case global(Int)
        /// `_`
        case ignored
    }

    func declare(_ name: String, isMutable: Bool, documentation: String? = nil, module: Module? = nil, at span: Span) -> Variable {
        if name == "_" { return .ignored }
        if isTopLevel { return .global(declareGlobal(name, isMutable: isMutable, documentation: documentation, module: module, at: span)) }
        if let other = function.locals.last(where: { $0.name == name && $0.depth == depth }) {
            report(.name, "'\(name)' is already declared in this block", span,
                   hint: other.isMutable ? "assign to it with '\(name) = …'" : "choose another name, or declare it with 'var' and assign",
                   declaredAt: .init(source, other.span))
        }
        let register = function.allocate()
        function.locals.append(.init(
            name: name, register: register, isMutable: isMutable, isSettled: keepsValue(name, isMutable: isMutable), depth: depth,
            span: span))
        return .register(register)
    }

    /// Whether a variable that has a value has it for good.
    func keepsValue(_ name: String, isMutable: Bool) -> Bool { !isMutable || !assignedNames.contains(name) }

    private func declareGlobal(_ name: String, isMutable: Bool, documentation: String?, module: Module?, at span: Span) -> Int {
        upcoming.remove(name)
        if !allowsRedeclaration, declaredHere.contains(name) {
            reportRedeclaration(name, span)
        }
        declaredHere.insert(name)
        // A variable of an imported file stays what it is there.
        let known = scope.variables[name].flatMap { $0.isImported ? nil : $0.slot }
        let slot = known ?? newSlot(name, at: span)
        scope.variables[name] = GlobalVariable(
            slot: slot, isMutable: isMutable, isDeclared: true, module: module, documentation: documentation, place: .init(source, span))
        return slot
    }

    /// Where a name of an imported file and one of this file meet.
    private static let otherNameHint = "choose another name, or import the file under a name: import \"…\" as m"

    /// Makes a variable of an imported file known here.
    func takeOver(_ name: String, _ variable: GlobalVariable, at span: Span) {
        if !allowsRedeclaration, declaredHere.contains(name), scope.variables[name]?.slot != variable.slot {
            return report(
                .name, "'\(name)' comes with this import and is already declared in this file", span,
                hint: Compiler.otherNameHint, declaredAt: scope.variables[name]?.place)
        }
        declaredHere.insert(name)
        scope.variables[name] = variable
        scope.variables[name]?.isMutable = false
        scope.variables[name]?.isImported = true
    }

    private func reportRedeclaration(_ name: String, _ span: Span) {
        let variable = scope.variables[name]
        let hint = if variable?.isImported == true {
            Compiler.otherNameHint
        } else {
            variable?.isMutable == true ? "assign to it with '\(name) = …'" : "choose another name, or declare it with 'var' and assign"
        }
        report(.name, "'\(name)' is already declared in this file", span, hint: hint, declaredAt: variable?.place)
    }

    func newSlot(_ name: String, at span: Span) -> Int {
        if let slot = globals.addSlot(name: name) { return slot }
        report(.limit, "too many top-level names", span)
        return 0
    }

    func store(_ register: Register, in variable: Variable, at span: Span) {
        switch variable {
        case .register(let target): if target != register { function.emit(.move, target, register, at: span) }
        case .global(let slot): emitSetGlobal(slot, from: register, at: span)
        case .ignored: break
        }
    }

    func emitSetGlobal(_ slot: Int, from register: Register, at span: Span) {
        if slot <= 0xffff {
            function.emit(.setGlobal, register, wide: slot, at: span)
        } else {
            function.emit(.setGlobalWide, register, at: span)
            function.emitExtra(slot, at: span)
        }
    }

    func emitGetGlobal(_ slot: Int, to register: Register, at span: Span) {
        if slot <= 0xffff {
            function.emit(.getGlobal, register, wide: slot, at: span)
        } else {
            function.emit(.getGlobalWide, register, at: span)
            function.emitExtra(slot, at: span)
        }
    }

    // MARK: - Names

    enum Resolution {
        case local(FunctionBuilder.Local)
        case captured(FunctionBuilder.Captured)
        case global(GlobalVariable)
        case builtin(Int)
        case unknown
    }

    func resolve(_ name: String) -> Resolution {
        if let local = function.findLocal(name) { return .local(function.locals[local]) }
        if let captured = function.findCaptured(name) { return .captured(captured) }
        // Code at top level runs in order: there a name declared further down does not hide a built-in yet.
        let isLater = upcoming.contains(name) && scope.variables[name]?.isDeclared != true
        if let global = scope.variables[name], global.isDeclared { return .global(global) }
        if let builtin = registry.index(of: name), !(isLater && function.parent != nil) { return .builtin(builtin) }
        if let global = scope.variables[name] { return .global(global) }
        return .unknown
    }

    /// The slot of a name that nothing declares yet: reading it is a name error until something does.
    func pendingSlot(_ name: String, at span: Span) -> Int {
        let slot = newSlot(name, at: span)
        scope.variables[name] = GlobalVariable(slot: slot, isMutable: false, isDeclared: false)
        return slot
    }

    func declaredNames(_ statement: Statement) -> [String] {
        switch statement.kind {
        case .binding(let binding): return names(in: binding.pattern)
        case .function(let function): return function.name.map { [$0.name] } ?? []
        case .import(let imported): return imported.alias.map { [$0.name] } ?? []
        default: return []
        }
    }

    func names(in pattern: Pattern) -> [String] {
        switch pattern.kind {
        case .name(let name): return name == "_" ? [] : [name]
        case .list(let patterns, let rest): return patterns.flatMap(names) + (rest.map { [$0.name] } ?? [])
        case .map(let entries): return entries.flatMap { names(in: $0.pattern) }
        }
    }
}
