/// A set of architectures: a list of choices, and a notation for paths through them.
public protocol SearchSpace: AnyObject, Sendable {
    /// The name users write, such as `nasbench201`.
    var name: String { get }
    var choices: [Choice] { get }
    /// The path in the space's own notation.
    func format(_ path: Path) -> String
    /// Reads the space's own notation; the error says what is wrong and where.
    func parse(_ text: String) throws -> Path
}

extension SearchSpace {
    /// How many paths there are, or nil when that is more than an Int holds.
    public var size: Int? {
        var product = 1
        for choice in choices {
            let (next, overflow) = product.multipliedReportingOverflow(by: choice.candidates.count)
            if overflow { return nil }
            product = next
        }
        return product
    }

    /// The path at a position of the enumeration of all paths, the last choice changing fastest.
    public func path(at index: Int) -> Path {
        var rest = index
        var picks = Array(repeating: UInt8(0), count: choices.count)
        for i in picks.indices.reversed() {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: choices[i].candidates.count)
            picks[i] = UInt8(remainder)
            rest = quotient
        }
        return Path(picks)
    }

    /// A path drawn with every candidate of a choice equally likely.
    public func uniformPath(using generator: inout Generator) -> Path {
        Path(choices.map { UInt8(generator.below($0.candidates.count)) })
    }

    /// How many choices two paths decide differently.
    public func distance(_ a: Path, _ b: Path) -> Int { zip(a.choices, b.choices).count { $0 != $1 } }

    /// For each candidate of each choice 1 where it is chosen, and 0 elsewhere.
    public func oneHot(_ path: Path) -> [Double] {
        zip(choices, path.choices).flatMap { choice, pick in choice.candidates.indices.map { $0 == Int(pick) ? 1 : 0 } }
    }

    /// All paths that differ from `path` in exactly one choice, in choice order.
    public func neighbours(of path: Path) -> [Path] {
        choices.indices.flatMap { i in
            choices[i].candidates.indices.compactMap { candidate in
                guard candidate != Int(path.choices[i]) else { return nil }
                var other = path
                other.choices[i] = UInt8(candidate)
                return other
            }
        }
    }
}
