extension Checker {
    /// `{a: 1, a: 2}`: only the last of them counts.
    mutating func warnOfRepeatedKeys(_ entries: [Entry]) {
        var seen: Set<[UInt8]> = []
        for entry in entries {
            let key: (text: String, span: Span)
            switch entry {
            case .named(let name, _): key = ("\"\(name.name)\"", name.span)
            case .computed(let value, _):
                guard let text = value.literalText else { continue }
                key = (text, value.span)
            case .spread: continue
            }
            if !seen.insert(Array(key.text.utf8)).inserted { warn("the key \(key.text) is there twice; the last one counts", key.span) }
        }
    }

    /// Comparisons that come out the same whatever the values are.
    mutating func warnOfForegoneComparisons(_ operands: [Expression], _ operators: [ComparisonOperator]) {
        for (i, operation) in operators.enumerated() {
            let (left, right) = (operands[i], operands[i + 1])
            guard let outcome = outcome(of: operation, left, right) else { continue }
            warn("this is always \(outcome.value)", left.span.union(right.span), hint: outcome.hint)
        }
    }

    private mutating func outcome(of operation: ComparisonOperator, _ left: Expression, _ right: Expression) -> (value: Bool, hint: String?)? {
        if let path = left.path, path == right.path {
            switch operation {
            case .less, .greater, .isNot: return (false, "both sides are the same")
            case .is: return (true, "both sides are the same")
            default: break
            }
        }
        if isNaN(left) || isNaN(right), operation != .in, operation != .notIn, operation != .is, operation != .isNot {
            return (operation == .notEqual, "nan differs from everything; is_nan(x) tells")
        }
        if left.isNewObject || right.isNewObject, operation == .is || operation == .isNot {
            return (operation == .isNot, "a new list or map is no other object; == compares what is in it")
        }
        if operation == .equal || operation == .notEqual {
            for (call, other) in [(left, right), (right, left)] {
                if case .call(let callee, _) = call.kind, case .name("type") = callee.kind, isBuiltin("type"),
                    case .name(let name) = other.kind, Checker.typeFunctions.contains(name), isBuiltin(name) {
                    return (operation == .notEqual, "type(x) is a text: write \"\(name)\"")
                }
            }
        }
        if case .list(let elements) = right.kind, elements.isEmpty, operation == .in || operation == .notIn {
            return (operation == .notIn, "the list is empty")
        }
        if case .int(0) = right.kind, isLength(left), operation == .less || operation == .greaterOrEqual {
            return (operation == .greaterOrEqual, "a length is never below 0")
        }
        return nil
    }

    /// Functions that have the name of the type which they make.
    private static let typeFunctions: Set<String> = ["int", "float", "bool", "list", "map", "range", "table", "tensor", "space", "supernet", "benchmark"]

    private mutating func isBuiltin(_ name: String) -> Bool { scopes.find(name, isRead: false) == nil }

    private mutating func isNaN(_ value: Expression) -> Bool {
        if case .name("nan") = value.kind { return isBuiltin("nan") }
        return false
    }

    private mutating func isLength(_ value: Expression) -> Bool {
        if case .call(let callee, _) = value.kind, case .name("len") = callee.kind { return isBuiltin("len") }
        return false
    }
}

extension Expression {
    /// A literal key as text that no other literal has; nil for anything else.
    fileprivate var literalText: String? {
        switch kind {
        case .nil: "nil"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .string(let parts):
            switch parts.first {
            case nil: "\"\""
            case .text(let text)? where parts.count == 1: "\"\(text)\""
            default: nil
            }
        default: nil
        }
    }

    /// `a.b.c` as a text; nil for what is no plain path of names.
    fileprivate var path: String? {
        switch kind {
        case .name(let name): name
        case .member(let object, let name): object.path.map { "\($0).\(name.name)" }
        default: nil
        }
    }

    fileprivate var isNewObject: Bool {
        switch kind {
        case .list, .map, .listComprehension, .mapComprehension: true
        default: false
        }
    }
}
