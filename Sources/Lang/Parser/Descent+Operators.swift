/// How tightly operators bind, loosest first, as in the language's table.
enum Precedence: UInt8, Comparable {
    case pipe, coalesce, or, and, not, comparison, range, additive, multiplicative, negation

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Descent {
    mutating func expression() throws(Unparsable) -> Expression { try operators(from: .pipe) }

    /// An expression whose operators bind at least as tightly as `floor`.
    ///
    /// `height` counts how tall the tree grows through chains: it starts from 0 for each expression, grows with every link,
    /// and on the way out the enclosing expression keeps the larger of its own and this one's.
    mutating func operators(from floor: Precedence) throws(Unparsable) -> Expression {
        let outer = height
        height = 0
        openOperands += 1
        defer {
            height = max(outer, height)
            openOperands -= 1
        }
        if openOperands > Self.maximumOpenOperands { throw tooDeep() }
        var left = try prefix(floor)
        while let (precedence, operation) = infix(), precedence >= floor {
            switch operation {
            case .binary(let binary):
                let span = token.span
                advance()
                let right = try operators(from: precedence == .additive ? .multiplicative : .negation)
                left = Expression(.binary(binary, left, right, operator: span), left.span.union(right.span))
            case .logical(.coalesce):
                left = try coalesce(left)
            case .logical(let logical):
                advance()
                let right = try operators(from: precedence == .or ? .and : .not)
                left = Expression(.logical(logical, left, right), left.span.union(right.span))
            case .comparison:
                left = try comparison(left)
            case .range:
                left = try range(from: left)
            case .pipe:
                advance()
                let right = try operators(from: .coalesce)
                left = Expression(.pipe(left, into: right), left.span.union(right.span))
            }
            try lengthenChain()
        }
        return left
    }

    private enum Infix {
        case binary(BinaryOperator), logical(LogicalOperator), comparison, range, pipe
    }

    /// The operator at the current token, unless a line break ended the expression before it.
    private func infix() -> (Precedence, Infix)? {
        if token.kind == .pipe { return (.pipe, .pipe) }
        guard !atLineEnd else { return nil }
        switch token.kind {
        case .coalesce: return (.coalesce, .logical(.coalesce))
        case .or: return (.or, .logical(.or))
        case .and: return (.and, .logical(.and))
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .is: return (.comparison, .comparison)
        case .not: return ahead.kind == .in ? (.comparison, .comparison) : nil
        case .range, .closedRange: return (.range, .range)
        case .plus: return (.additive, .binary(.add))
        case .minus: return (.additive, .binary(.subtract))
        case .star: return (.multiplicative, .binary(.multiply))
        case .slash: return (.multiplicative, .binary(.divide))
        case .doubleSlash: return (.multiplicative, .binary(.floorDivide))
        case .percent: return (.multiplicative, .binary(.remainder))
        case .at: return (.multiplicative, .binary(.matmul))
        default: return nil
        }
    }

    /// `a ?? b ?? c`: to the right, so that every operand but the last may be missing.
    @inline(never)
    private mutating func coalesce(_ first: Expression) throws(Unparsable) -> Expression {
        var operands = [first]
        while token.kind == .coalesce, !atLineEnd {
            advance()
            operands.append(try operators(from: .or))
            try lengthenChain()
        }
        var result = operands.removeLast()
        while let left = operands.popLast() {
            result = Expression(.logical(.coalesce, left, result), left.span.union(result.span))
        }
        return result
    }

    /// `a < b <= c`, one expression however long.
    @inline(never)
    private mutating func comparison(_ first: Expression) throws(Unparsable) -> Expression {
        var operands = [first]
        var operators: [ComparisonOperator] = []
        while !atLineEnd, let next = comparisonOperator() {
            advance()
            if next == .notIn { advance() }
            if next == .is, token.kind == .not {
                advance()
                operators.append(.isNot)
            } else {
                operators.append(next)
            }
            operands.append(try self.operators(from: .range))
        }
        return Expression(.comparison(operands: operands, operators: operators), first.span.union(operands[operands.count - 1].span))
    }

    private func comparisonOperator() -> ComparisonOperator? {
        switch token.kind {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .in: .in
        case .is: .is
        case .not: ahead.kind == .in ? .notIn : nil
        default: nil
        }
    }

    /// `lower..upper`; the upper end may be missing in an index.
    @inline(never)
    private mutating func range(from lower: Expression) throws(Unparsable) -> Expression {
        let isClosed = token.kind == .closedRange
        advance()
        if surroundings == .index, !isClosed, token.kind == .rightBracket || token.kind == .comma {
            return Expression(.range(lower: lower, upper: nil, isClosed: false), span(from: lower.span.start))
        }
        if token.kind == .rightBracket || token.kind == .rightParen || token.kind == .comma {
            throw expected("the range's upper end", hint: surroundings == .index ? nil : "an open end is allowed only in an index: xs[1..]")
        }
        let upper = try operators(from: .additive)
        if token.kind == .range || token.kind == .closedRange, !atLineEnd {
            throw failure("a range has two ends", at: token.span, hint: "for a step, write [x for x in a..b if x % 2 == 0]")
        }
        return Expression(.range(lower: lower, upper: upper, isClosed: isClosed), lower.span.union(upper.span))
    }

    /// What an operand begins with: `not`, minus, or a value with its power.
    @inline(never)
    private mutating func prefix(_ floor: Precedence) throws(Unparsable) -> Expression {
        let sign = token
        switch token.kind {
        case .not:
            if floor > .not {
                report("'not' binds looser than the operator before it", at: sign.span, hint: "put it in parentheses: (not x)")
            }
            return try unary(.not)
        case .bang:
            report("'!' is not an operator", at: sign.span, hint: "write not x")
            return try unary(.not)
        case .minus:
            if ahead.kind == .int, ahead.payload == 1 << 63 { return try mostNegativeInt() }
            return try unary(.negate)
        case .plus:
            throw failure("there is no unary '+'", at: sign.span, hint: "leave it out")
        default:
            return try power()
        }
    }

    @inline(never)
    private mutating func unary(_ operation: UnaryOperator) throws(Unparsable) -> Expression {
        let sign = token.span
        advance()
        try descend()
        defer { nesting -= 1 }
        let operand = try operation == .not ? operators(from: .not) : prefix(.negation)
        return Expression(.unary(operation, operand, operator: sign), sign.union(operand.span))
    }

    /// -9223372036854775808, the one int whose magnitude is no int.
    @inline(never)
    private mutating func mostNegativeInt() throws(Unparsable) -> Expression {
        let start = token.start
        advance()
        let literal = token
        advance()
        switch token.kind {
        case .doubleStar, .dot, .leftBracket, .leftParen:
            if !atLineEnd {
                throw failure("the int \(text(of: literal)) is too large", at: literal.span, hint: Lexer.largestIntHint(text(of: literal)))
            }
        default: break
        }
        return Expression(.int(.min), span(from: start))
    }

    /// `base ** exponent`, to the right; the exponent may have a minus.
    @inline(never)
    private mutating func power() throws(Unparsable) -> Expression {
        let base = try postfix()
        guard token.kind == .doubleStar, !atLineEnd else { return base }
        let sign = token.span
        advance()
        try descend()
        defer { nesting -= 1 }
        let exponent = try prefix(.negation)
        return Expression(.binary(.power, base, exponent, operator: sign), base.span.union(exponent.span))
    }
}
