/// The contents of a register, a list element or a variable: 16 bytes of plain data, copied without reference counting. Heap objects are
/// kept alive by the collector (`Heap`), which finds them from the VM's stack and globals.
public struct Value: Sendable {
    public var tag: Tag
    public var payload: UInt64

    /// The type of a value. `nil` and `false` come first, so that one comparison decides truth.
    public enum Tag: UInt8, Sendable {
        case `nil` = 0
        case `false`
        case `true`
        case int
        case float
        /// A built-in function; the payload is its index in the registry.
        case builtin
        // From here on the payload is the address of a heap object.
        case string
        case list
        case map
        case range
        case closure
        case host
        /// Not a value of the language: a variable or parameter that has not got one yet.
        case missing
    }

    @inline(__always) public init(tag: Tag, payload: UInt64) {
        self.tag = tag
        self.payload = payload
    }

    public static let `nil` = Value(tag: .nil, payload: 0)
    public static let missing = Value(tag: .missing, payload: 0)
    @inline(__always) public static func int(_ x: Int) -> Value { Value(tag: .int, payload: UInt64(bitPattern: Int64(x))) }
    @inline(__always) public static func float(_ x: Double) -> Value { Value(tag: .float, payload: x.bitPattern) }
    @inline(__always) public static func bool(_ x: Bool) -> Value { Value(tag: x ? .true : .false, payload: 0) }
    @inline(__always) public static func builtin(_ index: Int) -> Value { Value(tag: .builtin, payload: UInt64(index)) }
    @inline(__always) public static func string(_ s: StringRef) -> Value { Value(tag: .string, payload: s.address) }
    @inline(__always) public static func list(_ l: ListRef) -> Value { Value(tag: .list, payload: l.address) }
    @inline(__always) public static func map(_ m: MapRef) -> Value { Value(tag: .map, payload: m.address) }
    @inline(__always) public static func range(_ r: RangeRef) -> Value { Value(tag: .range, payload: r.address) }
    @inline(__always) public static func closure(_ c: ClosureRef) -> Value { Value(tag: .closure, payload: c.address) }
    @inline(__always) public static func host(_ h: HostRef) -> Value { Value(tag: .host, payload: h.address) }

    // The accessors below trust the tag: check it first. Builds with assertions (Tests/checks) see to it that it was.
    @inline(__always) public var asInt: Int {
        assert(tag == .int)
        return Int(Int64(bitPattern: payload))
    }
    @inline(__always) public var asFloat: Double {
        assert(tag == .float)
        return Double(bitPattern: payload)
    }
    @inline(__always) public var asString: StringRef {
        assert(tag == .string)
        return StringRef(address: payload)
    }
    @inline(__always) public var asList: ListRef {
        assert(tag == .list)
        return ListRef(address: payload)
    }
    @inline(__always) public var asMap: MapRef {
        assert(tag == .map)
        return MapRef(address: payload)
    }
    @inline(__always) public var asRange: RangeRef {
        assert(tag == .range)
        return RangeRef(address: payload)
    }
    @inline(__always) public var asClosure: ClosureRef {
        assert(tag == .closure)
        return ClosureRef(address: payload)
    }
    @inline(__always) public var asHost: HostRef {
        assert(tag == .host)
        return HostRef(address: payload)
    }
    public var hostObject: HostObject { asHost.object }

    @inline(__always) public var isTruthy: Bool { tag.rawValue > Tag.false.rawValue }
    @inline(__always) public var isNil: Bool { tag == .nil }
    @inline(__always) public var isMissing: Bool { tag == .missing }
    @inline(__always) public var isHeapObject: Bool { tag.rawValue >= Tag.string.rawValue && tag != .missing }
    @inline(__always) public var isNumber: Bool { tag == .int || tag == .float }

    /// The number as a double, for ints and floats.
    @inline(__always) public var number: Double? {
        switch tag {
        case .int: return Double(asInt)
        case .float: return asFloat
        default: return nil
        }
    }

    /// The number that a value stands for in a comparison, including that of a tensor without axes.
    public var scalar: Double? { tag == .host ? hostObject.scalar : number }

    /// Whether the value is nan, also as a tensor without axes.
    @inline(__always) public var isNaN: Bool { tag == .float ? asFloat.isNaN : tag == .host && hostObject.scalar?.isNaN == true }

    /// The type's name, as `type(x)` gives it.
    public var typeName: String {
        switch tag {
        case .nil, .missing: return "nil"
        case .false, .true: return "bool"
        case .int: return "int"
        case .float: return "float"
        case .string: return "string"
        case .list: return "list"
        case .map: return "map"
        case .range: return "range"
        case .builtin, .closure: return "function"
        case .host: return hostObject.typeName
        }
    }

    /// The type with its article, as sentences need it: `an int`, `a list`, `nil`.
    public var typePhrase: String {
        let name = typeName
        if name == "nil" { return name }
        return ("aeiou".contains(name.first ?? "x") ? "an " : "a ") + name
    }

    /// Whether two values are the same object, or the same immediate value.
    public func isIdentical(to other: Value) -> Bool { tag == other.tag && payload == other.payload }
}
