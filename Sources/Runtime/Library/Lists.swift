import Lang
import NASLib

extension Library {
    static let lists: [Builtin] = [
        .fn("list", "sequence: []", "A new list of the elements of anything that can be iterated.", "list(0..3)  # => [0, 1, 2]\nlist(\"ab\")  # => [\"a\", \"b\"]") { call in
            call.has(0) ? .list(try snapshot(0, call)) : try call.list([Value]())
        },
        .fn("range", "start, stop, by: 1", "The ints from `start` up to, but not including, `stop`, in steps of `by`.", "list(range(10, 0, by: -3))  # => [10, 7, 4, 1]") { call in
            let step = try call.int(2, default: 1)
            guard step != 0, step != .min else { throw call.invalid(2, "'by' must not be \(step)") }
            return .range(call.heap.range(try call.int(0), try call.int(1), step: step))
        },
        .fn("copy", "value", "A new list, map or tensor with the same elements; anything else as it is.", "let a = [1]\nlet b = copy(a)\npush(b, 2)\na  # => [1]") { call in
            switch call[0].tag {
            case .list: return .list(try call.vm.copy(call[0].asList))
            case .map: return .map(try call.vm.copy(call[0].asMap))
            case .host:
                guard let object = call[0].hostObject as? TensorObject else { return call[0] }
                return call.object(TensorObject(object.variable, isMask: object.isMask))
            default: return call[0]
            }
        },

        .fn("deep_copy", "value", "A new list, map or tensor whose elements are copied in the same way.", "let a = [[1]]\nlet b = deep_copy(a)\npush(b[0], 2)\na  # => [[1]]") { call in
            var copier = DeepCopy()
            return try copier.copy(call[0], call.vm)
        },

        // Changing a list
        .fn("push", "list, value", "Appends a value to a list, and gives the list.", "push([1], 2)  # => [1, 2]") { call in
            call.heap.append(call[1], to: try call.list(0))
            return call[0]
        },
        .fn("pop", "list", "Takes the last element off a list.", "pop([1, 2])  # => 2") { call in
            let list = try call.list(0)
            guard list.count > 0 else { throw RuntimeError(.index, "the list is empty: there is nothing to pop", argument: 0) }
            list.pointer.pointee.count -= 1
            return list.elements[list.count]
        },
        .fn("insert", "list, index, value", "Inserts a value before a position, and gives the list.", "insert([1, 3], 1, 2)  # => [1, 2, 3]") { call in
            let list = try call.list(0)
            let index = try position(1, in: list, allowsEnd: true, call)
            call.heap.append(.nil, to: list)
            (list.elements + index + 1).update(from: list.elements + index, count: list.count - 1 - index)
            list[index] = call[2]
            return call[0]
        },
        .fn("remove", "collection, key", "Takes the element at a position off a list, or a key out of a map, and gives what was there.", "remove([4, 5], 0)  # => 4") { call in
            if call[0].tag == .map {
                let map = call[0].asMap
                guard let hash = hashKey(call[1]), case let found = map.find(call[1], hash: hash), found >= 0 else { throw call.vm.missingKey(call[1], in: map) }
                defer { map.remove(at: found) }
                return map.entries[found].value
            }
            guard call[0].tag == .list else { throw call.wrongType(0, expected: "a list or a map") }
            let list = call[0].asList
            let index = try position(1, in: list, allowsEnd: false, call)
            let value = list[index]
            (list.elements + index).update(from: list.elements + index + 1, count: list.count - 1 - index)
            list.pointer.pointee.count -= 1
            return value
        },
        .fn("extend", "list, values", "Appends all elements of a sequence to a list, and gives the list.", "extend([1], 2..4)  # => [1, 2, 3]") { call in
            let list = try call.list(0)
            try call.vm.appendAll(call[1], to: list)
            return call[0]
        },
        .fn("clear", "collection", "Empties a list or a map.", "let a = [1]\nclear(a)\na  # => []") { call in
            if call[0].tag == .map { call[0].asMap.removeAll() } else { try call.list(0).pointer.pointee.count = 0 }
            return .nil
        },

        // Order
        .fn("sort", "sequence, by: nil, reverse: false",
            "A new list in order: of the elements, or of what `by` gives for each. Equal elements stay in their order; nan comes last.",
            "sort([3, 1, 2])  # => [1, 2, 3]\nsort([\"bb\", \"a\"], by: len)  # => [\"a\", \"bb\"]") { call in
            let elements = try snapshot(0, call)
            let keys = call.isGiven(1) ? try mapped(elements, by: try call.function(1), call) : elements
            return .list(try call.vm.list(try order(keys, reverse: try call.bool(2, default: false), call)) { elements[$0] })
        },
        .fn("argsort", "sequence, reverse: false", "The positions of the elements in the order of the elements.", "argsort([30, 10, 20])  # => [1, 2, 0]") { call in
            try call.list(try order(try call.sequence(0), reverse: try call.bool(1, default: false), call))
        },
        .fn("reverse", "sequence", "A new list, last element first.", "reverse([1, 2])  # => [2, 1]") { call in
            if call[0].tag == .string {
                return call.string(try call.text(0).reversed().reduce(into: "") { text, character in
                    try call.vm.checkInterruption()
                    text.append(character)
                })
            }
            let elements = try call.sequence(0)
            return .list(try call.vm.list(0..<elements.count) { elements[elements.count - 1 - $0] })
        },
        .fn("unique", "sequence", "A new list without repetitions, in the order of first occurrence.", "unique([2, 1, 2])  # => [2, 1]") { call in
            let seen = call.heap.map()
            for value in try call.sequence(0) {
                try call.vm.checkInterruption()
                guard let hash = hashKey(value) else { throw RuntimeError(.type, "\(value.typePhrase) cannot be told apart by a key", argument: 0) }
                call.heap.set(value, hash: hash, to: .nil, in: seen)
            }
            return .list(try call.vm.list(seen, \.key))
        },

        // Functions of elements
        .fn("map", "sequence, f", "A new list of what `f` gives for each element.", "map([1, 2], x => x * 10)  # => [10, 20]") { call in
            .list(try mapped(try snapshot(0, call), by: try call.function(1), call))
        },
        .fn("filter", "sequence, f", "A new list of the elements for which `f` is true.", "filter([1, 2, 3], x => x > 1)  # => [2, 3]") { call in
            let elements = try snapshot(0, call)
            let f = try call.function(1)
            let result = call.heap.list(capacity: 0)
            call.protect(.list(result))
            for i in 0..<elements.count where try call.vm.call(f, elements[i]).isTruthy { call.heap.append(elements[i], to: result) }
            return .list(result)
        },
        .fn("reduce", "sequence, f, start: nil", "Combines the elements from the left: f(f(a, b), c).", "reduce([1, 2, 3], (a, b) => a * b)  # => 6") { call in
            let elements = try snapshot(0, call)
            let f = try call.function(1)
            let first = call.has(2) ? 0 : 1
            guard call.has(2) || elements.count > 0 else { throw call.invalid(0, "an empty sequence cannot be reduced without 'start'") }
            var result = call.has(2) ? call[2] : elements[0]
            for i in first..<max(first, elements.count) { result = try call.vm.call(f, [result, elements[i]]) }
            return result
        },
        .fn("any", "sequence, f: nil", "Whether an element, or what `f` gives for it, is true; of a tensor, whether one is not 0.", "any([1, 5], x => x > 3)  # => true") { call in
            if let tensor = call.tensorIfGiven(0), !call.has(1) { return .bool(tensor.tensor.values.contains { $0 != 0 }) }
            return .bool(try firstIndex(call) { $0 } != nil)
        },
        .fn("all", "sequence, f: nil", "Whether every element, or what `f` gives for it, is true; of a tensor, whether none is 0.", "all([1, 5], x => x > 3)  # => false") { call in
            if let tensor = call.tensorIfGiven(0), !call.has(1) { return .bool(tensor.tensor.values.allSatisfy { $0 != 0 }) }
            return .bool(try firstIndex(call) { !$0 } == nil)
        },
        .fn("count", "sequence, value", "How many elements equal a value, or fulfil it where it is a function.", "count([1, 2, 1], 1)  # => 2") { call in
            if call[0].tag == .string {
                let (text, part) = (try call.string(0), try call.string(1))
                var count = 0
                if part.byteCount > 0 { try call.vm.search(for: part, in: text).forEach { _ in count += 1 } }
                return .int(count)
            }
            let elements = try searched(call)
            return .int(try elements.indices.count { try matches(elements[$0], call) })
        },
        .fn("find", "sequence, value", "The position of the first element that equals a value, or fulfils it where it is a function; in a string, of the first such part. nil when there is none.",
            "find([5, 6], 6)  # => 1\nfind(\"padash\", \"da\")  # => 2") { call in
            if call[0].tag == .string {
                let (text, part) = (try call.string(0), try call.string(1))
                if part.byteCount == 0 { return .int(0) }
                return try call.vm.search(for: part, in: text).first().map { .int(try call.vm.characterPosition(ofByte: $0, in: text)) } ?? .nil
            }
            let elements = try searched(call)
            return try elements.indices.first { try matches(elements[$0], call) }.map(Value.int) ?? .nil
        },
        .fn("find_last", "sequence, value", "The position of the last element that equals a value, or fulfils it where it is a function; in a string, of the last such part. nil when there is none.",
            "find_last([5, 6, 5], 5)  # => 2\nfind_last(\"a.tar.gz\", \".\")  # => 5") { call in
            if call[0].tag == .string {
                let (text, part) = (try call.string(0), try call.string(1))
                if part.byteCount == 0 { return .int(try call.vm.characterCount(text)) }
                return try call.vm.search(for: part, in: text).last().map { .int(try call.vm.characterPosition(ofByte: $0, in: text)) } ?? .nil
            }
            let elements = try searched(call)
            return try elements.indices.last { try matches(elements[$0], call) }.map(Value.int) ?? .nil
        },
        .fn("search_sorted", "list, value", "The first position in a list in order, as `sort` makes it, before which the value can be inserted so that it stays in order. O(log n).",
            "search_sorted([10, 20, 30], 20)  # => 1") { call in
            let list = try call.list(0)
            // As in `sort`, nan comes after all else.
            let comesBefore = { (element: Value) in try call[1].isNaN ? !element.isNaN : !element.isNaN && call.vm.isLess(element, call[1]) }
            var (low, high) = (0, list.count)
            while low < high {
                let middle = (low + high) / 2
                if try comesBefore(list[middle]) { low = middle + 1 } else { high = middle }
            }
            return .int(low)
        },
        .fn("contains", "collection, value", "Whether the value is in it, as `in` tells.", "contains(\"padash\", \"das\")  # => true") { call in
            .bool(try call.vm.contains(call[1], in: call[0]))
        },
        .fn("group_by", "sequence, f", "A map from what `f` gives to the list of the elements it gives it for.", "group_by([1, 2, 3], x => x % 2)  # => {[1]: [1, 3], [0]: [2]}") { call in
            let elements = try snapshot(0, call)
            let keys = try mapped(elements, by: try call.function(1), call)
            let groups = call.heap.map()
            for i in 0..<elements.count {
                try call.vm.checkInterruption()
                guard let hash = hashKey(keys[i]) else { throw call.invalid(1, "\(keys[i].typePhrase) cannot be a map's key") }
                let found = groups.find(keys[i], hash: hash)
                if found >= 0 { call.heap.append(elements[i], to: groups.entries[found].value.asList) } else {
                    try call.heap.set(keys[i], hash: hash, to: call.list([elements[i]]), in: groups)
                }
            }
            return .map(groups)
        },
        .fn("count_by", "sequence, f: nil", "A map from each element, or what `f` gives for it, to how often that comes.", "count_by(\"abca\")  # => {a: 2, b: 1, c: 1}") { call in
            let elements = try snapshot(0, call)
            let keys = call.isGiven(1) ? try mapped(elements, by: try call.function(1), call) : elements
            return .map(try counts(keys, call))
        },

        // Summaries
        .fn("sum", "sequence", "The sum of the elements, 0 of none; that of floats is exact to the last digit or two, however many there are.", "sum([1, 2, 3])  # => 6") { call in
            if let tensor = call.tensorIfGiven(0) { return call.value(try tensor.sum()) }
            let elements = try call.sequence(0)
            func total(isWide: Bool) throws -> RunningSum {
                var total = RunningSum(call.vm, isWide: isWide)
                try call.vm.inParts(elements.count) { part in for i in part { try total.add(elements[i]) } }
                return total
            }
            let plain = try total(isWide: false)
            return try plain.isBeyondDoubles ? total(isWide: true).value : plain.value
        },
        .fn("product", "sequence", "The product of the elements, 1 of none.", "product([2, 3])  # => 6") { call in
            if let tensor = call.tensorIfGiven(0) { return call.value(try tensor.product()) }
            return try call.sequence(0).reduce(.int(1)) {
                try call.vm.checkInterruption()
                return try call.vm.arithmetic(.multiply, $0, $1)
            }
        },
        .fn("min", "a, b: nil, ...more", "The least of the values, or of the elements of a single sequence; nan where one is.", "min(3, 1)  # => 1\nmin([3, 1])  # => 1") { call in
            if let tensor = try onlyTensor(call) { return call.value(try tensor.minimum()) }
            return try extreme(call) { try call.vm.isLess($0, $1) }
        },
        .fn("max", "a, b: nil, ...more", "The greatest of the values, or of the elements of a single sequence; nan where one is.", "max(3, 1)  # => 3") { call in
            if let tensor = try onlyTensor(call) { return call.value(try tensor.maximum()) }
            return try extreme(call) { try call.vm.isLess($1, $0) }
        },
        .fn("argmin", "sequence", "The position of the least element, the first of several; that of the first nan where there is one.", "argmin([3, 1, 2])  # => 1") { call in
            if let tensor = try onlyTensor(call) { return .int(tensor.tensor.extremePosition(least: true)) }
            return try extremePosition(call) { try call.vm.isLess($0, $1) }
        },
        .fn("argmax", "sequence", "The position of the greatest element, the first of several; that of the first nan where there is one.", "argmax([3, 1, 2])  # => 0") { call in
            if let tensor = try onlyTensor(call) { return .int(tensor.tensor.extremePosition(least: false)) }
            return try extremePosition(call) { try call.vm.isLess($1, $0) }
        },
        .fn("min_by", "sequence, f", "The element for which `f` gives the least, the first of several; one for which it gives nan only where there is no other.", "min_by([\"bbb\", \"a\"], len)  # => \"a\"") { call in
            try extremeBy(call) { try call.vm.isLess($0, $1) }
        },
        .fn("max_by", "sequence, f", "The element for which `f` gives the greatest, the first of several; one for which it gives nan only where there is no other.", "max_by([{acc: 90}, {acc: 93}], run => run.acc)  # => {acc: 93}") { call in
            try extremeBy(call) { try call.vm.isLess($1, $0) }
        },
    ]

