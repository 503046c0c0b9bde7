extension Descent {
    /// `fn name(parameters) { … }` or `fn name(parameters) = e`.
    mutating func function() throws(Unparsable) -> Function {
        let documentation = lexer.documentation(above: token.start)
        let keyword = token.span
        advance()
        if token.kind == .leftParen {
            throw failure("'fn' needs a name", at: keyword, hint: "a function without a name is written (x, y) => x + y, or x => { … }")
        }
        let name = try identifier("a name for the function")
        guard token.kind == .leftParen, !atLineEnd else { throw expected("'(' and the parameters",
                                        hint: "a function without parameters is written fn \(name.name)() { … }",
                                        mayFollowOnNextLine: false) }
        let parameters = try parameters()
        let (outerLoops, outerFunctions) = (loopDepth, functionDepth)
        (loopDepth, functionDepth) = (0, functionDepth + 1)
        defer { (loopDepth, functionDepth) = (outerLoops, outerFunctions) }
        if token.kind == .assign, !atLineEnd {
            advance()
            return Function(name: name, parameters: parameters, body: .expression(try expression()), documentation: documentation)
        }
        if token.kind == .arrow {
            throw failure("expected '{' or '=' and the function's body", at: token.span,
                hint: "write fn \(name.name)(…) = e; '=>' makes a lambda")
        }
        return Function(name: name, parameters: parameters, body: .block(try block("the function's body")), documentation: documentation)
    }

    private mutating func parameters() throws(Unparsable) -> [Parameter] {
        let (arguments, _, _) = try arguments(asParameters: true)
        return try parameters(from: arguments)
    }

    /// Reads a parenthesised list as parameters: names, `name: default`, `...rest`.
    private mutating func parameters(from arguments: [Argument]) throws(Unparsable) -> [Parameter] {
        var result: [Parameter] = []
        var names: Set<String> = []
        for argument in arguments {
            let parameter: Parameter
            switch argument.label {
            case .named(let name):
                parameter = Parameter(name: name, defaultValue: argument.value, isRest: false)
            case .positional, .spread:
                guard case .name(let name) = argument.value.kind else {
                    if case .error = argument.value.kind { continue }
                    throw failureAtParameter(argument.value)
                }
                let isRest = if case .spread = argument.label { true } else { false }
                parameter = Parameter(name: Identifier(name, argument.value.span), defaultValue: nil, isRest: isRest)
            }
            if parameter.name.name != "_", !names.insert(parameter.name.name).inserted {
                report("the parameter '\(parameter.name.name)' occurs twice", at: parameter.name.span)
            }
            if let last = result.last(where: { $0.isRest }) {
                if parameter.isRest {
                    report("only one parameter can gather the rest", at: parameter.name.span,
                        notes: [note("this one does already", last.name.span)])
                } else {
                    report("...\(last.name.name) gathers the rest and comes last", at: parameter.name.span,
                        hint: "put '\(parameter.name.name)' before it")
                }
            } else if parameter.defaultValue == nil, !parameter.isRest, let earlier = result.last(where: { $0.defaultValue != nil }) {
                report("'\(parameter.name.name)' has no default but follows one that has", at: parameter.name.span,
                       hint: "put the parameters with defaults last",
                       notes: [note("this one has a default", earlier.name.span)])
            }
            result.append(parameter)
        }
        return result
    }

    private mutating func failureAtParameter(_ value: Expression) -> Unparsable {
        switch value.kind {
        case .list, .map:
            report("a parameter is a name", at: value.span,
                hint: "take the value under a name and destructure it in the body: let [a, b] = pair")
        default:
            report("a parameter is a name, name: default or ...name", at: value.span)
        }
        return Unparsable()
    }

    /// `x => e`; the current token is the name.
    mutating func shortLambda() throws(Unparsable) -> Expression {
        let start = token.start
        let name = Identifier(text(of: token), token.span)
        advance()
        return try lambda([Parameter(name: name, defaultValue: nil, isRest: false)], from: start)
    }

    /// `=>` and the body. A brace after the arrow opens a block.
    @inline(never)
    private mutating func lambda(_ parameters: [Parameter], from start: Int) throws(Unparsable) -> Expression {
        advance()
        try descend()
        defer { nesting -= 1 }
        let (outerLoops, outerFunctions) = (loopDepth, functionDepth)
        (loopDepth, functionDepth) = (0, functionDepth + 1)
        defer { (loopDepth, functionDepth) = (outerLoops, outerFunctions) }
        let body: Function.Body = token.kind == .leftBrace ? .block(try block("the lambda's body")) : .expression(try expression())
        return Expression(.lambda(Function(name: nil, parameters: parameters, body: body, documentation: nil)), span(from: start))
    }

    /// `(e)`, or the parameters of a lambda when `=>` follows the closing parenthesis.
    @inline(never)
    mutating func parenthesised() throws(Unparsable) -> Expression {
        let start = token.start
        let (arguments, hasTrailingComma, span) = try arguments(asParameters: true)
        if token.kind == .arrow, !atLineEnd { return try lambda(try parameters(from: arguments), from: start) }
        if arguments.count == 1, !hasTrailingComma {
            switch arguments[0].label {
            case .positional: return Expression(arguments[0].value.kind, span)
            case .named(let name): report("'\(name.name):' is allowed only in a call, a map or the parameters of a lambda", at: name.span,
                                        hint: "a map is written {\(name.name): …}")
            case .spread: report("'...' is allowed only in a call, a list, a map or parameters", at: span)
            }
        } else if arguments.isEmpty {
            throw expectedArrowAfterEmptyParentheses(span)
        } else {
            report("parentheses hold one value", at: span, hint: "a list is written [a, b]; a lambda (a, b) => …")
        }
        return Expression(.error, span)
    }

    private mutating func expectedArrowAfterEmptyParentheses(_ span: Span) -> Unparsable {
        report("these parentheses are empty", at: span,
            hint: "a function without parameters is written () => …; nothing is nil; an empty list is []")
        return Unparsable()
    }
}
