extension Descent {
    /// A literal, a name, something in brackets, or an expression that begins with a keyword.
    @inline(never)
    mutating func primary() throws(Unparsable) -> Expression {
        let span = token.span
        switch token.kind {
        case .identifier:
            if ahead.kind == .arrow, !(ahead.startsLine && surroundings == .statements) { return try shortLambda() }
            let name = text(of: token)
            advance()
            if let ours = Mistakes.foreignConstants[name] {
                report("'\(name)' is not in the language", at: span, hint: "write \(ours)")
                return Expression(.error, span)
            }
            return Expression(.name(name), span)
        case .int:
            let value = token.payload
            if value > Int.max { report("the int \(text(of: token)) is too large", at: span, hint: Lexer.largestIntHint(text(of: token))) }
            advance()
            return Expression(.int(Int(truncatingIfNeeded: value)), span)
        case .float:
            let value = Double(bitPattern: token.payload)
            advance()
            return Expression(.float(value), span)
        case .nil: return literal(.nil)
        case .true: return literal(.bool(true))
        case .false: return literal(.bool(false))
        case .stringStart, .rawString: return try string()
        case .leftParen: return try parenthesised()
        case .leftBracket: return try list()
        case .leftBrace: return try map()
        case .if: return try ifExpression()
        case .do: return try doExpression()
        case .try: return try tryExpression()
        case .with: return try withExpression()
        case .invalid:
            advance()
            return Expression(.error, span)
        default: throw expectedExpression()
        }
    }

    private mutating func literal(_ kind: Expression.Kind) -> Expression {
        defer { advance() }
        return Expression(kind, token.span)
    }
}
