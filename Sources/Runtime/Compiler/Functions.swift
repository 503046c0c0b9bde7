import Lang

extension Compiler {
    /// `fn name(…) …` as a statement.
    func compileDeclaration(_ declared: Function, at span: Span) {
        guard let name = declared.name else { return }
        let variable = declare(name.name, isMutable: false, documentation: declared.documentation, at: name.span)
        switch variable {
        case .register(let register):
            // Itself it sees before it is there.
            let local = function.locals.count - 1
            function.locals[local].isSettled = false
            compileClosure(declared, to: register, at: span)
            function.locals[local].isSettled = true
        case .global, .ignored:
            withTemporaries {
                let register = function.allocate()
                compileClosure(declared, to: register, at: span)
                store(register, in: variable, at: span)
            }
        }
    }

    /// Compiles a function's body to a prototype of its own and makes a closure of it in `register`.
    func compileClosure(_ compiled: Function, to register: Register, at span: Span) {
        let outer = function
        let outerDepth = depth
        let inner = FunctionBuilder(name: compiled.name?.name ?? "<lambda>", parent: outer)
        function = inner
        depth = 0
        for parameter in compiled.parameters { _ = declareParameter(parameter) }
        for i in inner.locals.indices { inner.locals[i].isPending = true }
        for (i, parameter) in compiled.parameters.enumerated() {
            defer { inner.locals[i].isPending = false }
            guard let value = parameter.defaultValue else { continue }
            let provided = inner.emitJump(.jumpIfProvided, i, at: parameter.name.span)
            withTemporaries {
                let register = operand(value)
                inner.emit(.move, i, register, at: value.span)
            }
            inner.patchHere([provided])
        }
        // The default of one parameter may be a function that sees a later one.
        for i in inner.locals.indices { inner.locals[i].isSettled = keepsValue(inner.locals[i].name, isMutable: true) }
        let result = inner.allocate()
        switch compiled.body {
        case .block(let block):
            compile(block.statements, to: result, ending: block.span)
            inner.emit(.return, result, at: Span(max(block.span.start, block.span.end - 1), block.span.end))
        case .expression(let value):
            compile(value, to: result)
            inner.emit(.return, result, at: value.span)
        }
        let prototype = finish(inner, span: span, documentation: compiled.documentation, signature: Signature(compiled, in: source))
        function = outer
        depth = outerDepth
        outer.prototypes.append(prototype)
        if outer.prototypes.count > 0x1_0000 { report(.limit, "too many functions in one", span) }
        outer.emit(.closure, register, wide: outer.prototypes.count - 1, at: span)
    }

    private func declareParameter(_ parameter: Parameter) -> Register {
        let register = function.allocate()
        function.locals.append(.init(
            name: parameter.name.name, register: register, isMutable: true, isSettled: false, depth: depth, span: parameter.name.span))
        return register
    }

    // MARK: - Calls

    /// `value |> f(b)` as `f(value, b)`, and `value |> f` as `f(value)`.
    func piped(_ value: Expression, into: Expression, _ span: Span) -> Expression {
        let argument = Argument(.positional, value)
        if case .call(let callee, let arguments) = into.kind {
            return Expression(.call(callee, [argument] + arguments), span)
        }
        return Expression(.call(into, [argument]), span)
    }

