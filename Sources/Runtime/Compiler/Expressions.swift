import Lang

extension Compiler {
    /// Compiles an expression into `register`, which must not be read by the expression itself unless it
    /// `writesResultLast`.
    func compile(_ expression: Expression, to register: Register) {
        let span = expression.span
        switch expression.kind {
        case .nil: function.emit(.loadNil, register, at: span)
        case .bool(let value): function.emit(.loadBool, register, value ? 1 : 0, at: span)
        case .int(let value): loadInt(value, to: register, at: span)
        case .float(let value): function.emitLoad(constant: function.constant(float: value), to: register, at: span)
        case .string(let parts): compileString(parts, to: register, at: span)
        case .name(let name): compileName(name, to: register, at: span)
        case .list(let elements): compileList(elements, to: register, at: span)
        case .map(let entries): compileMap(entries, to: register, at: span)
        case .range(let lower, let upper, let isClosed):
            withTemporaries { compileRange(lower, upper, isClosed, to: register, at: span) }
        case .unary(.negate, let inner, _):
            withTemporaries { compileNegation(inner, to: register, at: span) }
        case .unary(.not, let inner, _):
            withTemporaries { function.emit(.not, register, operand(inner), at: span) }
        case .binary(let op, let left, let right, _):
            withTemporaries { compileBinary(op, left, right, to: register, at: span) }
        case .comparison(let operands, let operators):
            if operators.count == 1, operators[0] == .in || operators[0] == .is {
                withTemporaries {
                    let left = operand(operands[0], before: [operands[1]])
                    function.emit(operators[0] == .in ? .contains : .identical, register, left, operand(operands[1]), at: span)
                }
            } else {
                compileTruth(of: expression, to: register)
            }
        case .logical(let op, let left, let right): compileLogical(op, left, right, to: register, at: span)
        case .pipe(let value, let into): compile(piped(value, into: into, span), to: register)
        case .call(let callee, let arguments): compileCall(callee, arguments, to: register, at: span)
        case .index(let base, let subscripts): compileIndex(base, subscripts, to: register, optional: false, at: span)
        case .member(let base, let name): compileMember(base, name, to: register, optional: false, at: span)
        case .lambda(let lambda):
            compileClosure(lambda, to: register, at: span)
        case .if(let condition, let then, let otherwise): compileIf(condition, then, otherwise, to: register, at: span)
        case .do(let block): compile(block, to: register)
        case .try(let body, let name, let handler): compileTry(body, name, handler, to: register, at: span)
        case .with(let generator, let block): compileWith(generator, block, to: register, at: span)
        case .listComprehension(let element, let clauses):
            compileComprehension(.newList, clauses, to: register, at: span) { collection in
                withTemporaries { function.emit(.append, collection, operand(element), at: element.span) }
            }
        case .mapComprehension(let key, let value, let clauses):
            compileComprehension(.newMap, clauses, to: register, at: span) { collection in
                withTemporaries {
                    let key = operand(key, before: [value])
                    function.emit(.mapSet, collection, key, operand(value), at: span)
                }
            }
        case .error: break  // reported by the parser; such a tree is not compiled
        }
    }

    /// The register an expression's value is in: a variable's own, or a new temporary. With `before`, expressions that
    /// run before the value is used: if one of them may assign to the variable, its value is copied first. The temporary is
    /// `target`, where the result of the whole goes, unless a variable is there: a long chain then takes one register.
    func operand(_ expression: Expression, before later: [Expression] = [], or target: Register? = nil) -> Register {
        if case .name(let name) = expression.kind, case .local(let local) = resolve(name), !local.isPending,
            !local.isMutable || later.allSatisfy({ $0.cannotAssign(aCaptured: local.isCaptured) }) {
            return local.register
        }
        let register = target.flatMap { function.isTemporary($0) ? $0 : nil } ?? function.allocate()
        compile(expression, to: register)
        return register
    }

    // MARK: - Literals and names