    // MARK: - Parts of the above

    /// The elements in a list of their own that stays alive, whatever a function called on the way does to the sequence.
    static func snapshot(_ index: Int, _ call: Call) throws -> ListRef {
        guard call[index].tag == .list else { return try call.sequence(index) }
        let elements = try call.vm.copy(call[index].asList)
        call.protect(.list(elements))
        return elements
    }

    static func mapped(_ elements: ListRef, by f: Value, _ call: Call) throws -> ListRef {
        let result = try call.heap.list(askingFor: elements.count)
        call.protect(.list(result))
        for i in 0..<elements.count { call.heap.append(try call.vm.call(f, elements[i]), to: result) }
        return result
    }

    /// The positions of `keys` in their order, equal keys by position; nan comes last in either direction.
    private static func order(_ keys: ListRef, reverse: Bool, _ call: Call) throws -> [Int] {
        let vm = call.vm
        let isNaN = { (i: Int) in keys[i].isNaN }
        var positions: [Int] = []
        positions.reserveCapacity(keys.count)
        try vm.inParts(keys.count) { part in positions += part.lazy.filter { !isNaN($0) } }
        try positions.sort { i, j in
            try vm.checkInterruption()
            let (a, b) = (keys[i], keys[j])
            if a.tag == .int, b.tag == .int { return a.asInt == b.asInt ? i < j : (a.asInt < b.asInt) != reverse }
            if a.tag == .float, b.tag == .float { return a.asFloat == b.asFloat ? i < j : (a.asFloat < b.asFloat) != reverse }
            switch try vm.order(a, b) {
            case .orderedSame: return i < j
            case .orderedAscending: return !reverse
            case .orderedDescending: return reverse
            case nil: throw RuntimeError(.value, "lists with nan in them have no order", argument: 0)
            }
        }
        if positions.count < keys.count { try vm.inParts(keys.count) { part in positions += part.lazy.filter(isNaN) } }
        return positions
    }

