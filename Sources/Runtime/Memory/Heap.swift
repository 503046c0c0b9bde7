import Foundation

/// Allocates the language's objects and collects those that can no longer be reached (mark and sweep, see Collector).
///
/// Allocation never collects by itself: the VM asks `needsCollection` at its safe points, where everything alive is
/// in its registers, globals or protected values. So Swift code may hold new objects freely until it calls back
/// into the VM.
final class Heap {
    /// All objects, newest first.
    var objects: UnsafeMutablePointer<ObjectHeader>?
    /// Bytes in use by objects and their buffers, as charged.
    private(set) var bytesInUse = 0
    var threshold = Heap.minimumThreshold
    /// The most that may be in use after a collection.
    var limit = Limit.memory
    /// Collect at every safe point, and overwrite what is freed: finds objects that the roots miss.
    var isStressed = false
    /// One object for each constant string, so that equal constants are identical and key look-ups compare addresses.
    private var interned: [String: StringRef] = [:]
    /// Objects marked but not yet traced.
    var markStack: [UInt64] = []

    static let minimumThreshold = 4 << 20

    @inline(__always) var needsCollection: Bool { bytesInUse >= threshold || isStressed }

    func charge(_ bytes: Int) { bytesInUse &+= bytes }

    // MARK: - Allocation

    @inline(__always) private func allocate<Layout>(_ kind: ObjectHeader.Kind, _ type: Layout.Type, extra: Int = 0) -> UnsafeMutablePointer<Layout> {
        let size = MemoryLayout<Layout>.stride &+ extra
        let memory = malloc(size).unsafelyUnwrapped
        let header = memory.assumingMemoryBound(to: ObjectHeader.self)
        header.initialize(to: ObjectHeader(next: objects, kind: kind, isMarked: false, size: UInt32(truncatingIfNeeded: size)))
        objects = header
        bytesInUse &+= size &+ 16
        return memory.assumingMemoryBound(to: Layout.self)
    }

    func string(_ text: String) -> StringRef {
        var text = text
        return text.withUTF8 { string(bytes: $0) }
    }

    func string(bytes: UnsafeBufferPointer<UInt8>) -> StringRef {
        let ref = string(uninitializedCount: bytes.count)
        if let source = bytes.baseAddress { memcpy(ref.bytes, source, bytes.count) }
        ref.pointer.pointee.isASCII = StringRef.isPlainASCII(bytes)
        return ref
    }

    /// `a + b`.
    func concatenation(_ a: StringRef, _ b: StringRef) -> StringRef {
        let ref = string(uninitializedCount: a.byteCount &+ b.byteCount)
        memcpy(ref.bytes, a.bytes, a.byteCount)
        memcpy(ref.bytes + a.byteCount, b.bytes, b.byteCount)
        ref.pointer.pointee.isASCII = a.isASCII && b.isASCII
            && !(a.byteCount > 0 && b.byteCount > 0 && a.bytes[a.byteCount - 1] == 13 && b.bytes[0] == 10)
        return ref
    }

    private func string(uninitializedCount count: Int) -> StringRef {
        let pointer = allocate(.string, StringLayout.self, extra: count)
        pointer.pointee.byteCount = count
        pointer.pointee.hash = 0
        pointer.pointee.isASCII = false
        bytesInUse &+= count > Int(UInt32.max) ? count : 0
        return StringRef(pointer: pointer)
    }

    /// The one object for a constant string. Never collected.
    func intern(_ text: String) -> StringRef {
        if let known = interned[text] { return known }
        let ref = string(text)
        _ = ref.hash
        interned[text] = ref
        return ref
    }

    func list(capacity: Int) -> ListRef {
        let pointer = allocate(.list, ListLayout.self)
        pointer.pointee.count = 0
        pointer.pointee.capacity = capacity
        pointer.pointee.elements = nil
        if capacity > 0 {
            pointer.pointee.elements = malloc(capacity &* MemoryLayout<Value>.stride).assumingMemoryBound(to: Value.self)
            bytesInUse &+= capacity &* MemoryLayout<Value>.stride
        }
        return ListRef(pointer: pointer)
    }

    func list(_ values: some Collection<Value>) -> ListRef {
        let ref = list(capacity: values.count)
        var i = 0
        for value in values {
            ref.elements[i] = value
            i += 1
        }
        ref.pointer.pointee.count = i
        return ref
    }

    @inline(__always) func append(_ value: Value, to list: ListRef) {
        if list.count == list.pointer.pointee.capacity { grow(list) }
        list.elements[list.count] = value
        list.pointer.pointee.count &+= 1
    }

    private func grow(_ list: ListRef) { reserve(max(4, list.pointer.pointee.capacity &* 2), in: list) }

