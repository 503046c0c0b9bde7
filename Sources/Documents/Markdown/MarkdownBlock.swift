/// A block of a Markdown text, as CommonMark 0.31 divides texts into blocks, with GitHub's tables and with formulas.
final class MarkdownBlock {
    enum Kind: Equatable {
        case document
        case quote
        case list(Marker)
        /// An item, whose lines begin that many columns to the right of those around it.
        case item(Marker, width: Int)
        case paragraph
        case heading(level: Int)
        case code(language: String, fence: Fence?)
        case formula
        case table([Alignment])
        case rule
        /// Definitions of links, which are not shown.
        case definitions
    }

    /// What begins an item: `-`, `*` or `+`, or a number and what follows it.
    struct Marker: Equatable {
        var mark: Unicode.Scalar
        /// nil for a bullet.
        var number: Int?

        /// Whether an item of the other marker belongs to the same list.
        func isOfOneList(with other: Marker) -> Bool { mark == other.mark && (number == nil) == (other.number == nil) }
    }

    struct Fence: Equatable {
        var mark: Unicode.Scalar
        var length: Int
        /// Columns before it, as many of which are left out before each line.
        var indent: Int
    }

    enum Alignment { case left, center, right }

    var kind: Kind
    var children: [MarkdownBlock] = []
    /// Of a block without children: its lines, with breaks between them.
    private(set) var text: [Unicode.Scalar] = []
    /// Where the last line begins in `text`; nil where there is none.
    private(set) var lastLine: Int?
    /// The numbers of its first line and of the last one that is not blank.
    let start: Int
    var end: Int

    init(_ kind: Kind, line: Int) {
        (self.kind, start, end) = (kind, line, line)
    }

    /// Whether it takes every line that continues it, whatever is in the line.
    var isVerbatim: Bool {
        switch kind {
        case .code, .formula: true
        default: false
        }
    }

    var isFenced: Bool { if case .code(_, .some) = kind { true } else { false } }
    var isTable: Bool { if case .table = kind { true } else { false } }

    func canHold(_ other: Kind) -> Bool {
        switch kind {
        case .document, .quote, .item: if case .item = other { false } else { true }
        case .list: if case .item = other { true } else { false }
        default: false
        }
    }

    /// Of a list: whether nothing in it is set apart by a blank line, neither items nor what is in one item.
    var isTight: Bool {
        func isDense(_ blocks: [MarkdownBlock]) -> Bool { zip(blocks, blocks.dropFirst()).allSatisfy { $1.start <= $0.end + 1 } }
        return isDense(children) && children.allSatisfy { isDense($0.children) }
    }

    /// Adds a line to its text.
    func add(_ line: some Sequence<Unicode.Scalar>) {
        if lastLine != nil { text.append("\n") }
        lastLine = text.count
        text += line
    }

    /// Leaves of its text what lies in that range, as one line or several.
    func keep(_ range: Range<Int>) {
        text = Array(text[range])
        lastLine = text.isEmpty ? nil : text.lastIndex(of: "\n").map { $0 + 1 } ?? 0
    }

    /// The first heading with text in it, however deep.
    var firstHeading: MarkdownBlock? {
        if case .heading = kind, !text.isEmpty { return self }
        return children.lazy.compactMap(\.firstHeading).first
    }
}
