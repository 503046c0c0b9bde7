/// What people who come from other languages write, and what to tell them.
enum Mistakes {
    /// Constants by their names elsewhere.
    static let foreignConstants = [
        "None": "nil", "null": "nil", "NULL": "nil", "undefined": "nil", "True": "true", "False": "false", "TRUE": "true", "FALSE": "false",
    ]

    /// Functions that are statements elsewhere.
    static let foreignCommands: Set<String> = ["print", "assert"]

    static let unboundDraw = (message: "a draw binds a name", hint: "write let x ~ d, or call draw(d)")
    static let lostReturn = (message: "'return' is outside a function", hint: "exit() ends a script")

    static let elseIfs: Set<String> = ["elif", "elsif", "elseif"]

    /// Words that begin a statement elsewhere: what to say when another word, or what is given here, follows on the line.
    static let foreignStatements: [String: (message: String, hint: String)] = [
        "def": ("'def' is not in the language", "write fn name(x) { … }"),
        "function": ("'function' is not in the language", "write fn name(x) { … }"),
        "func": ("'func' is not in the language", "write fn name(x) { … }"),
        "const": ("'const' is not in the language", "write let x = …"),
        "class": ("there are no classes", "a function that returns a map {key: value} keeps state; functions in it are its methods"),
        "struct": ("there are no structs", "use a map {key: value}"),
        "from": ("'from' is not in the language", "write import \"file.pada\" or import module"),
        "elif": ("'elif' is not in the language", "write else if, after the closing brace"),
        "elsif": ("'elsif' is not in the language", "write else if, after the closing brace"),
        "elseif": ("'elseif' is not in the language", "write else if, after the closing brace"),
        "switch": ("'switch' is not in the language", "write if … { } else if … { }, or look a map up"),
        "match": ("'match' is not in the language", "write if … { } else if … { }, or look a map up"),
        "raise": ("'raise' is not in the language", "write throw \"what went wrong\""),
        "del": ("'del' is not in the language", "call remove(m, key)"),
        "global": ("'global' is not in the language", "closures see the names around them; declare it with var outside"),
        "lambda": ("'lambda' is not in the language", "write x => x + 1"),
        "yield": ("'yield' is not in the language", "build a list and return it"),
        "async": ("'async' is not in the language", "leave it out"),
        "await": ("'await' is not in the language", "leave it out"),
        "new": ("'new' is not in the language", "call the function that makes it"),
    ]
}

extension Descent {
    /// Complains about a statement that begins with another language's word: two words in a row cannot be ours.
    mutating func checkForeignStatement() throws(Unparsable) {
        guard token.kind == .identifier, !ahead.startsLine else { return }
        switch ahead.kind {
        case .identifier, .stringStart, .int, .float:
            if let mistake = Mistakes.foreignStatements[text(of: token)] {
                throw failure(mistake.message, at: token.span, hint: mistake.hint)
            }
        default: return
        }
    }

    /// No expression begins with the current token.
    @inline(never)
    mutating func expectedExpression() -> Unparsable {
        let span = token.span
        let word = text(of: token)
        if atLineEnd || token.kind == .end, previousEnd > 1, lexer.bytes[(previousEnd - 2)..<previousEnd].elementsEqual([0x2D, 0x2D]) {
            return failure("'--' is not an operator", at: Span(previousEnd - 2, previousEnd), hint: "write x -= 1")
        }
        switch token.kind {
        case .fn: return failure("'fn' makes a statement, not a value", at: span,
            hint: "a function without a name is written (x, y) => x + y, or x => { … }")
        case .for: return failure("'for' is a statement, not a value", at: span, hint: "a list is built with [e for x in xs]")
        case .while: return failure("'while' is a statement, not a value", at: span)
        case .let,
            .var: return failure("'\(word)' is a statement, not a value", at: span, hint: "put it on its own line, or in do { … }")
        case .return, .throw, .break, .continue:
            return failure("'\(word)' is a statement, not a value", at: span, hint: "write if c { \(word) … }, or do { \(word) … }")
        case .else where hasLostStatement, .catch where hasLostStatement: return Unparsable()
        case .else: return failure("this 'else' has no 'if'", at: span, hint: "it follows the closing brace of an if")
        case .catch: return failure("this 'catch' has no 'try'", at: span, hint: "it follows the closing brace of a try")
        case .range,
            .closedRange: return failure("the range has no lower end", at: span,
            hint: "write 0..n; an open end is allowed only in an index: xs[..3]")
        case .dot where ahead.kind == .int: return failure("a float has a digit before the point", at: span.union(ahead.span),
                                        hint: "write 0.\(text(of: ahead))")
        case .doubleSlash, .slash:
            return failure("expected an expression, found \(found)", at: span, hint: "a comment begins with #")
        case .assign where previousEnd == span.start && span.start > 0: return expected("an expression", hint: "a comparison is written ==")
        case .at where token.startsLine: return failure("there are no decorators", at: span, hint: "@ is the matrix product")
        case .end: return expected("an expression")
        case _ where atLineEnd && token.start == statementStart && !token.kind.isKeyword:
            return failure("no line begins with '\(word)'", at: span, hint: "to continue a line, end it with an operator, or use brackets")
        case .minus, .plus, .star: return expected("an expression")
        default:
            if token.kind.isKeyword, !atLineEnd { return failure("expected an expression, found the keyword '\(word)'", at: span) }
            return expected("an expression")
        }
    }