    private static func firstIndex(_ call: Call, where isMatch: (Bool) -> Bool) throws -> Int? {
        guard call.isGiven(1) else {
            return try call.sequence(0).firstIndex {
                try call.vm.checkInterruption()
                return isMatch($0.isTruthy)
            }
        }
        let elements = try snapshot(0, call)
        let f = try call.function(1)
        return try elements.indices.first { isMatch(try call.vm.call(f, elements[$0]).isTruthy) }
    }

    /// The elements that argument 1, a value or a function, is held against.
    private static func searched(_ call: Call) throws -> ListRef {
        switch call[1].tag {
        case .closure, .builtin: try snapshot(0, call)
        default: try call.sequence(0)
        }
    }

    private static func matches(_ element: Value, _ call: Call) throws -> Bool {
        switch call[1].tag {
        case .closure, .builtin: return try call.vm.call(call[1], element).isTruthy
        default:
            try call.vm.checkInterruption()
            return try call.vm.areEqual(element, call[1])
        }
    }

    private static func position(_ index: Int, in list: ListRef, allowsEnd: Bool, _ call: Call) throws -> Int {
        let given = try call.int(index)
        let position = given < 0 ? given + list.count : given
        guard position >= 0, position < list.count + (allowsEnd ? 1 : 0) else {
            throw RuntimeError(.index, "index \(given) is outside the list of \(list.count)", argument: index)
        }
        return position
    }

