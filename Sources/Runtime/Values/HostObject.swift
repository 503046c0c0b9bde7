import Lang

/// A library object of the language: a supernet, a path, a distribution. Subclasses wrap one thing of NASLib each;
/// their methods and properties are entries of the registry named `type.member`.
open class HostObject {
    public init() {}

    /// What `type(x)` gives; also the prefix of its members' names in the registry.
    open var typeName: String { preconditionFailure("a subclass names its type") }

    /// How it prints, on one line.
    open var description: String { "<\(typeName)>" }

    /// How the REPL shows it after `Out[n]:`; may be several lines.
    open func display(width: Int) -> String { description }

    /// Whether a cell that ends with it shows it; not when it was shown already.
    open var isEchoed: Bool { true }

    open func isEqual(to other: HostObject) -> Bool { self === other }

    /// Equal objects have equal hashes; nil for an object that cannot be a map key.
    open var hashForKey: Int? { ObjectIdentifier(self).hashValue }

    /// The number that it stands for in a comparison, or nil.
    open var scalar: Double? { nil }

    /// Whether `x(args)` works, see `call`.
    open var isCallable: Bool { false }

    /// `x(args)`. Named arguments follow `signature`.
    open func call(_ call: Call) throws -> Value { preconditionFailure("isCallable is false") }

    /// What errors call it where it is called.
    open var calledName: String { typeName }

    /// The parameters of `call`, written as in the registry.
    open var signature: Signature { .any }

    package final var callable: Callable { Callable(calledName, signature) }

    /// `for e in x`; nil when it cannot be iterated.
    open func makeIterator(_ vm: VM) -> HostIterator? { nil }

    /// `len(x)`, or nil.
    open var count: Int? { nil }

    /// `x[i, j]`; nil when it cannot be indexed.
    open func element(at indices: [Value], _ vm: VM) throws -> Value? { nil }

    /// `x[i, j] = value`; false when that is not possible.
    open func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool { false }

    /// A member that only this object knows (a module's names); the registry's members come after it.
    open func member(_ name: String, _ vm: VM) throws -> Value? { nil }

    /// Names `member` answers to, for completion and suggestions.
    open var memberNames: [String] { [] }

    /// `self op other` or `other op self`; nil when the operation is not defined.
    open func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? { nil }

    /// `-self`; nil when not defined.
    open func negated(_ vm: VM) throws -> Value? { nil }

    /// `value in self`; nil when not defined.
    open func contains(_ value: Value, _ vm: VM) throws -> Bool? { nil }

    /// Calls `visit` for every `Value` this object holds, so that the collector keeps them.
    open func visitValues(_ visit: (Value) -> Void) {}

    /// Bytes of the arrays, texts and networks that it holds and the heap does not know of, so that the collector knows when to run and
    /// values that take too much memory are an error. It is read at each collection. What several objects share is counted by one of them at least.
    open var footprint: Int { preconditionFailure("a subclass tells its footprint, also where it is 0") }

    /// Whether what a built-in makes of it may be as large itself.
    open var isLarge: Bool { false }

    /// Its numbers in their order, where it is a sequence of them; nil otherwise.
    open var numberSequence: (count: Int, values: () -> [Double])? { nil }

    /// How it is written where there are only texts, numbers, lists and maps, as in JSON; nil where it cannot be.
    open var plainForm: PlainForm? { nil }

    public enum PlainForm { case description, elements }

    /// Its cells, for front ends that can do better than text.
    open var displayedTable: DisplayedTable? { nil }

    /// What any object takes besides.
    public static let ownBytes = 128

    /// For how many bytes the heap is charged, and how many values hold the object. Both are the heap's business.
    public final var charged = 0
    public final var handles = 0
    /// Whether the footprint changes as its methods are called, see `GrowingObject`.
    public final fileprivate(set) var isGrowing = false
}

/// A library object that comes to hold more after it was made: the heap is charged anew after each call of its methods.
open class GrowingObject: HostObject {
    public override init() {
        super.init()
        isGrowing = true
    }
}

/// Steps through a library object: each call gives the next element, nil at the end.
open class HostIterator: HostObject {
    open override var typeName: String { "iterator" }
    open func next(_ vm: VM) throws -> Value? { preconditionFailure("a subclass steps") }

    /// Whether each element must be used before the next is asked for: a list of all of them would miss the point.
    open var isForLoopsOnly: Bool { false }
}
