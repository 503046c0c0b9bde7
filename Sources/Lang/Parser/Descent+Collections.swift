extension Descent {
    /// `[1, ...xs]` or `[f(x) for x in xs if p(x)]`.
    @inline(never)
    mutating func list() throws(Unparsable) -> Expression {
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .group
        defer { surroundings = outer }
        advance()
        var elements: [Element] = []
        while token.kind != .rightBracket {
            do {
                if take(.ellipsis) {
                    elements.append(.spread(try expression()))
                } else {
                    let value = try expression()
                    elements.append(.value(value))
                    if token.kind == .for {
                        if elements.count > 1 { report("a comprehension has one element expression", at: token.span,
                                        hint: "for several values each, write [[a, b] for …]") }
                        let clauses = try clauses()
                        guard token.kind == .rightBracket else { throw badSeparator(after: open, closer: .rightBracket) }
                        advance()
                        return Expression(.listComprehension(value, clauses), span(from: open.start))
                    }
                }
                if !take(.comma), token.kind != .rightBracket { throw badSeparator(after: open, closer: .rightBracket) }
            } catch {
                try recover(inside: .rightBracket)
                elements.append(.value(Expression(.error, open.span)))
            }
        }
        advance()
        return Expression(.list(elements), span(from: open.start))
    }

    /// `for x in xs if p(x) for …`, up to the closing bracket.
    private mutating func clauses() throws(Unparsable) -> [Clause] {
        var clauses: [Clause] = []
        while true {
            if take(.for) {
                let pattern = try loopPattern()
                clauses.append(.for(pattern, in: try expression()))
            } else if take(.if) {
                clauses.append(.if(try expression()))
            } else {
                return clauses
            }
        }
    }

    /// `{lr: 0.05, "a b": 1, [key]: v, acc, ...m}` or `{k: v for [k, v] in m}`.
    @inline(never)
    mutating func map() throws(Unparsable) -> Expression {
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .group
        defer { surroundings = outer }
        advance()
        try checkIsMap(open)
        var entries: [Entry] = []
        while token.kind != .rightBrace {
            do {
                let entry = try entry()
                if token.kind == .for {
                    if !entries.isEmpty { report("a comprehension has one entry", at: token.span, hint: "write {key: value for …}") }
                    let clauses = try clauses()
                    guard token.kind == .rightBrace else { throw badSeparator(after: open, closer: .rightBrace) }
                    advance()
                    let (key, value) = comprehended(entry)
                    return Expression(.mapComprehension(key: key, value: value, clauses), span(from: open.start))
                }
                entries.append(checked(entry))
                if !take(.comma), token.kind != .rightBrace { throw badSeparator(after: open, closer: .rightBrace) }
            } catch {
                try recover(inside: .rightBrace)
                entries.append(.spread(Expression(.error, open.span)))
            }
        }
        advance()
        return Expression(.map(entries), span(from: open.start))
    }

    /// A brace that begins with a statement was meant as a block.
    private mutating func checkIsMap(_ open: Token) throws(Unparsable) {
        let isStatement = token.kind.beginsStatement || token.kind == .for || token.kind == .if
        guard isStatement, ahead.kind != .colon, ahead.kind != .comma, ahead.kind != .rightBrace else { return }
        report("this '{' begins a map, but a statement follows", at: open.span, hint: "a block follows do: do { … }")
        throw Unparsable()
    }

    /// An entry, with its key as it was written.
    private enum RawEntry {
        /// `lr: v`
        case word(Identifier, Expression)
        /// `acc`
        case shorthand(Identifier)
        /// `"a b": v`, `3: v`, `[key]: v`, and in a comprehension any expression.
        case keyed(Expression, Expression, isBracketed: Bool)
        case spread(Expression)
    }

    private mutating func entry() throws(Unparsable) -> RawEntry {
        if take(.ellipsis) { return .spread(try expression()) }
        if tokenIsWord, ahead.kind == .colon {
            let key = try label("a key")
            advance()
            return .word(key, try entryValue())
        }
        if token.kind == .identifier, ahead.kind == .comma || ahead.kind == .rightBrace {
            return .shorthand(try identifier("a key"))
        }
        if token.kind == .leftBracket {
            let key = try list()
            guard take(.colon) else { throw expected("':' and a value") }
            guard case .list(let elements) = key.kind, elements.count == 1, case .value(let inner) = elements[0] else {
                throw failure("a computed key is one expression in square brackets", at: key.span)
            }
            return .keyed(inner, try entryValue(), isBracketed: true)
        }
        let key = try operators(from: .coalesce)
        guard take(.colon) else {
            if token.kind == .assign { throw failure("a key is followed by a colon", at: token.span,
                                        hint: "write {\(source.text(of: key.span).prefix(30)): …}") }
            guard token.kind == .comma || token.kind == .rightBrace else { throw expected("':' and a value") }
            // A set, by the looks of it: the values after the first are the same mistake.
            let mistake = expected("':' and a value", hint: "a map is written {key: value}; a list [a, b]; a block follows do")
            while token.kind != .rightBrace { try recover(inside: .rightBrace) }
            throw mistake
        }
        return .keyed(key, try entryValue(), isBracketed: false)
    }

    private mutating func entryValue() throws(Unparsable) -> Expression {
        if token.kind == .comma || token.kind == .rightBrace { throw expected("a value for the key") }
        return try expression()
    }

    /// The entry of a map literal.
    private mutating func checked(_ entry: RawEntry) -> Entry {
        switch entry {
        case .word(let key, let value): return .named(key, value)
        case .shorthand(let name): return .named(name, Expression(.name(name.name), name.span))
        case .spread(let value): return .spread(value)
        case .keyed(let key, let value, isBracketed: true): return .computed(key, value)
        case .keyed(let key, let value, isBracketed: false):
            switch key.kind {
            case .string(let parts):
                if parts.isEmpty { return .named(Identifier("", key.span), value) }
                if parts.count == 1, case .text(let text) = parts[0] { return .named(Identifier(text, key.span), value) }
                return .computed(key, value)
            case .int, .float, .bool, .nil, .error, .unary(.negate, _, _): return .computed(key, value)
            default:
                report("a computed key is written in square brackets", at: key.span,
                    hint: "write [\(source.text(of: key.span).prefix(30))]: …")
                return .computed(key, value)
            }
        }
    }

    /// Key and value of a comprehension, where a bare word is a name and not a text.
    private mutating func comprehended(_ entry: RawEntry) -> (Expression, Expression) {
        switch entry {
        case .word(let key, let value): return (Expression(.name(key.name), key.span), value)
        case .keyed(let key, let value, _): return (key, value)
        case .shorthand(let name):
            report("a comprehension of maps has a key and a value", at: name.span,
                hint: "write {\(name.name): value for …}; a list is [\(name.name) for …]")
            return (Expression(.error, name.span), Expression(.error, name.span))
        case .spread(let value):
            report("a comprehension of maps has a key and a value", at: value.span, hint: "write {key: value for …}")
            return (Expression(.error, value.span), Expression(.error, value.span))
        }
    }
}
