import Text

extension Checker {
    mutating func check(_ node: SyntaxNode) {
        switch node {
        case .expression(let expression): check(expression)
        case .block(let block): check(block)
        case .function(let function): check(function)
        case .statement(let statement): check([statement])
        }
    }

    mutating func check(_ expression: Expression) {
        switch expression.kind {
        case .name(let name): _ = resolve(name, expression.span)
        case .member(let object, let member): _ = checkMember(member, of: object)
        case .call(let callee, let arguments): checkCall(callee, arguments, expression.span)
        case .pipe(let value, let target):
            if case .call(let callee, let arguments) = target.kind {
                checkCall(callee, [Argument(.positional, value)] + arguments, expression.span)
            } else {
                checkCall(target, [Argument(.positional, value)], expression.span)
            }
        case .map(let entries):
            warnOfRepeatedKeys(entries)
            for child in expression.children { check(child) }
        case .comparison(let operands, let operators):
            warnOfForegoneComparisons(operands, operators)
            for operand in operands { check(operand) }
        case .try(let body, let name, let handler):
            tryDepth += 1
            check(body)
            tryDepth -= 1
            check(handler) { checker in checker.declareUnwatched(name.map { [$0] } ?? []) }
        case .listComprehension(let value, let clauses): check(clauses) { checker in checker.check(value) }
        case .mapComprehension(let key, let value, let clauses):
            check(clauses) { checker in
                checker.check(key)
                checker.check(value)
            }
        default: for child in expression.children { check(child) }
        }
    }

    mutating func check(_ function: Function) {
        functionDepth += 1
        inScope { checker in
            // Functions in a default see later parameters too; the compiler reports what else reads one.
            checker.declareUnwatched(function.parameters.map(\.name))
            for parameter in function.parameters {
                if let value = parameter.defaultValue { checker.check(value) }
            }
            switch function.body {
            case .block(let block): checker.check(block.statements)
            case .expression(let value): checker.check(value)
            }
        }
        functionDepth -= 1
    }

    /// Each `for` opens a scope in which the clauses after it, and at last `body`, stand.
    private mutating func check(_ clauses: [Clause], body: (inout Checker) -> Void) {
        var opened = 0
        for clause in clauses {
            switch clause {
            case .for(let pattern, let sequence):
                check(sequence)
                scopes.open()
                opened += 1
                declareUnwatched(pattern.names)
            case .if(let condition): check(condition)
            }
        }
        body(&self)
        for _ in 0..<opened { _ = scopes.close() }
    }

    // MARK: - Names

    /// What a name that is read stands for; reports it when that is nothing.
    private mutating func resolve(_ name: String, _ span: Span) -> Callable? {
        let variable = scopes.find(name, isRead: true)
        let isBuiltin = surroundings.functions[name] != nil || surroundings.constants[name] != nil
        if let variable, variable.isDeclared || functionDepth > 0 { return variable.callable }
        if isBuiltin { return surroundings.functions[name] }
        if variable != nil {
            fail(.name, "'\(name)' has no value yet: it is declared further down", span, hint: "move its declaration up")
        } else if !scopes.hasUnknownNames {
            let (scopes, surroundings) = (scopes, surroundings)
            func hint() -> String? {
                if surroundings.modules.contains(name) { return "write 'import \(name)' first" }
                if let use = surroundings.foreignNames[name] { return use }
                return Suggestion.nearest(to: name,
                    among: scopes.names + surroundings.functions.keys.filter { !$0.contains(".") } + surroundings.constants.keys)
                    .map { "did you mean '\($0)'?" }
            }
            fail(.name, "'\(name)' is not declared", span, hint: hint())
        }
        return nil
    }

    /// What `object.member` is, where that can be told: a module's function, or a built-in in a namespace.
    private mutating func checkMember(_ member: Identifier, of object: Expression) -> Callable? {
        guard case .name(let name) = object.kind else {
            check(object)
            return nil
        }
        if let variable = scopes.find(name, isRead: true) {
            _ = resolve(name, object.span)
            guard let members = variable.members else { return nil }
            if let callable = members[member.name] { return callable }
            fail(
                .name, "the module '\(name)' has no '\(member.name)'", member.span,
                hint: Suggestion.nearest(to: member.name, among: members.keys).map { "did you mean '\($0)'?" })
            return nil
        }
        if let builtin = surroundings.functions["\(name).\(member.name)"] { return builtin }
        _ = resolve(name, object.span)
        return nil
    }

    private mutating func checkCall(_ callee: Expression, _ arguments: [Argument], _ span: Span) {
        let callable: Callable?
        switch callee.kind {
        case .name(let name): callable = resolve(name, callee.span)
        case .member(let object, let member): callable = checkMember(member, of: object)
        default:
            check(callee)
            callable = nil
        }
        for argument in arguments { check(argument.value) }
        guard let mistake = callable?.mistake(in: arguments, of: span) else { return }
        fail(.type, mistake.message, mistake.span, hint: mistake.hint)
    }
}
