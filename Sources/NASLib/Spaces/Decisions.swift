import Text

/// A path's candidates by the names of the choices.
public struct Decisions: Sendable {
    private let candidates: [TextKey: Int]

    public init(_ choices: [Choice], _ path: Path) {
        candidates = Dictionary(zip(choices.map { TextKey($0.name) }, path.choices.map { Int($0) }), uniquingKeysWith: { first, _ in first })
    }

    /// The candidate of a choice; nil where the path does not decide it.
    public subscript(_ choice: String) -> Int? { candidates[TextKey(choice)] }
}
