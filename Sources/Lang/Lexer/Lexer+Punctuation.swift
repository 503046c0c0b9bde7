extension Lexer {
    /// A bracket, a separator or an operator: the longest that fits.
    mutating func punctuation(_ first: UInt8) -> Token {
        switch first {
        case UInt8(ascii: "("): return open(.leftParen)
        case UInt8(ascii: ")"): return close(.rightParen)
        case UInt8(ascii: "["): return open(.leftBracket)
        case UInt8(ascii: "]"): return close(.rightBracket)
        case UInt8(ascii: "{"): return open(.leftBrace)
        case UInt8(ascii: "}"): return close(.rightBrace)
        case UInt8(ascii: ","): return take(.comma, 1)
        case UInt8(ascii: ";"): return take(.semicolon, 1)
        case UInt8(ascii: "~"): return take(.tilde, 1)
        case UInt8(ascii: "@"): return take(.at, 1)
        case UInt8(ascii: ":"):
            if case .interpolation(_, 0, 0)? = modes.last { return formatSpec() }
            if peek(1) == UInt8(ascii: "=") { return mistaken(as: .assign, 2, "':=' is not in the language",
                                        hint: "write let x = …, or x = … to assign again") }
            return take(.colon, 1)
        case UInt8(ascii: "."):
            guard peek(1) == UInt8(ascii: ".") else { return take(.dot, 1) }
            if peek(2) == UInt8(ascii: "=") { return take(.closedRange, 3) }
            return peek(2) == UInt8(ascii: ".") ? take(.ellipsis, 3) : take(.range, 2)
        case UInt8(ascii: "="):
            if peek(1) == UInt8(ascii: "="), peek(2) == UInt8(ascii: "=") { return mistaken(as: .equal, 3, "'===' is not an operator",
                                        hint: "write ==, or 'is' for the same object") }
            if peek(1) == UInt8(ascii: ">") { return take(.arrow, 2) }
            return peek(1) == UInt8(ascii: "=") ? take(.equal, 2) : take(.assign, 1)
        case UInt8(ascii: "!"):
            guard peek(1) == UInt8(ascii: "=") else { return take(.bang, 1) }
            if peek(2) == UInt8(ascii: "=") {
                return mistaken(as: .notEqual, 3, "'!==' is not an operator", hint: "write !=, or 'is not' for another object")
            }
            return take(.notEqual, 2)
        case UInt8(ascii: "<"):
            switch peek(1) {
            case UInt8(ascii: "="): return take(.lessOrEqual, 2)
            case UInt8(ascii: ">"): return mistaken(as: .notEqual, 2, "'<>' is not an operator", hint: "write !=")
            case UInt8(ascii: "<"): return mistaken(as: .star, 2, "'<<' is not an operator", hint: "to shift left, multiply: x * 2 ** n")
            default: return take(.less, 1)
            }
        case UInt8(ascii: ">"):
            switch peek(1) {
            case UInt8(ascii: "="): return take(.greaterOrEqual, 2)
            case UInt8(ascii: ">"): return mistaken(as: .star, 2, "'>>' is not an operator", hint: "to shift right, divide: x // 2 ** n")
            default: return take(.greater, 1)
            }
        case UInt8(ascii: "+"):
            if peek(1) == UInt8(ascii: "+") { return increment("++", "+=") }
            return assigning(.plus, 1, .plusAssign)
        case UInt8(ascii: "-"):
            if peek(1) == UInt8(ascii: ">") { return mistaken(as: .arrow, 2, "'->' is not in the language",
                                        hint: "a lambda is written x => …; results have no type annotation") }
            return assigning(.minus, 1, .minusAssign)
        case UInt8(ascii: "*"):
            return peek(1) == UInt8(ascii: "*") ? assigning(.doubleStar, 2, .doubleStarAssign) : assigning(.star, 1, .starAssign)
        case UInt8(ascii: "/"):
            return peek(1) == UInt8(ascii: "/") ? assigning(.doubleSlash, 2, .doubleSlashAssign) : assigning(.slash, 1, .slashAssign)
        case UInt8(ascii: "%"): return assigning(.percent, 1, .percentAssign)
        case UInt8(ascii: "|"):
            switch peek(1) {
            case UInt8(ascii: ">"): return take(.pipe, 2)
            case UInt8(ascii: "|"): return mistaken(as: .or, 2, "'||' is not an operator", hint: "write or")
            default: return mistaken(as: .or, 1, "'|' is not an operator", hint: "write or; a pipe is |>")
            }
        case UInt8(ascii: "&"):
            let length = peek(1) == UInt8(ascii: "&") ? 2 : 1
            return mistaken(as: .and, length, "'\(length == 2 ? "&&" : "&")' is not an operator", hint: "write and")
        case UInt8(ascii: "^"): return mistaken(as: .doubleStar, 1, "'^' is not an operator", hint: "a power is written **")
        case UInt8(ascii: "?"):
            if peek(1) == UInt8(ascii: "?") { return assigning(.coalesce, 2, .coalesceAssign) }
            if peek(1) == UInt8(ascii: ".") { return mistaken(as: .dot, 2, "'?.' is not in the language",
                                        hint: "write (x.name ?? other): on the left of ?? a missing member is nil") }
            return take(.question, 1)
        default:
            return strangeCharacter()
        }
    }

    private mutating func take(_ kind: Token.Kind, _ length: Int) -> Token {
        defer { offset += length }
        return token(kind, length: length)
    }

    /// `plain`, or `compound` when an equals sign follows (and not a comparison).
    private mutating func assigning(_ plain: Token.Kind, _ length: Int, _ compound: Token.Kind) -> Token {
        let assigns = peek(length) == UInt8(ascii: "=") && peek(length + 1) != UInt8(ascii: "=")
        return assigns ? take(compound, length + 1) : take(plain, length)
    }

    /// Reports another language's operator and goes on as if ours stood there.
    private mutating func mistaken(as kind: Token.Kind, _ length: Int, _ message: String, hint: String) -> Token {
        report(message, Span(offset, offset + length), hint: hint)
        return take(kind, length)
    }

    private mutating func increment(_ text: String, _ compound: String) -> Token {
        report("'\(text)' is not an operator", Span(offset, offset + 2), hint: "write x \(compound) 1")
        return take(.invalid, 2)
    }

    private mutating func open(_ kind: Token.Kind) -> Token {
        countBracket(kind, by: 1)
        return take(kind, 1)
    }

    private mutating func close(_ kind: Token.Kind) -> Token {
        if kind == .rightBrace, case .interpolation(_, _, 0)? = modes.last {
            modes.removeLast()
            return take(.interpolationEnd, 1)
        }
        countBracket(kind, by: -1)
        return take(kind, 1)
    }

    private mutating func countBracket(_ kind: Token.Kind, by step: Int) {
        guard case .interpolation(let start, let brackets, let braces)? = modes.last else { return }
        let isBrace = kind == .leftBrace || kind == .rightBrace
        modes[modes.count - 1] = .interpolation(start: start, brackets: max(0, brackets + (isBrace ? 0 : step)),
            braces: max(0, braces + (isBrace ? step : 0)))
    }
}