    /// Something stands behind a whole statement on its line.
    mutating func unexpectedAfterStatement() -> Unparsable {
        let span = token.span
        switch token.kind {
        case .stringStart, .rawString, .int, .float, .identifier, .nil, .true, .false:
            if let hint = hintForTwoValues() { return failure("expected the end of the statement, found \(found)", at: span, hint: hint) }
            return failure("expected the end of the statement, found \(found)", at: span, 
                           hint: """
                           is an operator, a comma or a call's parentheses missing? two statements stand on two lines, or with ';' between
                           """)
        case .if: return failure("'if' comes before the values it decides between", at: span, hint: "write if c { a } else { b }")
        case .for: return failure("a comprehension is written in brackets", at: span, hint: "write [e for x in xs]")
        case .else where hasLostStatement, .catch where hasLostStatement: return Unparsable()
        case .else: return failure("this 'else' has no 'if'", at: span, hint: "it follows the closing brace of an if")
        case .catch: return failure("this 'catch' has no 'try'", at: span, hint: "it follows the closing brace of a try")
        case .question: return failure("'?' is not an operator", at: span, hint: "write if c { a } else { b }")
        case .tilde: return failure(Mistakes.unboundDraw.message, at: span, hint: Mistakes.unboundDraw.hint)
        case .comma: return failure("a comma cannot stand here", at: span,
                                    hint: "write several values as a list: [a, b]; a map after '=>' needs parentheses: ({a, b})")
        case .colon: return failure("a colon cannot stand here", at: span,
                                    hint: """
                                    a body is written in braces: { … }; for a map after '=>', put parentheses around it: ({key: value})
                                    """)
        case .arrow: return failure("the parameters of a lambda are names in parentheses", at: span, hint: "write x => …, or (x, y) => …")
        case .leftBrace: return failure("a block cannot stand here", at: span,
            hint: "is 'if', 'while', 'for', 'do' or '=>' missing before it?")
        case .assign: return failure("'=' cannot stand here", at: span, hint: "a comparison is written ==")
        case .bang: return failure("'!' is not an operator", at: span, hint: "write not x, or !=")
        case .rightParen,
            .rightBracket: return failure("this '\(text(of: token))' closes nothing", at: span,
            hint: "delete it, or open its partner before it")
        case .not:
            advance()
            return expected("'in' after 'not'")
        default: return failure("expected the end of the statement, found \(found)", at: span)
        }
    }

    /// For two values side by side, with nothing between them.
    private func hintForTwoValues() -> String? {
        var start = previousEnd
        while start > 0, Lexer.continuesWord(lexer.bytes[start - 1]) { start -= 1 }
        let before = String(decoding: lexer.bytes[start..<previousEnd], as: UTF8.self)
        if let mistake = Mistakes.foreignStatements[before] { return mistake.hint }
        if Mistakes.foreignCommands.contains(before) { return "a call has parentheses: \(before)(…)" }
        if previousEnd > 0, lexer.bytes[previousEnd - 1] == UInt8(ascii: "\""), token.kind == .stringStart {
            return "strings are joined with +, or written into one"
        }
        return nil
    }

    /// What to say when neither a comma nor the closing bracket follows an element.
    func hintAfterElement(in closer: Token.Kind) -> String? {
        switch token.kind {
        case .colon where closer == .rightBracket: "a slice is written xs[a..b]"
        case .colon: "a key is a name, a string or [an expression]"
        case .assign: closer == .rightParen ? "an argument is named with a colon: name: value" : "a key is followed by a colon: key: value"
        case .for: "a comprehension is written in square brackets: [e for x in xs]"
        case .if: "write if c { a } else { b }"
        case .question: "write if c { a } else { b }"
        default: "is a comma missing?"
        }
    }

    /// What to say when a body's brace is missing.
    var hintForMissingBrace: String? {
        switch token.kind {
        case .colon: "a body is written in braces: { … }"
        case .identifier where text(of: token) == "then": "leave 'then' out; the body is written in braces"
        default: atLineEnd || token.kind == .end ? nil : "a body is written in braces, even when it is one line"
        }
    }
}
