import NASLib
import Text

/// A source of random numbers in the language: `rng(1)`.
public final class GeneratorObject: HostObject, RandomSource {
    private let storage: UnsafeMutablePointer<Generator>

    /// The generator. Code that draws may run code of the language that draws as well: creating a network draws weights and calls custom
    /// layers for their shapes. This is not a mistake, so the generator is stored where Swift does not check for overlapping accesses.
    public var generator: Generator {
        get { storage.pointee }
        _modify { yield &storage.pointee }
    }

    public init(_ generator: Generator) {
        storage = .allocate(capacity: 1)
        storage.initialize(to: generator)
    }

    deinit {
        storage.deinitialize(count: 1)
        storage.deallocate()
    }

    public override var typeName: String { "rng" }
    public override var description: String { "rng(\(generator.seed))" }
    public override var footprint: Int { 0 }
}

/// An object that `~` and `draw` accept.
public protocol Drawable: HostObject {
    func draw(_ vm: VM) throws -> Value
}

extension VM {
    /// Draws from a value, as in `let x ~ d`.
    public func draw(from value: Value) throws -> Value {
        if value.tag == .host, let drawable = value.hostObject as? Drawable { return try drawable.draw(self) }
        if let draw = value.function("draw") { return try call(draw, []) }
        throw RuntimeError(
            .type, "'~' draws from a distribution, not from \(value.typePhrase)",
            hint: value.tag == .list ? "empirical(xs) draws from a list's elements" : value.tag == .map
            ? "a map draws by a function under 'draw'" : nil)
    }

    /// The generator for `with`.
    func ambientGenerator(_ value: Value) throws -> GeneratorObject {
        guard value.tag == .host, let generator = value.hostObject as? GeneratorObject else {
            throw RuntimeError(.type, "'with' takes a generator, not \(value.typePhrase)", hint: "with rng(1) { … }")
        }
        return generator
    }
}

extension Value {
    /// The entry of a map under a name; nil if there is none.
    public func entry(_ name: String) -> Value? {
        guard tag == .map else { return nil }
        let map = asMap
        let position = (0..<map.entryCount).first {
            map.entries[$0].key.tag == .string && map.entries[$0].key.asString.text.isSame(as: name)
        }
        return position.map { map.entries[$0].value }
    }

    /// The function of a map under a name: a sampler written in the language is such a map.
    public func function(_ name: String) -> Value? {
        guard let value = entry(name), [.closure, .builtin].contains(value.tag) || value.tag == .host && value.hostObject.isCallable else {
            return nil
        }
        return value
    }

    /// Whether `~` can draw from the value.
    public var isDrawable: Bool { tag == .host ? hostObject is any Drawable : function("draw") != nil }
}
