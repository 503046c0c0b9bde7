import Foundation
import NASLib
import Text

/// Allocates the language's objects and collects those that can no longer be reached (mark and sweep, see Collector).
///
/// Allocation never collects by itself: the VM asks `needsCollection` at its safe points, where everything alive is
/// in its registers, globals or protected values. So Swift code may hold new objects freely until it calls back
/// into the VM.
public final class Heap {
    /// Bytes in use by objects and their buffers, as charged.
    public var bytesInUse = 0
    public var threshold = Heap.minimumThreshold
    /// The most that may be in use after a collection.
    public var limit = Limit.memory
    /// Built-ins that go on making values ask whether there is memory for more when this much is in use, see `VM.checkInterruption`.
    public var nextAsk = MemoryAccount.smallest
    /// Whether memory was refused since the last collection: the next safe point collects, and throws where that does not help.
    public var isShort = false
    /// What may be in use beyond the limit: what handles the error needs some.
    public var overdraft = 0
    /// Collections at the next safe points, whatever is in use.
    public var collectionsToCome = 0
    /// What a list or map needed to grow as it should and did not get, in bytes: it is asked for at the next safe point.
    private var wanted = 0
    /// Collect at every safe point, and overwrite what is freed: finds objects that the roots miss. In a large heap, and after many collections,
    /// only whenever a thousandth has come to it, or scripts that take a second would take hours.
    public var isStressed = false {
        didSet { threshold = isStressed ? 0 : Heap.minimumThreshold }
    }
    /// Collections at every safe point that are left.
    public var stressesLeft = 10_000
    /// One object for each constant string, so that equal constants are identical and key look-ups compare addresses.
    private var interned: [TextKey: StringRef] = [:]
    /// The strings of one ASCII character, which loops over text give.
    public let characters: UnsafeMutablePointer<StringRef> = .allocate(capacity: 128)
    public let cells = CellAllocator()
    /// What Swift code keeps alive.
    public var roots = RootSet()
    /// Objects marked but not yet traced.
    public var markStack = AddressStack()

    public static let minimumThreshold = 8 << 20
    /// More than the fixed objects and a script of the usual kind take.
    public static let smallForStress = 1 << 20
    public static let spaciousGrowth = 64 << 20
    /// Marking an object costs about as much as to take so many bytes of new memory into use.
    public static let growthPerTracedObject = 256
    /// Lists and maps made with up to so many elements or entries have them in one piece with the object.
    public static let inlineElements = 8
    public static let inlineEntries = 8

    public init() {
        cells.onShortage = { [unowned self] in self.runShort() }
        for i in 0..<128 { (characters + i).initialize(to: intern(String(UnicodeScalar(UInt8(i))))) }
    }

    @inline(__always) public var needsCollection: Bool { bytesInUse >= threshold }

    public func charge(_ bytes: Int) { bytesInUse &+= bytes }

    /// Whether there is memory for more values. Chunks without objects make room first.
    public func hasRoom() -> Bool {
        let bytes = wanted
        wanted = 0
        if MemoryAccount.hasRoom, MemoryAccount.has(bytes) { return true }
        cells.releaseEmptyChunks()
        return MemoryAccount.hasRoom && MemoryAccount.has(bytes)
    }

    /// Collects at the next safe point, and has a built-in that makes values ask at once.
    @inline(never) private func runShort(of bytes: Int = 0) { (isShort, threshold, nextAsk, wanted) = (true, 0, 0, max(wanted, bytes)) }

    /// After a collection: whether more is in use than may be. What handles the error gets a little more, each time anew, but not without end.
    public func isOverdrawn() -> Bool {
        guard bytesInUse > limit + overdraft else { return false }
        overdraft = min(bytesInUse - limit + (1 << 20), limit / 4)
        return true
    }

    /// For when memory was refused, to values or to anything else: what is let go of in the next few calls is freed at once.
    public func memoryWasRefused() { (collectionsToCome, threshold) = (8, 0) }

    /// Asks for more values. Refused, what handles the error may make a few before it is asked again.
    public func hasRoomForMore() -> Bool {
        let isGranted = hasRoom()
        if !isGranted { runShort() }
        nextAsk = bytesInUse + (isGranted ? MemoryAccount.smallest : HugePages.bytes)
        return isGranted
    }

