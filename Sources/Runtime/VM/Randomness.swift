import NASLib

/// A source of random numbers in the language: `rng(1)`.
final class GeneratorObject: HostObject {
    var generator: Generator

    init(_ generator: Generator) { self.generator = generator }

    override var typeName: String { "rng" }
    override var description: String { "rng(\(generator.seed))" }
}

/// Whatever `~` and `draw` accept.
protocol Drawable: HostObject {
    func draw(_ vm: VM) throws -> Value
}

extension VM {
    /// `let x ~ d`.
    func draw(from value: Value) throws -> Value {
        guard value.tag == .host, let drawable = value.hostObject as? Drawable else {
            throw RuntimeError(
                .type, "'~' draws from a distribution, not from \(value.typePhrase)",
                hint: value.tag == .list ? "empirical(xs) draws from a list's elements" : nil)
        }
        return try drawable.draw(self)
    }

    /// The generator for `with`.
    func ambientGenerator(_ value: Value) throws -> GeneratorObject {
        guard value.tag == .host, let generator = value.hostObject as? GeneratorObject else {
            throw RuntimeError(.type, "'with' takes a generator, not \(value.typePhrase)", hint: "with rng(1) { … }")
        }
        return generator
    }
}
