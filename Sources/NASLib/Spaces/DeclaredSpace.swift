import Text

/// A space declared as a block. Its choices are the block's, in the order in which their names first occur.
///
/// Notation: `stem=conv3 body=skip`, for each choice its name and the candidate's; or, with `writesDigits`, one digit a choice.
public final class DeclaredSpace: NetworkSpace {
    public let name: String
    public let body: Block
    public let choices: [Choice]
    public let classes: Int
    public let customFunctions: [any CustomFunction]
    private let writesDigits: Bool

    public init(name: String = "space", _ body: Block, writesDigits: Bool = false) throws {
        self.name = name
        self.body = body
        self.writesDigits = writesDigits
        guard case .layer(let last)? = body.steps.last, let classifier = last.kind as? Linear else {
            throw NASError(.value, "a space ends with the classifier", hint: "put dense(classes) last")
        }
        classes = classifier.outputs
        customFunctions = body.customFunctions
        var choices: [Choice] = []
        var position: [TextKey: Int] = [:]
        try DeclaredSpace.collect(body, into: &choices, &position)
        guard !choices.isEmpty else {
            throw NASError(.value, "there is nothing to choose in this space", hint: "put a choice(\"name\", {…}) into it")
        }
        self.choices = choices
    }

    private static func collect(_ block: Block, into choices: inout [Choice], _ position: inout [TextKey: Int]) throws {
        if case .choice(let name, let candidates) = block {
            guard isWord(name) else {
                throw NASError(.value, "a choice's name is a word without spaces, commas and '=', not \"\(name.prefix(60))\"")
            }
            guard (1...256).contains(candidates.count) else {
                throw NASError(.value, "choice \"\(name)\" has \(candidates.count) candidates, it needs 1 to 256")
            }
            if let bad = candidates.first(where: { !isWord($0.name) }) {
                throw NASError(.value, "a candidate's name is a word without spaces, commas and '=', not \"\(bad.name.prefix(60))\"")
            }
            guard Set(candidates.map { TextKey($0.name) }).count == candidates.count else {
                throw NASError(.value, "choice \"\(name)\" has two candidates of one name")
            }
            let choice = Choice(
                name: name, candidates: candidates.map(\.name), parametric: candidates.filter(\.block.hasParameters).map(\.name))
            if let known = position[TextKey(name)] {
                guard choices[known].candidates.isSame(as: choice.candidates) else {
                    throw NASError(
                        .value, "choices of one name are one decision, but \"\(name)\" is once between \(choices[known].candidates.joined(separator: ", ")) and once between \(choice.candidates.joined(separator: ", "))")
                }
            } else {
                position[TextKey(name)] = choices.count
                choices.append(choice)
            }
        }
        for child in block.children { try collect(child, into: &choices, &position) }
    }

    /// By code points, also within a character that is made of several.
    private static func isWord(_ text: String) -> Bool { !text.isEmpty && !text.unicodeScalars.contains { isBreak($0) || $0 == "=" } }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar == "," }

    // MARK: - Notation

    public func format(_ path: Path) -> String {
        if writesDigits { return path.choices.map { String($0) }.joined() }
        return zip(choices, path.choices).map { "\($0.name)=\($0.candidates[Int($1)])" }.joined(separator: " ")
    }

    public func parse(_ text: String) throws -> Path { writesDigits ? try parseDigits(text) : try parseNames(text) }

    private func parseDigits(_ text: String) throws -> Path {
        guard text.count == choices.count else {
            throw NASError(.value, "a path of \(name) has \(choices.count) digits, \"\(text.prefix(40))\" has \(text.count) characters")
        }
        return Path(try zip(text, choices).enumerated().map { i, pair in
            guard pair.0.isASCII, let digit = pair.0.wholeNumberValue, pair.1.candidates.indices.contains(digit) else {
                    throw NASError(
                        .value, "'\(pair.0)' is not an operation of \(name)", hint: "the digits are 0 to \(pair.1.candidates.count - 1)",
                        offset: i)
            }
            return UInt8(digit)
        })
    }

    private func parseNames(_ text: String) throws -> Path {
        let form = "the form is \(choices.prefix(2).map { "\($0.name)=\($0.candidates[0])" }.joined(separator: " "))\(choices.count > 2 ? " …" : "")"
        var found: [UInt8?] = choices.map { _ in nil }
        for word in text.unicodeScalars.split(whereSeparator: DeclaredSpace.isBreak) {
            var offset: Int { text.distance(from: text.startIndex, to: word.startIndex) }
            let parts = word.split(separator: "=", omittingEmptySubsequences: false).map { String($0) }
            guard parts.count == 2 else {
                throw NASError(.value, "'\(String(word.prefix(60)))' is not a decision: choice=candidate", hint: form, offset: offset)
            }
            guard let choice = choices.firstIndex(where: { $0.name.isSame(as: parts[0]) }) else {
                throw NASError(
                    .value, "'\(parts[0].prefix(60))' is not a choice of \(name)",
                    hint: "its choices are \(DeclaredSpace.some(choices.map(\.name)))", offset: offset)
            }
            guard let candidate = choices[choice].candidates.firstIndex(same: parts[1]) else {
                throw NASError(
                    .value, "'\(parts[1].prefix(60))' is not a candidate of choice \(parts[0])",
                    hint: "its candidates are \(DeclaredSpace.some(choices[choice].candidates))", offset: offset + parts[0].count + 1)
            }
            guard found[choice] == nil else { throw NASError(.value, "choice \(parts[0]) is decided twice", hint: form, offset: offset) }
            found[choice] = UInt8(candidate)
        }
        return Path(try zip(found, choices).map { candidate, choice in
            guard let candidate else { throw NASError(.value, "choice \(choice.name) is not decided", hint: form, offset: text.count) }
            return candidate
        })
    }

    private static func some(_ names: [String]) -> String {
        names.count <= 12 ? names.joined(separator: ", ") : names.prefix(11).joined(separator: ", ") + " and \(names.count - 11) more"
    }

    /// What is left of the network when what does not matter is gone.
    public func canonical(_ path: Path) -> String { body.canonical(choices, path) }
}