    // MARK: - Allocation

    @inline(__always) private func allocate<Layout>(_ kind: ObjectHeader.Kind, _ type: Layout.Type, extra: Int = 0) -> UnsafeMutablePointer<Layout> {
        let size = MemoryLayout<Layout>.stride &+ extra
        let memory = cells.allocate(size)
        memory.assumingMemoryBound(to: ObjectHeader.self).initialize(to: ObjectHeader(kind: kind))
        bytesInUse &+= CellAllocator.cellBytes(size)
        return memory.assumingMemoryBound(to: Layout.self)
    }

    public func string(_ text: String) -> StringRef {
        var text = text
        return text.withUTF8 { string(bytes: $0) }
    }

    public func string(bytes: UnsafeBufferPointer<UInt8>) -> StringRef {
        let ref = string(uninitializedCount: bytes.count)
        if let source = bytes.baseAddress { memcpy(ref.bytes, source, bytes.count) }
        ref.pointer.pointee.header.isASCII = StringRef.isPlainASCII(bytes)
        return ref
    }

    /// Bytes of a string that is plain ASCII.
    public func string(ascii bytes: UnsafeBufferPointer<UInt8>) -> StringRef {
        if bytes.count == 1 { return characters[Int(bytes[0])] }
        let ref = string(uninitializedCount: bytes.count)
        if let source = bytes.baseAddress { memcpy(ref.bytes, source, bytes.count) }
        ref.pointer.pointee.header.isASCII = true
        return ref
    }

    /// `a + b`.
    public func concatenation(_ a: StringRef, _ b: StringRef) -> StringRef {
        let ref = string(uninitializedCount: a.byteCount &+ b.byteCount)
        memcpy(ref.bytes, a.bytes, a.byteCount)
        memcpy(ref.bytes + a.byteCount, b.bytes, b.byteCount)
        ref.pointer.pointee.header.isASCII = a.isASCII && b.isASCII
            && !(a.byteCount > 0 && b.byteCount > 0 && a.bytes[a.byteCount - 1] == 13 && b.bytes[0] == 10)
        return ref
    }

    /// The bytes and `isASCII` are to be set before anything else is made.
    public func string(uninitializedCount count: Int) -> StringRef {
        let pointer = allocate(.string, StringLayout.self, extra: count)
        pointer.pointee.byteCount = count
        return StringRef(pointer: pointer)
    }

    /// The one object for a constant string. Never collected.
    public func intern(_ text: String) -> StringRef {
        if let known = interned[TextKey(text)] { return known }
        let ref = string(text)
        _ = ref.hash
        interned[TextKey(text)] = ref
        return ref
    }

    /// A list of which it is not known to be short; throws where there is no memory for so many elements.
    public func list(askingFor capacity: Int) throws -> ListRef {
        try MemoryAccount.ask(capacity &* MemoryLayout<Value>.stride)
        return list(capacity: capacity)
    }

    public func list(repeating value: Value, count: Int) throws -> ListRef {
        let list = try list(askingFor: count)
        for _ in 0..<count { append(value, to: list) }
        return list
    }

    public func list(capacity: Int) -> ListRef {
        let isInline = capacity <= Heap.inlineElements
        let bytes = capacity &* MemoryLayout<Value>.stride
        let ref = ListRef(pointer: allocate(.list, ListLayout.self, extra: isInline ? bytes : 0))
        ref.pointer.pointee.count = 0
        ref.pointer.pointee.capacity = capacity
        if isInline {
            ref.pointer.pointee.elements = capacity == 0 ? nil : ref.inlineElements
        } else {
            ref.pointer.pointee.elements = SystemMemory.allocate(bytes).assumingMemoryBound(to: Value.self)
            HugePages.prefer(ref.elements, bytes)
            bytesInUse &+= bytes
        }
        return ref
    }

    public func list(_ values: some Collection<Value>) -> ListRef {
        let ref = list(capacity: values.count)
        let isCopied: Void? = values.withContiguousStorageIfAvailable {
            if let source = $0.baseAddress, $0.count > 0 { ref.elements.update(from: source, count: $0.count) }
        }
        if isCopied == nil { for (i, value) in values.enumerated() { ref.elements[i] = value } }
        ref.pointer.pointee.count = values.count
        return ref
    }

