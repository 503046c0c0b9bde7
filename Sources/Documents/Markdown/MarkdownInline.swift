/// Divides the text of a paragraph, heading or table cell into pieces: text, code, formulas, emphasis, links and images, by the
/// algorithm of the CommonMark specification's appendix. O(length).
struct MarkdownInline {
    enum Piece {
        case text([Unicode.Scalar])
        /// A break within a paragraph, where the text goes on on a line of its own or not.
        case lineBreak(isHard: Bool)
        case code([Unicode.Scalar])
        case formula(String, isDisplayed: Bool)
        case autolink(String, address: String)
        case tag(Tag, isOpening: Bool)
        /// What begins a link or an image, whose text are the pieces up to the end of it.
        case link(MarkdownDefinitions.Target)
        case linkEnd
        case image(MarkdownDefinitions.Target, end: Int)
        case imageEnd
        /// Marks that may be those of emphasis; in the result there are none.
        case run(Int)
    }

    enum Tag: String { case em, strong, del }

    private struct Bracket {
        /// Its place in the pieces.
        var piece: Int
        /// Where the text begins in it.
        var start: Int
        var isImage: Bool
        var hasBracketAfter = false
        /// The last run of marks before it.
        var run: Int?
    }

    private let text: ArraySlice<Unicode.Scalar>
    private var i: Int
    private var pieces: [Piece] = []
    private var plain: [Unicode.Scalar] = []
    private var emphasis = MarkdownEmphasis()
    private var brackets: [Bracket] = []
    /// How many of the outermost brackets begin no link, since there is a link within them.
    private var outerCount = 0
    private var ticks: BacktickRuns
    private var definitions: MarkdownDefinitions

    static func pieces(of text: ArraySlice<Unicode.Scalar>, _ definitions: inout MarkdownDefinitions) -> [Piece] {
        var reader = MarkdownInline(text, definitions)
        reader.read()
        definitions = reader.definitions
        return reader.result
    }

    private init(_ text: ArraySlice<Unicode.Scalar>, _ definitions: MarkdownDefinitions) {
        self.text = text
        self.definitions = definitions
        i = text.startIndex
        ticks = BacktickRuns(text)
    }

    private mutating func read() {
        while i < text.endIndex {
            switch text[i] {
            case "\\": readStroke()
            case "`": readCode()
            case "$": readFormula(mark: i + 1 < text.endIndex && text[i + 1] == "$" ? ["$", "$"] : ["$"])
            case "*", "_", "~": readMarks()
            case "!" where i + 1 < text.endIndex && text[i + 1] == "[": openBracket(isImage: true)
            case "[": openBracket(isImage: false)
            case "]": closeBracket()
            case "<": readAutolink()
            case "&":
                if let (named, end) = MarkdownText.entity(text[i...]) {
                    plain += named
                    i = end
                } else {
                    readPlain()
                }
            case "\n": readBreak()
            default: readPlain()
            }
        }
        flush()
        emphasis.pair(above: nil)
    }

    /// The pieces with the tags of emphasis in place of runs.
    private var result: [Piece] {
        var result: [Piece] = []
        var places: [Int] = []
        for piece in pieces {
            places.append(result.count)
            if case .run(let run) = piece { result += emphasis.pieces(of: run) } else { result.append(piece) }
        }
        for (k, piece) in result.enumerated() {
            if case .image(let target, let end) = piece { result[k] = .image(target, end: places[end]) }
        }
        return result
    }

    private mutating func readPlain() {
        plain.append(text[i])
        i += 1
    }

    private mutating func flush() {
        guard !plain.isEmpty else { return }
        pieces.append(.text(plain))
        plain = []
    }

    private mutating func add(_ piece: Piece, to end: Int) {
        flush()
        pieces.append(piece)
        i = end
    }

    private func peek(_ offset: Int) -> Unicode.Scalar? {
        i + offset >= text.startIndex && i + offset < text.endIndex ? text[i + offset] : nil
    }

