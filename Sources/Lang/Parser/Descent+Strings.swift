extension Descent {
    /// `"acc {acc:.3f}"`, `r"…"`, `"""…"""`.
    @inline(never)
    mutating func string() throws(Unparsable) -> Expression {
        if token.kind == .rawString { return rawString() }
        let start = token.start
        let isMultiline = token.end - token.start == 3
        try descend()
        defer { nesting -= 1 }
        let outer = surroundings
        surroundings = .group
        defer { surroundings = outer }
        advance()
        var parts: [Piece] = []
        var lastTextEnd = start
        while token.kind != .stringEnd {
            switch token.kind {
            case .stringText:
                lastTextEnd = token.end
                parts.append(.text(token.span))
                advance()
            case .interpolationStart:
                parts.append(try interpolation())
            default:
                // The lexer has given the string up, and said so.
                if token.kind == .invalid { advance() }
                throw Unparsable()
            }
        }
        let endsInText = lastTextEnd == token.start
        advance()
        let texts = parts.compactMap { if case .text(let span) = $0 { span } else { nil } }
        var decoder = StringText(bytes: lexer.bytes, pieces: texts, isMultiline: isMultiline, isRaw: false,
                                 startsWithText: texts.first?.start == start + (isMultiline ? 3 : 1), endsInText: endsInText)
        var result: [StringPart] = []
        for part in parts {
            switch part {
            case .text(let span):
                let text = decoder.decode(span)
                if !text.isEmpty { result.append(.text(text)) }
            case .interpolation(let value, let format):
                result.append(.interpolation(value, format: format))
            }
        }
        for problem in decoder.problems { report(problem.message, at: problem.span, hint: problem.hint) }
        return Expression(.string(result), span(from: start))
    }

    private enum Piece {
        case text(Span)
        case interpolation(Expression, FormatSpec?)
    }

    /// `{e}` or `{e:spec}` inside a string.
    @inline(never)
    private mutating func interpolation() throws(Unparsable) -> Piece {
        let open = token
        advance()
        if token.kind == .interpolationEnd || token.kind == .formatSpec {
            report("these braces are empty", at: Span(open.start, token.end), hint: "for a brace as text, write \\{")
        }
        do {
            let value = token.kind == .interpolationEnd || token.kind == .formatSpec ? Expression(.error, token.span) : try expression()
            var format: FormatSpec?
            if token.kind == .formatSpec {
                format = FormatSpec(text(of: token), token.span)
                advance()
            }
            guard token.kind == .interpolationEnd else {
                if ahead.kind == .invalid { throw Unparsable() }
                if token.kind.isCloser { throw failure("this '\(text(of: token))' closes nothing", at: token.span) }
                throw expected("'}'", hint: "for a brace as text, write \\{")
            }
            advance()
            return .interpolation(value, format)
        } catch {
            try skipInterpolation()
            return .interpolation(Expression(.error, open.span), nil)
        }
    }

    /// After a mistake between a string's braces: to behind the closing one.
    private mutating func skipInterpolation() throws(Unparsable) {
        var depth = 0
        while token.kind != .end, !token.startsLine || depth > 0 {
            if token.kind == .interpolationEnd {
                if depth == 0 { return advance() }
                depth -= 1
            }
            if token.kind == .interpolationStart { depth += 1 }
            advance()
        }
        throw Unparsable()
    }

    private mutating func rawString() -> Expression {
        let span = token.span
        advance()
        let bytes = lexer.bytes
        let isMultiline = span.end - span.start >= 7 && bytes[span.start + 2] == UInt8(ascii: "\"")
            && bytes[span.start + 3] == UInt8(ascii: "\"")
        let quotes = isMultiline ? 3 : 1
        let inside = Span(span.start + 1 + quotes, span.end - quotes)
        var decoder = StringText(bytes: bytes, pieces: [inside], isMultiline: isMultiline, isRaw: true, startsWithText: true,
            endsInText: true)
        let text = decoder.decode(inside)
        return Expression(.string(text.isEmpty ? [] : [.text(text)]), span)
    }
}
