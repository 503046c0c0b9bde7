/// What a formatted text is put together from: a token, a whole string literal, or a comment. Semicolons are none:
/// they are written anew where statements share a line. One alone before a comment is part of the comment, which would
/// otherwise become a cell's title or documentation.
struct Piece {
    /// `.stringStart` for a whole string with all that it interpolates; nil for a comment.
    var kind: Token.Kind?
    var span: Span
    var text: String
    /// How many line breaks the author put before it.
    var lineBreaks: Int
    var startsStatement = false
    /// For the braces of a block; all other braces are those of maps.
    var isBlock = false
    /// For a block's opening brace: the piece whose line its statements are indented from, the `if` or `fn` that it belongs to.
    var anchor: Int?
    /// The bracket that this is directly inside of; nil at top level. For a bracket, the one around it.
    var parent: Int?
    /// For a bracket, the other one of the pair.
    var partner: Int?

    var isComment: Bool { kind == nil }
    var isOpener: Bool { kind?.isOpener ?? false }
    var isCloser: Bool { kind?.isCloser ?? false }
}

extension Piece {
    /// The pieces of a program without mistakes.
    static func read(_ program: Program) -> [Piece] {
        var pieces = cut(program.source)
        match(&pieces)
        mark(&pieces, program)
        return pieces
    }

    private static func cut(_ source: Source) -> [Piece] {
        var lexer = Lexer(source)
        var pieces: [Piece] = []
        var commentCount = 0
        var semicolonEnd: Int?
        func append(_ kind: Token.Kind?, _ start: Int, _ end: Int) {
            let previousEnd = pieces.last?.span.end ?? start
            let lineBreaks = source.bytes[previousEnd..<start].count { $0 == UInt8(ascii: "\n") }
            pieces.append(Piece(kind: kind, span: Span(start, end), text: text(source.bytes[start..<end]), lineBreaks: lineBreaks))
        }
        while true {
            let token = lexer.next()
            for comment in lexer.comments[commentCount...] {
                let isBehindSemicolon = semicolonEnd.map { !source.bytes[$0..<comment.start].contains(UInt8(ascii: "\n")) } ?? false
                append(nil, comment.start, comment.end)
                if isBehindSemicolon, pieces.count == 1 || pieces[pieces.count - 1].lineBreaks > 0 {
                    pieces[pieces.count - 1].text.insert(contentsOf: "; ", at: "".startIndex)
                }
                semicolonEnd = nil
            }
            var end = token.end
            if token.kind == .stringStart {
                var depth = 1
                while depth > 0 {
                    let part = lexer.next()
                    if part.kind == .stringStart { depth += 1 } else if part.kind == .stringEnd { depth -= 1 }
                    end = part.end
                    if part.kind == .end { break }
                }
            }
            // Comments between a string's braces are part of the string.
            commentCount = lexer.comments.count
            if token.kind == .end { return pieces }
            if token.kind == .semicolon {
                semicolonEnd = token.end
            } else {
                semicolonEnd = nil
                append(token.kind, token.start, end)
            }
        }
    }

    /// With plain line breaks and nothing blank at the end.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        for i in bytes.indices {
            // Behind another carriage return, which is text, it must stay: that one would become the line break's.
            if bytes[i] == UInt8(ascii: "\r"), i + 1 < bytes.endIndex, bytes[i + 1] == UInt8(ascii: "\n"), kept.last != UInt8(ascii: "\r") {
                continue
            }
            kept.append(bytes[i])
        }
        while let last = kept.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") || last == UInt8(ascii: "\r") {
            kept.removeLast()
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private static func match(_ pieces: inout [Piece]) {
        var open: [Int] = []
        for i in pieces.indices {
            if pieces[i].isCloser, let opener = open.popLast() {
                pieces[i].partner = opener
                pieces[opener].partner = i
            }
            pieces[i].parent = open.last
            if pieces[i].isOpener { open.append(i) }
        }
    }

    /// Marks what only the tree knows: where statements begin, and which braces are blocks.
    private static func mark(_ pieces: inout [Piece], _ program: Program) {
        let indices = Dictionary(uniqueKeysWithValues: pieces.indices.map { (pieces[$0].span.start, $0) })
        var anchors: [(block: Int, anchor: Int?)] = []
        var chained: [Int: Int] = [:]
        SyntaxNode.forEach(in: program.statements) { node in
            switch node {
            case .statement(let statement):
                if let index = indices[statement.span.start] { pieces[index].startsStatement = true }
                switch statement.kind {
                case .while(_, let body), .for(_, _, let body): anchors.append((body.span.start, statement.span.start))
                case .function(let function):
                    if case .block(let body) = function.body { anchors.append((body.span.start, statement.span.start)) }
                default: break
                }
            case .expression(let expression):
                let start = expression.span.start
                switch expression.kind {
                case .if(_, let then, let otherwise):
                    // All bodies of a chain stand as far in as its first. An outer `if` is visited before the ones after its `else`.
                    let anchor = chained[start] ?? start
                    anchors.append((then.span.start, anchor))
                    switch otherwise {
                    case .block(let block)?: anchors.append((block.span.start, anchor))
                    case .if(let next)?: chained[next.span.start] = anchor
                    case nil: break
                    }
                case .do(let body), .with(_, let body): anchors.append((body.span.start, start))
                case .try(let body, _, let handler): anchors += [(body.span.start, start), (handler.span.start, start)]
                case .lambda(let function):
                    if case .block(let body) = function.body { anchors.append((body.span.start, nil)) }
                default: break
                }
            case .block, .function: break
            }
        }
        for (block, anchor) in anchors {
            guard let opener = indices[block], let closer = pieces[opener].partner else { continue }
            pieces[opener].isBlock = true
            pieces[closer].isBlock = true
            pieces[opener].anchor = anchor.flatMap { indices[$0] }
        }
    }
}
