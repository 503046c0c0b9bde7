import Foundation
import NASLib

/// An insertion-ordered hash map: entries in the order they came, and an index table of positions into them.
///
/// Look-up is O(1); maps of up to eight entries have no index table and are searched in order. A removed entry
/// leaves a tombstone (its key is `.missing`) until the table grows next. A map made with its entries has them right
/// behind the layout, until it grows.
public struct MapRef: ObjectRef {
    public static var kind: ObjectHeader.Kind { .map }
    public let pointer: UnsafeMutablePointer<MapLayout>
    @inline(__always) public init(pointer: UnsafeMutablePointer<MapLayout>) { self.pointer = pointer }

    /// The number of entries.
    @inline(__always) public var count: Int { Int(pointer.pointee.liveCount) }
    /// The number of positions in use, including tombstones.
    @inline(__always) public var entryCount: Int { Int(pointer.pointee.entryCount) }
    @inline(__always) public var entries: UnsafeMutablePointer<MapEntry> { pointer.pointee.entries.unsafelyUnwrapped }

    /// The entries in order.
    public var pairs: [(key: Value, value: Value)] {
        (0..<entryCount).compactMap { entries[$0].key.isMissing ? nil : (entries[$0].key, entries[$0].value) }
    }
}

public struct MapEntry {
    public var key: Value
    public var value: Value

    public var hash: UInt32 { hashKey(key) ?? 0 }
}

public struct MapLayout {
    public var header: ObjectHeader
    public var liveCount: UInt32
    public var entryCount: UInt32
    public var capacity: UInt32
    public var tableMask: UInt32
    public var entries: UnsafeMutablePointer<MapEntry>?
    /// The index table, with open addressing and linear probing; nil up to eight entries.
    public var table: UnsafeMutablePointer<Slot>?

    /// A slot of the index table. A free slot has position 0, a used one the entry's position + 1 beside its hash. The first place for a
    /// hash depends on all its bits but the lowest, which is always 1.
    public struct Slot {
        public var hash: UInt32
        public var position: UInt32
    }
}

extension MapRef {
    public static let linearLimit = 8

    /// The position of `key`, or -1.
    @inline(__always) public func find(_ key: Value, hash: UInt32) -> Int {
        if key.tag == .string { return find(string: key.asString, hash: hash) }
        return find(hash: hash) { equalKeys($0, key) }
    }

    @inline(__always) public func find(string key: StringRef, hash: UInt32) -> Int {
        find(hash: hash) { $0.tag == .string && $0.asString.equals(key) }
    }

    @inline(__always) private func find(hash: UInt32, matches: (Value) -> Bool) -> Int {
        guard let table = pointer.pointee.table else {
            var i = 0
            while i < entryCount {
                if matches(entries[i].key) { return i }
                i &+= 1
            }
            return -1
        }
        let mask = pointer.pointee.tableMask
        var slot = hash &>> 1 & mask
        while true {
            let found = table[Int(slot)]
            if found.position == 0 { return -1 }
            if found.hash == hash, matches(entries[Int(found.position) &- 1].key) { return Int(found.position) &- 1 }
            slot = (slot &+ 1) & mask
        }
    }

    /// Appends an entry whose key is known to be new. Returns the bytes by which the map's buffers grew.
    @inline(__always) public func append(_ key: Value, hash: UInt32, value: Value) -> Int {
        var grown = 0
        if pointer.pointee.entryCount == pointer.pointee.capacity { grown = grow() }
        let position = entryCount
        entries[position] = MapEntry(key: key, value: value)
        pointer.pointee.entryCount &+= 1
        pointer.pointee.liveCount &+= 1
        if pointer.pointee.table != nil { insertIntoTable(hash: hash, position: position) }
        return grown
    }

    /// Removes the entry at `position`.
    public func remove(at position: Int) {
        entries[position].key = .missing
        entries[position].value = .nil
        pointer.pointee.liveCount -= 1
        if count == 0 { removeAll() }
    }

    public func removeAll() {
        pointer.pointee.liveCount = 0
        pointer.pointee.entryCount = 0
        if let table = pointer.pointee.table { memset(table, 0, tableBytes) }
    }

    private func insertIntoTable(hash: UInt32, position: Int) {
        let table = pointer.pointee.table.unsafelyUnwrapped
        let mask = pointer.pointee.tableMask
        var slot = hash &>> 1 & mask
        while table[Int(slot)].position != 0 { slot = (slot &+ 1) & mask }
        table[Int(slot)] = MapLayout.Slot(hash: hash, position: UInt32(truncatingIfNeeded: position &+ 1))
    }

    /// Makes room: drops tombstones, doubles the capacity unless that freed half of it, rebuilds the table.
    @inline(never) private func grow() -> Int {
        let before = bufferBytes
        let capacity = Int(pointer.pointee.capacity)
        if count < entryCount { dropTombstones() }
        if count * 2 > capacity || capacity == 0 {
            if hasRoomToGrow { reserve(max(4, capacity * 2)) } else { reserve(capacity + 1 << 16, keepingTable: true) }
        }
        return bufferBytes - before
    }

    /// Whether the next entry needs more room.
    @inline(__always) public var isFull: Bool { pointer.pointee.entryCount == pointer.pointee.capacity }

    /// Whether there is memory for twice the entries.
    @inline(never) public var hasRoomToGrow: Bool { MemoryAccount.has(bytesToGrow) }