    @inlinable @inline(__always) public func append(_ value: Value, to list: ListRef) {
        if list.count == list.pointer.pointee.capacity { grow(list) }
        list.elements[list.count] = value
        list.pointer.pointee.count &+= 1
    }

    @usableFromInline @inline(never) func grow(_ list: ListRef) {
        let capacity = list.pointer.pointee.capacity
        var next = max(4, capacity &* 2)
        if !MemoryAccount.has(next &* MemoryLayout<Value>.stride) {
            // A little of the account's reserve serves until who appends asks or comes to a safe point.
            runShort()
            next = capacity &+ 1 << 16
        }
        reserve(next, in: list)
    }

    public func reserve(_ capacity: Int, in list: ListRef) {
        let old = list.pointer.pointee.capacity
        guard capacity > old else { return }
        let bytes = capacity &* MemoryLayout<Value>.stride
        bytesInUse &+= bytes &- list.bufferBytes
        if list.hasBuffer || old == 0 {
            list.pointer.pointee.elements = SystemMemory.reallocate(list.pointer.pointee.elements, bytes).assumingMemoryBound(to: Value.self)
            if old == 0 { HugePages.prefer(list.elements, bytes) }
        } else {
            let memory = SystemMemory.allocate(bytes).assumingMemoryBound(to: Value.self)
            memory.update(from: list.elements, count: list.count)
            list.pointer.pointee.elements = memory
        }
        list.pointer.pointee.capacity = capacity
    }

    public func map(capacity: Int = 0) -> MapRef {
        let isInline = capacity <= Heap.inlineEntries
        let ref = MapRef(pointer: allocate(.map, MapLayout.self, extra: isInline ? capacity &* MemoryLayout<MapEntry>.stride : 0))
        ref.pointer.pointee.liveCount = 0
        ref.pointer.pointee.entryCount = 0
        ref.pointer.pointee.capacity = 0
        ref.pointer.pointee.tableMask = 0
        ref.pointer.pointee.entries = nil
        ref.pointer.pointee.table = nil
        if isInline, capacity > 0 {
            ref.pointer.pointee.header.isInline = true
            ref.pointer.pointee.entries = ref.inlineEntries
            ref.pointer.pointee.capacity = UInt32(truncatingIfNeeded: capacity)
        } else if capacity > 0 {
            ref.reserve(capacity)
            bytesInUse &+= ref.bufferBytes
        }
        return ref
    }

    /// Sets `map[key]`, the key's hash being known.
    @inline(__always) public func set(_ key: Value, hash: UInt32, to value: Value, in map: MapRef) {
        let position = map.find(key, hash: hash)
        if position >= 0 {
            map.entries[position].value = value
        } else {
            if map.isFull { prepareToGrow(map) }
            bytesInUse &+= map.append(key, hash: hash, value: value)
        }
    }

    /// A map that cannot grow as it should serves until who sets asks or comes to a safe point, as for lists.
    @inline(never) private func prepareToGrow(_ map: MapRef) { if !map.hasRoomToGrow { runShort(of: map.bytesToGrow) } }

    public func set(_ key: String, to value: Value, in map: MapRef) {
        let key = intern(key)
        set(.string(key), hash: key.hash, to: value, in: map)
    }

    public func range(_ lower: Int, _ upper: Int, step: Int = 1, hasLower: Bool = true, hasUpper: Bool = true, isClosed: Bool = false) -> RangeRef {
        let pointer = allocate(.range, RangeLayout.self)
        pointer.pointee.lower = lower
        pointer.pointee.upper = upper
        pointer.pointee.step = step
        pointer.pointee.hasLower = hasLower
        pointer.pointee.hasUpper = hasUpper
        pointer.pointee.isClosed = isClosed
        return RangeRef(pointer: pointer)
    }

    /// The captures are to be set before anything else is made.
    public func closure(_ prototype: UnsafeMutablePointer<PrototypeLayout>) -> ClosureRef {
        let pointer = allocate(.closure, ClosureLayout.self, extra: prototype.pointee.captureCount &* MemoryLayout<Value>.stride)
        pointer.pointee.prototype = prototype
        return ClosureRef(pointer: pointer)
    }