    /// The tensor that is the only argument; it must have elements.
    private static func onlyTensor(_ call: Call) throws -> Variable? {
        guard call.count == 1 || !call.has(1), let tensor = call.tensorIfGiven(0) else { return nil }
        guard tensor.count > 0 else { throw RuntimeError(.value, "\(call.name) of nothing is not defined", argument: 0) }
        return tensor
    }

    private static func extreme(_ call: Call, isBetter: (Value, Value) throws -> Bool) throws -> Value {
        guard call.has(1) else {
            let values = try call.sequence(0)
            guard values.count > 0 else { throw RuntimeError(.value, "\(call.name) of nothing is not defined", argument: 0) }
            return values[try extremePosition(values, call, isBetter)]
        }
        let values = call.has(2) ? [call[0], call[1]] + call.rest(2) : [call[0], call[1]]
        return try values.dropFirst().reduce(values[0]) { try !$0.isNaN && ($1.isNaN || isBetter($1, $0)) ? $1 : $0 }
    }

    private static func extremeBy(_ call: Call, isBetter: (Value, Value) throws -> Bool) throws -> Value {
        let elements = try snapshot(0, call)
        let keys = try mapped(elements, by: try call.function(1), call)
        guard keys.count > 0 else { throw call.invalid(0, "\(call.name) of nothing is not defined") }
        return elements[try (1..<max(1, keys.count)).reduce(0) { try !keys[$1].isNaN && (keys[$0].isNaN || isBetter(keys[$1], keys[$0])) ? $1 : $0 }]
    }

