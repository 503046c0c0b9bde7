import Text

/// What links call the headings of one page, made as GitHub makes it, so that a link works in both places.
struct HeadingAnchors {
    private var counts: [TextKey: Int] = [:]

    /// `## Lists & maps` is `lists--maps`; the second of its kind on a page is `lists--maps-1`.
    mutating func next(for title: String) -> String {
        let kept = title.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
        let anchor = kept.replacing(" ", with: "-")
        let count = counts[TextKey(anchor), default: 0]
        counts[TextKey(anchor)] = count + 1
        // A heading may be called what a second one is called here.
        return count == 0 ? anchor : next(for: "\(anchor)-\(count)")
    }
}
