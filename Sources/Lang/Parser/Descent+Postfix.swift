extension Descent {
    /// A value with its calls, indices and members. A line that begins with a point goes on with the value above.
    @inline(never)
    mutating func postfix() throws(Unparsable) -> Expression {
        var value = try primary()
        while true {
            switch token.kind {
            case .leftParen where !atLineEnd:
                let (arguments, _, _) = try arguments(asParameters: false)
                value = Expression(.call(value, arguments), span(from: value.span.start))
            case .leftBracket where !atLineEnd:
                value = try index(value)
            case .dot:
                advance()
                guard tokenIsWord else {
                    throw expected("a name after '.'", hint: token.kind == .int ? "an element is written xs[i]; a float 1.0" : nil)
                }
                let name = try label("a name after '.'")
                value = Expression(.member(value, name), span(from: value.span.start))
            default:
                return value
            }
            try lengthenChain()
        }
    }

    /// `(a, scale: 3, ...xs)`: what a call passes, and in the same form what a function takes.
    @inline(never)
    mutating func arguments(asParameters: Bool) throws(Unparsable) -> (arguments: [Argument], hasTrailingComma: Bool, span: Span) {
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .group
        defer { surroundings = outer }
        advance()
        var arguments: [Argument] = []
        var hasTrailingComma = false
        while token.kind != .rightParen {
            do {
                let argument = try argument(asParameter: asParameters)
                if !asParameters { checkOrder(of: argument, after: arguments) }
                arguments.append(argument)
                hasTrailingComma = take(.comma)
                if !hasTrailingComma, token.kind != .rightParen { throw badSeparator(after: open, closer: .rightParen) }
            } catch {
                try recover(inside: .rightParen)
                if arguments.isEmpty { arguments.append(Argument(.positional, Expression(.error, open.span))) }
            }
        }
        advance()
        return (arguments, hasTrailingComma, span(from: open.start))
    }

    private mutating func argument(asParameter: Bool) throws(Unparsable) -> Argument {
        if take(.ellipsis) { return Argument(.spread, try expression()) }
        if tokenIsWord, ahead.kind == .colon {
            let name = asParameter ? try identifier("a parameter") : try label("the parameter's name")
            advance()
            if token.kind == .comma || token.kind == .rightParen { throw expected("a value for '\(name.name)'") }
            return Argument(.named(name), try expression())
        }
        if token.kind == .identifier, ahead.kind == .assign {
            let name = text(of: token)
            throw failure(asParameter ? "a default is written with a colon" : "an argument is named with a colon", at: ahead.span,
                hint: "write \(name): …")
        }
        return Argument(.positional, try expression())
    }

    /// Positional arguments come first, and no name comes twice.
    private mutating func checkOrder(of argument: Argument, after earlier: [Argument]) {
        switch argument.label {
        case .positional, .spread:
            let firstNamed = earlier.lazy.compactMap { argument -> Identifier? in
                if case .named(let name) = argument.label { name } else { nil }
            }.first
            if let firstNamed {
                report("a positional argument follows a named one", at: argument.value.span,
                    hint: "put it before \(firstNamed.name): …, or name it too")
            }
        case .named(let name):
            for case .named(let other) in earlier.lazy.map(\.label) where other.name == name.name {
                report("the argument '\(name.name)' is given twice", at: name.span, notes: [note("first here", other.span)])
            }
        }
    }

    /// `xs[i]`, `t[0, .., 1..3]`.
    @inline(never)
    private mutating func index(_ value: Expression) throws(Unparsable) -> Expression {
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .index
        defer { surroundings = outer }
        advance()
        var indices: [Expression] = []
        if token.kind == .rightBracket {
            report("the index is empty", at: Span(open.start, token.end), hint: "all of it is written [..]")
            indices.append(Expression(.error, token.span))
        }
        while token.kind != .rightBracket {
            do {
                indices.append(try indexItem())
                if !take(.comma), token.kind != .rightBracket { throw badSeparator(after: open, closer: .rightBracket) }
            } catch {
                try recover(inside: .rightBracket)
                indices.append(Expression(.error, open.span))
            }
        }
        advance()
        return Expression(.index(value, indices), span(from: value.span.start))
    }

    private mutating func indexItem() throws(Unparsable) -> Expression {
        guard token.kind == .range || token.kind == .closedRange else { return try expression() }
        let start = token.start
        let isClosed = token.kind == .closedRange
        advance()
        if !isClosed, token.kind == .rightBracket || token.kind == .comma {
            return Expression(.range(lower: nil, upper: nil, isClosed: false), span(from: start))
        }
        let upper = try operators(from: .additive)
        return Expression(.range(lower: nil, upper: upper, isClosed: isClosed), span(from: start))
    }
}
