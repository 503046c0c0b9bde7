import Foundation

/// The header at the start of every heap object and every free cell of the heap.
public struct ObjectHeader {
    public var kind: Kind
    public var isMarked = false
    /// For a string: whether it is ASCII without carriage return + line feed, so that each byte is a character.
    public var isASCII = false
    /// For a map: whether its entries follow the layout directly.
    public var isInline = false
    /// For a string: its hash; 0 until it is first computed.
    public var hash: UInt32 = 0

    public enum Kind: UInt8 { case free, string, list, map, range, closure, upvalue, host }
}

/// A reference to a heap object: its address, with the layout known by type. The collector keeps the object alive
/// as long as it is reachable from the VM's roots; a reference held only by Swift code does not count, see `Call.protect`.
public protocol ObjectRef {
    associatedtype Layout
    static var kind: ObjectHeader.Kind { get }
    var pointer: UnsafeMutablePointer<Layout> { get }
    init(pointer: UnsafeMutablePointer<Layout>)
}

extension ObjectRef {
    @inline(__always) public var address: UInt64 { UInt64(UInt(bitPattern: pointer)) }
    @inline(__always) public init(address: UInt64) {
        self.init(pointer: UnsafeMutablePointer(bitPattern: UInt(address)).unsafelyUnwrapped)
        // What the collector has freed is of another kind.
        assert(UnsafeRawPointer(pointer).load(as: UInt8.self) == Self.kind.rawValue)
    }
}

// MARK: - Strings

/// Immutable UTF-8 text. The bytes follow the layout in memory.
public struct StringRef: ObjectRef {
    public static var kind: ObjectHeader.Kind { .string }
    public let pointer: UnsafeMutablePointer<StringLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<StringLayout>) { self.pointer = pointer }

    @inline(__always) public var byteCount: Int { pointer.pointee.byteCount }
    @inline(__always)
    public var bytes: UnsafeMutablePointer<UInt8> { UnsafeMutableRawPointer(pointer + 1).assumingMemoryBound(to: UInt8.self) }
    public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: byteCount) }
    public var text: String { String(decoding: buffer, as: UTF8.self) }
    @inline(__always) public var isASCII: Bool { pointer.pointee.header.isASCII }

    /// The number of characters as a reader counts them. Carriage return + line feed is one character.
    public var count: Int { isASCII ? byteCount : text.count }

    @inline(__always) public var hash: UInt32 {
        if pointer.pointee.header.hash == 0 { pointer.pointee.header.hash = StringRef.hash(buffer) }
        return pointer.pointee.header.hash
    }

    /// The FNV-1a hash by words; never 0, which stands for "not computed".
    public static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var h: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
        var i = 0
        let raw = UnsafeRawBufferPointer(bytes)
        while i &+ 8 <= raw.count {
            h = (h ^ raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            h ^= h >> 29
            i &+= 8
        }
        while i < raw.count {
            h = (h ^ UInt64(raw[i])) &* 0x100_0000_01b3
            i &+= 1
        }
        h ^= h >> 32
        h = h &* 0x9e37_79b9_7f4a_7c15
        return UInt32(truncatingIfNeeded: h >> 32) | 1
    }

    @inline(__always) public func equals(_ other: StringRef) -> Bool {
        if pointer == other.pointer { return true }
        guard byteCount == other.byteCount else { return false }
        if byteCount > 64 { return memcmp(bytes, other.bytes, byteCount) == 0 }
        // Word by word. Cells are whole words long; what lies behind the text is shifted out.
        var rest = byteCount
        var a = UnsafeRawPointer(bytes), b = UnsafeRawPointer(other.bytes)
        while rest > 0 {
            let difference = UInt64(littleEndian: a.load(as: UInt64.self) ^ b.load(as: UInt64.self))
            if rest < 8 { return difference &<< UInt64(truncatingIfNeeded: 64 &- 8 &* rest) == 0 }
            if difference != 0 { return false }
            a += 8
            b += 8
            rest &-= 8
        }
        return true
    }
}

