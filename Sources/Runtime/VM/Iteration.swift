import NASLib

/// Stepping through anything a `for` accepts.
extension VM {
    /// The contents of a loop's iterator register: lists, maps, ranges and ASCII strings themselves, with a position beside them; a library
    /// object makes an iterator.
    public func iterator(over value: Value) throws -> Value {
        switch value.tag {
        case .list, .map, .range: return value
        case .string:
            if value.asString.isASCII { return value }
            return .list(try characters(value.asString.text))
        case .host:
            if value.hostObject is HostIterator { return value }
            if let iterator = value.hostObject.makeIterator(self) { return .host(heap.host(iterator)) }
        default: break
        }
        throw RuntimeError(.type, "\(value.typePhrase) cannot be iterated over",
            hint: value.tag == .int ? "0..\(value.asInt) counts up to it" : nil)
    }

    /// The next element of a sequence from `iterator(over:)`; false at the end.
    @inline(never)
    public func next(_ sequence: Value, _ position: UnsafeMutablePointer<Value>, into target: UnsafeMutablePointer<Value>) throws -> Bool {
        let i = position.pointee.asInt
        switch sequence.tag {
        case .list:
            guard i < sequence.asList.count else { return false }
            target.pointee = sequence.asList[i]
            position.pointee = .int(i + 1)
        case .range:
            let (range, place) = (sequence.asRange, UInt(bitPattern: i))
            guard place < range.size else { return false }
            target.pointee = .int(range.element(place))
            position.pointee = .int(i &+ 1)
        case .string:
            let text = sequence.asString
            guard i < text.byteCount else { return false }
            target.pointee = .string(heap.string(ascii: UnsafeBufferPointer(rebasing: text.buffer[i..<i + 1])))
            position.pointee = .int(i + 1)
        case .map:
            guard let entry = nextEntry(of: sequence.asMap, position) else { return false }
            target.pointee = .list(heap.list([entry.key, entry.value]))
        default:
            guard let value = try (sequence.hostObject as? HostIterator)?.next(self) else { return false }
            target.pointee = value
        }
        return true
    }

    /// The next element, taken apart as a pair.
    @inline(never)
    func nextPair(_ sequence: Value, _ position: UnsafeMutablePointer<Value>, into target: UnsafeMutablePointer<Value>) throws -> Bool {
        if sequence.tag == .map {
            guard let entry = nextEntry(of: sequence.asMap, position) else { return false }
            target[0] = entry.key
            target[1] = entry.value
            return true
        }
        if sequence.tag == .host, let pairs = sequence.hostObject as? PairIterator {
            return try pairs.nextPair(self, into: target)
        }
        guard try next(sequence, position, into: target) else { return false }
        let element = target[0]
        guard element.tag == .list, element.asList.count == 2 else {
            let found = element.tag == .list ? "one has \(element.asList.count)" : "one is \(element.typePhrase)"
            throw RuntimeError(.value, "the pattern takes elements of 2 values each, but \(found)")
        }
        target[0] = element.asList[0]
        target[1] = element.asList[1]
        return true
    }

    /// Makes room in a list for the elements of a loop, if their number is known: the loop counts to `last`, or steps through a sequence.
    @inline(never) public func reserve(_ list: ListRef, for sequence: Value, _ last: Value) {
        let count = switch sequence.tag {
        case .int: last.asInt &- sequence.asInt &+ 1
        case .list: sequence.asList.count
        case .range: sequence.asRange.count ?? .max
        default: 0
        }
        // Of a very long one the loop may not see the end.
        if count <= 1 << 24, MemoryAccount.has(count &* MemoryLayout<Value>.stride) { heap.reserve(count, in: list) }
    }

    private func nextEntry(of map: MapRef, _ position: UnsafeMutablePointer<Value>) -> MapEntry? {
        var i = position.pointee.asInt
        while i < map.entryCount, map.entries[i].key.isMissing { i += 1 }
        guard i < map.entryCount else { return nil }
        position.pointee = .int(i + 1)
        return map.entries[i]
    }

