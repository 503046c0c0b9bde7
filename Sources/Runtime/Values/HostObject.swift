import Lang

/// A library object of the language: a supernet, a path, a distribution. Subclasses wrap one thing of NASLib each;
/// their methods and properties are entries of the registry named `type.member`.
open class HostObject {
    public init() {}

    /// The name of the object's type, as `type(x)` gives it; also the prefix of its members in the registry.
    open var typeName: String { preconditionFailure("a subclass names its type") }

    /// The object as printed, on one line.
    open var description: String { "<\(typeName)>" }

    /// The object as the REPL shows it after `Out[n]:`; may have several lines.
    open func display(width: Int) -> String { description }

    /// Whether a cell that ends with the object shows it; false if it was shown already.
    open var isEchoed: Bool { true }

    open func isEqual(to other: HostObject) -> Bool { self === other }

    /// Equal objects have equal hashes; nil for an object that cannot be a map key.
    open var hashForKey: Int? { ObjectIdentifier(self).hashValue }

    /// The number that the object stands for in a comparison, or nil.
    open var scalar: Double? { nil }

    /// Whether `x(args)` works, see `call`.
    open var isCallable: Bool { false }

    /// Calls the object, `x(args)`. Named arguments follow `signature`.
    open func call(_ call: Call) throws -> Value { preconditionFailure("isCallable is false") }

    /// The object's name in errors about a call.
    open var calledName: String { typeName }

    /// The parameters of `call`, written as in the registry.
    open var signature: Signature { .any }

    package final var callable: Callable { Callable(calledName, signature) }

    /// The iterator for `for e in x`; nil if the object cannot be iterated.
    open func makeIterator(_ vm: VM) -> HostIterator? { nil }

    /// The result of `len(x)`, or nil.
    open var count: Int? { nil }

    /// The element `x[i, j]`; nil if the object cannot be indexed.
    open func element(at indices: [Value], _ vm: VM) throws -> Value? { nil }

    /// Performs `x[i, j] = value`; false if that is not possible.
    open func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool { false }

    /// A member that only this object knows (a module's names); the registry's members come after it.
    open func member(_ name: String, _ vm: VM) throws -> Value? { nil }

    /// Names `member` answers to, for completion and suggestions.
    open var memberNames: [String] { [] }

    /// The result of `self op other` or `other op self`; nil if the operation is not defined.
    open func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? { nil }

    /// The result of `-self`; nil if it is not defined.
    open func negated(_ vm: VM) throws -> Value? { nil }

    /// The result of `value in self`; nil if it is not defined.
    open func contains(_ value: Value, _ vm: VM) throws -> Bool? { nil }

    /// Calls `visit` for every `Value` this object holds, so that the collector keeps them.
    open func visitValues(_ visit: (Value) -> Void) {}

    /// The bytes of the arrays, texts and networks that the object holds outside the heap, so that the collector knows when to run and
    /// values that take too much memory are an error. It is read at each collection. At least one of several objects counts the memory that
    /// they share.
    open var footprint: Int { preconditionFailure("a subclass tells its footprint, also where it is 0") }

    /// Whether the results of built-ins on the object may be as large as the object.
    open var isLarge: Bool { false }

    /// The object's numbers in order, if it is a sequence of numbers; otherwise nil.
    open var numberSequence: (count: Int, values: () -> [Double])? { nil }

    /// The object as texts, numbers, lists and maps, as for JSON; nil if that is not possible.
    open var plainForm: PlainForm? { nil }

    public enum PlainForm { case description, elements }

    /// The object's cells as a table, for front ends that can show more than text.
    open var displayedTable: DisplayedTable? { nil }

    /// The bytes that any object takes in addition to its footprint.
    public static let ownBytes = 128

    /// The bytes charged to the heap, and the number of values that hold the object. Only the heap uses both.
    public final var charged = 0
    public final var handles = 0
    /// Whether the footprint changes as its methods are called, see `GrowingObject`.
    public final fileprivate(set) var isGrowing = false
}

/// A library object that grows after its creation: the heap is charged again after each call of its methods.
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

    /// Whether each element must be used before the next one is made, so that a list of all elements makes no sense.
    open var isForLoopsOnly: Bool { false }
}