public struct StringLayout {
    public var header: ObjectHeader
    public var byteCount: Int
}

// MARK: - Lists

/// A growable array of values. A list made with its elements has them right behind the layout, until it grows.
public struct ListRef: ObjectRef, RandomAccessCollection {
    public static var kind: ObjectHeader.Kind { .list }
    public let pointer: UnsafeMutablePointer<ListLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<ListLayout>) { self.pointer = pointer }

    @inline(__always) public var count: Int { pointer.pointee.count }
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    @inline(__always) public var elements: UnsafeMutablePointer<Value> { pointer.pointee.elements.unsafelyUnwrapped }
    public var buffer: UnsafeMutableBufferPointer<Value> { UnsafeMutableBufferPointer(start: pointer.pointee.elements, count: count) }
    public var array: [Value] { Array(buffer) }

    @inline(__always) public subscript(index: Int) -> Value {
        get {
            assert(index >= 0 && index < count)
            return elements[index]
        }
        nonmutating set {
            assert(index >= 0 && index < pointer.pointee.capacity)
            elements[index] = newValue
        }
    }

    /// The address of the elements that the list was made with.
    @inline(__always)
    public var inlineElements: UnsafeMutablePointer<Value> { UnsafeMutableRawPointer(pointer + 1).assumingMemoryBound(to: Value.self) }
    /// Whether the elements have memory of their own.
    @inline(__always) public var hasBuffer: Bool { pointer.pointee.elements != nil && pointer.pointee.elements != inlineElements }
    public var bufferBytes: Int { hasBuffer ? pointer.pointee.capacity * MemoryLayout<Value>.stride : 0 }
}

public struct ListLayout {
    public var header: ObjectHeader
    public var count: Int
    public var capacity: Int
    public var elements: UnsafeMutablePointer<Value>?
}

// MARK: - Ranges

/// `lower ..< upper` in steps, or a slice with open ends. Immutable.
public struct RangeRef: ObjectRef {
    public static var kind: ObjectHeader.Kind { .range }
    public let pointer: UnsafeMutablePointer<RangeLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<RangeLayout>) { self.pointer = pointer }

    public var lower: Int { pointer.pointee.lower }
    /// The upper bound of the range, which is not included.
    public var upper: Int { pointer.pointee.upper }
    public var step: Int { pointer.pointee.step }
    public var hasLower: Bool { pointer.pointee.hasLower }
    public var hasUpper: Bool { pointer.pointee.hasUpper }
    /// Whether the range was written with `..=`.
    public var isClosed: Bool { pointer.pointee.isClosed }

    /// How many elements there are: up to 2^64 - 1, twice as many as an int counts.
    public var size: UInt {
        let (from, to) = step > 0 ? (lower, upper) : (upper, lower)
        guard from < to else { return 0 }
        return (UInt(bitPattern: to) &- UInt(bitPattern: from) &- 1) / step.magnitude + 1
    }

    /// The number of elements as an int; nil if it does not fit.
    public var count: Int? { Int(exactly: size) }

    /// The element at a position below `size`. The product may wrap, the sum then wraps back.
    public func element(_ position: UInt) -> Int { lower &+ Int(bitPattern: position) &* step }

    /// Compares what the ranges give, however they are written; those with an open end by their bounds.
    public func hasSameElements(as other: RangeRef) -> Bool {
        guard hasLower, hasUpper, other.hasLower, other.hasUpper else {
            return (hasLower, hasUpper, lower, upper, step) == (other.hasLower, other.hasUpper, other.lower, other.upper, other.step)
        }
        let size = size
        guard size == other.size else { return false }
        return size == 0 || lower == other.lower && (size == 1 || step == other.step)
    }

    public var hashOfElements: Int {
        let size = size
        return size == 0 ? 0 : lower &* 31 &+ element(size - 1)
    }

    /// The bound of a slice at a position from 0 to `size`.
    public func bound(_ position: UInt) -> Int { position < size ? element(position) : upper }

    public func contains(_ x: Int) -> Bool {
        guard step > 0 ? (x >= lower && x < upper) : (x <= lower && x > upper) else { return false }
        let distance = step > 0 ? UInt(bitPattern: x) &- UInt(bitPattern: lower) : UInt(bitPattern: lower) &- UInt(bitPattern: x)
        return distance % step.magnitude == 0
    }
}

