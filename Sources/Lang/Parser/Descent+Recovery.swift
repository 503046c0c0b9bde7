extension Descent {
    /// After a mistake in a statement: skips to the next line, semicolon or closing brace of the same block.
    mutating func synchronise(inBlock: Bool) {
        let known = lexer.diagnostics.count
        defer { forgetSkippedMistakes(after: known) }
        var braces = 0
        var others = 0
        while token.kind != .end {
            if braces == 0, others == 0 {
                if token.startsLine && token.kind != .pipe && token.kind != .dot || token.kind == .semicolon { return }
            } else if braces == 0, token.startsLine, token.kind.beginsStatement {
                return
            }
            switch token.kind {
            case .leftBrace: braces += 1
            case .leftParen, .leftBracket, .interpolationStart: others += 1
            case .rightBrace where braces > 0: braces -= 1
            case .rightBrace where inBlock: return
            case .interpolationEnd where others == 0 && inBlock: return
            case .rightParen, .rightBracket, .interpolationEnd: others = max(0, others - 1)
            default: break
            }
            advance()
        }
    }

    /// After a mistake between brackets: skips to the next comma or the closing bracket of the same pair and passes over the comma.
    /// Throws on when the closing bracket seems to be missing.
    @inline(never)
    mutating func recover(inside closer: Token.Kind) throws(Unparsable) {
        let known = lexer.diagnostics.count
        defer { forgetSkippedMistakes(after: known) }
        var braces = 0
        var others = 0
        while token.kind != .end {
            if braces == 0, token.startsLine, token.kind.beginsStatement { break }
            if braces == 0, others == 0 {
                if token.kind == closer { return }
                if token.kind == .comma || token.kind == .semicolon { return advance() }
                if token.kind.isCloser { break }
            }
            switch token.kind {
            case .leftBrace: braces += 1
            case .rightBrace: braces = max(0, braces - 1)
            case .leftParen, .leftBracket, .interpolationStart: others += 1
            case .rightParen, .rightBracket, .interpolationEnd: others = max(0, others - 1)
            default: break
            }
            advance()
        }
        throw Unparsable()
    }

    /// After a mistake in a header (`if …`, `for …`): skips to the body's brace if it stands on the same line, else throws on.
    mutating func recoverAtBody() throws(Unparsable) {
        while token.kind != .leftBrace {
            if token.kind == .end || token.startsLine || token.kind == .semicolon || token.kind == .rightBrace { throw Unparsable() }
            advance()
        }
    }

    /// What the lexer found strange in tokens that were passed over is most likely part of the mistake already reported.
    private mutating func forgetSkippedMistakes(after known: Int) {
        guard lexer.diagnostics.count > known, !isStopped else { return }
        let rest = lexer.diagnostics[known...].filter { ($0.place?.span.start ?? 0) >= token.start }
        lexer.diagnostics.replaceSubrange(known..., with: rest)
    }
}
