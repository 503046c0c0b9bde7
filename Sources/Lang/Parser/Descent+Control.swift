extension Descent {
    /// `if c { … } else if d { … } else { … }`. The chain is read in a loop and nested afterwards, so its length costs no stack.
    @inline(never)
    mutating func ifExpression() throws(Unparsable) -> Expression {
        let outer = height
        height = 0
        defer { height = max(outer, height) }
        var links: [(start: Int, condition: Expression, then: Block)] = []
        var last: Block?
        var isElseIf = false
        repeat {
            let start = token.start
            advance()
            let condition = try condition("if")
            links.append((start, condition, try block("the body of the 'if'")))
            try lengthenChain()
            isElseIf = false
            if token.kind == .identifier, Mistakes.elseIfs.contains(text(of: token)), !atLineEnd || ahead.kind != .assign {
                report("'\(text(of: token))' is not in the language", at: token.span, hint: "write else if")
                isElseIf = true
            } else if take(.else) {
                isElseIf = token.kind == .if
                if !isElseIf { last = try block("the body of the 'else'") }
            }
        } while isElseIf
        let end = previousEnd
        var branch = last.map { Expression.ElseBranch.block($0) }
        while let link = links.popLast() {
            let expression = Expression(.if(condition: link.condition, then: link.then, else: branch), Span(link.start, end))
            if links.isEmpty { return expression }
            branch = .if(expression)
        }
        throw Unparsable()
    }

    /// What stands between `if` or `while` and the body.
    private mutating func condition(_ word: String) throws(Unparsable) -> Expression {
        let start = token.span
        do {
            let condition = try expression()
            if token.kind == .assign { throw failure("'=' assigns; it does not compare", at: token.span, hint: "write ==") }
            return condition
        } catch {
            try recoverAtBody()
            return Expression(.error, start)
        }
    }

    @inline(never)
    mutating func doExpression() throws(Unparsable) -> Expression {
        let start = token.start
        advance()
        let body = try block("the body of the 'do'")
        return Expression(.do(body), span(from: start))
    }

    /// `try { … } catch e { … }`; the name may be left out.
    @inline(never)
    mutating func tryExpression() throws(Unparsable) -> Expression {
        let start = token.start
        advance()
        let body = try block("the body of the 'try'")
        guard take(.catch) else {
            if token.kind == .identifier, ["except", "finally", "rescue"].contains(text(of: token)) {
                throw failure("'\(text(of: token))' is not in the language", at: token.span, hint: "write catch e { … }")
            }
            throw expected("'catch' after the body of the 'try'", hint: "write try { … } catch e { … }")
        }
        var name: Identifier?
        if token.kind == .leftParen {
            throw failure("the name of the error is written without parentheses", at: token.span, hint: "write catch e { … }")
        }
        if token.kind != .leftBrace { name = try identifier("a name for the error") }
        let handler = try block("the body of the 'catch'")
        return Expression(.try(body, catch: name, handler: handler), span(from: start))
    }

    /// `with rng(1) { … }`
    @inline(never)
    mutating func withExpression() throws(Unparsable) -> Expression {
        let start = token.start
        advance()
        var subject: Expression
        do {
            subject = try expression()
            if token.kind == .as { throw failure("'with' takes no 'as'", at: token.span, hint: "bind the value before: let r = …") }
        } catch {
            try recoverAtBody()
            subject = Expression(.error, token.span)
        }
        let body = try block("the body of the 'with'")
        return Expression(.with(subject, body), span(from: start))
    }

    mutating func whileLoop() throws(Unparsable) -> Statement.Kind {
        advance()
        let condition = try condition("while")
        return .while(condition: condition, try loopBody("while"))
    }

    mutating func forLoop() throws(Unparsable) -> Statement.Kind {
        advance()
        let start = token.span
        var pattern = Pattern(.name("_"), start)
        var sequence = Expression(.error, start)
        do {
            pattern = try loopPattern()
            sequence = try expression()
        } catch {
            try recoverAtBody()
        }
        return .for(pattern, in: sequence, try loopBody("for"))
    }

    private mutating func loopBody(_ word: String) throws(Unparsable) -> Block {
        loopDepth += 1
        defer { loopDepth -= 1 }
        return try block("the body of the '\(word)'")
    }

    /// The pattern of a `for`, and the `in` after it.
    mutating func loopPattern() throws(Unparsable) -> Pattern {
        if token.kind == .leftParen {
            throw failure("'for' takes no parentheses", at: token.span, hint: "write for x in xs, or for [a, b] in pairs")
        }
        if token.kind == .let || token.kind == .var {
            report("'for' binds its names itself", at: token.span, hint: "leave '\(text(of: token))' out")
            advance()
        }
        var names: Set<String> = []
        let pattern = try pattern(names: &names)
        if token.kind == .comma { throw failure("'for' binds one pattern", at: token.span, hint: "write for [i, x] in …") }
        if token.kind == .assign { throw failure("'for' goes through a sequence", at: token.span, hint: "write for i in 0..n { … }") }
        guard token.kind == .in, !atLineEnd else { throw expected("'in' and what to go through", mayFollowOnNextLine: false) }
        advance()
        return pattern
    }
}
