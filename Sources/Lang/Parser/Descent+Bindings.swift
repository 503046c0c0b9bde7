extension Descent {
    /// `let x = e`, `var [a, b] = e`, `let x ~ d`.
    mutating func binding() throws(Unparsable) -> Binding {
        let documentation = lexer.documentation(above: token.start)
        let isMutable = token.kind == .var
        let word = isMutable ? "var" : "let"
        advance()
        if atLineEnd || token.kind == .end { throw expected("a name after '\(word)'", mayFollowOnNextLine: false) }
        if token.kind == .leftParen {
            throw failure("a pattern is written in square brackets", at: token.span, hint: "write \(word) [a, b] = …")
        }
        var names: Set<String> = []
        let pattern = try pattern(names: &names)
        let isDraw = token.kind == .tilde
        guard !atLineEnd, isDraw || token.kind == .assign else {
            if token.kind == .comma {
                throw failure("'\(word)' binds one pattern", at: token.span, hint: "write \(word) [a, b] = …, or two lines")
            }
            if token.kind == .colon { throw failure("bindings have no type annotation", at: token.span, hint: "write \(word) x = …") }
            throw expected("'=' and a value, or '~' and a distribution", hint: atStatementEnd
                && isMutable ? "write var x = nil if there is no value yet" : nil,
                           mayFollowOnNextLine: false)
        }
        advance()
        let value = try expression()
        if token.kind == .assign, !atLineEnd {
            throw failure("an assignment is not a value", at: token.span, hint: "bind one after the other, each on its own line")
        }
        return Binding(isMutable: isMutable, pattern: pattern, isDraw: isDraw, value: value, documentation: documentation)
    }

    /// A name, `[a, [b, c], ...rest]` or `{acc, loss: l}`. `names` are those bound so far.
    mutating func pattern(names: inout Set<String>) throws(Unparsable) -> Pattern {
        switch token.kind {
        case .leftBracket: return try listPattern(names: &names)
        case .leftBrace: return try mapPattern(names: &names)
        default:
            let name = try identifier("a name")
            note(name, in: &names)
            return Pattern(.name(name.name), name.span)
        }
    }

    private mutating func note(_ name: Identifier, in names: inout Set<String>) {
        if name.name != "_", !names.insert(name.name).inserted {
            report("'\(name.name)' is bound twice in one pattern", at: name.span, hint: "'_' takes a value that is not needed")
        }
    }

    private mutating func listPattern(names: inout Set<String>) throws(Unparsable) -> Pattern {
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .group
        defer { surroundings = outer }
        advance()
        var elements: [Pattern] = []
        var rest: Identifier?
        while token.kind != .rightBracket {
            if rest != nil, token.kind != .end { throw failure("nothing can follow the rest", at: token.span, hint: "put ...rest last") }
            if take(.ellipsis) {
                let name = try identifier("a name for the rest")
                note(name, in: &names)
                rest = name
            } else {
                elements.append(try pattern(names: &names))
            }
            if !take(.comma), token.kind != .rightBracket { throw badSeparator(after: open, closer: .rightBracket) }
        }
        advance()
        return Pattern(.list(elements, rest: rest), span(from: open.start))
    }

    private mutating func mapPattern(names: inout Set<String>) throws(Unparsable) -> Pattern {
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .group
        defer { surroundings = outer }
        advance()
        var entries: [(key: Identifier, pattern: Pattern)] = []
        while token.kind != .rightBrace {
            if token.kind == .ellipsis {
                throw failure("a map pattern takes no rest", at: token.span, hint: "name the keys you need; the others are left out")
            }
            let key = try patternKey()
            if take(.colon) {
                entries.append((key, try pattern(names: &names)))
            } else {
                if text(of: key).first == "\"" { throw expected("':' and a name for it") }
                note(key, in: &names)
                entries.append((key, Pattern(.name(key.name), key.span)))
            }
            if !take(.comma), token.kind != .rightBrace { throw badSeparator(after: open, closer: .rightBrace) }
        }
        advance()
        return Pattern(.map(entries), span(from: open.start))
    }

    private func text(of identifier: Identifier) -> String { source.text(of: identifier.span) }

    private mutating func patternKey() throws(Unparsable) -> Identifier {
        if token.kind == .stringStart {
            let key = try string()
            guard case .string(let parts) = key.kind, parts.count <= 1 else {
                throw failure("a key in a pattern is a plain string", at: key.span)
            }
            guard case .text(let text)? = parts.first else { return Identifier("", key.span) }
            return Identifier(text, key.span)
        }
        return ahead.kind == .colon ? try label("a key") : try identifier("a key")
    }
}
