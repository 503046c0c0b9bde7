/// Which runs of `*`, `_` and `~` begin and end emphasis.
struct MarkdownEmphasis {
    /// What stands beside a run says whether it may begin or end emphasis.
    struct Sides {
        private var isLeft: Bool
        private var isRight: Bool
        private var isAfterPunctuation: Bool
        private var isBeforePunctuation: Bool

        init(before: Unicode.Scalar?, after: Unicode.Scalar?) {
            let (isAfterBlank, isBeforeBlank) = (Sides.isBlank(before), Sides.isBlank(after))
            isAfterPunctuation = before.map(Sides.isPunctuation) ?? false
            isBeforePunctuation = after.map(Sides.isPunctuation) ?? false
            // Chinese and Japanese have no blanks between words and punctuation.
            isLeft = !isBeforeBlank
                && (!isBeforePunctuation || isAfterBlank || isAfterPunctuation || before.map(Sides.isIdeographic) ?? false)
            isRight = !isAfterBlank
                && (!isAfterPunctuation || isBeforeBlank || isBeforePunctuation || after.map(Sides.isIdeographic) ?? false)
        }

        func canOpen(_ mark: Unicode.Scalar) -> Bool { mark == "_" ? isLeft && (!isRight || isAfterPunctuation) : isLeft }
        func canClose(_ mark: Unicode.Scalar) -> Bool { mark == "_" ? isRight && (!isLeft || isBeforePunctuation) : isRight }

        private static func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace ?? true }

        private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
                .otherPunctuation,
                .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
            default: false
            }
        }

        private static func isIdeographic(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x2E80...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF: true
            default: false
            }
        }
    }

    private struct Run {
        let mark: Unicode.Scalar
        let length: Int
        let canOpen: Bool
        let canClose: Bool
        /// Marks that are no part of emphasis yet.
        var left: Int
        /// The neighbours among those that may still be paired.
        var previous: Int?
        var next: Int?
        /// From the innermost to the outermost.
        var opened: [MarkdownInline.Tag] = []
        var closed: [MarkdownInline.Tag] = []
    }

    private var runs: [Run] = []
    /// The last run that may still be paired.
    private(set) var last: Int?

    /// Gives the run's number.
    mutating func add(_ mark: Unicode.Scalar, _ length: Int, _ sides: Sides) -> Int {
        let run = Run(mark: mark, length: length, canOpen: sides.canOpen(mark), canClose: sides.canClose(mark), left: length,
            previous: last)
        if let last { runs[last].next = runs.count }
        last = runs.count
        runs.append(run)
        return runs.count - 1
    }

    /// What a run has become: ends of emphasis, marks, and beginnings of emphasis.
    func pieces(of number: Int) -> [MarkdownInline.Piece] {
        let run = runs[number]
        let marks = run.left > 0 ? [MarkdownInline.Piece.text(Array(repeating: run.mark, count: run.left))] : []
        return run.closed.map { .tag($0, isOpening: false) } + marks + run.opened.reversed().map { .tag($0, isOpening: true) }
    }

    /// Pairs the runs after one, and lets go of them.
    mutating func pair(above bottom: Int?) {
        guard last != bottom else { return }
        var closer = last
        while let run = closer, let previous = runs[run].previous, previous != bottom { closer = previous }
        // What opens nothing for a closer opens nothing for a later one of the same kind, so that each run is looked at a bounded number of
        // times.
        var bottoms: [Kind: Int] = [:]
        while let run = closer {
            guard runs[run].canClose else {
                closer = runs[run].next
                continue
            }
            let kind = Kind(mark: runs[run].mark, canOpen: runs[run].canOpen, rest: runs[run].length % 3)
            let end = max(bottom ?? -1, bottoms[kind] ?? -1)
            var opener = runs[run].previous
            while let candidate = opener, candidate > end, !matches(candidate, run) { opener = runs[candidate].previous }
            if let opener, opener > end {
                join(opener, run)
                if runs[opener].left == 0 { remove(opener) }
                if runs[run].left == 0 {
                    closer = runs[run].next
                    remove(run)
                }
            } else {
                bottoms[kind] = runs[run].previous ?? -1
                closer = runs[run].next
                if !runs[run].canOpen { remove(run) }
            }
        }
        last = bottom
        if let bottom { runs[bottom].next = nil }
    }

    private struct Kind: Hashable {
        var mark: Unicode.Scalar
        var canOpen: Bool
        var rest: Int
    }

    /// Of runs that could both open and close, those are no pair whose lengths add up to a multiple of three (rules 9 and 10).
    private func matches(_ opener: Int, _ closer: Int) -> Bool {
        let (a, b) = (runs[opener], runs[closer])
        guard a.mark == b.mark, a.canOpen else { return false }
        return !(a.canClose || b.canOpen) || b.length % 3 == 0 || (a.length + b.length) % 3 != 0
    }

    private mutating func join(_ opener: Int, _ closer: Int) {
        let count = min(runs[opener].left, runs[closer].left, 2)
        let tag: MarkdownInline.Tag = runs[opener].mark == "~" ? .del : count == 2 ? .strong : .em
        runs[opener].opened.append(tag)
        runs[closer].closed.append(tag)
        runs[opener].left -= count
        runs[closer].left -= count
        // Those between are marks.
        runs[opener].next = closer
        runs[closer].previous = opener
    }

    private mutating func remove(_ run: Int) {
        let (previous, next) = (runs[run].previous, runs[run].next)
        if let previous { runs[previous].next = next }
        if let next { runs[next].previous = previous } else { last = previous }
    }
}