    public func upvalue(at location: UnsafeMutablePointer<Value>, nextOpen: UnsafeMutablePointer<UpvalueLayout>?) -> UpvalueRef {
        let pointer = allocate(.upvalue, UpvalueLayout.self)
        pointer.pointee.location = location
        pointer.pointee.closed = .nil
        pointer.pointee.nextOpen = nextOpen
        return UpvalueRef(pointer: pointer)
    }

    public func host(_ object: HostObject) -> HostRef {
        let pointer = allocate(.host, HostLayout.self)
        pointer.pointee.object = Unmanaged.passRetained(object)
        object.handles &+= 1
        recharge(object)
        return HostRef(pointer: pointer)
    }

    /// Charges for what a library object holds by now. It is noted in the object, so that what is released is what was charged.
    public func recharge(_ object: HostObject) {
        let footprint = HostObject.ownBytes &+ object.footprint
        bytesInUse &+= footprint &- object.charged
        object.charged = footprint
    }

    // MARK: - Release

    /// Frees what an object holds outside of its cell, and tells how many bytes the heap was charged for that.
    @inline(__always) public func release(_ header: UnsafeMutablePointer<ObjectHeader>) -> Int {
        let bytes = bytesOutside(header)
        let memory = UnsafeMutableRawPointer(header)
        switch header.pointee.kind {
        case .free, .string, .range, .closure, .upvalue: break
        case .list:
            let list = ListRef(pointer: memory.assumingMemoryBound(to: ListLayout.self))
            if list.hasBuffer { free(list.pointer.pointee.elements) }
        case .map:
            let map = MapRef(pointer: memory.assumingMemoryBound(to: MapLayout.self))
            guard map.hasBuffer else { break }
            free(map.pointer.pointee.entries)
            free(map.pointer.pointee.table)
        case .host:
            let host = HostRef(pointer: memory.assumingMemoryBound(to: HostLayout.self))
            host.object.handles &-= 1
            if host.object.handles == 0 { host.object.charged = 0 }
            host.pointer.pointee.object.release()
        }
        return bytes
    }

    /// The bytes outside of its cell that the heap would be charged less for without the object.
    @inline(__always) private func bytesOutside(_ header: UnsafeMutablePointer<ObjectHeader>) -> Int {
        let memory = UnsafeMutableRawPointer(header)
        switch header.pointee.kind {
        case .free, .string, .range, .closure, .upvalue: return 0
        case .list: return ListRef(pointer: memory.assumingMemoryBound(to: ListLayout.self)).bufferBytes
        case .map:
            let map = MapRef(pointer: memory.assumingMemoryBound(to: MapLayout.self))
            return map.hasBuffer ? map.bufferBytes : 0
        case .host:
            let object = HostRef(pointer: memory.assumingMemoryBound(to: HostLayout.self)).object
            return object.handles == 1 ? object.charged : 0
        }
    }

    /// Stops where more or less is charged for than there is. It looks at every object, and serves tests.
    public func checkCharges() {
        var handled: [ObjectIdentifier: Int] = [:]
        let bytes = cells.bytesInUse { header in
            guard header.pointee.kind == .host else { return bytesOutside(header) }
            let object = HostRef(pointer: UnsafeMutableRawPointer(header).assumingMemoryBound(to: HostLayout.self)).object
            handled[ObjectIdentifier(object)] = object.charged
            return 0
        } + handled.values.reduce(0, +)
        precondition(bytes == bytesInUse, "\(bytesInUse) bytes are charged for, and \(bytes) are held")
    }

    public func visitInterned(_ visit: (Value) -> Void) {
        for ref in interned.values { visit(.string(ref)) }
    }

    deinit {
        _ = cells.sweep { release($0) }
        markStack.deallocate()
        characters.deallocate()
    }
}

extension StringRef {
    /// ASCII without the pair carriage return + line feed: then bytes and characters are the same thing.
    public static func isPlainASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            if byte >= 0x80 || (byte == 10 && previous == 13) { return false }
            previous = byte
        }
        return true
    }
}

extension Heap {
    /// A map of columns or results, from names to values.
    public func map(_ entries: KeyValuePairs<String, Value>) -> Value {
        let map = map(capacity: entries.count)
        for (name, value) in entries { set(name, to: value, in: map) }
        return .map(map)
    }

    public func list(_ numbers: [Double]) -> Value { .list(list(numbers.map(Value.float))) }
}