    func compileCall(_ callee: Expression, _ arguments: [Argument], to register: Register, at span: Span) {
        let isPlain = arguments.allSatisfy { if case .positional = $0.label { true } else { false } }
        if isPlain, case .name(let name) = callee.kind, case .builtin(let index) = resolve(name) {
            if index == registry.len, arguments.count == 1 { return compileLength(callee, arguments, to: register, at: span) }
            if index == registry.push, arguments.count == 2 { return compilePush(callee, arguments, to: register, at: span) }
        }
        withTemporaries {
            let base = freshRegister(like: register)
            let isMethod = compileCallee(callee, to: base)
            var shape = 0
            if isPlain {
                for argument in arguments {
                    let register = function.allocate()
                    compile(argument.value, to: register)
                }
            } else {
                shape = compileShaped(arguments, at: span)
            }
            switch (isMethod, isPlain) {
            case (nil, true):
                function.emit(.call, base, arguments.count, at: span)
            case (nil, false):
                function.emit(.callShaped, base, at: span)
                function.emitExtra(shape, at: span)
            case (let name?, true):
                function.emit(.callMethod, base, arguments.count, at: span)
                emitKey(name.name, at: span)
                function.emitExtra(0, at: span)
            case (let name?, false):
                function.emit(.callMethodShaped, base, at: span)
                emitKey(name.name, at: span)
                function.emitExtra(shape, at: span)
            }
            function.callSites[function.position - 1] = CallSite(
                callee: isMethod?.span ?? callee.span, arguments: inRegisterOrder(arguments).map(\.value.span),
                labels: arguments.compactMap { if case .named(let name) = $0.label { name.span } else { nil } }, isMethod: isMethod != nil,
                shape: isPlain ? nil : function.callShapes[shape])
            if base != register { function.emit(.move, register, base, at: span) }
        }
    }

    /// `len(x)`
    private func compileLength(_ callee: Expression, _ arguments: [Argument], to register: Register, at span: Span) {
        withTemporaries {
            let value = operand(arguments[0].value)
            function.emit(.length, register, value, function.allocate(), at: span)
            noteCall(of: callee, arguments)
        }
    }

    /// `push(list, x)`
    private func compilePush(_ callee: Expression, _ arguments: [Argument], to register: Register, at span: Span) {
        withTemporaries {
            let base = freshRegister(like: register)
            _ = function.allocate()
            let list = operand(arguments[0].value, before: [arguments[1].value])
            function.emit(.push, base, list, operand(arguments[1].value), at: span)
            noteCall(of: callee, arguments)
            if base != register { function.emit(.move, register, base, at: span) }
        }
    }

    /// Where the parts of a call stand whose instruction was just emitted.
    private func noteCall(of callee: Expression, _ arguments: [Argument]) {
        function.callSites[function.position - 1] = CallSite(
            callee: callee.span, arguments: arguments.map(\.value.span), labels: [], isMethod: false, shape: nil)
    }

    /// Puts what is called into `register`. For a method of a value, that is the value, and the method's name is returned.
    private func compileCallee(_ callee: Expression, to register: Register) -> Identifier? {
        guard case .member(let object, let name) = callee.kind else {
            compile(callee, to: register)
            return nil
        }
        if case .name(let baseName) = object.kind {
            switch resolve(baseName) {
            case .builtin where registry.index(of: "\(baseName).\(name.name)") != nil:
                compile(callee, to: register)
                return nil
            case .global(let global) where global.module != nil:
                compile(callee, to: register)
                return nil
            default: break
            }
        }
        compile(object, to: register)
        return name
    }

    /// Positional arguments first, then named ones, as `CallShape` has them.
    private func inRegisterOrder(_ arguments: [Argument]) -> [Argument] {
        let isNamed = { (argument: Argument) in if case .named = argument.label { true } else { false } }
        return arguments.filter { !isNamed($0) } + arguments.filter(isNamed)
    }

    /// Arguments with names or spread: see `CallShape` for how they lie in the registers.
    private func compileShaped(_ arguments: [Argument], at span: Span) -> Int {
        let hasSpread = arguments.contains { if case .spread = $0.label { true } else { false } }
        var positionalCount = 0
        var names: [String] = []
        var list: Register?
        if hasSpread {
            let register = function.allocate()
            function.emit(.newList, register, wide: 0, at: span)
            list = register
        }
        for argument in arguments {
            switch (argument.label, list) {
            case (.positional, nil):
                positionalCount += 1
                compile(argument.value, to: function.allocate())
            case (.positional, let list?):
                withTemporaries { function.emit(.append, list, operand(argument.value), at: argument.value.span) }
            case (.spread, _):
                if let list { withTemporaries { function.emit(.appendAll, list, operand(argument.value), at: argument.value.span) } }
            case (.named, _): break
            }
        }
        for argument in arguments {
            guard case .named(let name) = argument.label else { continue }
            names.append(name.name)
            compile(argument.value, to: function.allocate())
        }
        return function.addShape(CallShape(positionalCount: positionalCount, hasSpread: hasSpread, names: names))
    }
}