public struct RangeLayout {
    public var header: ObjectHeader
    public var lower: Int
    public var upper: Int
    public var step: Int
    public var hasLower: Bool
    public var hasUpper: Bool
    public var isClosed: Bool
}

// MARK: - Functions

/// A function of the language with the variables it captured, which follow the layout: the value itself of a variable that
/// never changes, the upvalue of any other.
public struct ClosureRef: ObjectRef {
    public static var kind: ObjectHeader.Kind { .closure }
    public let pointer: UnsafeMutablePointer<ClosureLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<ClosureLayout>) { self.pointer = pointer }

    @inline(__always) public var prototype: UnsafeMutablePointer<PrototypeLayout> { pointer.pointee.prototype }
    @inline(__always)
    public var captures: UnsafeMutablePointer<Value> { UnsafeMutableRawPointer(pointer + 1).assumingMemoryBound(to: Value.self) }
    @inline(__always) public var captureCount: Int { prototype.pointee.captureCount }
}

public struct ClosureLayout {
    public var header: ObjectHeader
    public var prototype: UnsafeMutablePointer<PrototypeLayout>
}

/// A captured variable that changes: while its frame lives `location` points into the VM's stack, afterwards at `closed`.
public struct UpvalueRef: ObjectRef {
    public static var kind: ObjectHeader.Kind { .upvalue }
    public let pointer: UnsafeMutablePointer<UpvalueLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<UpvalueLayout>) { self.pointer = pointer }

    /// The value that stands for the upvalue among a closure's captures. No variable's value is `.missing` once it can be captured.
    @inline(__always) public var capture: Value { Value(tag: .missing, payload: address) }
    @inline(__always) public init(capture: Value) {
        assert(capture.isMissing)
        self.init(address: capture.payload)
    }

    /// Moves the variable out of the stack.
    public func close() {
        pointer.pointee.closed = pointer.pointee.location.pointee
        pointer.pointee.location = (UnsafeMutableRawPointer(pointer) + UpvalueLayout.closedOffset).assumingMemoryBound(to: Value.self)
    }
}

public struct UpvalueLayout {
    public var header: ObjectHeader
    public var location: UnsafeMutablePointer<Value>
    public var closed: Value
    /// The next open upvalue, further down the stack.
    public var nextOpen: UnsafeMutablePointer<UpvalueLayout>?

    public static let closedOffset = MemoryLayout<UpvalueLayout>.offset(of: \UpvalueLayout.closed).unsafelyUnwrapped
}

// MARK: - Library objects

/// Holds a Swift object for the language.
public struct HostRef: ObjectRef {
    public static var kind: ObjectHeader.Kind { .host }
    public let pointer: UnsafeMutablePointer<HostLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<HostLayout>) { self.pointer = pointer }

    public var object: HostObject { pointer.pointee.object.takeUnretainedValue() }

    /// The bytes for which the heap is charged, read without counting a reference.
    @inline(__always) public var charged: Int { pointer.pointee.object._withUnsafeGuaranteedRef { $0.charged } }

    /// Whether the object is charged again after each call of its methods, read without counting a reference.
    @inline(__always) public var isGrowing: Bool { pointer.pointee.object._withUnsafeGuaranteedRef { $0.isGrowing } }

    /// The address of the object's class: the first word of a Swift object, read without counting a reference.
    @inline(__always) public var classAddress: UInt { pointer.pointee.object.toOpaque().load(as: UInt.self) }
}

public struct HostLayout {
    public var header: ObjectHeader
    public var object: Unmanaged<HostObject>
}
