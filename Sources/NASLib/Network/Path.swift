import Text

/// A point where a space decides, and the operations it decides between.
public struct Choice: Equatable, Sendable {
    public let name: String
    public let candidates: [String]
    /// Whether each candidate has parameters to train.
    public let hasParameters: [Bool]

    /// A choice between candidates. Those named in `parametric` have parameters to train; without it all have.
    public init(name: String, candidates: [String], parametric: [String]? = nil) {
        self.name = name
        self.candidates = candidates
        let parametric = parametric.map { Set($0.map { TextKey($0) }) }
        hasParameters = candidates.map { parametric?.contains(TextKey($0)) ?? true }
    }

    /// Whether both decide the same, and between candidates of the same names.
    public static func == (a: Choice, b: Choice) -> Bool {
        a.name.isSame(as: b.name) && a.candidates.isSame(as: b.candidates) && a.hasParameters == b.hasParameters
    }
}

/// One candidate for each choice of a space: an architecture. `choices[i]` indexes the i-th choice's candidates.
/// Its space prints and parses it.
public struct Path: Hashable, Sendable {
    public var choices: [UInt8]

    public init(_ choices: [UInt8]) { self.choices = choices }
}
