/// The chain space of NAS-Bench-Macro (Su et al., 2021): eight layers, three candidates each, written as eight digits.
public enum NASBenchMacro {
    static let layers = 8
    static let candidates = 3

    /// Throws what is wrong with a text that should be an architecture.
    static func check(_ text: String) throws {
        guard text.count == layers else { throw SpaceError("an architecture of NAS-Bench-Macro has \(layers) digits, '\(text.prefix(40))' has \(text.count) characters") }
        for (i, character) in text.enumerated() where character.wholeNumberValue.map({ $0 < candidates }) != true {
            throw SpaceError("'\(character)' is not an operation of NAS-Bench-Macro", hint: "the digits are 0 to \(candidates - 1)", offset: i)
        }
    }
}
