/// One token: its kind, its place, and whether it begins a line.
struct Token: Sendable {
    var kind: Kind
    var start: Int
    var end: Int
    /// A line break stands between this token and the one before it.
    var startsLine: Bool
    /// An int literal's magnitude, or a float literal's bit pattern; 0 for all others.
    var payload: UInt64 = 0

    var span: Span { Span(start, end) }

    enum Kind: UInt8, Sendable {
        /// The end of the source; comes again and again.
        case end
        /// Something the lexer has reported already; the parser says nothing more about it.
        case invalid

        case identifier, int, float
        /// `r"…"` or `r"""…"""` as a whole.
        case rawString
        /// A string comes in pieces: start, then texts and interpolations in any order, then end.
        case stringStart, stringText, stringEnd
        /// `{`, perhaps a format spec (the text after the colon), and `}` inside a string.
        case interpolationStart, formatSpec, interpolationEnd

        case `nil`, `true`, `false`, `let`, `var`, fn, `if`, `else`, `while`, `for`, `in`, `break`, `continue`, `return`
        case `try`, `catch`, `throw`, `import`, `as`, and, or, not, `is`, `do`, with

        case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
        case comma, semicolon, colon, dot, range, closedRange, ellipsis
        case assign, arrow, tilde, pipe, coalesce
        case plus, minus, star, slash, doubleSlash, percent, at, doubleStar
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case plusAssign, minusAssign, starAssign, slashAssign, doubleSlashAssign, percentAssign, doubleStarAssign, coalesceAssign
        /// Not in the language; kept apart so that the parser can say what to write instead.
        case bang, question
    }
}

extension Token.Kind {
    var isKeyword: Bool { rawValue >= Token.Kind.nil.rawValue && rawValue <= Token.Kind.with.rawValue }

    var isOpener: Bool { self == .leftParen || self == .leftBracket || self == .leftBrace || self == .interpolationStart }
    var isCloser: Bool { self == .rightParen || self == .rightBracket || self == .rightBrace || self == .interpolationEnd }

    /// Keywords that can only begin a statement: where the parser finds its feet again inside an unclosed bracket.
    var beginsStatement: Bool {
        switch self {
        case .let, .var, .fn, .while, .break, .continue, .return, .throw, .import: true
        default: false
        }
    }
}
