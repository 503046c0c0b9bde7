import Lang
import Text

extension Compiler {
    /// Compiles statements; the value of the last one, when it is an expression, goes to `result`, otherwise nil does.
    func compile(_ statements: [Statement], to result: Register?, ending span: Span) {
        for statement in statements.dropLast() { compile(statement) }
        guard let last = statements.last else {
            if let result { function.emit(.loadNil, result, at: span) }
            return
        }
        if let result {
            if case .expression(let expression) = last.kind {
                compile(expression, to: result)
            } else {
                compile(last)
                function.emit(.loadNil, result, at: last.span)
            }
        } else {
            compile(last)
        }
    }

    /// A block in a scope of its own.
    func compile(_ block: Block, to result: Register?) {
        inScope(block.span) { compile(block.statements, to: result, ending: block.span) }
    }

    func compile(_ statement: Statement) {
        switch statement.kind {
        case .expression(let expression): withTemporaries { compileForEffect(expression) }
        case .binding(let binding): compile(binding, at: statement.span)
        case .function(let declared): compileDeclaration(declared, at: statement.span)
        case .assignment(let target, let op, let value): withTemporaries { compileAssignment(target, op, value, at: statement.span) }
        case .while(let condition, let body): compileWhile(condition, body, at: statement.span)
        case .for(let pattern, let sequence, let body):
            compileFor(pattern, in: sequence, at: statement.span) { self.compile(body, to: nil) }
        case .break, .continue: compileLoopExit(statement)
        case .return(let value): compileReturn(value, at: statement.span)
        case .throw(let value):
            withTemporaries { function.emit(.throw, operand(value), at: statement.span) }
        case .import(let imported): compileImport(imported, at: statement.span)
        }
    }

    /// Runs an expression whose value nobody needs.
    private func compileForEffect(_ expression: Expression) {
        switch expression.kind {
        case .if(let condition, let then, let otherwise): compileIf(condition, then, otherwise, to: nil, at: expression.span)
        case .do(let block): compile(block, to: nil)
        case .with(let generator, let block): compileWith(generator, block, to: nil, at: expression.span)
        case .try(let body, let name, let handler): compileTry(body, name, handler, to: nil, at: expression.span)
        default: compile(expression, to: function.allocate())
        }
    }

    // MARK: - Bindings

    private func compile(_ binding: Binding, at span: Span) {
        if case .name(let name) = binding.pattern.kind, !isTopLevel, name != "_" {
            // The register is taken before the value is compiled and gets its name afterwards: `let x = x` reads the outer x.
            let register = function.allocate()
            compileValue(of: binding, to: register)
            function.release(to: register)
            _ = declare(name, isMutable: binding.isMutable, at: binding.pattern.span)
            return
        }
        if isTopLevel {
            withTemporaries {
                let register = function.allocate()
                compileValue(of: binding, to: register)
                let variables = declareAll(in: binding.pattern, isMutable: binding.isMutable, documentation: binding.documentation)
                destructure(binding.pattern, from: register, into: variables)
            }
        } else {
            // The value waits above the registers that the names will take.
            let mark = function.nextRegister
            let names = names(in: binding.pattern).count
            _ = function.allocate(names)
            let register = function.allocate()
            compileValue(of: binding, to: register)
            function.release(to: mark)
            let variables = declareAll(in: binding.pattern, isMutable: binding.isMutable, documentation: nil)
            let reserved = function.nextRegister
            _ = function.allocate(register + 1 - reserved)
            destructure(binding.pattern, from: register, into: variables)
            function.release(to: reserved)
        }
    }

    private func compileValue(of binding: Binding, to register: Register) {
        if case .lambda(var function) = binding.value.kind, case .name(let name) = binding.pattern.kind {
            // The function is called by the first name it gets.
            (function.name, function.documentation) = (Identifier(name, binding.pattern.span), binding.documentation)
            compileClosure(function, to: register, at: binding.value.span)
        } else {
            compile(binding.value, to: register)
        }
        if binding.isDraw { function.emit(.draw, register, register, at: binding.value.span) }
    }

    /// Declares every name of a pattern, in order.
    func declareAll(in pattern: Pattern, isMutable: Bool, documentation: String? = nil) -> [String: Variable] {
        var variables: [String: Variable] = [:]
        func visit(_ pattern: Pattern) {
            switch pattern.kind {
            case .name(let name): add(name, pattern.span)
            case .list(let patterns, let rest):
                patterns.forEach(visit)
                if let rest { add(rest.name, rest.span) }
            case .map(let entries): entries.forEach { visit($0.pattern) }
            }
        }
        func add(_ name: String, _ span: Span) {
            if name != "_" { variables[name] = declare(name, isMutable: isMutable, documentation: documentation, at: span) }
        }
        visit(pattern)
        return variables
    }