    // MARK: - Breaks, escapes and code

    private mutating func readBreak() {
        let isHard = plain.count >= 2 && plain.suffix(2) == [" ", " "]
        while plain.last == " " || plain.last == "\t" { plain.removeLast() }
        addBreak(isHard: isHard, to: i + 1)
    }

    private mutating func addBreak(isHard: Bool, to end: Int) {
        add(.lineBreak(isHard: isHard), to: end)
        while let next = peek(0), next.isBlankOrTab { i += 1 }
    }

    private mutating func readStroke() {
        guard let next = peek(1) else { return readPlain() }
        if next == "\n" { return addBreak(isHard: true, to: i + 2) }
        // The stroke of a formula's bracket is itself escaped, as in Jupyter's notebooks: one stroke makes a plain bracket.
        if next == "\\", let bracket = peek(2), bracket == "(" || bracket == "[", readFormula(opening: ["\\", "\\", bracket]) { return }
        if MarkdownText.isEscapable(next) { i += 1 }
        readPlain()
    }

    /// Up to as many backticks as it begins with.
    private mutating func readCode() {
        let length = text[i...].prefix { $0 == "`" }.count
        guard let end = ticks.next(length: length, from: i + length - text.startIndex).map({ $0 + text.startIndex }) else {
            plain += text[i..<i + length]
            i += length
            return
        }
        var code = text[(i + length)..<end].map { $0 == "\n" ? " " : $0 }
        if code.first == " ", code.last == " ", code.contains(where: { $0 != " " }) { code = Array(code.dropFirst().dropLast()) }
        add(.code(code), to: end + length)
    }

    // MARK: - Formulas

    /// `$x$`: with a digit after it, the second sign is one of money, as the first is before a blank. `$$x$$` is displayed.
    private mutating func readFormula(mark: [Unicode.Scalar]) {
        let isDouble = mark.count == 2
        let start = i + mark.count
        var end = start
        while end < text.endIndex, text[end] != "$" { end += text[end] == "\\" ? 2 : 1 }
        let isClosed = end < text.endIndex && end > start
            && (isDouble ? end + 1 < text.endIndex && text[end + 1] == "$"
                : !text[start].properties.isWhitespace && !text[end - 1].properties.isWhitespace
                    && !(end + 1 < text.endIndex && text[end + 1].properties.numericType != nil))
        guard isClosed else {
            plain += mark
            i = start
            return
        }
        add(.formula(String(String.UnicodeScalarView(text[start..<end])), isDisplayed: isDouble), to: end + mark.count)
    }

