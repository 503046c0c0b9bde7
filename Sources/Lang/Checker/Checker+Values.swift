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
            if !seen.insert(Array(key.text.utf8)).inserted { warn("the key \(key.text) occurs twice; the last one counts", key.span) }
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

    private mutating func outcome(
        of operation: ComparisonOperator, _ left: Expression, _ right: Expression
    ) -> (value: Bool, hint: String?)? {
        if let path = left.path, path == right.path {
            switch operation {
            case .less, .greater, .isNot: return (false, "both sides are the same")
            case .is: return (true, "both sides are the same")
            default: break
            }
        }
        if let name = nan(left) ?? nan(right), operation != .in, operation != .notIn, operation != .is, operation != .isNot {
            let test = surroundings.functions.first { $0.value.fact == .isNaN }?.key
            return (operation == .notEqual, "\(name) differs from everything\(test.map { "; \($0)(x) tells" } ?? "")")
        }
        if left.isNewObject || right.isNewObject, operation == .is || operation == .isNot {
            return (operation == .isNot, "a new list or map is never the same object; == compares contents")
        }
        if operation == .equal || operation == .notEqual {
            for (call, other) in [(left, right), (right, left)] {
                if case .name(let name) = other.kind, builtin(name) != nil, let function = called(call), function.fact == .text {
                    return (operation == .notEqual, "\(function.name)(x) is a text: write \"\(name)\"")
                }
            }
        }
        if case .list(let elements) = right.kind, elements.isEmpty, operation == .in || operation == .notIn {
            return (operation == .notIn, "the list is empty")
        }
        if case .int(0) = right.kind, called(left)?.fact == .length, operation == .less || operation == .greaterOrEqual {
            return (operation == .greaterOrEqual, "a length is never below 0")
        }
        return nil
    }

    /// The built-in function of a name, where nothing else is called so.
    private mutating func builtin(_ name: String) -> Callable? { isFree(name) ? surroundings.functions[name] : nil }

    private mutating func isFree(_ name: String) -> Bool { scopes.find(name, isRead: false) == nil }

    /// The built-in function whose value this is.
    private mutating func called(_ value: Expression) -> Callable? {
        if case .call(let callee, _) = value.kind, case .name(let name) = callee.kind { return builtin(name) }
        return nil
    }

    private mutating func nan(_ value: Expression) -> String? {
        if case .name(let name) = value.kind, isFree(name), surroundings.constants[name]?.isNaN == true { return name }
        return nil
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