    /// Takes the value in `register` apart. `register` must lie above all of the variables' registers.
    func destructure(_ pattern: Pattern, from register: Register, into variables: [String: Variable]) {
        switch pattern.kind {
        case .name(let name):
            store(register, in: variables[name] ?? .ignored, at: pattern.span)
        case .list(let patterns, let rest):
            withTemporaries {
                let base = function.allocate(1 + patterns.count + (rest == nil ? 0 : 1))
                function.emit(.move, base, register, at: pattern.span)
                function.emit(.destructure, base, patterns.count, rest == nil ? 0 : 1, at: pattern.span)
                for (i, inner) in patterns.enumerated() { destructure(inner, from: base + 1 + i, into: variables) }
                if let rest {
                    store(base + 1 + patterns.count, in: variables[rest.name] ?? .ignored, at: rest.span)
                }
            }
        case .map(let entries):
            for (key, inner) in entries {
                withTemporaries {
                    let value = function.allocate()
                    emitGetMember(value, register, key.name, optional: false, at: key.span)
                    destructure(inner, from: value, into: variables)
                }
            }
        }
    }

    // MARK: - Assignment

    private func compileAssignment(_ target: Expression, _ op: AssignmentOperator?, _ value: Expression, at span: Span) {
        switch target.kind {
        case .name(let name): assign(to: name, at: target.span, op, value, span)
        case .member(let base, let member):
            let object = operand(base, before: [value])
            update(op, value, span) { register in
                emitGetMember(register, object, member.name, optional: op.isCoalesce, at: member.span)
            } store: { register in
                function.emit(.setMember, object, register, at: member.span)
                emitKey(member.name, at: member.span)
                function.emitExtra(0, at: member.span)
            }
        case .index(let base, let subscripts) where subscripts.count == 1 && !subscripts[0].isOpenRange:
            let object = operand(base, before: subscripts + [value])
            let key = operand(subscripts[0], before: [value])
            update(op, value, span) { register in
                function.emit(op.isCoalesce ? .getIndexOptional : .getIndex, register, object, key, at: target.span)
            } store: { register in
                function.emit(.setIndex, object, key, register, at: target.span)
            }
        case .index(let base, let subscripts):
            let first = function.allocate(1 + subscripts.count)
            compile(base, to: first)
            for (i, subscripted) in subscripts.enumerated() { compileSubscript(subscripted, to: first + 1 + i) }
            update(op, value, span) { register in
                let copy = function.allocate(1 + subscripts.count)
                for i in 0...subscripts.count { function.emit(.move, copy + i, first + i, at: span) }
                function.emit(.getIndexMany, copy, subscripts.count, at: target.span)
                function.emit(.move, register, copy, at: span)
            } store: { register in
                function.emit(.setIndexMany, first, subscripts.count, register, at: target.span)
            }
        default: break  // reported by the parser; such a tree is not compiled
        }
    }

    /// Computes the new value, from the old one where there is an operator, and stores it.
    private func update(_ op: AssignmentOperator?, _ value: Expression, _ span: Span, load: (Register) -> Void, store: (Register) -> Void) {
        switch op {
        case nil:
            store(operand(value))
        case .coalesce:
            let old = function.allocate()
            load(old)
            let skip = function.emitJump(.jumpIfNotNil, old, at: span)
            compile(value, to: old)
            store(old)
            function.patchHere([skip])
        case .binary(let binary):
            let result = function.allocate()
            load(result)
            let old = function.allocate()
            function.emit(.move, old, result, at: span)
            emitArithmetic(binary, result, old, value, at: span)
            store(result)
        }
    }