    /// How often each value comes.
    static func counts(_ values: ListRef, _ call: Call) throws -> MapRef {
        let counts = call.heap.map()
        for value in values {
            try call.vm.checkInterruption()
            guard let hash = hashKey(value) else { throw RuntimeError(.type, "\(value.typePhrase) cannot be told apart by a key", argument: 0) }
            let found = counts.find(value, hash: hash)
            if found >= 0 { counts.entries[found].value = .int(counts.entries[found].value.asInt + 1) } else {
                call.heap.set(value, hash: hash, to: .int(1), in: counts)
            }
        }
        return counts
    }

    private static func extremePosition(_ call: Call, isBetter: (Value, Value) throws -> Bool) throws -> Value {
        let values = try call.sequence(0)
        guard values.count > 0 else { throw call.invalid(0, "an empty sequence has no \(call.name)") }
        return .int(try extremePosition(values, call, isBetter))
    }

    /// The position of the best of some values, the first of several; nan beats all.
    private static func extremePosition(_ values: ListRef, _ call: Call, _ isBetter: (Value, Value) throws -> Bool) throws -> Int {
        var best = 0
        try call.vm.inParts(values.count) { part in
            for i in part where try !values[best].isNaN && (values[i].isNaN || isBetter(values[i], values[best])) { best = i }
        }
        return best
    }
}

