extension Checker {
    mutating func check(_ statements: [Statement]) {
        var isReachable = true
        for (i, statement) in statements.enumerated() {
            check(statement)
            guard isReachable, statement.leaves, i + 1 < statements.count else { continue }
            isReachable = false
            warn("this is never reached", statements[i + 1].span, hint: "the statement before it always leaves")
        }
    }

    /// A block in a scope of its own, in which `declare` may declare names first.
    mutating func check(_ block: Block, declare: (inout Checker) -> Void = { _ in }) {
        inScope { checker in
            declare(&checker)
            checker.check(block.statements)
        }
    }

    mutating func inScope(_ body: (inout Checker) -> Void) {
        scopes.open()
        body(&self)
        for variable in scopes.close() where variable.isWatched && !variable.isRead && !variable.name.name.hasPrefix("_") {
            let isFunction = variable.callable != nil
            warn("'\(variable.name.name)' is never \(isFunction ? "used" : "read")", variable.name.span,
                 hint: isFunction ? nil : "'_' takes a value that is not needed")
        }
    }

    private mutating func check(_ statement: Statement) {
        switch statement.kind {
        case .binding(let binding):
            check(binding.value)
            for name in binding.pattern.names { declare(variable(name, of: binding)) }
        case .function(let function):
            guard let name = function.name else { return }
            declare(Variable(name, callable: Callable(name.name, Signature(function, in: source))))
            check(function)
        case .assignment(let target, _, let value):
            // To be assigned to is not to be read.
            if case .name(let name) = target.kind { _ = scopes.find(name, isRead: false) } else { check(target) }
            check(value)
        case .while(let condition, let body):
            check(condition)
            check(body)
        case .for(let pattern, let sequence, let body):
            check(sequence)
            check(body) { checker in checker.declareUnwatched(pattern.names) }
        case .import(let imported):
            if let name = imported.alias { scopes.reach(name.name) }
            for name in imported.names(in: surroundings) { scopes.reach(name) }
        case .expression, .return, .throw, .break, .continue: for child in statement.children { check(child) }
        }
    }

    private mutating func declare(_ variable: Variable) {
        if scopes.isTopLevel { return scopes.reach(variable.name.name) }
        var variable = variable
        variable.isWatched = true
        scopes.declare(variable)
    }

    /// Loop variables, parameters and caught errors: a place asks for them, whether they are needed or not.
    mutating func declareUnwatched(_ names: [Identifier]) {
        for name in names { scopes.declare(Variable(name)) }
    }
}

extension Import {
    /// The names that it declares.
    fileprivate func names(in surroundings: Checker.Surroundings) -> [String] {
        if alias != nil { return [] }
        switch target {
        case .file: return surroundings.names(target).map { Array($0.keys) } ?? []
        case .library(let name): return [name.name]
        }
    }
}

// MARK: What leaves

extension Statement {
    /// Whether nothing behind it in its block can run.
    fileprivate var leaves: Bool {
        switch kind {
        case .return, .throw, .break, .continue: true
        case .expression(let value): value.leaves
        default: false
        }
    }
}

extension Block {
    fileprivate var leaves: Bool { statements.contains(where: \.leaves) }
}

extension Expression {
    fileprivate var leaves: Bool {
        switch kind {
        case .if(_, let then, .block(let otherwise)?): then.leaves && otherwise.leaves
        case .if(_, let then, .if(let otherwise)?): then.leaves && otherwise.leaves
        case .do(let block), .with(_, let block): block.leaves
        case .try(let body, _, let handler): body.leaves && handler.leaves
        default: false
        }
    }
}