    func reserve(_ capacity: Int, in list: ListRef) {
        let old = list.pointer.pointee.capacity
        guard capacity > old else { return }
        list.pointer.pointee.elements = realloc(list.pointer.pointee.elements, capacity &* MemoryLayout<Value>.stride)
            .assumingMemoryBound(to: Value.self)
        list.pointer.pointee.capacity = capacity
        bytesInUse &+= (capacity &- old) &* MemoryLayout<Value>.stride
    }

    func map(capacity: Int = 0) -> MapRef {
        let pointer = allocate(.map, MapLayout.self)
        pointer.pointee.liveCount = 0
        pointer.pointee.entryCount = 0
        pointer.pointee.capacity = 0
        pointer.pointee.entries = nil
        pointer.pointee.table = nil
        pointer.pointee.tableMask = 0
        let ref = MapRef(pointer: pointer)
        if capacity > 0 {
            ref.reserve(capacity)
            bytesInUse &+= ref.bufferBytes
        }
        return ref
    }

    /// Sets `map[key]`, the key's hash being known.
    @inline(__always) func set(_ key: Value, hash: UInt32, to value: Value, in map: MapRef) {
        let position = map.find(key, hash: hash)
        if position >= 0 {
            map.entries[position].value = value
        } else {
            bytesInUse &+= map.append(key, hash: hash, value: value)
        }
    }

    func set(_ key: String, to value: Value, in map: MapRef) {
        let key = intern(key)
        set(.string(key), hash: key.hash, to: value, in: map)
    }

    func range(_ lower: Int, _ upper: Int, step: Int = 1, hasLower: Bool = true, hasUpper: Bool = true, isClosed: Bool = false) -> RangeRef {
        let pointer = allocate(.range, RangeLayout.self)
        pointer.pointee.lower = lower
        pointer.pointee.upper = upper
        pointer.pointee.step = step
        pointer.pointee.hasLower = hasLower
        pointer.pointee.hasUpper = hasUpper
        pointer.pointee.isClosed = isClosed
        return RangeRef(pointer: pointer)
    }

    func closure(_ prototype: UnsafeMutablePointer<PrototypeLayout>, upvalueCount: Int) -> ClosureRef {
        let pointer = allocate(.closure, ClosureLayout.self, extra: upvalueCount &* MemoryLayout<UpvalueRef>.stride)
        pointer.pointee.prototype = prototype
        pointer.pointee.upvalueCount = upvalueCount
        return ClosureRef(pointer: pointer)
    }

    func upvalue(at location: UnsafeMutablePointer<Value>, nextOpen: UnsafeMutablePointer<UpvalueLayout>?) -> UpvalueRef {
        let pointer = allocate(.upvalue, UpvalueLayout.self)
        pointer.pointee.location = location
        pointer.pointee.closed = .nil
        pointer.pointee.nextOpen = nextOpen
        return UpvalueRef(pointer: pointer)
    }

    func host(_ object: HostObject) -> HostRef {
        let pointer = allocate(.host, HostLayout.self)
        pointer.pointee.object = Unmanaged.passRetained(object)
        bytesInUse &+= object.footprint
        return HostRef(pointer: pointer)
    }

    // MARK: - Release

    /// Frees one object and its buffers.
    func release(_ header: UnsafeMutablePointer<ObjectHeader>) {
        let memory = UnsafeMutableRawPointer(header)
        var freed = Int(header.pointee.size) + 16
        switch header.pointee.kind {
        case .list:
            let list = memory.assumingMemoryBound(to: ListLayout.self)
            freed += list.pointee.capacity * MemoryLayout<Value>.stride
            free(list.pointee.elements)
        case .map:
            let map = MapRef(pointer: memory.assumingMemoryBound(to: MapLayout.self))
            freed += map.bufferBytes
            free(map.pointer.pointee.entries)
            free(map.pointer.pointee.table)
        case .host:
            let host = memory.assumingMemoryBound(to: HostLayout.self)
            freed += host.pointee.object.takeUnretainedValue().footprint
            host.pointee.object.release()
        case .string, .range, .closure, .upvalue: break
        }
        bytesInUse -= freed
        if isStressed { memset(memory, 0xdd, Int(header.pointee.size)) }
        free(memory)
    }

    func visitInterned(_ visit: (Value) -> Void) {
        for ref in interned.values { visit(.string(ref)) }
    }

    deinit {
        while let object = objects {
            objects = object.pointee.next
            release(object)
        }
    }
}

extension StringRef {
    /// ASCII without the pair carriage return + line feed: then bytes and characters are the same thing.
    static func isPlainASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            if byte >= 0x80 || (byte == 10 && previous == 13) { return false }
            previous = byte
        }
        return true
    }
}
