/// Any node of the syntax tree, for code that walks over the whole tree.
package enum SyntaxNode: Sendable {
    case statement(Statement)
    case expression(Expression)
    case block(Block)
    case function(Function)
}

extension SyntaxNode {
    /// The nodes directly below, in the order of the text.
    package var children: [SyntaxNode] {
        switch self {
        case .statement(let statement): statement.children
        case .expression(let expression): expression.children
        case .block(let block): block.statements.map(SyntaxNode.statement)
        case .function(let function): function.children
        }
    }

    /// Visits every node below `statements`, in no particular order and without recursion, so that no tree is too deep.
    package static func forEach(in statements: [Statement], _ visit: (SyntaxNode) -> Void) {
        var waiting = statements.map(SyntaxNode.statement)
        while let node = waiting.popLast() {
            visit(node)
            waiting += node.children
        }
    }
}

extension Statement {
    var children: [SyntaxNode] {
        switch kind {
        case .expression(let value), .throw(let value): [.expression(value)]
        case .binding(let binding): [.expression(binding.value)]
        case .function(let function): [.function(function)]
        case .assignment(let target, _, let value): [.expression(target), .expression(value)]
        case .while(let condition, let body): [.expression(condition), .block(body)]
        case .for(_, let sequence, let body): [.expression(sequence), .block(body)]
        case .return(let value): value.map { [.expression($0)] } ?? []
        case .break, .continue, .import: []
        }
    }
}

extension Function {
    var children: [SyntaxNode] {
        let defaults = parameters.compactMap { $0.defaultValue.map(SyntaxNode.expression) }
        return switch body {
        case .block(let block): defaults + [.block(block)]
        case .expression(let value): defaults + [.expression(value)]
        }
    }
}

extension Expression {
    var children: [SyntaxNode] {
        switch kind {
        case .nil, .bool, .int, .float, .name, .error: []
        case .string(let parts): parts.compactMap { if case .interpolation(let value, _) = $0 { .expression(value) } else { nil } }
        case .list(let elements):
            elements.map { element in
                switch element {
                case .value(let value), .spread(let value): .expression(value)
                }
            }
        case .map(let entries):
            entries.flatMap { entry -> [SyntaxNode] in
                switch entry {
                case .named(_, let value), .spread(let value): [.expression(value)]
                case .computed(let key, let value): [.expression(key), .expression(value)]
                }
            }
        case .range(let lower, let upper, _): [lower, upper].compactMap { $0.map(SyntaxNode.expression) }
        case .unary(_, let value, _), .member(let value, _): [.expression(value)]
        case .binary(_, let left, let right, _), .logical(_, let left, let right),
            .pipe(let left, let right): [.expression(left), .expression(right)]
        case .comparison(let operands, _): operands.map(SyntaxNode.expression)
        case .call(let callee, let arguments): [.expression(callee)] + arguments.map { .expression($0.value) }
        case .index(let value, let indices): [.expression(value)] + indices.map(SyntaxNode.expression)
        case .lambda(let function): [.function(function)]
        case .if(let condition, let then, let otherwise):
            switch otherwise {
            case nil: [.expression(condition), .block(then)]
            case .block(let block)?: [.expression(condition), .block(then), .block(block)]
            case .if(let next)?: [.expression(condition), .block(then), .expression(next)]
            }
        case .do(let block): [.block(block)]
        case .try(let body, _, let handler): [.block(body), .block(handler)]
        case .with(let value, let block): [.expression(value), .block(block)]
        case .listComprehension(let value, let clauses): [.expression(value)] + clauses.map(\.child)
        case .mapComprehension(let key, let value, let clauses): [.expression(key), .expression(value)] + clauses.map(\.child)
        }
    }
}

extension Clause {
    fileprivate var child: SyntaxNode {
        switch self {
        case .for(_, let sequence): .expression(sequence)
        case .if(let condition): .expression(condition)
        }
    }
}
