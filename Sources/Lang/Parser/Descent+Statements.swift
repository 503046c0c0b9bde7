extension Descent {
    /// Statements to the end of the source, or to the brace that closes the block.
    mutating func statements(inBlock: Bool) -> [Statement] {
        var result: [Statement] = []
        while true {
            while token.kind == .semicolon { advance() }
            if token.kind == .end { break }
            if inBlock, token.kind.isCloser || token.kind == .else || token.kind == .catch { break }
            if token.kind.isCloser {
                reportStrayCloser()
                continue
            }
            let start = token.start
            do {
                result.append(try statement())
                try endStatement()
            } catch {
                hasLostStatement = true
                if token.start == start, !isStopped, !(inBlock && token.kind.isCloser) { advance() }
                synchronise(inBlock: inBlock)
            }
        }
        return result
    }

    private mutating func reportStrayCloser() {
        if !hasLostStatement {
            report("this '\(text(of: token))' closes nothing", at: token.span, hint: "delete it, or open its partner before it")
        }
        advance()
    }

    /// `{ … }` as a body; `what` names it in the complaint when it is missing.
    @inline(never)
    mutating func block(_ what: String) throws(Unparsable) -> Block {
        guard token.kind == .leftBrace else { throw expected("'{' and \(what)", hint: hintForMissingBrace) }
        let open = token
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .statements
        defer { surroundings = outer }
        advance()
        let statements = statements(inBlock: true)
        guard token.kind == .rightBrace else { throw neverClosed(open) }
        advance()
        return Block(statements, span(from: open.start))
    }

    mutating func statement() throws(Unparsable) -> Statement {
        let start = token.start
        statementStart = start
        let kind: Statement.Kind
        switch token.kind {
        case .let, .var: kind = .binding(try binding())
        case .fn: kind = .function(try function())
        case .while: kind = try whileLoop()
        case .for: kind = try forLoop()
        case .break, .continue: kind = jump()
        case .return: kind = try returnStatement()
        case .throw:
            advance()
            guard !atStatementEnd else {
                throw expected("a value to throw", hint: "write throw \"what went wrong\"", mayFollowOnNextLine: false)
            }
            kind = .throw(try expression())
        case .import: kind = try importStatement()
        default: kind = try expressionStatement()
        }
        return Statement(kind, span(from: start))
    }

    /// What follows a statement must be a line break, a semicolon or the end of the block.
    private mutating func endStatement() throws(Unparsable) {
        if atStatementEnd { return }
        if token.kind == .interpolationEnd || token.kind == .rightParen || token.kind == .rightBracket, nesting > 0 { return }
        throw unexpectedAfterStatement()
    }

    private mutating func jump() -> Statement.Kind {
        let isBreak = token.kind == .break
        if loopDepth == 0, !hasLostStatement {
            report("'\(text(of: token))' is outside a loop", at: token.span,
                hint: functionDepth > 0 ? "to leave a function, write return" : nil)
        }
        advance()
        return isBreak ? .break : .continue
    }

    private mutating func returnStatement() throws(Unparsable) -> Statement.Kind {
        if functionDepth == 0, !hasLostStatement {
            report(Mistakes.lostReturn.message, at: token.span, hint: Mistakes.lostReturn.hint)
        }
        advance()
        return .return(atStatementEnd || token.kind.isCloser ? nil : try expression())
    }

    private mutating func expressionStatement() throws(Unparsable) -> Statement.Kind {
        try checkForeignStatement()
        let target = try expression()
        let compound: AssignmentOperator?
        switch token.kind {
        case .assign: compound = nil
        case .plusAssign: compound = .binary(.add)
        case .minusAssign: compound = .binary(.subtract)
        case .starAssign: compound = .binary(.multiply)
        case .slashAssign: compound = .binary(.divide)
        case .doubleSlashAssign: compound = .binary(.floorDivide)
        case .percentAssign: compound = .binary(.remainder)
        case .doubleStarAssign: compound = .binary(.power)
        case .coalesceAssign: compound = .coalesce
        default: return .expression(target)
        }
        if atLineEnd { return .expression(target) }
        checkTarget(target)
        advance()
        let value = try expression()
        if token.kind == .assign, !atLineEnd {
            throw failure("an assignment is not a value", at: token.span, hint: "assign one after the other, each on its own line")
        }
        if case .name(let name) = target.kind { assignedNames.insert(name) }
        return .assignment(target: target, operator: compound, value: value)
    }

    /// Only names, elements and members can be assigned to.
    private mutating func checkTarget(_ target: Expression) {
        switch target.kind {
        case .name, .index, .member, .error: break
        case .list: report("a list pattern is allowed only after let or var", at: target.span,
            hint: "write let [a, b] = …, or assign one at a time")
        case .map: report("a map pattern is allowed only after let or var", at: target.span,
            hint: "write let {a, b} = …, or assign one at a time")
        case .call: report("the result of a call cannot be assigned to", at: target.span,
                           hint: "assign to a name, an element xs[i] or a member m.key; to compare, write ==")
        default: report("this cannot be assigned to", at: target.span,
            hint: "assign to a name, an element xs[i] or a member m.key; to compare, write ==")
        }
    }

    private mutating func importStatement() throws(Unparsable) -> Statement.Kind {
        let start = token.span
        if nesting > 0 { report("an import is allowed only at the top level of a file", at: start) }
        advance()
        let target: Import.Target
        if !atLineEnd, token.kind == .stringStart || token.kind == .rawString {
            let path = try string()
            guard case .string(let parts) = path.kind else { throw Unparsable() }
            switch parts.first {
            case .text(let text)? where parts.count == 1: target = .file(text, path.span)
            case nil: throw failure("the path to import is empty", at: path.span)
            default: throw failure("the path to import is a plain string, without braces", at: path.span)
            }
        } else {
            target = .library(try identifier("a path in quotes or the name of a library module"))
        }
        var alias: Identifier?
        if token.kind == .as, !atLineEnd {
            advance()
            alias = try identifier("the name to import it under")
        }
        return .import(Import(target: target, alias: alias))
    }
}
