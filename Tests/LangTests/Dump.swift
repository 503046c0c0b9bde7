import Lang

/// The tree as a compact S-expression, for comparison in tests.
func dump(_ program: Program) -> String { program.statements.map(dump).joined(separator: " ") }

func dump(_ statement: Statement) -> String {
    switch statement.kind {
    case .expression(let value): dump(value)
    case .binding(let b): "(\(b.isMutable ? "var" : "let")\(b.isDraw ? "~" : "") \(dump(b.pattern)) \(dump(b.value)))"
    case .function(let f): dump(f)
    case .assignment(let target, let operation, let value):
        switch operation {
        case nil: "(= \(dump(target)) \(dump(value)))"
        case .binary(let binary)?: "(\(binary.rawValue)= \(dump(target)) \(dump(value)))"
        case .coalesce?: "(??= \(dump(target)) \(dump(value)))"
        }
    case .while(let condition, let body): "(while \(dump(condition)) \(dump(body)))"
    case .for(let pattern, let sequence, let body): "(for \(dump(pattern)) \(dump(sequence)) \(dump(body)))"
    case .break: "(break)"
    case .continue: "(continue)"
    case .return(let value): value.map { "(return \(dump($0)))" } ?? "(return)"
    case .throw(let value): "(throw \(dump(value)))"
    case .import(let i):
        switch i.target {
        case .file(let path, _): "(import \"\(path)\"\(i.alias.map { " \($0.name)" } ?? ""))"
        case .library(let name): "(import \(name.name)\(i.alias.map { " \($0.name)" } ?? ""))"
        }
    }
}

func dump(_ block: Block) -> String { "{" + block.statements.map(dump).joined(separator: " ") + "}" }

func dump(_ pattern: Pattern) -> String {
    switch pattern.kind {
    case .name(let name): name
    case .list(let elements, let rest): "[" + (elements.map(dump) + (rest.map { ["..." + $0.name] } ?? [])).joined(separator: " ") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key.name):\(dump($0.pattern))" }.joined(separator: " ") + "}"
    }
}

func dump(_ function: Function) -> String {
    let parameters = function.parameters.map { p in
        (p.isRest ? "..." : "") + p.name.name + (p.defaultValue.map { ":\(dump($0))" } ?? "")
    }.joined(separator: " ")
    let body = switch function.body {
    case .block(let block): dump(block)
    case .expression(let value): dump(value)
    }
    return "(fn \(function.name.map { $0.name + " " } ?? "")(\(parameters)) \(body))"
}

func dump(_ clause: Clause) -> String {
    switch clause {
    case .for(let pattern, let sequence): "(for \(dump(pattern)) \(dump(sequence)))"
    case .if(let condition): "(if \(dump(condition)))"
    }
}

func dump(_ expression: Expression) -> String {
    switch expression.kind {
    case .nil: return "nil"
    case .bool(let value): return "\(value)"
    case .int(let value): return "\(value)"
    case .float(let value): return "\(value)"
    case .name(let name): return name
    case .error: return "<error>"
    case .string(let parts):
        return "\"" + parts.map { part in
            switch part {
            case .text(let text): text
            case .interpolation(let value, let format): "{\(dump(value))\(format.map { ":" + $0.text } ?? "")}"
            }
        }.joined() + "\""
    case .list(let elements):
        return "[" + elements.map { element in
            switch element {
            case .value(let value): dump(value)
            case .spread(let value): "...\(dump(value))"
            }
        }.joined(separator: " ") + "]"
    case .map(let entries):
        return "{" + entries.map { entry in
            switch entry {
            case .named(let key, let value): "\(key.name):\(dump(value))"
            case .computed(let key, let value): "[\(dump(key))]:\(dump(value))"
            case .spread(let value): "...\(dump(value))"
            }
        }.joined(separator: " ") + "}"
    case .range(let lower, let upper, let isClosed):
        return "(\(isClosed ? "..=" : "..") \(lower.map(dump) ?? "_") \(upper.map(dump) ?? "_"))"
    case .unary(let operation, let value, _): return "(\(operation.rawValue) \(dump(value)))"
    case .binary(let operation, let a, let b, _): return "(\(operation.rawValue) \(dump(a)) \(dump(b)))"
    case .comparison(let operands, let operators):
        var result = dump(operands[0])
        for (operation, operand) in zip(operators, operands.dropFirst()) { result += " \(operation.rawValue) \(dump(operand))" }
        return "<\(result)>"
    case .logical(let operation, let a, let b): return "(\(operation.rawValue) \(dump(a)) \(dump(b)))"
    case .pipe(let value, let target): return "(|> \(dump(value)) \(dump(target)))"
    case .call(let callee, let arguments):
        return "(call \(dump(callee))" + arguments.map { argument in
            switch argument.label {
            case .positional: " \(dump(argument.value))"
            case .named(let name): " \(name.name):\(dump(argument.value))"
            case .spread: " ...\(dump(argument.value))"
            }
        }.joined() + ")"
    case .index(let value, let indices): return "(index \(dump(value)) \(indices.map(dump).joined(separator: " ")))"
    case .member(let value, let name): return "(. \(dump(value)) \(name.name))"
    case .lambda(let function): return dump(function)
    case .if(let condition, let then, let otherwise):
        switch otherwise {
        case nil: return "(if \(dump(condition)) \(dump(then)))"
        case .block(let block)?: return "(if \(dump(condition)) \(dump(then)) \(dump(block)))"
        case .if(let next)?: return "(if \(dump(condition)) \(dump(then)) \(dump(next)))"
        }
    case .do(let block): return "(do \(dump(block)))"
    case .try(let body, let name, let handler): return "(try \(dump(body)) \(name?.name ?? "_") \(dump(handler)))"
    case .with(let value, let block): return "(with \(dump(value)) \(dump(block)))"
    case .listComprehension(let value, let clauses): return "[\(dump(value)) \(clauses.map(dump).joined(separator: " "))]"
    case .mapComprehension(let key, let value, let clauses): return "{\(dump(key)):\(dump(value)) \(clauses.map(dump).joined(separator: " "))}"
    }
}