    /// The bytes needed for twice the entries while the present buffers still exist; the table has up to three places for each entry.
    public var bytesToGrow: Int {
        2 * Int(pointer.pointee.capacity) * (MemoryLayout<MapEntry>.stride + 3 * MemoryLayout<MapLayout.Slot>.stride)
    }

    private func dropTombstones() {
        var kept = 0
        for i in 0..<entryCount where !entries[i].key.isMissing {
            if kept != i { entries[kept] = entries[i] }
            kept += 1
        }
        pointer.pointee.entryCount = UInt32(kept)
        guard let table = pointer.pointee.table else { return }
        memset(table, 0, tableBytes)
        for i in 0..<kept { insertIntoTable(hash: entries[i].hash, position: i) }
    }

    /// Makes room for `capacity` entries in all. A table that is kept gets fuller than it should, but always has a free place.
    public func reserve(_ capacity: Int, keepingTable: Bool = false) {
        guard capacity > pointer.pointee.capacity else { return }
        let bytes = capacity * MemoryLayout<MapEntry>.stride
        if hasBuffer || pointer.pointee.entries == nil {
            pointer.pointee.entries = SystemMemory.reallocate(pointer.pointee.entries, bytes).assumingMemoryBound(to: MapEntry.self)
        } else {
            let memory = SystemMemory.allocate(bytes).assumingMemoryBound(to: MapEntry.self)
            memory.update(from: entries, count: entryCount)
            pointer.pointee.entries = memory
            pointer.pointee.header.isInline = false
        }
        pointer.pointee.capacity = UInt32(capacity)
        guard capacity > MapRef.linearLimit else { return }
        var size = 16
        while size < capacity * 3 / 2 { size *= 2 }
        let (old, oldSize) = (pointer.pointee.table, pointer.pointee.table == nil ? 0 : Int(pointer.pointee.tableMask) + 1)
        if size <= oldSize || keepingTable && capacity < oldSize { return }
        pointer.pointee.table = SystemMemory.allocate(cleared: size * MemoryLayout<MapLayout.Slot>.stride)
            .assumingMemoryBound(to: MapLayout.Slot.self)
        HugePages.prefer(pointer.pointee.table.unsafelyUnwrapped, tableBytes)
        pointer.pointee.tableMask = UInt32(size - 1)
        guard let old else {
            for i in 0..<entryCount { insertIntoTable(hash: entries[i].hash, position: i) }
            return
        }
        // In the order of the old table the new one is filled from front to back, in as many places as it has become larger.
        for i in 0..<oldSize where old[i].position != 0 { insertIntoTable(hash: old[i].hash, position: Int(old[i].position) &- 1) }
        free(old)
    }

    /// The address of the entries that the map was made with.
    @inline(__always)
    public var inlineEntries: UnsafeMutablePointer<MapEntry> { UnsafeMutableRawPointer(pointer + 1).assumingMemoryBound(to: MapEntry.self) }
    /// Whether the entries have memory of their own.
    @inline(__always) public var hasBuffer: Bool { pointer.pointee.entries != nil && !pointer.pointee.header.isInline }

    /// The entry at a position where the key was found before, if it is still there. Inline entries are found without loading a pointer,
    /// which matters if the map is not in the processor's cache.
    @inline(__always) public func entry(at position: Int, key: StringRef) -> UnsafeMutablePointer<MapEntry>? {
        guard position < entryCount else { return nil }
        if pointer.pointee.header.isInline {
            let entry = inlineEntries + position
            return entry.pointee.key.payload == key.address && entry.pointee.key.tag == .string ? entry : nil
        }
        let entry = entries + position
        return entry.pointee.key.payload == key.address && entry.pointee.key.tag == .string ? entry : nil
    }

    private var tableBytes: Int {
        pointer.pointee.table == nil ? 0 : (Int(pointer.pointee.tableMask) + 1) * MemoryLayout<MapLayout.Slot>.stride
    }

    public var bufferBytes: Int { (hasBuffer ? Int(pointer.pointee.capacity) * MemoryLayout<MapEntry>.stride : 0) + tableBytes }
}

// MARK: - Keys

/// The hash of a map key, or nil when the value cannot be one (it could change under the map's feet).
/// Equal numbers hash alike, whether int or float.
@inline(__always) public func hashKey(_ key: Value) -> UInt32? {
    switch key.tag {
    case .string: return key.asString.hash
    case .int: return mix(key.payload)
    default: return hashOtherKey(key)
    }
}

private func hashOtherKey(_ key: Value) -> UInt32? {
    switch key.tag {
    case .nil, .false, .true: return mix(0x5bd1_e995 &+ UInt64(key.tag.rawValue))
    case .float:
        if let whole = Int(exactly: key.asFloat) { return mix(UInt64(bitPattern: Int64(whole))) }
        return mix(key.payload)
    case .builtin, .closure: return mix(key.payload)
    case .range: return mix(UInt64(bitPattern: Int64(key.asRange.hashOfElements)))
    case .host: return key.hostObject.hashForKey.map { mix(UInt64(bitPattern: Int64($0))) }
    case .int, .string, .list, .map, .missing: return nil
    }
}

@inline(__always) private func mix(_ x: UInt64) -> UInt32 {
    let h = x &* 0x9e37_79b9_7f4a_7c15
    return UInt32(truncatingIfNeeded: h >> 32) | 1
}

/// Whether two keys (never strings both) are the same key.
public func equalKeys(_ a: Value, _ b: Value) -> Bool {
    if a.tag == .missing || b.tag == .missing { return false }
    if a.tag == .float, b.tag == .float, a.payload == b.payload { return true }  // so that nan finds itself
    return Equality.equal(a, b)
}
