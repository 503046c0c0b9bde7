import Foundation

/// An insertion-ordered hash map: entries in the order they came, and an index table of positions into them.
///
/// Look-up is O(1); maps of up to eight entries have no index table and are searched in order. A removed entry
/// leaves a tombstone (its key is `.missing`) until the table grows next.
struct MapRef: ObjectRef {
    let pointer: UnsafeMutablePointer<MapLayout>
    @inline(__always) init(pointer: UnsafeMutablePointer<MapLayout>) { self.pointer = pointer }

    /// Entries that are there.
    @inline(__always) var count: Int { pointer.pointee.liveCount }
    /// Positions in use, tombstones included.
    @inline(__always) var entryCount: Int { pointer.pointee.entryCount }
    @inline(__always) var entries: UnsafeMutablePointer<MapEntry> { pointer.pointee.entries.unsafelyUnwrapped }

    /// The entries in order.
    var pairs: [(key: Value, value: Value)] {
        (0..<entryCount).compactMap { entries[$0].key.isMissing ? nil : (entries[$0].key, entries[$0].value) }
    }
}

struct MapEntry {
    var key: Value
    var value: Value
    var hash: UInt32
}

struct MapLayout {
    var header: ObjectHeader
    var liveCount: Int
    var entryCount: Int
    var capacity: Int
    var entries: UnsafeMutablePointer<MapEntry>?
    /// Open addressing with linear probing; 0 is free, otherwise the entry's position + 1. nil up to eight entries.
    var table: UnsafeMutablePointer<UInt32>?
    var tableMask: Int
}

extension MapRef {
    static let linearLimit = 8

    /// The position of `key`, or -1.
    @inline(__always) func find(_ key: Value, hash: UInt32) -> Int {
        if key.tag == .string { return find(string: key.asString, hash: hash) }
        return find(hash: hash) { equalKeys($0, key) }
    }

    @inline(__always) func find(string key: StringRef, hash: UInt32) -> Int {
        find(hash: hash) { $0.tag == .string && $0.asString.equals(key) }
    }

    @inline(__always) private func find(hash: UInt32, matches: (Value) -> Bool) -> Int {
        guard let table = pointer.pointee.table else {
            var i = 0
            while i < entryCount {
                if entries[i].hash == hash, matches(entries[i].key) { return i }
                i &+= 1
            }
            return -1
        }
        let mask = pointer.pointee.tableMask
        var slot = Int(hash) & mask
        while true {
            let position = Int(table[slot]) &- 1
            if position < 0 { return -1 }
            if entries[position].hash == hash, matches(entries[position].key) { return position }
            slot = (slot &+ 1) & mask
        }
    }

    /// Appends an entry known not to be there. Returns the bytes by which the map's buffers grew.
    func append(_ key: Value, hash: UInt32, value: Value) -> Int {
        var grown = 0
        if entryCount == pointer.pointee.capacity { grown = grow() }
        let position = entryCount
        entries[position] = MapEntry(key: key, value: value, hash: hash)
        pointer.pointee.entryCount = position &+ 1
        pointer.pointee.liveCount &+= 1
        if pointer.pointee.table != nil { insertIntoTable(hash: hash, position: position) }
        return grown
    }

    /// Removes the entry at `position`.
    func remove(at position: Int) {
        entries[position].key = .missing
        entries[position].value = .nil
        pointer.pointee.liveCount -= 1
        if count == 0 { removeAll() }
    }

    func removeAll() {
        pointer.pointee.liveCount = 0
        pointer.pointee.entryCount = 0
        if let table = pointer.pointee.table { table.update(repeating: 0, count: pointer.pointee.tableMask + 1) }
    }

    private func insertIntoTable(hash: UInt32, position: Int) {
        let table = pointer.pointee.table.unsafelyUnwrapped
        let mask = pointer.pointee.tableMask
        var slot = Int(hash) & mask
        while table[slot] != 0 { slot = (slot &+ 1) & mask }
        table[slot] = UInt32(position + 1)
    }

    /// Makes room: drops tombstones, doubles the capacity unless that freed half of it, rebuilds the table.
    private func grow() -> Int {
        let before = bufferBytes
        var kept = 0
        for i in 0..<entryCount where !entries[i].key.isMissing {
            if kept != i { entries[kept] = entries[i] }
            kept += 1
        }
        pointer.pointee.entryCount = kept
        if kept * 2 > pointer.pointee.capacity || pointer.pointee.capacity == 0 {
            reserve(max(4, pointer.pointee.capacity * 2))
        } else {
            rebuildTable()
        }
        return bufferBytes - before
    }

    /// Makes room for `capacity` entries in all.
    func reserve(_ capacity: Int) {
        guard capacity > pointer.pointee.capacity else { return }
        let bytes = capacity * MemoryLayout<MapEntry>.stride
        pointer.pointee.entries = realloc(pointer.pointee.entries, bytes).assumingMemoryBound(to: MapEntry.self)
        pointer.pointee.capacity = capacity
        rebuildTable()
    }

    private func rebuildTable() {
        free(pointer.pointee.table)
        pointer.pointee.table = nil
        guard pointer.pointee.capacity > MapRef.linearLimit else { return }
        var size = 16
        while size < pointer.pointee.capacity * 3 / 2 { size *= 2 }
        pointer.pointee.table = calloc(size, MemoryLayout<UInt32>.stride).assumingMemoryBound(to: UInt32.self)
        pointer.pointee.tableMask = size - 1
        for i in 0..<entryCount where !entries[i].key.isMissing { insertIntoTable(hash: entries[i].hash, position: i) }
    }

    var bufferBytes: Int {
        pointer.pointee.capacity * MemoryLayout<MapEntry>.stride
            + (pointer.pointee.table == nil ? 0 : (pointer.pointee.tableMask + 1) * MemoryLayout<UInt32>.stride)
    }
}

// MARK: - Keys

/// The hash of a map key, or nil when the value cannot be one (it could change under the map's feet).
/// Equal numbers hash alike, whether int or float.
@inline(__always) func hashKey(_ key: Value) -> UInt32? {
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
    case .range: return mix(UInt64(bitPattern: Int64(key.asRange.lower &* 31 &+ key.asRange.upper)))
    case .host: return key.hostObject.hashForKey.map { mix(UInt64(bitPattern: Int64($0))) }
    case .int, .string, .list, .map, .missing: return nil
    }
}

@inline(__always) private func mix(_ x: UInt64) -> UInt32 {
    let h = x &* 0x9e37_79b9_7f4a_7c15
    return UInt32(truncatingIfNeeded: h >> 32) | 1
}

/// Whether two keys (never strings both) are the same key.
func equalKeys(_ a: Value, _ b: Value) -> Bool {
    if a.tag == .missing || b.tag == .missing { return false }
    if a.tag == .float, b.tag == .float, a.payload == b.payload { return true }  // so that nan finds itself
    return Equality.equal(a, b)
}
