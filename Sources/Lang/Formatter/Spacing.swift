extension Layout {
    /// What stands before a piece that goes on with its line.
    func separator(before i: Int) -> String {
        let previous = pieces[i - 1]
        let piece = pieces[i]
        if piece.isComment { return "  " }
        if previous.isOpener { return previous.isBlock ? " " : "" }
        if piece.isCloser { return piece.isBlock ? " " : "" }
        if piece.startsStatement { return "; " }
        switch piece.kind {
        case .comma, .colon, .dot: return ""
        case .range, .closedRange, .leftParen, .leftBracket: if endsValue(i - 1) { return "" }
        default: break
        }
        switch previous.kind {
        case .dot, .ellipsis, .range, .closedRange: return ""
        case .minus: return isSign(i - 1) ? "" : " "
        default: return " "
        }
    }

    /// Whether a value, or a name, ends with this piece: what follows is an operator, or brackets that belong to it.
    func endsValue(_ i: Int) -> Bool {
        guard let kind = pieces[i].kind else { return false }
        switch kind {
        case .identifier, .int, .float, .stringStart, .rawString, .nil, .true, .false: return true
        default: return kind.isCloser || kind.isKeyword && i > 0 && pieces[i - 1].kind == .dot
        }
    }

    /// A minus with nothing to subtract from.
    func isSign(_ i: Int) -> Bool {
        pieces[i].startsStatement || !(code(before: i).map(endsValue) ?? false)
    }
}
