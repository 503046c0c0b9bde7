import Text

extension Layout {
    /// Breaks every line that takes more than `width` columns where that helps.
    ///
    /// Line by line from the top: of the ways to break it, the first that makes all its parts fit, or else the one that
    /// leaves the narrowest. Its parts are looked at again in turn.
    mutating func breakLongLines(width: Int) {
        var start = 0
        while start < pieces.count {
            let end = lineEnd(from: start)
            let columns = self.width(start, end)
            if columns > width, let way = bestWay(start, end, columns, width: width) {
                for i in way { insertBreak(before: i) }
            } else {
                // The ways that were tried have left their indentation.
                _ = indent(start, end)
                start = end
            }
        }
    }

    /// Lays out the lines of `start..<end` and gives the columns that the widest takes, not counting comments.
    /// Ends early when it is known to be more than `limit`.
    private mutating func width(_ start: Int, _ end: Int, limit: Int = .max) -> Int {
        var widest = 0
        var columns = 0
        for i in start..<end {
            let startsLine = i == start || breaks[i] != .none
            if startsLine { columns = indent(i, min(end, lineEnd(from: i))) }
            guard !pieces[i].isComment else { continue }
            if !startsLine { columns += separator(before: i).utf8.count }
            let text = pieces[i].text
            if let first = text.firstIndex(of: "\n"), let last = text.lastIndex(of: "\n") {
                widest = max(widest, columns + DisplayWidth.of(text[..<first]))
                columns = DisplayWidth.of(text[text.index(after: last)...])
            } else {
                columns += DisplayWidth.of(text)
            }
            widest = max(widest, columns)
            if widest > limit { break }
        }
        return widest
    }

    private mutating func bestWay(_ start: Int, _ end: Int, _ columns: Int, width: Int) -> Set<Int>? {
        // A break that wins next to nothing is not worth its line.
        var best = (columns: columns - 8, way: Set<Int>())
        for way in ways(start, end) {
            // A comment behind code stays there: on a line of its own it could become a cell's title or documentation.
            let added = withExpansions(way, start, end).filter { breaks[$0] == .none && !pieces[$0].isComment }
            guard !added.isEmpty else { continue }
            for i in added { insertBreak(before: i) }
            let result = self.width(start, end, limit: max(width, best.columns))
            for i in added { removeBreak(before: i) }
            if result <= width { return added }
            if result < best.columns { best = (result, added) }
        }
        return best.way.isEmpty ? nil : best.way
    }

    /// The breaks, and those that put on several lines the blocks that are around them or have them in their heads.
    private func withExpansions(_ way: [Int], _ start: Int, _ end: Int) -> Set<Int> {
        var result = Set(way)
        for opener in start..<end where pieces[opener].isBlock && pieces[opener].isOpener {
            let head = header(of: opener)
            if way.contains(where: { $0 > head && $0 <= opener }) { result.formUnion(expansion(of: opener)) }
        }
        for i in way {
            var next = pieces[i].parent
            while let opener = next, let closer = pieces[opener].partner, breaks[closer] == .none {
                if pieces[opener].isBlock { result.formUnion(expansion(of: opener)) }
                next = pieces[opener].parent
            }
        }
        return result
    }

    /// The ways to break the line `start..<end`, best first: from the outermost brackets on it inwards.
    private func ways(_ start: Int, _ end: Int) -> [[Int]] {
        var levels: [(parent: Int?, members: [Int])] = []
        var levelOf: [Int?: Int] = [:]
        for i in start..<end where !pieces[i].isComment {
            if levelOf[pieces[i].parent] == nil {
                levelOf[pieces[i].parent] = levels.count
                levels.append((pieces[i].parent, []))
            }
            levels[levelOf[pieces[i].parent] ?? 0].members.append(i)
        }
        let depths = levels.map { depth(of: $0.parent) }
        var result: [[Int]] = []
        for level in levels.indices.sorted(by: { (depths[$0], $0) < (depths[$1], $1) }) where result.count < 24 {
            result += ways(level: levels[level].members, parent: levels[level].parent, start, end)
        }
        return result
    }

    private func depth(of parent: Int?) -> Int {
        var depth = 0
        var next = parent
        while let opener = next {
            depth += 1
            next = pieces[opener].parent
        }
        return depth
    }

    /// `members` are the pieces of the line directly inside `parent`.
    private func ways(level members: [Int], parent: Int?, _ start: Int, _ end: Int) -> [[Int]] {
        let isGroup = parent.map { !pieces[$0].isBlock } ?? false
        let openers = members.filter { pieces[$0].isOpener && (pieces[$0].partner ?? end) < end && pieces[$0].partner != $0 + 1 }
        var result: [[Int]] = []
        if isGroup, let parent, parent < start { result.append(elements(members, end)) }
        let blocks = openers.filter { pieces[$0].isBlock && (!isGroup || endsLine(after: $0, end)) }
        result.append(blocks.flatMap(expansion))
        result.append(members.filter { pieces[$0].kind == .pipe && $0 > start })
        result.append(operators(members, [[.coalesce], [.or], [.and]], end))
        let calls = members.filter { i in
            pieces[i].kind == .dot && i > start && pieces[i - 1].isCloser && i + 2 < end && pieces[i + 2].kind == .leftParen
        }
        if calls.count > 1 { result.append(calls) }
        for opener in openers.reversed().prefix(6) where !pieces[opener].isBlock { result += opening(opener) }
        result.append(operators(members, [[.plus, .minus], [.star, .slash, .doubleSlash, .percent, .at]], end))
        // A bracket that is closed further down.
        for opener in members where pieces[opener].isOpener && !pieces[opener].isBlock && opener + 1 < end {
            if let closer = pieces[opener].partner, closer >= end { result.append([opener + 1, closer]) }
        }
        return result.filter { !$0.isEmpty }
    }

    /// After each comma, and before each clause of a comprehension.
    private func elements(_ members: [Int], _ end: Int) -> [Int] {
        let commas = members.filter { pieces[$0].kind == .comma && $0 + 1 < end && !pieces[$0 + 1].isComment }
        return commas.map { $0 + 1 } + members.filter(startsClause)
    }

    /// After the loosest of the operators.
    private func operators(_ members: [Int], _ levels: [Set<Token.Kind>], _ end: Int) -> [Int] {
        for level in levels {
            let found = members.filter { i in
                pieces[i].kind.map(level.contains) ?? false && i + 1 < end && !(pieces[i].kind == .minus && isSign(i))
            }
            if !found.isEmpty { return found.map { $0 + 1 } }
        }
        return []
    }

    /// The contents of a pair of brackets on a line of their own, or each element on one.
    private func opening(_ outer: Int) -> [[Int]] {
        var opener = outer
        guard var closer = pieces[opener].partner else { return [] }
        // `f({ … })` opens the inner pair alone.
        while pieces[opener + 1].isOpener, pieces[opener + 1].partner == closer - 1, closer - 1 > opener + 2 {
            opener += 1
            closer -= 1
        }
        if pieces[opener].isBlock { return [expansion(of: opener)] }
        let members = (opener + 1..<closer).filter { pieces[$0].parent == opener }
        return [[opener + 1, closer], [opener + 1] + elements(members, closer) + [closer]]
    }

    /// Nothing but closing brackets and a comma follows the block on its line.
    private func endsLine(after opener: Int, _ end: Int) -> Bool {
        guard let closer = pieces[opener].partner else { return false }
        return pieces[(closer + 1)..<end].allSatisfy { $0.isCloser || $0.kind == .comma || $0.isComment }
    }
}