    /// All elements at once: a list's own, and those of another sequence in a new list. They are to be copied before code of
    /// the language runs, which may change the list.
    public func elements(of value: Value) throws -> ListRef {
        switch value.tag {
        case .list: return value.asList
        case .range:
            let range = value.asRange
            let count = range.count ?? .max
            try Limit.check(elements: count)
            return try list(0..<count) { .int(range.element(UInt(bitPattern: $0))) }
        case .map: return try list(value.asMap) { .list(heap.list([$0.key, $0.value])) }
        default:
            let sequence = try iterator(over: value)
            if sequence.tag == .list { return sequence.asList }
            if sequence.tag == .host, (sequence.hostObject as? HostIterator)?.isForLoopsOnly == true {
                throw RuntimeError(
                    .value, "resumable continues when the loop is done with an element, and cannot give all elements at once",
                    hint: "write for x in resumable(…) { … }, and count with a variable where positions are needed")
            }
            let elements = heap.list(capacity: 0)
            // A step may run code of the language, and so the collector.
            protected += [sequence, .list(elements)]
            defer { protected.removeLast(2) }
            var registers = (Value.int(0), Value.nil)
            while try withUnsafeMutablePointer(to: &registers, { pair in
                try pair.withMemoryRebound(to: Value.self, capacity: 2) { try next(sequence, $0, into: $0 + 1) }
            }) {
                try checkInterruption()
                try Limit.check(elements: elements.count + 1, from: elements.count)
                heap.append(registers.1, to: elements)
            }
            return elements
        }
    }

    // MARK: - Long lists

    /// Processes `count` items in parts of a few milliseconds each, and can be interrupted between them.
    @inline(__always) public func inParts(_ count: Int, _ body: (Range<Int>) throws -> Void) throws {
        var start = 0
        while start < count {
            try checkInterruption()
            let end = min(count, start &+ 1 << 17)
            try body(start..<end)
            start = end
        }
    }

    /// A new list with the result of `value` for each item; `value` must not run code of the language.
    public func list<Items: Collection>(_ items: Items, _ value: (Items.Element) throws -> Value) throws -> ListRef {
        let list = try heap.list(askingFor: items.count)
        var rest = items.makeIterator()
        try inParts(items.count) { part in
            for i in part { list[i] = try value(rest.next().unsafelyUnwrapped) }
        }
        list.pointer.pointee.count = items.count
        return list
    }

    /// A new list with the result of `value` for each entry of a map.
    public func list(_ map: MapRef, _ value: (MapEntry) -> Value) throws -> ListRef {
        let list = try heap.list(askingFor: map.count)
        try inParts(map.entryCount) { part in
            for i in part where !map.entries[i].key.isMissing { heap.append(value(map.entries[i]), to: list) }
        }
        return list
    }

    /// A new list of the same elements.
    public func copy(_ list: ListRef, _ range: Range<Int>? = nil) throws -> ListRef {
        let range = range ?? 0..<list.count
        let copy = try heap.list(askingFor: range.count)
        try append(list, range, to: copy)
        return copy
    }

    /// Appends elements of a list to another, or to itself.
    public func append(_ source: ListRef, _ range: Range<Int>, to list: ListRef) throws {
        let (start, end) = (list.count, list.count + range.count)
        // At least twice as much as there was, so that a list grown bit by bit is not moved each time.
        if end > list.pointer.pointee.capacity {
            let capacity = max(end, 2 * list.pointer.pointee.capacity)
            try MemoryAccount.ask(capacity * MemoryLayout<Value>.stride)
            heap.reserve(capacity, in: list)
        }
        try inParts(range.count) { part in
            (list.elements + start + part.lowerBound).update(from: source.elements + range.lowerBound + part.lowerBound, count: part.count)
        }
        list.pointer.pointee.count = end
    }

    /// A new map with the same entries.
    public func copy(_ map: MapRef) throws -> MapRef {
        try MemoryAccount.ask(map.count * (MemoryLayout<MapEntry>.stride + 3 * MemoryLayout<MapLayout.Slot>.stride))
        let copy = heap.map(capacity: map.count)
        try setAll(map, in: copy)
        return copy
    }

    /// Copies the entries of a map into another.
    public func setAll(_ source: MapRef, in map: MapRef) throws {
        try inParts(source.entryCount) { part in
            for i in part where !source.entries[i].key.isMissing {
                heap.set(source.entries[i].key, hash: source.entries[i].hash, to: source.entries[i].value, in: map)
            }
        }
    }
}

/// An iterator whose elements are pairs, such as `enumerate`: a loop over `[i, x]` needs no list for each.
public class PairIterator: HostIterator {
    func nextPair(_ vm: VM, into target: UnsafeMutablePointer<Value>) throws -> Bool { preconditionFailure("a subclass steps") }

    public final override func next(_ vm: VM) throws -> Value? {
        var pair = (Value.nil, Value.nil)
        let found = try withUnsafeMutablePointer(to: &pair) { pointer in
            try pointer.withMemoryRebound(to: Value.self, capacity: 2) { try nextPair(vm, into: $0) }
        }
        return found ? .list(vm.heap.list([pair.0, pair.1])) : nil
    }
}