    /// `\(x\)` within the line and `\[x\]` by itself, with one stroke or two before both brackets.
    private mutating func readFormula(opening: [Unicode.Scalar]) -> Bool {
        let isDisplayed = opening.last == "["
        let closing: [Unicode.Scalar] = opening.dropLast() + [isDisplayed ? "]" : ")"]
        guard let end = formulaEnd(closing, from: i + opening.count) else { return false }
        let tex = text[(i + opening.count)..<end]
        // Brackets around nothing that could be a formula are brackets.
        guard tex.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil }) else { return false }
        add(.formula(String(String.UnicodeScalarView(tex)), isDisplayed: isDisplayed), to: end + closing.count)
        return true
    }

    /// Where such a closing bracket stands; found once for each kind, as long as it lies ahead.
    private mutating func formulaEnd(_ closing: [Unicode.Scalar], from start: Int) -> Int? {
        let key = String(String.UnicodeScalarView(closing))
        if let known = formulaEnds[key], known >= start { return known < text.endIndex ? known : nil }
        let last = text.endIndex - closing.count
        let end = start <= last ? (start...last).first { text[$0..<$0 + closing.count].elementsEqual(closing) } : nil
        formulaEnds[key] = end ?? text.endIndex
        return end
    }

    private var formulaEnds: [String: Int] = [:]

    // MARK: - Emphasis

    private mutating func readMarks() {
        let mark = text[i]
        let length = text[i...].prefix { $0 == mark }.count
        // Only two of them strike out.
        if mark == "~", length != 2 {
            plain += text[i..<i + length]
            i += length
            return
        }
        let sides = MarkdownEmphasis.Sides(before: peek(-1), after: peek(length))
        flush()
        pieces.append(.run(emphasis.add(mark, length, sides)))
        i += length
    }

    // MARK: - Links and images

    private mutating func openBracket(isImage: Bool) {
        flush()
        if !brackets.isEmpty { brackets[brackets.count - 1].hasBracketAfter = true }
        let length = isImage ? 2 : 1
        brackets.append(Bracket(piece: pieces.count, start: i + length, isImage: isImage, run: emphasis.last))
        pieces.append(.text(Array(text[i..<i + length])))
        i += length
    }

    private mutating func closeBracket() {
        guard let bracket = brackets.popLast() else { return readPlain() }
        let isOuter = brackets.count < outerCount
        outerCount = min(outerCount, brackets.count)
        guard bracket.isImage || !isOuter, let (target, end) = inlineTarget(at: i + 1) ?? defined(bracket) else { return readPlain() }
        flush()
        emphasis.pair(above: bracket.run)
        pieces[bracket.piece] = bracket.isImage ? .image(target, end: pieces.count) : .link(target)
        pieces.append(bracket.isImage ? .imageEnd : .linkEnd)
        i = end
        if !bracket.isImage { outerCount = brackets.count }
    }

    /// `(address "title")`
    private func inlineTarget(at start: Int) -> (MarkdownDefinitions.Target, end: Int)? {
        guard start < text.endIndex, text[start] == "(" else { return nil }
        let addressStart = MarkdownText.skipSpaces(text, start + 1)
        guard let (address, addressEnd) = MarkdownText.address(text, addressStart) else { return nil }
        var target = MarkdownDefinitions.Target(address: address)
        var end = MarkdownText.skipSpaces(text, addressEnd)
        if end > addressEnd, let (title, titleEnd) = MarkdownText.title(text, end) {
            target.title = title
            end = MarkdownText.skipSpaces(text, titleEnd)
        }
        return end < text.endIndex && text[end] == ")" ? (target, end + 1) : nil
    }

    /// `[text][label]`, `[label][]` or `[label]`
    private mutating func defined(_ bracket: Bracket) -> (MarkdownDefinitions.Target, end: Int)? {
        guard !definitions.isEmpty else { return nil }
        let (label, end) = MarkdownText.label(text, i + 1) ?? ("", i + 1)
        if !label.isEmpty { return definitions.target(label).map { ($0, end) } }
        guard !bracket.hasBracketAfter, let (own, _) = MarkdownText.label(text, bracket.start - 1) else { return nil }
        return definitions.target(own).map { ($0, end) }
    }

    private static let schemeLengths = 2...32
    nonisolated(unsafe) private static let mail =
        #/
        [A-Za-z0-9.!\#$%&'*+\/=?^_`{|}~\-]+@[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?
        (?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)*
        /#

    /// `<https://example.com>` or `<me@example.com>`
    private mutating func readAutolink() {
        let end = text[(i + 1)...].firstIndex { $0 == ">" || $0 == "<" || $0.value <= 0x20 }
        guard let end, text[end] == ">" else { return readPlain() }
        let address = String(String.UnicodeScalarView(text[(i + 1)..<end]))
        let scheme = text[(i + 1)..<end].prefix { $0 != ":" }
        let isAddress = i + 1 + scheme.count < end && MarkdownInline.schemeLengths.contains(scheme.count)
            && scheme.first?.properties.isAlphabetic == true
            && scheme.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "+" || $0 == "." || $0 == "-")
            }
        if isAddress {
            add(.autolink(address, address: address), to: end + 1)
        } else if address.contains("@"), address.wholeMatch(of: MarkdownInline.mail) != nil {
            add(.autolink(address, address: "mailto:" + address), to: end + 1)
        } else {
            readPlain()
        }
    }
}