    private func loadInt(_ value: Int, to register: Register, at span: Span) {
        if let small = Int16(exactly: value) {
            function.emit(.loadInt, register, wide: Int(small), at: span)
        } else {
            function.emitLoad(constant: function.constant(int: value), to: register, at: span)
        }
    }

    private func loadString(_ text: String, to register: Register, at span: Span) {
        function.emitLoad(constant: function.constant(string: heap.intern(text)), to: register, at: span)
    }

    private func compileName(_ name: String, to register: Register, at span: Span) {
        switch resolve(name) {
        case .local(let local) where local.isPending:
            report(.name, "'\(name)' has no value yet: a default sees only the parameters before its own", span)
        case .local(let local):
            if local.register != register { function.emit(.move, register, local.register, at: span) }
        case .captured(let captured): function.emit(captured.isValue ? .getCaptured : .getUpvalue, register, captured.index, at: span)
        case .global(let global): emitGetGlobal(global.slot, to: register, at: span)
        case .builtin(let index):
            if case .constant(let value) = registry.builtins[index].kind {
                function.emitLoad(constant: function.constant(float: value), to: register, at: span)
            } else {
                function.emitLoad(constant: function.constant(builtin: index), to: register, at: span)
            }
        case .unknown: emitGetGlobal(pendingSlot(name, at: span), to: register, at: span)
        }
    }

    private func compileString(_ parts: [StringPart], to register: Register, at span: Span) {
        if parts.isEmpty { return loadString("", to: register, at: span) }
        if parts.count == 1, case .text(let text) = parts[0] { return loadString(text, to: register, at: span) }
        let groupSize = 64
        withTemporaries {
            var first = function.allocate()
            var count = 0
            for part in parts {
                if count == groupSize {
                    // A long string is joined in groups, so that it does not run out of registers.
                    function.emit(.interpolate, first, first, count, at: span)
                    function.release(to: first + 1)
                    count = 1
                }
                let target = count == 0 ? first : function.allocate()
                if count == 0 { first = target }
                switch part {
                case .text(let text): loadString(text, to: target, at: span)
                case .interpolation(let value, let format):
                    compile(value, to: target)
                    if let format {
                        function.emit(.format, target, target, at: format.span)
                        function.emitExtra(function.constant(string: heap.intern(format.text)), at: format.span)
                    }
                }
                count += 1
            }
            function.emit(.interpolate, register, first, count, at: span)
        }
    }

    // MARK: - Containers

    private func compileList(_ elements: [Element], to register: Register, at span: Span) {
        withTemporaries {
            let list = freshRegister(like: register)
            function.emit(.newList, list, wide: min(elements.count, 0xffff), at: span)
            for element in elements {
                withTemporaries {
                    switch element {
                    case .value(let value): function.emit(.append, list, operand(value), at: value.span)
                    case .spread(let value): function.emit(.appendAll, list, operand(value), at: value.span)
                    }
                }
            }
            if list != register { function.emit(.move, register, list, at: span) }
        }
    }

    private func compileMap(_ entries: [Entry], to register: Register, at span: Span) {
        withTemporaries {
            let map = freshRegister(like: register)
            function.emit(.newMap, map, wide: min(entries.count, 0xffff), at: span)
            for entry in entries {
                withTemporaries {
                    switch entry {
                    case .named(let key, let value):
                        let key = (key, function.allocate())
                        loadString(key.0.name, to: key.1, at: key.0.span)
                        function.emit(.mapSet, map, key.1, operand(value), at: key.0.span)
                    case .computed(let key, let value):
                        let register = operand(key, before: [value])
                        function.emit(.mapSet, map, register, operand(value), at: key.span)
                    case .spread(let value): function.emit(.mapSetAll, map, operand(value), at: value.span)
                    }
                }
            }
            if map != register { function.emit(.move, register, map, at: span) }
        }
    }

