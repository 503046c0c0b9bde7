import Text

/// What `[label]: address "title"` says of the links of a text.
struct MarkdownDefinitions {
    struct Target {
        var address: String
        /// Empty where there is none.
        var title = ""
    }

    private var targets: [TextKey: Target] = [:]
    /// How many more bytes links may take from here, so that many links to one long address do not make a page without end.
    private var budget = 1 << 20

    var isEmpty: Bool { targets.isEmpty }

    /// What the label stands for; the first definition holds.
    mutating func target(_ label: String) -> Target? {
        guard !label.isEmpty, let target = targets[TextKey(label)] else { return nil }
        budget -= target.address.utf8.count + target.title.utf8.count
        return budget >= 0 ? target : nil
    }

    /// Takes the definitions with which a text begins; gives the end of the last one.
    mutating func take(from text: [Unicode.Scalar]) -> Int {
        var start = 0
        while start < text.count, text[start] == "[", let (label, target, end) = MarkdownDefinitions.definition(text[...], start) {
            if targets[TextKey(label)] == nil { targets[TextKey(label)] = target }
            start = end
        }
        return start
    }

    private static func definition(_ text: MarkdownText.Scalars, _ start: Int) -> (String, Target, end: Int)? {
        guard let (label, colon) = MarkdownText.label(text, start), !label.isEmpty, colon < text.endIndex, text[colon] == ":" else {
            return nil
        }
        let addressStart = MarkdownText.skipSpaces(text, colon + 1)
        guard let (address, addressEnd) = MarkdownText.address(text, addressStart), addressEnd > addressStart else { return nil }
        let titleStart = MarkdownText.skipSpaces(text, addressEnd)
        if titleStart > addressEnd, let (title, titleEnd) = MarkdownText.title(text, titleStart), let end = lineEnd(text, titleEnd) {
            return (label, Target(address: address, title: title), end)
        }
        return lineEnd(text, addressEnd).map { (label, Target(address: address), $0) }
    }

    /// The beginning of the next line, where there is nothing but blanks before it.
    private static func lineEnd(_ text: MarkdownText.Scalars, _ start: Int) -> Int? {
        let end = text[start...].firstIndex { !$0.isBlankOrTab } ?? text.endIndex
        return end == text.endIndex ? end : text[end] == "\n" ? end + 1 : nil
    }
}