/// Copies containers with all they hold. What is in several places, or in itself, is so in the copy.
private struct DeepCopy {
    private var copies: [UInt64: Value] = [:]
    /// Copies whose elements are still the originals'.
    private var pending: [Value] = []

    mutating func copy(_ value: Value, _ vm: VM) throws -> Value {
        let result = try shallow(value, vm)
        while let container = pending.popLast() {
            try vm.checkInterruption()
            if container.tag == .list {
                let list = container.asList
                try vm.inParts(list.count) { part in for i in part { list[i] = try shallow(list[i], vm) } }
            } else {
                let map = container.asMap
                try vm.inParts(map.entryCount) { part in for i in part { map.entries[i].value = try shallow(map.entries[i].value, vm) } }
            }
        }
        return result
    }

    private mutating func shallow(_ value: Value, _ vm: VM) throws -> Value {
        if value.isHeapObject, let known = copies[value.payload] { return known }
        let result: Value
        switch value.tag {
        case .list: result = .list(try vm.copy(value.asList))
        case .map: result = .map(try vm.copy(value.asMap))
        case .host:
            guard let tensor = value.hostObject as? TensorObject else { return value }
            result = .host(vm.heap.host(TensorObject(Variable(tensor.tensor), isMask: tensor.isMask)))
        default: return value
        }
        copies[value.payload] = result
        if value.tag != .host { pending.append(result) }
        return result
    }
}

/// A sum of values, taken in one by one from the left: ints as ints, from the first float on as floats without rounding errors piling up,
/// anything else as `+` adds it.
struct RunningSum {
    private let vm: VM
    private var whole = Value.int(0)
    /// In units of 1 / scale.
    private var floats: CompensatedSum?
    private let scale, unit: Double

    /// With `isWide`, floats are added in units of 2^64: sums on the way may be beyond the doubles, and numbers below 2^-958 lose digits.
    init(_ vm: VM, isWide: Bool = false) {
        self.vm = vm
        (scale, unit) = isWide ? (0x1p-64, 0x1p64) : (1, 1)
    }

    /// Whether a float, or a sum on the way, was infinite or nan: a wide sum tells which.
    var isBeyondDoubles: Bool { floats?.isFinite == false }

    mutating func add(_ value: Value) throws {
        if value.tag == .float || floats != nil, let number = value.number {
            if floats == nil, let start = whole.number { floats = CompensatedSum(start * scale) }
            if floats != nil {
                floats?.add(number * scale)
                return
            }
        }
        whole = try vm.arithmetic(.add, self.value, value)
        floats = nil
    }

    var value: Value { floats.map { .float($0.value * unit) } ?? whole }
}