    /// `register` itself when it is the topmost one, so nothing else can be in it; otherwise a temporary.
    func freshRegister(like register: Register) -> Register {
        let isNamed = function.locals.contains { $0.register == register }
        return register == function.nextRegister - 1 && !isNamed ? register : function.allocate()
    }

    private func compileRange(_ lower: Expression?, _ upper: Expression?, _ isClosed: Bool, to register: Register, at span: Span) {
        var flags = isClosed ? 1 : 0
        var ends = [0, 0]
        if let lower { ends[0] = operand(lower, before: upper.map { [$0] } ?? []) } else { flags |= 2 }
        if let upper { ends[1] = operand(upper) } else { flags |= 4 }
        function.emit(.newRange, register, ends[0], ends[1], at: span)
        function.emitExtra(flags, at: span)
    }

    private func compileComprehension(_ new: Opcode, _ clauses: [Clause], to register: Register, at span: Span,
        element: (Register) -> Void) {
        withTemporaries {
            let collection = freshRegister(like: register)
            function.emit(new, collection, wide: 0, at: span)
            func compileClauses(_ rest: ArraySlice<Clause>) {
                guard let clause = rest.first else { return element(collection) }
                switch clause {
                case .for(let pattern, let sequence):
                    // With no other clause, every turn gives an element.
                    let isPlain = new == .newList && clauses.count == 1
                    compileFor(pattern, in: sequence, at: span,
                        entering: { if isPlain { function.emit(.reserve, collection, $0, at: span) } }) {
                        compileClauses(rest.dropFirst())
                    }
                case .if(let condition):
                    let skip = withTemporaries { jump(condition, if: false) }
                    compileClauses(rest.dropFirst())
                    function.patchHere(skip)
                }
            }
            compileClauses(clauses[...])
            if collection != register { function.emit(.move, register, collection, at: span) }
        }
    }

    // MARK: - Members and indices

    func emitKey(_ name: String, at span: Span) {
        function.emitExtra(function.constant(string: heap.intern(name)), at: span)
    }

    func emitGetMember(_ register: Register, _ object: Register, _ name: String, optional: Bool, at span: Span) {
        function.emit(.getMember, register, object, optional ? 1 : 0, at: span)
        emitKey(name, at: span)
        function.emitExtra(0, at: span)
    }

    private func compileMember(_ base: Expression, _ name: Identifier, to register: Register, optional: Bool, at span: Span) {
        if case .name(let baseName) = base.kind {
            switch resolve(baseName) {
            case .builtin:
                if let index = registry.index(of: "\(baseName).\(name.name)") {
                    return function.emitLoad(constant: function.constant(builtin: index), to: register, at: span)
                }
            case .global(let global):
                if let module = global.module, let member = module.scope.variables[name.name], member.isDeclared,
                    !name.name.hasPrefix("_") {
                    return emitGetGlobal(member.slot, to: register, at: span)
                }
            default: break
            }
        }
        withTemporaries {
            let object = optional ? optionalOperand(base) : operand(base, or: register)
            emitGetMember(register, object, name.name, optional: optional, at: name.span)
        }
    }

    private func compileIndex(_ base: Expression, _ subscripts: [Expression], to register: Register, optional: Bool, at span: Span) {
        withTemporaries {
            if subscripts.count == 1 {
                let object = optional ? optionalOperand(base) : operand(base, before: subscripts, or: register)
                let key: Register
                if subscripts[0].isOpenRange {
                    key = function.allocate()
                    compileSubscript(subscripts[0], to: key)
                } else {
                    key = operand(subscripts[0])
                }
                function.emit(optional ? .getIndexOptional : .getIndex, register, object, key, at: span)
            } else {
                let first = function.allocate(1 + subscripts.count)
                compile(base, to: first)
                for (i, subscripted) in subscripts.enumerated() { compileSubscript(subscripted, to: first + 1 + i) }
                function.emit(.getIndexMany, first, subscripts.count, at: span)
                function.emit(.move, register, first, at: span)
            }
        }
    }

