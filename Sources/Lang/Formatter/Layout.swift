/// The pieces of a source with the line breaks between them.
struct Layout {
    enum Break { case none, line, blankLine }

    let pieces: [Piece]
    /// What stands before each piece.
    private(set) var breaks: [Break]
    /// For each piece the indentation of its line, as far as lines are laid out.
    var indentation: [Int]

    static let step = 4

    init(pieces: [Piece]) {
        self.pieces = pieces
        breaks = Array(repeating: .none, count: pieces.count)
        indentation = Array(repeating: 0, count: pieces.count)
    }

    mutating func insertBreak(before index: Int) {
        if breaks[index] == .none { breaks[index] = .line }
    }

    mutating func removeBreak(before index: Int) { breaks[index] = .none }

    /// Where the line that begins at `start` ends.
    func lineEnd(from start: Int) -> Int {
        var end = start + 1
        while end < pieces.count, breaks[end] == .none { end += 1 }
        return end
    }

    /// The last piece before `index` that is no comment.
    func code(before index: Int) -> Int? {
        var i = index - 1
        while i >= 0, pieces[i].isComment { i -= 1 }
        return i < 0 ? nil : i
    }

    private func code(from index: Int) -> Int? {
        var i = index
        while i < pieces.count, pieces[i].isComment { i += 1 }
        return i < pieces.count ? i : nil
    }
}

// MARK: Breaks that do not depend on the width

extension Layout {
    /// Takes over the author's breaks, and puts each statement on a line of its own but in blocks that are one line.
    mutating func settleBreaks() {
        var firstBreak = Array(repeating: 0, count: pieces.count + 1)
        for i in pieces.indices {
            breaks[i] = settled(before: i)
            firstBreak[i + 1] = firstBreak[i] + (breaks[i] != .none ? 1 : 0) + (pieces[i].text.contains("\n") ? 1 : 0)
        }
        for i in pieces.indices where pieces[i].startsStatement && pieces[i].parent == nil && i > 0 { insertBreak(before: i) }
        for (opener, piece) in pieces.enumerated() {
            guard piece.isOpener, let closer = piece.partner else { continue }
            if closer == opener + 1 {
                breaks[closer] = .none
            } else if piece.isBlock {
                if firstBreak[closer + 1] > firstBreak[header(of: opener) + 1] { expand(block: opener) }
            } else if breaks[opener + 1] != .none || pieces[opener + 1].isComment {
                insertBreak(before: closer)
            }
        }
    }

    /// Puts a block's statements on lines of their own.
    mutating func expand(block opener: Int) {
        for i in expansion(of: opener) { insertBreak(before: i) }
    }

    /// Where the breaks go when a block is put on several lines.
    func expansion(of opener: Int) -> [Int] {
        guard let closer = pieces[opener].partner, closer > opener + 1 else { return [] }
        var i = opener + 1
        var result: [Int] = []
        while i < closer {
            if pieces[i].startsStatement { result.append(i) }
            // What is inside a nested bracket is not this block's.
            if pieces[i].isOpener, let end = pieces[i].partner { i = end }
            i += 1
        }
        return result + [closer]
    }

    /// Where the head of a block begins, the `if` and its condition for example: a block is on one line only with its head.
    func header(of opener: Int) -> Int {
        guard let anchor = pieces[opener].anchor else { return opener }
        var i = opener - 1
        while i > anchor {
            if pieces[i].isCloser {
                // The body before an `else` or `catch`.
                if pieces[i].isBlock { return i }
                i = pieces[i].partner ?? i
            }
            i -= 1
        }
        return anchor
    }

    private func settled(before i: Int) -> Break {
        guard i > 0 else { return .none }
        let piece = pieces[i]
        let previous = pieces[i - 1]
        if !previous.isComment, piece.isOpener && piece.isBlock || isBranch(i) { return .none }
        guard piece.lineBreaks > 0 else { return previous.isComment ? .line : .none }
        let mayStandApart = piece.isComment || piece.startsStatement || startsItem(i)
        return piece.lineBreaks > 1 && mayStandApart && !previous.isOpener && !piece.isCloser ? .blankLine : .line
    }

    /// `else`, `catch`, and an `if` after an `else`: they follow on the line of what they belong to.
    private func isBranch(_ i: Int) -> Bool {
        switch pieces[i].kind {
        case .else, .catch: code(before: i).map { pieces[$0].isCloser && pieces[$0].isBlock } ?? false
        case .if: code(before: i).map { pieces[$0].kind == .else && isBranch($0) } ?? false
        default: false
        }
    }
}

// MARK: Indentation

extension Layout {
    /// How far in a line stands that begins with this piece. The lines before it are laid out.
    func indent(ofLineFrom i: Int) -> Int {
        let piece = pieces[i]
        if piece.isComment {
            // As far in as what it stands before.
            guard let next = code(from: i) else { return 0 }
            return pieces[next].isCloser ? inside(piece.parent) : indent(ofLineFrom: next)
        }
        if piece.isCloser, let opener = piece.partner { return indentation[pieces[opener].anchor ?? opener] }
        if piece.isOpener, piece.isBlock, let anchor = piece.anchor { return indentation[anchor] }
        if isBranch(i), let before = code(before: i) {
            let opener = pieces[before].partner ?? before
            return indentation[pieces[opener].anchor ?? opener]
        }
        let isContinued = !(piece.startsStatement || startsItem(i) || startsClause(i))
        return inside(piece.parent) + (isContinued ? Layout.step : 0)
    }

    /// Lays out the line `start..<end`.
    mutating func indent(_ start: Int, _ end: Int) -> Int {
        let columns = indent(ofLineFrom: start)
        for i in start..<end { indentation[i] = columns }
        return columns
    }

    private func inside(_ opener: Int?) -> Int {
        guard let opener else { return 0 }
        return indentation[pieces[opener].anchor ?? opener] + Layout.step
    }

    /// An element, entry, argument or parameter begins here.
    private func startsItem(_ i: Int) -> Bool {
        guard let parent = pieces[i].parent, !pieces[parent].isBlock, let before = code(before: i) else { return false }
        return before == parent || pieces[before].kind == .comma && pieces[before].parent == parent
    }

    /// The `for` or `if` of a comprehension.
    func startsClause(_ i: Int) -> Bool {
        guard let parent = pieces[i].parent, !pieces[parent].isBlock, let before = code(before: i) else { return false }
        return pieces[i].kind == .for || pieces[i].kind == .if && endsValue(before)
    }
}
