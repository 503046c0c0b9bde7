extension Descent {
    /// Notes a mistake and goes on.
    @inline(never)
    mutating func report(_ message: String, at span: Span, hint: String? = nil, notes: [Diagnostic.Note] = []) {
        guard !isStopped else { return }
        if diagnostics.last?.place?.span.start == span.start
            || lexer.diagnostics.suffix(2).contains(where: { $0.place?.span.start == span.start }) {
            return
        }
        diagnostics.append(Diagnostic(.syntax, message, at: .init(source, span), hint: hint, notes: notes))
        checkCount()
    }

    /// Notes a mistake and gives the error to throw. A token that the lexer has complained about needs no second complaint.
    @inline(never)
    mutating func failure(_ message: String, at span: Span, hint: String? = nil, notes: [Diagnostic.Note] = []) -> Unparsable {
        if token.kind != .invalid { report(message, at: span, hint: hint, notes: notes) }
        return Unparsable()
    }

    /// The current token is not what must stand here.
    @inline(never)
    mutating func expected(_ what: String, hint: String? = nil, mayFollowOnNextLine: Bool = true) -> Unparsable {
        if token.kind == .end {
            guard !hasReportedEnd, !lexer.endsInsideString else { return Unparsable() }
            hasReportedEnd = true
            if mayFollowOnNextLine, diagnostics.isEmpty { isIncomplete = true }
        }
        return failure("expected \(what), found \(found)", at: placeOfToken, hint: hint)
    }

    /// Where to point for the current token; a line that ended too early is pointed at behind its last token.
    var placeOfToken: Span {
        token.kind == .end || atLineEnd ? Span(previousEnd, previousEnd) : token.span
    }

    /// The current token in words.
    var found: String {
        switch token.kind {
        case .end: "the end of the source"
        case _ where atLineEnd && previousEnd > 0: "the end of the line"
        case .stringStart, .rawString, .stringText, .stringEnd: "a string"
        case .interpolationEnd: "'}'"
        case .formatSpec: "':'"
        default: token.end - token.start > 40 ? "a long word" : "'\(text(of: token))'"
        }
    }

    /// A bracket's contents go on neither with a comma nor with its closing bracket.
    @inline(never)
    mutating func badSeparator(after open: Token, closer: Token.Kind) -> Unparsable {
        let opening = text(of: open)
        let closing = Self.spelling(of: closer)
        if token.kind == .end || token.kind.isCloser || token.startsLine && token.kind.beginsStatement {
            return neverClosed(open)
        }
        if token.startsLine {
            return failure("expected ',' or '\(closing)' before this", at: token.span,
                           hint: "is a comma or the closing '\(closing)' missing on the line above?",
                           notes: [note("the '\(opening)' it would close", open.span)])
        }
        return failure("expected ',' or '\(closing)', found \(found)", at: token.span, hint: hintAfterElement(in: closer))
    }

    /// The bracket at `open` has no partner.
    @inline(never)
    mutating func neverClosed(_ open: Token) -> Unparsable {
        var notes: [Diagnostic.Note] = []
        if token.kind == .end {
            guard !hasReportedEnd, !lexer.endsInsideString else { return Unparsable() }
            hasReportedEnd = true
            if diagnostics.isEmpty { isIncomplete = true }
        } else {
            let remark = switch token.kind {
            case .else, .catch: "this '\(text(of: token))' follows a closing brace"
            case _ where token.kind.isCloser: "this '\(text(of: token))' does not match it"
            default: "a new statement begins here"
            }
            notes.append(note(remark, token.span))
        }
        return failure("this '\(text(of: open))' is never closed", at: open.span, notes: notes)
    }

    func note(_ message: String, _ span: Span) -> Diagnostic.Note { Diagnostic.Note(message, at: .init(source, span)) }

    static func spelling(of kind: Token.Kind) -> String {
        switch kind {
        case .rightParen: ")"
        case .rightBracket: "]"
        default: "}"
        }
    }
}