    func compileSubscript(_ expression: Expression, to register: Register) {
        if case .range(let lower, let upper, let isClosed) = expression.kind {
            withTemporaries { compileRange(lower, upper, isClosed, to: register, at: expression.span) }
        } else {
            compile(expression, to: register)
        }
    }

    // MARK: - Operators

    private func compileNegation(_ inner: Expression, to register: Register, at span: Span) {
        switch inner.kind {
        case .int(let value) where value != .min: loadInt(-value, to: register, at: span)
        case .float(let value): function.emitLoad(constant: function.constant(float: -value), to: register, at: span)
        default: function.emit(.negate, register, operand(inner), at: span)
        }
    }

    private func compileBinary(_ op: BinaryOperator, _ left: Expression, _ right: Expression, to register: Register, at span: Span) {
        if left.numericConstant != nil, right.numericConstant == nil, let opcode = op.arithmetic.leftConstantOpcode {
            let index = constant(of: left)
            if index <= 0xff { return function.emit(opcode, register, index, operand(right), at: span) }
        }
        emitArithmetic(op, register, operand(left, before: [right], or: register), right, at: span)
    }

    private func constant(of expression: Expression) -> Int {
        switch expression.kind {
        case .int(let value): function.constant(int: value)
        case .float(let value): function.constant(float: value)
        default: Int.max
        }
    }

    /// `register = left op right`.
    func emitArithmetic(_ op: BinaryOperator, _ register: Register, _ left: Register, _ right: Expression, at span: Span) {
        let arithmetic = op.arithmetic
        if case .int(let value) = right.kind, op == .add || op == .subtract && value != 0, value.magnitude <= 127 {
            function.emit(.addI, register, left, op == .add ? value : -value, at: span)
            return
        }
        if right.numericConstant != nil, let opcode = arithmetic.constantOpcode {
            let index = constant(of: right)
            if index <= 0xff {
                function.emit(opcode, register, left, index, at: span)
                return
            }
        }
        function.emit(arithmetic.opcode, register, left, operand(right), at: span)
    }

    private func compileLogical(_ op: LogicalOperator, _ left: Expression, _ right: Expression, to register: Register, at span: Span) {
        withTemporaries {
            let result = freshRegister(like: register)
            let skip: FunctionBuilder.Patch
            switch op {
            case .and:
                compile(left, to: result)
                skip = function.emitJump(.jumpIfFalse, result, at: span)
            case .or:
                compile(left, to: result)
                skip = function.emitJump(.jumpIfTrue, result, at: span)
            case .coalesce:
                compileOptional(left, to: result)
                skip = function.emitJump(.jumpIfNotNil, result, at: span)
            }
            compile(right, to: result)
            function.patchHere([skip])
            if result != register { function.emit(.move, register, result, at: span) }
        }
    }

    /// The left side of `??`: a missing key, member or index counts as nil.
    private func compileOptional(_ expression: Expression, to register: Register) {
        switch expression.kind {
        case .member(let base, let name): compileMember(base, name, to: register, optional: true, at: expression.span)
        case .index(let base, let subscripts) where subscripts.count == 1:
            compileIndex(base, subscripts, to: register, optional: true, at: expression.span)
        default: compile(expression, to: register)
        }
    }

    private func optionalOperand(_ expression: Expression) -> Register {
        switch expression.kind {
        case .member, .index:
            let register = function.allocate()
            compileOptional(expression, to: register)
            return register
        default: return operand(expression)
        }
    }

    // MARK: - Conditions

    /// A comparison's outcome as a value.
    private func compileTruth(of expression: Expression, to register: Register) {
        let whenFalse = withTemporaries { jump(expression, if: false) }
        function.emit(.loadBool, register, 1, at: expression.span)
        let end = function.emitJump(at: expression.span)
        function.patchHere(whenFalse)
        function.emit(.loadBool, register, 0, at: expression.span)
        function.patchHere([end])
    }

