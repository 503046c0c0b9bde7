/// Recursive descent over the tokens of one source: the state, and the steps every rule is made of.
///
/// A rule that cannot go on reports why and throws `Unparsable`; the nearest bracket or statement around it catches that,
/// skips to where it can go on, and leaves `.error` in the tree.
///
/// The rules that call each other in a circle, and all that makes a diagnostic, are never inlined: merged frames would be
/// several kilobytes a level, and the deepest nesting allowed must fit into a thread's 512 KB stack.
struct Descent {
    /// Thrown after the mistake has been reported.
    struct Unparsable: Error {}

    /// What the innermost bracket is: only among statements does a line break mean something.
    enum Surroundings { case statements, group, index }

    /// How deep brackets and blocks may be nested.
    static let maximumNesting = 200
    /// How many operands may be open at once, counting those in all enclosing brackets: `(a or b and c + (…`.
    static let maximumOpenOperands = 600
    /// How tall an expression's tree may grow by chaining, as in `a + b + c + …`.
    static let maximumChain = 2_000
    /// How many mistakes are reported before the parser gives up.

    let source: Source
    var lexer: Lexer
    var token: Token
    var ahead: Token
    var previousEnd = 0

    var diagnostics: [Diagnostic] = []
    var isStopped = false
    /// The first mistake is that the source ends too early.
    var isIncomplete = false
    var hasReportedEnd = false

    var surroundings = Surroundings.statements
    var nesting = 0
    /// The height of the tallest expression since the enclosing one began; see `operators(from:)`.
    var height = 0
    var openOperands = 0
    var functionDepth = 0
    var loopDepth = 0
    /// Some statement was given up halfway: a closing brace, `else` or `return` without its partner may have lost it there.
    var hasLostStatement = false
    /// Where the innermost statement begins that was begun last.
    var statementStart = 0
    var assignedNames: Set<String> = []

    init(_ source: Source) {
        self.source = source
        lexer = Lexer(source)
        token = lexer.next()
        ahead = lexer.next()
    }

    mutating func program() -> [Statement] {
        let result = statements(inBlock: false)
        checkCount()
        return result
    }

    func allDiagnostics() -> [Diagnostic] {
        var all = lexer.diagnostics + diagnostics
        let broken = lexer.brokenText.filter { text in all.contains { $0.place?.span.start == text.start } }
        all.removeAll { diagnostic in
            let start = diagnostic.place?.span.start ?? 0
            return broken.contains { $0.start < start && start <= $0.end }
        }
        let sorted = all.enumerated().sorted { a, b in
            (a.element.place?.span.start ?? 0, a.offset) < (b.element.place?.span.start ?? 0, b.offset)
        }.map(\.element)
        guard sorted.count > Diagnostic.most else { return sorted }
        var shown = Array(sorted.prefix(Diagnostic.most))
        let next = sorted[Diagnostic.most]
        shown.append(Diagnostic(.syntax, "there are more mistakes from here on; the rest was not read", at: next.place))
        return shown
    }
}

// MARK: Tokens

extension Descent {
    /// The current token begins a line, and that ends the statement before it.
    var atLineEnd: Bool { token.startsLine && surroundings == .statements }

    /// Nothing more belongs to the current statement.
    var atStatementEnd: Bool {
        atLineEnd || token.kind == .end || token.kind == .semicolon || token.kind == .rightBrace
    }

    @inline(never)
    mutating func advance() {
        previousEnd = token.end
        guard !isStopped else { return }
        token = ahead
        if ahead.kind != .end { ahead = lexer.next() }
        if lexer.diagnostics.count > Diagnostic.most { stop() }
    }

    /// The text of a token.
    func text(of token: Token) -> String { String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self) }

    /// Passes over a token of this kind, if it is there.
    @inline(never)
    mutating func take(_ kind: Token.Kind) -> Bool {
        guard token.kind == kind else { return false }
        advance()
        return true
    }

    /// From `start` to the end of the last token taken.
    func span(from start: Int) -> Span { Span(start, previousEnd) }

    /// A name that the program chooses; `what` says what it names.
    mutating func identifier(_ what: String) throws(Unparsable) -> Identifier {
        guard token.kind == .identifier, !atLineEnd else {
            if token.kind.isKeyword, !atLineEnd {
                throw failure("'\(text(of: token))' is a keyword and cannot be \(what)", at: token.span,
                              hint: "choose another name, such as '\(text(of: token))_'")
            }
            throw expected(what, mayFollowOnNextLine: surroundings != .statements)
        }
        defer { advance() }
        return Identifier(text(of: token), token.span)
    }

    /// A name after a point, a label or a map key: keywords will do here.
    mutating func label(_ what: String) throws(Unparsable) -> Identifier {
        guard token.kind == .identifier || token.kind.isKeyword else { throw expected(what) }
        defer { advance() }
        return Identifier(text(of: token), token.span)
    }

    var tokenIsWord: Bool { token.kind == .identifier || token.kind.isKeyword }
}

// MARK: Limits

extension Descent {
    /// One more bracket, block or prefix around what comes; undone by `nesting -= 1`.
    @inline(never)
    mutating func descend() throws(Unparsable) {
        nesting += 1
        guard nesting <= Self.maximumNesting else {
            nesting -= 1
            throw tooDeep()
        }
    }

    mutating func tooDeep() -> Unparsable {
        overflow("the code is nested more than \(Self.maximumNesting) levels deep", at: token.span,
            hint: "give names to the inner parts")
    }

    /// One more link in a chain of operators or calls.
    mutating func lengthenChain() throws(Unparsable) {
        height += 1
        if height > Self.maximumChain {
            throw overflow("the expression chains more than \(Self.maximumChain) operations", at: token.span,
                           hint: "build it up in a loop, or give the parts names")
        }
    }

    private mutating func overflow(_ message: String, at span: Span, hint: String) -> Unparsable {
        if !isStopped { diagnostics.append(Diagnostic(.limit, message, at: .init(source, span), hint: hint)) }
        stop()
        return Unparsable()
    }

    /// Reads no further: what follows would only give mistakes that are none.
    mutating func stop() {
        isStopped = true
        token = Token(kind: .end, start: token.start, end: token.start, startsLine: true)
        ahead = token
    }

    mutating func checkCount() {
        if diagnostics.count + lexer.diagnostics.count > Diagnostic.most, !isStopped { stop() }
    }
}