    private func assign(to name: String, at nameSpan: Span, _ op: AssignmentOperator?, _ value: Expression, _ span: Span) {
        switch resolve(name) {
        case .local(let local):
            guard checkMutable(local.isMutable, name, nameSpan, declaredAt: .init(source, local.span)) else { return }
            if case .binary(let binary) = op {
                emitArithmetic(binary, local.register, local.register, value, at: span)
            } else if op == nil, value.writesResultLast {
                compile(value, to: local.register)
            } else {
                update(op, value, span) { function.emit(.move, $0, local.register, at: span) }
                    store: { function.emit(.move, local.register, $0, at: span) }
            }
        case .captured(let captured):
            guard checkMutable(captured.isMutable, name, nameSpan, declaredAt: function.visibleLocal(name).map { .init(source, $0.span) })
                else {
                return
            }
            update(op, value, span) { function.emit(.getUpvalue, $0, captured.index, at: span) }
                store: { function.emit(.setUpvalue, $0, captured.index, at: span) }
        case .global(let global):
            guard global.isDeclared else { return reportUndeclared(name, nameSpan) }
            guard !global.isImported else {
                report(.name, "'\(name)' is another file's and cannot be assigned here", nameSpan,
                    hint: "let that file have a function that changes it", declaredAt: global.place)
                return
            }
            guard checkMutable(global.isMutable, name, nameSpan, declaredAt: global.place) else { return }
            update(op, value, span) { emitGetGlobal(global.slot, to: $0, at: nameSpan) }
                store: { emitSetGlobal(global.slot, from: $0, at: span) }
        case .builtin:
            report(.name, "'\(name)' is a built-in and cannot be assigned to", nameSpan,
                hint: "declare a variable of your own with 'var \(name) = …'")
        case .unknown:
            if upcoming.contains(name), function.parent != nil {
                // Declared further down at top level; whether it is a `var` shows when it is reached.
                let slot = pendingSlot(name, at: nameSpan)
                update(op, value, span) { emitGetGlobal(slot, to: $0, at: nameSpan) } store: { emitSetGlobal(slot, from: $0, at: span) }
            } else {
                reportUndeclared(name, nameSpan)
            }
        }
    }

    private func checkMutable(_ isMutable: Bool, _ name: String, _ span: Span, declaredAt place: Diagnostic.Place?) -> Bool {
        if !isMutable {
            report(.name, "'\(name)' is a constant and cannot be assigned again", span,
                hint: "what changes is declared with var: var \(name) = …", declaredAt: place)
        }
        return isMutable
    }

    private func reportUndeclared(_ name: String, _ span: Span) {
        let near = Suggestion.nearest(to: name, among: function.visibleNames + Array(scope.variables.filter(\.value.isDeclared).keys))
        report(.name, "'\(name)' is not declared", span,
               hint: near.map { "did you mean '\($0)'? a new variable is declared with 'var \(name) = …'" }
               ?? "write 'var \(name) = …' to declare it")
    }

    // MARK: - Loops

    private func compileWhile(_ condition: Expression, _ body: Block, at span: Span) {
        let start = function.position
        let exits = withTemporaries { jump(condition, if: false) }
        function.controls.append(.loop(breaks: [], continues: [], firstLocal: function.locals.count))
        compile(body, to: nil)
        guard case .loop(let breaks, let continues, _)? = function.controls.popLast() else { return }
        function.patchHere(continues)
        function.emitLoop(to: start, at: condition.span)
        function.patchHere(exits + breaks)
    }

    /// A `for` loop, also that of a comprehension: `body` is compiled with the pattern's names declared, and `entering` with
    /// the first of the loop's two registers before the first turn.
    func compileFor(_ pattern: Pattern, in sequence: Expression, at span: Span, entering: (Register) -> Void = { _ in }, body: () -> Void) {
        let mark = function.nextRegister
        if case .range(let lower?, let upper?, let isClosed) = sequence.kind {
            let counter = function.allocate(2)
            compile(lower, to: counter)
            compile(upper, to: counter + 1)
            let exit = function.emitJump(.forRangePrepare, counter, 0, isClosed ? 1 : 0, at: sequence.span)
            entering(counter)
            let start = function.position
            let (breaks, _) = compileLoopBody(pattern, elementRegister: counter + 2, isPair: false, at: span, body: body)
            function.emitJumpBack(.forRangeLoop, counter, to: start, at: sequence.span)
            function.patchHere([exit] + breaks)
        } else {
            let iterator = function.allocate(2)
            compile(sequence, to: iterator)
            function.emit(.iterate, iterator, at: sequence.span)
            entering(iterator)
            let start = function.position
            let isPair = pattern.isPairOfNames
            let exit = function.emitJump(isPair ? .iterateNextPair : .iterateNext, iterator, at: isPair ? pattern.span : sequence.span)
            let (breaks, _) = compileLoopBody(pattern, elementRegister: iterator + 2, isPair: isPair, at: span, body: body)
            function.emitLoop(to: start, at: sequence.span)
            function.patchHere([exit] + breaks)
        }
        function.release(to: mark)
    }