    /// Emits code that jumps when the condition's truth is `outcome`, and falls through otherwise.
    func jump(_ condition: Expression, if outcome: Bool) -> [FunctionBuilder.Patch] {
        let span = condition.span
        switch condition.kind {
        case .bool(let value):
            return value == outcome ? [function.emitJump(at: span)] : []
        case .unary(.not, let inner, _):
            return jump(inner, if: !outcome)
        case .logical(.and, let left, let right), .logical(.or, let left, let right):
            // `and` is settled by a false left side, `or` by a true one.
            let settling = { if case .logical(.or, _, _) = condition.kind { true } else { false } }()
            if settling == outcome { return jump(left, if: outcome) + jump(right, if: outcome) }
            let skip = jump(left, if: settling)
            let jumps = jump(right, if: outcome)
            function.patchHere(skip)
            return jumps
        case .comparison(let operands, let operators):
            return jump(operands, operators, if: outcome, at: span)
        default:
            return withTemporaries {
                [function.emitJump(outcome ? .jumpIfTrue : .jumpIfFalse, operand(condition), at: span)]
            }
        }
    }

    private func jump(_ operands: [Expression], _ operators: [ComparisonOperator], if outcome: Bool,
        at span: Span) -> [FunctionBuilder.Patch] {
        withTemporaries {
            if operators.count == 1 {
                let left = operand(operands[0], before: [operands[1]])
                return [emitComparison(operators[0], left, operands[1], if: outcome, at: span)]
            }
            // A chain: all links must hold, and each operand is computed once.
            var left = operand(operands[0], before: Array(operands.dropFirst()))
            var failures: [FunctionBuilder.Patch] = []
            for (i, op) in operators.dropLast().enumerated() {
                let right = operand(operands[i + 1], before: Array(operands.dropFirst(i + 2)))
                failures.append(emitComparison(op, left, right, if: false, at: span))
                left = right
            }
            let last = emitComparison(operators[operators.count - 1], left, operands[operands.count - 1], if: outcome, at: span)
            if !outcome { return failures + [last] }
            function.patchHere(failures)
            return [last]
        }
    }

    private func emitComparison(_ op: ComparisonOperator, _ left: Register, _ right: Expression, if outcome: Bool,
        at span: Span) -> FunctionBuilder.Patch {
        if case .int(let value) = right.kind, value.magnitude <= 127 {
            let opcode: Opcode? = switch op {
            case .less: .lessI
            case .lessOrEqual: .lessOrEqualI
            case .greater: .greaterI
            case .greaterOrEqual: .greaterOrEqualI
            default: nil
            }
            if let opcode { return function.emitJump(opcode, left, value, outcome ? 1 : 0, at: span) }
        }
        if op == .equal || op == .notEqual, let index = comparableConstant(right), index <= 0xff {
            return function.emitJump(.equalK, left, index, outcome == (op == .equal) ? 1 : 0, at: span)
        }
        return emitComparison(op, left, operand(right), if: outcome, at: span)
    }

    private func emitComparison(_ op: ComparisonOperator, _ left: Register, _ right: Register, if outcome: Bool,
        at span: Span) -> FunctionBuilder.Patch {
        let holds = outcome ? 1 : 0
        switch op {
        case .less: return function.emitJump(.less, left, right, holds, at: span)
        case .lessOrEqual: return function.emitJump(.lessOrEqual, left, right, holds, at: span)
        case .greater: return function.emitJump(.greater, left, right, holds, at: span)
        case .greaterOrEqual: return function.emitJump(.greaterOrEqual, left, right, holds, at: span)
        case .equal: return function.emitJump(.equal, left, right, holds, at: span)
        case .notEqual: return function.emitJump(.equal, left, right, 1 - holds, at: span)
        case .in, .notIn, .is, .isNot:
            let result = function.allocate()
            function.emit(op == .in || op == .notIn ? .contains : .identical, result, left, right, at: span)
            let positive = op == .in || op == .is
            return function.emitJump(outcome == positive ? .jumpIfTrue : .jumpIfFalse, result, at: span)
        }
    }

