/// Two texts are the same when their code points are, and so their bytes. Swift's own `==`, hashes, orders and searches go by what
/// Unicode calls equivalent: they take é for e with an accent, and find no "\n" in "\r\n". What compares, finds or orders a user's text
/// uses these instead.
extension StringProtocol {
    @inlinable public func isSame(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether the first bytes of the text are those of `start`.
    @inlinable public func begins(with start: some StringProtocol) -> Bool { utf8.starts(with: start.utf8) }

    /// Whether the text comes before another by code points, which is also the order of their bytes.
    @inlinable public func precedes(_ other: some StringProtocol) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension Sequence<String> {
    @inlinable public func contains(same text: some StringProtocol) -> Bool { contains { $0.isSame(as: text) } }

    /// The texts in the order of their code points.
    @inlinable public func sortedByCodePoints() -> [String] { sorted { $0.precedes($1) } }
}

extension Collection<String> {
    @inlinable public func firstIndex(same text: some StringProtocol) -> Index? { firstIndex { $0.isSame(as: text) } }

    /// Whether both hold the same texts in the same order.
    @inlinable public func isSame(as others: some Collection<String>) -> Bool { elementsEqual(others) { $0.isSame(as: $1) } }
}

/// A text as a key of dictionaries and sets.
public struct TextKey: Hashable, Sendable {
    public let text: String

    @inlinable public init(_ text: String) { self.text = text }
    @inlinable public init(_ text: Substring) { self.text = String(text) }

    @inlinable public static func == (a: TextKey, b: TextKey) -> Bool { a.text.isSame(as: b.text) }

    @inlinable public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