    /// The part of a `for` loop that runs for each element. The element, or with `isPair` its two halves, arrives in
    /// `elementRegister` and up, which the pattern's variables take over: so each iteration has fresh ones.
    private func compileLoopBody(
        _ pattern: Pattern, elementRegister: Register, isPair: Bool, at span: Span, body: () -> Void
    ) -> (breaks: [FunctionBuilder.Patch], continues: [FunctionBuilder.Patch]) {
        function.controls.append(.loop(breaks: [], continues: [], firstLocal: function.locals.count))
        let firstLocal = function.locals.count
        let mark = function.nextRegister
        depth += 1
        switch pattern.kind {
        case .name(let name):
            if name == "_" { _ = function.allocate() } else { _ = declare(name, isMutable: false, at: pattern.span) }
            body()
        case .list(let pair, _) where isPair:
            for inner in pair {
                if case .name(let name) = inner.kind, name != "_" {
                    _ = declare(name, isMutable: false, at: inner.span)
                } else {
                    _ = function.allocate()
                }
            }
            body()
        default:
            // The element stays where it is, below the variables.
            _ = function.allocate()
            let variables = declareAll(in: pattern, isMutable: false)
            withTemporaries {
                let copy = function.allocate()
                function.emit(.move, copy, elementRegister, at: pattern.span)
                destructure(pattern, from: copy, into: variables)
            }
            body()
        }
        guard case .loop(let breaks, let continues, _)? = function.controls.popLast() else { return ([], []) }
        function.patchHere(continues)
        depth -= 1
        closeLocals(from: firstLocal, at: span)
        function.locals.removeSubrange(firstLocal...)
        function.release(to: mark)
        return (breaks, continues)
    }

    private func compileLoopExit(_ statement: Statement) {
        guard let loop = function.controls.lastIndex(where: { if case .loop = $0 { true } else { false } }),
            case .loop(var breaks, var continues, let firstLocal) = function.controls[loop]
        else { return }  // the parser has reported it
        leave(controlsAbove: loop, at: statement.span)
        if case .break = statement.kind {
            closeLocals(from: firstLocal, at: statement.span)
            breaks.append(function.emitJump(at: statement.span))
        } else {
            // What the body's own blocks captured; the loop's end closes its variables.
            closeLocals(from: firstLocal, at: statement.span)
            continues.append(function.emitJump(at: statement.span))
        }
        function.controls[loop] = .loop(breaks: breaks, continues: continues, firstLocal: firstLocal)
    }

    /// Ends the `try` and `with` blocks that a jump leaves.
    private func leave(controlsAbove index: Int, at span: Span) {
        for control in function.controls[(index + 1)...].reversed() {
            switch control {
            case .try: function.emit(.tryEnd, at: span)
            case .with: function.emit(.withEnd, at: span)
            case .loop: break
            }
        }
    }

    private func compileReturn(_ value: Expression?, at span: Span) {
        withTemporaries {
            let result: Register
            if let value {
                result = operand(value)
            } else {
                result = function.allocate()
                function.emit(.loadNil, result, at: span)
            }
            leave(controlsAbove: -1, at: span)
            function.emit(.return, result, at: span)
        }
    }

    // MARK: - Imports

    private func compileImport(_ imported: Import, at span: Span) {
        let module: Module
        do {
            module = try loadModule(imported.target)
        } catch {
            // A module with mistakes of its own reports them at their own places.
            var diagnostic = error
            let here = Diagnostic.Place(source, imported.target.span ?? span)
            if diagnostic.place == nil { diagnostic.place = here } else { diagnostic.notes.append(.init("imported here", at: here)) }
            diagnostics.append(diagnostic)
            return
        }
        withTemporaries {
            let register = function.allocate()
            function.emit(.import, register, wide: module.index, at: span)
            let name: Identifier?
            switch imported.target {
            case .file: name = imported.alias
            case .library(let identifier): name = imported.alias ?? identifier
            }
            if let name {
                let variable = declare(name.name, isMutable: false, module: module, at: name.span)
                store(register, in: variable, at: span)
            } else {
                for name in module.publicNames {
                    if let variable = module.scope.variables[name] { takeOver(name, variable, at: imported.target.span ?? span) }
                }
            }
        }
    }
}

extension AssignmentOperator? {
    fileprivate var isCoalesce: Bool { if case .coalesce = self { true } else { false } }
}

extension Import.Target {
    var span: Span? {
        switch self {
        case .file(_, let span): span
        case .library(let name): name.span
        }
    }
}

extension Pattern {
    /// `[a, b]` of two plain names: a loop over a map or `enumerate` needs no list for it.
    var isPairOfNames: Bool {
        guard case .list(let patterns, nil) = kind, patterns.count == 2 else { return false }
        return patterns.allSatisfy { if case .name = $0.kind { true } else { false } }
    }
}

extension Expression {
    /// `2..`, `..`: stands for a part of a list, never for a value.
    var isOpenRange: Bool {
        if case .range(let lower, let upper, _) = kind { return lower == nil || upper == nil }
        return false
    }

    /// Whether compiling it to a variable's register writes that register only after everything is read.
    var writesResultLast: Bool {
        switch kind {
        case .nil, .bool, .int, .float, .name, .unary, .binary, .index, .member: true
        default: false
        }
    }
}