    private func comparableConstant(_ expression: Expression) -> Int? {
        switch expression.kind {
        case .int(let value): return function.constant(int: value)
        case .float(let value): return function.constant(float: value)
        case .string(let parts):
            if parts.isEmpty { return function.constant(string: heap.intern("")) }
            if parts.count == 1, case .text(let text) = parts[0] { return function.constant(string: heap.intern(text)) }
            return nil
        default: return nil
        }
    }

    // MARK: - Blocks as expressions

    func compileIf(_ condition: Expression, _ then: Block, _ otherwise: Expression.ElseBranch?, to register: Register?, at span: Span) {
        let skip = withTemporaries { jump(condition, if: false) }
        compile(then, to: register)
        if otherwise == nil && register == nil {
            function.patchHere(skip)
            return
        }
        let end = function.emitJump(at: span)
        function.patchHere(skip)
        switch otherwise {
        case .block(let block): compile(block, to: register)
        case .if(let inner):
            if case .if(let condition, let then, let otherwise) = inner.kind {
                compileIf(condition, then, otherwise, to: register, at: inner.span)
            }
        case nil: if let register { function.emit(.loadNil, register, at: span) }
        }
        function.patchHere([end])
    }

    func compileTry(_ body: Block, _ name: Identifier?, _ handler: Block, to register: Register?, at span: Span) {
        withTemporaries {
            let error = function.allocate()
            let start = function.emitJump(.tryBegin, error, at: span)
            function.controls.append(.try)
            compile(body, to: register)
            function.controls.removeLast()
            function.emit(.tryEnd, at: span)
            let end = function.emitJump(at: span)
            function.patchHere([start])
            inScope(handler.span) {
                if let name, case .register(let variable) = declareInScope(name) {
                    function.emit(.move, variable, error, at: name.span)
                }
                compile(handler, to: register)
            }
            function.patchHere([end])
        }
    }

    private func declareInScope(_ name: Identifier) -> Variable { declare(name.name, isMutable: false, at: name.span) }

    func compileWith(_ generator: Expression, _ block: Block, to register: Register?, at span: Span) {
        withTemporaries {
            function.emit(.withBegin, operand(generator), at: generator.span)
            function.controls.append(.with)
            compile(block, to: register)
            function.controls.removeLast()
            function.emit(.withEnd, at: span)
        }
    }
}

extension BinaryOperator {
    var arithmetic: Arithmetic {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .floorDivide: .floorDivide
        case .remainder: .remainder
        case .power: .power
        case .matmul: .matmul
        }
    }
}

extension Expression {
    var numericConstant: Double? {
        switch kind {
        case .int(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// Whether running it can surely not assign to a variable of the function it stands in. A call can only do so
    /// to a captured one.
    func cannotAssign(aCaptured isCaptured: Bool) -> Bool {
        func all(_ expressions: [Expression]) -> Bool { expressions.allSatisfy { $0.cannotAssign(aCaptured: isCaptured) } }
        switch kind {
        case .nil, .bool, .int, .float, .name, .lambda: return true
        case .string(let parts):
            return all(parts.compactMap { if case .interpolation(let value, _) = $0 { value } else { nil } })
        case .unary(_, let inner, _): return all([inner])
        case .binary(_, let left, let right, _), .logical(_, let left, let right): return all([left, right])
        case .comparison(let operands, _): return all(operands)
        case .member(let base, _): return all([base])
        case .index(let base, let subscripts): return all([base] + subscripts)
        case .range(let lower, let upper, _): return all([lower, upper].compactMap(\.self))
        case .call(let callee, let arguments): return !isCaptured && all([callee] + arguments.map(\.value))
        default: return false
        }
    }
}
