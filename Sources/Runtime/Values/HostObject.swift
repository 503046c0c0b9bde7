import Lang

/// A library object of the language: a supernet, a path, a distribution. Subclasses wrap one thing of NASLib each;
/// their methods and properties are entries of the registry named `type.member`.
class HostObject {
    /// What `type(x)` gives; also the prefix of its members' names in the registry.
    var typeName: String { preconditionFailure("a subclass names its type") }

    /// How it prints, on one line.
    var description: String { "<\(typeName)>" }

    /// How the REPL shows it after `Out[n]:`; may be several lines.
    func display(width: Int) -> String { description }

    /// Whether a cell that ends with it shows it; not when it was shown already.
    var isEchoed: Bool { true }

    func isEqual(to other: HostObject) -> Bool { self === other }

    /// Equal objects have equal hashes; nil for an object that cannot be a map key.
    var hashForKey: Int? { ObjectIdentifier(self).hashValue }

    /// The number that it stands for in a comparison, or nil.
    var scalar: Double? { nil }

    /// Whether `x(args)` works, see `call`.
    var isCallable: Bool { false }

    /// `x(args)`. Named arguments follow `signature`.
    func call(_ call: Call) throws -> Value { preconditionFailure("isCallable is false") }

    /// What errors call it where it is called.
    var calledName: String { typeName }

    /// The parameters of `call`, written as in the registry.
    var signature: Signature { .any }

    /// `for e in x`; nil when it cannot be iterated.
    func makeIterator(_ vm: VM) -> HostIterator? { nil }

    /// `len(x)`, or nil.
    var count: Int? { nil }

    /// `x[i, j]`; nil when it cannot be indexed.
    func element(at indices: [Value], _ vm: VM) throws -> Value? { nil }

    /// `x[i, j] = value`; false when that is not possible.
    func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool { false }

    /// A member that only this object knows (a module's names); the registry's members come after it.
    func member(_ name: String, _ vm: VM) throws -> Value? { nil }

    /// Names `member` answers to, for completion and suggestions.
    var memberNames: [String] { [] }

    /// `self op other` or `other op self`; nil when the operation is not defined.
    func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? { nil }

    /// `-self`; nil when not defined.
    func negated(_ vm: VM) throws -> Value? { nil }

    /// `value in self`; nil when not defined.
    func contains(_ value: Value, _ vm: VM) throws -> Bool? { nil }

    /// Calls `visit` for every `Value` this object holds, so that the collector keeps them.
    func visitValues(_ visit: (Value) -> Void) {}

    /// Bytes of the arrays, texts and networks that it holds and the heap does not know of, so that the collector knows when to run and
    /// values that take too much memory are an error. It is read at each collection. What several objects share is counted by one of them at least.
    var footprint: Int { preconditionFailure("a subclass tells its footprint, also where it is 0") }

    /// Whether what a built-in makes of it may be as large itself.
    var isLarge: Bool { false }

    /// Its numbers in their order, where it is a sequence of them; nil otherwise.
    var numberSequence: (count: Int, values: () -> [Double])? { nil }

    /// Its cells, for front ends that can do better than text.
    var displayedTable: DisplayedTable? { nil }

    /// What any object takes besides.
    static let ownBytes = 128

    /// For how many bytes the heap is charged, and how many values hold the object. Both are the heap's business.
    final var charged = 0
    final var handles = 0
    /// Whether the footprint changes as its methods are called, see `GrowingObject`.
    final fileprivate(set) var isGrowing = false
}

/// A library object that comes to hold more after it was made: the heap is charged anew after each call of its methods.
class GrowingObject: HostObject {
    override init() {
        super.init()
        isGrowing = true
    }
}

/// Steps through a library object: each call gives the next element, nil at the end.
class HostIterator: HostObject {
    override var typeName: String { "iterator" }
    func next(_ vm: VM) throws -> Value? { preconditionFailure("a subclass steps") }

    /// Whether each element must be used before the next is asked for: a list of all of them would miss the point.
    var isForLoopsOnly: Bool { false }
}
