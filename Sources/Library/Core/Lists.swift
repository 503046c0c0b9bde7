import Foundation
import NASLib
import Runtime

extension Library {
    static let lists: [Builtin] = [
        .fn("list", "sequence: []", "A new list with the elements of anything that can be iterated.",
            "list(0..3)  # => [0, 1, 2]\nlist(\"ab\")  # => [\"a\", \"b\"]") { call in
            .list(try snapshot(0, call))
        },
        .fn("range", "start, stop, by: 1", "The ints from `start` up to, but not including, `stop`, in steps of `by`.",
            "list(range(10, 0, by: -3))  # => [10, 7, 4, 1]") { call in
            let step = try call.int(2)
            guard step != 0, step != .min else { throw call.invalid(2, "'by' must not be \(step)") }
            return .range(call.heap.range(try call.int(0), try call.int(1), step: step))
        }.advising("0..n and range(0, n) count from 0"),
        .fn("copy", "value", "A new list, map or tensor with the same elements; any other value is returned as it is.",
            "let a = [1]\nlet b = copy(a)\npush(b, 2)\na  # => [1]") { call in
            switch call[0].tag {
            case .list: return .list(try call.vm.copy(call[0].asList))
            case .map: return .map(try call.vm.copy(call[0].asMap))
            case .host:
                guard let object = call[0].hostObject as? TensorObject else { return call[0] }
                return call.object(TensorObject(object.variable, isMask: object.isMask))
            default: return call[0]
            }
        },

        .fn("deep_copy", "value", "A new list, map or tensor whose elements are copied in the same way.",
            "let a = [[1]]\nlet b = deep_copy(a)\npush(b[0], 2)\na  # => [[1]]") { call in
            var copier = DeepCopy()
            return try copier.copy(call[0], call.vm)
        },

        // Changing a list
        .fn("push", "list, value", "Appends a value to a list and returns the list.", "push([1], 2)  # => [1, 2]") { call in
            call.heap.append(call[1], to: try call.list(0))
            return call[0]
        },
        .fn("pop", "list", "Removes the last element of a list and returns it.", "pop([1, 2])  # => 2") { call in
            let list = try call.list(0)
            guard list.count > 0 else { throw RuntimeError(.index, "the list is empty: there is nothing to pop", argument: 0) }
            list.pointer.pointee.count -= 1
            return list.elements[list.count]
        },
        .fn("insert", "list, index, value", "Inserts a value before a position and returns the list.",
            "insert([1, 3], 1, 2)  # => [1, 2, 3]") { call in
            let list = try call.list(0)
            let index = try position(1, in: list, allowsEnd: true, call)
            call.heap.append(.nil, to: list)
            (list.elements + index + 1).update(from: list.elements + index, count: list.count - 1 - index)
            list[index] = call[2]
            return call[0]
        },
        .fn("remove", "collection, key", "Removes the element at a position of a list, or a key of a map, and returns the removed value.",
            "remove([4, 5], 0)  # => 4") { call in
            if call[0].tag == .map {
                let map = call[0].asMap
                guard let hash = hashKey(call[1]), case let found = map.find(call[1], hash: hash), found >= 0 else {
                    throw call.vm.missingKey(call[1], in: map)
                }
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
        .fn("extend", "list, values", "Appends all elements of a sequence to a list and returns the list.",
            "extend([1], 2..4)  # => [1, 2, 3]") { call in
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
            "A new list sorted by the elements, or by the result of `by` for each. Equal elements keep their order; nan comes last.",
            "sort([3, 1, 2])  # => [1, 2, 3]\nsort([\"bb\", \"a\"], by: len)  # => [\"a\", \"bb\"]") { call in
            let elements = try snapshot(0, call)
            let keys = call.isGiven(1) ? try mapped(elements, by: try call.function(1), call) : elements
            return .list(try call.vm.list(try order(keys, reverse: try call.bool(2), call)) { elements[$0] })
        },
        .fn("argsort", "sequence, reverse: false", "The positions of the elements in sorted order.",
            "argsort([30, 10, 20])  # => [1, 2, 0]") { call in
            try call.list(try order(try call.sequence(0), reverse: try call.bool(1), call))
        },
        .fn("reverse", "sequence", "A new list with the elements in reverse order.", "reverse([1, 2])  # => [2, 1]") { call in
            if call[0].tag == .string {
                return call.string(try call.text(0).reversed().reduce(into: "") { text, character in
                    try call.vm.checkInterruption()
                    text.append(character)
                })
            }
            let elements = try call.sequence(0)
            return .list(try call.vm.list(0..<elements.count) { elements[elements.count - 1 - $0] })
        },
        .fn("unique", "sequence", "A new list without repetitions, in the order of first occurrence.",
            "unique([2, 1, 2])  # => [2, 1]") { call in
            let seen = call.heap.map()
            for value in try call.sequence(0) {
                try call.vm.checkInterruption()
                guard let hash = hashKey(value) else {
                    throw RuntimeError(.type, "\(value.typePhrase) cannot be told apart by a key", argument: 0)
                }
                call.heap.set(value, hash: hash, to: .nil, in: seen)
            }
            return .list(try call.vm.list(seen, \.key))
        },

        // Functions of elements
        .fn("map", "sequence, f", "A new list with the result of `f` for each element.",
            "map([1, 2], x => x * 10)  # => [10, 20]") { call in
            .list(try mapped(try snapshot(0, call), by: try call.function(1), call))
        },
        .fn("filter", "sequence, f", "A new list of the elements for which `f` is true.",
            "filter([1, 2, 3], x => x > 1)  # => [2, 3]") { call in
            let elements = try snapshot(0, call)
            let f = try call.function(1)
            let result = call.heap.list(capacity: 0)
            call.protect(.list(result))
            for i in 0..<elements.count where try call.vm.call(f, elements[i]).isTruthy { call.heap.append(elements[i], to: result) }
            return .list(result)
        },
        .fn("reduce", "sequence, f, start: nil", "Combines the elements from the left: f(f(a, b), c).",
            "reduce([1, 2, 3], (a, b) => a * b)  # => 6") { call in
            let elements = try snapshot(0, call)
            let f = try call.function(1)
            let first = call.has(2) ? 0 : 1
            guard call.has(2) || elements.count > 0 else { throw call.invalid(0, "an empty sequence cannot be reduced without 'start'") }
            var result = call.has(2) ? call[2] : elements[0]
            for i in first..<max(first, elements.count) { result = try call.vm.call(f, [result, elements[i]]) }
            return result
        },
        .fn("any", "sequence, f: nil",
            "Whether any element, or the result of `f` for it, is true; for a tensor, whether any element is not 0.",
            "any([1, 5], x => x > 3)  # => true") { call in
            if let tensor = call.tensorIfGiven(0), !call.has(1) { return .bool(tensor.tensor.values.contains { $0 != 0 }) }
            return .bool(try firstIndex(call) { $0 } != nil)
        },
        .fn("all", "sequence, f: nil",
            "Whether every element, or the result of `f` for it, is true; for a tensor, whether no element is 0.",
            "all([1, 5], x => x > 3)  # => false") { call in
            if let tensor = call.tensorIfGiven(0), !call.has(1) { return .bool(tensor.tensor.values.allSatisfy { $0 != 0 }) }
            return .bool(try firstIndex(call) { !$0 } == nil)
        },
        .fn("count", "sequence, value", "The number of elements that equal a value, or for which it is true if it is a function.",
            "count([1, 2, 1], 1)  # => 2") { call in
            if call[0].tag == .string {
                let (text, part) = (try call.string(0), try call.string(1))
                var count = 0
                if part.byteCount > 0 { try call.vm.search(for: part, in: text).forEach { _ in count += 1 } }
                return .int(count)
            }
            let elements = try searched(call)
            return .int(try elements.indices.count { try matches(elements[$0], call) })
        },
        .fn("find", "sequence, value",
            """
            The position of the first element that equals a value, or for which it is true if it is a function; in a string, of the first \
            such part. nil if there is none.
            """,
            "find([5, 6], 6)  # => 1\nfind(\"padash\", \"da\")  # => 2") { call in
            if call[0].tag == .string {
                let (text, part) = (try call.string(0), try call.string(1))
                if part.byteCount == 0 { return .int(0) }
                return try call.vm.search(for: part, in: text).first().map { .int(try call.vm.characterPosition(ofByte: $0, in: text)) }
                    ?? .nil
            }
            let elements = try searched(call)
            return try elements.indices.first { try matches(elements[$0], call) }.map(Value.int) ?? .nil
        },
        .fn("find_last", "sequence, value",
            """
            The position of the last element that equals a value, or for which it is true if it is a function; in a string, of the last \
            such part. nil if there is none.
            """,
            "find_last([5, 6, 5], 5)  # => 2\nfind_last(\"a.tar.gz\", \".\")  # => 5") { call in
            if call[0].tag == .string {
                let (text, part) = (try call.string(0), try call.string(1))
                if part.byteCount == 0 { return .int(try call.vm.characterCount(text)) }
                return try call.vm.search(for: part, in: text).last().map { .int(try call.vm.characterPosition(ofByte: $0, in: text)) }
                    ?? .nil
            }
            let elements = try searched(call)
            return try elements.indices.last { try matches(elements[$0], call) }.map(Value.int) ?? .nil
        },
        .fn("search_sorted", "list, value",
            """
            The first position in a sorted list at which the value can be inserted and the list stays sorted. O(log n).
            """,
            "search_sorted([10, 20, 30], 20)  # => 1") { call in
            let list = try call.list(0)
            // As in `sort`, nan comes after all else.
            let comesBefore = { (element: Value) throws -> Bool in
                let order = try call.vm.order(element, call[1])
                return call[1].isNaN ? !element.isNaN : !element.isNaN && order == .orderedAscending
            }
            var (low, high) = (0, list.count)
            while low < high {
                let middle = (low + high) / 2
                if try comesBefore(list[middle]) { low = middle + 1 } else { high = middle }
            }
            return .int(low)
        },
        .fn("contains", "collection, value", "Whether the collection contains the value, as with `in`.",
            "contains(\"padash\", \"das\")  # => true") { call in
            .bool(try call.vm.contains(call[1], in: call[0]))
        },
        .fn("group_by", "sequence, f", "A map from each result of `f` to the list of elements with that result.",
            "group_by([1, 2, 3], x => x % 2)  # => {[1]: [1, 3], [0]: [2]}") { call in
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
        .fn("count_by", "sequence, f: nil", "A map from each element, or the result of `f` for it, to how often it occurs.",
            "count_by(\"abca\")  # => {a: 2, b: 1, c: 1}") { call in
            let elements = try snapshot(0, call)
            let keys = call.isGiven(1) ? try mapped(elements, by: try call.function(1), call) : elements
            return .map(try counts(keys, call))
        },

        // Summaries
        .fn("sum", "sequence",
            """
            The sum of the elements; 0 for an empty sequence. The order does not matter: a sum of ints is exact, and an error only if the \
            sum itself overflows; a sum of floats is accurate to the last digit or two, for any number of terms.
            """, "sum([1, 2, 3])  # => 6") { call in
            if let tensor = call.tensorIfGiven(0) { return call.value(try tensor.sum()) }
            let elements = try call.sequence(0, copies: false)
            func total(isWide: Bool) throws -> RunningSum {
                var total = RunningSum(call.vm, isWide: isWide)
                try call.vm.inParts(elements.count) { part in for i in part { try total.add(elements[i]) } }
                return total
            }
            let plain = try total(isWide: false)
            return try plain.isBeyondDoubles ? total(isWide: true).value() : plain.value()
        },
        .fn("product", "sequence",
            """
            The product of the elements; 1 for an empty sequence. A product of ints is exact, and an error only if the product itself \
            overflows, in any order.
            """, "product([2, 3])  # => 6") { call in
            if let tensor = call.tensorIfGiven(0) { return call.value(try tensor.product()) }
            let elements = try call.sequence(0, copies: false)
            var product = RunningProduct(call.vm)
            try call.vm.inParts(elements.count) { part in for i in part { try product.multiply(by: elements[i]) } }
            return try product.value()
        },
        .fn("min", "a, b: nil, ...more", "The least of the values, or of the elements of a single sequence; nan if any is nan.",
            "min(3, 1)  # => 1\nmin([3, 1])  # => 1") { call in
            if let tensor = try onlyTensor(call) { return call.value(try tensor.minimum()) }
            return try extreme(call, .orderedAscending)
        },
        .fn("max", "a, b: nil, ...more", "The greatest of the values, or of the elements of a single sequence; nan if any is nan.",
            "max(3, 1)  # => 3") { call in
            if let tensor = try onlyTensor(call) { return call.value(try tensor.maximum()) }
            return try extreme(call, .orderedDescending)
        },
        .fn("argmin", "sequence", "The position of the least element, the first of several; the position of the first nan if there is one.",
            "argmin([3, 1, 2])  # => 1") { call in
            if let tensor = try onlyTensor(call) { return .int(tensor.tensor.extremePosition(least: true)) }
            return try extremePosition(call, .orderedAscending)
        },
        .fn("argmax", "sequence",
            "The position of the greatest element, the first of several; the position of the first nan if there is one.",
            "argmax([3, 1, 2])  # => 0") { call in
            if let tensor = try onlyTensor(call) { return .int(tensor.tensor.extremePosition(least: false)) }
            return try extremePosition(call, .orderedDescending)
        },
        .fn("min_by", "sequence, f",
            "The element with the least result of `f`, the first of several; one with nan only if there is no other.",
            "min_by([\"bbb\", \"a\"], len)  # => \"a\"") { call in
            try extremeBy(call, .orderedAscending)
        },
        .fn("max_by", "sequence, f",
            "The element with the greatest result of `f`, the first of several; one with nan only if there is no other.",
            "max_by([{acc: 90}, {acc: 93}], run => run.acc)  # => {acc: 93}") { call in
            try extremeBy(call, .orderedDescending)
        },
    ]

    // MARK: - Parts of the above

    /// The elements in a list of their own that stays alive, whatever a function called on the way does to the sequence.
    static func snapshot(_ index: Int, _ call: Call) throws -> ListRef {
        guard call[index].tag == .list else { return try call.sequence(index, copies: false) }
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

    private static var unordered: RuntimeError { RuntimeError(.value, "lists with nan in them have no order", argument: 0) }

    /// The positions of `keys` in their order, equal keys by position; nan comes last in either direction.
    private static func order(_ keys: ListRef, reverse: Bool, _ call: Call) throws -> [Int] {
        let vm = call.vm
        try Limit.askForWork(on: keys.count)
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
            case nil: throw unordered
            }
        }
        if positions.count < keys.count {
            let ordered = positions.count
            try vm.inParts(keys.count) { part in positions += part.lazy.filter(isNaN) }
            // An error where the others are not numbers.
            if ordered > 0 { _ = try vm.order(keys[positions[0]], keys[positions[ordered]]) }
        }
        return positions
    }

    private static func firstIndex(_ call: Call, where isMatch: (Bool) -> Bool) throws -> Int? {
        guard call.isGiven(1) else {
            return try call.sequence(0, copies: false).firstIndex {
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
        default: try call.sequence(0, copies: false)
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

    private static func extreme(_ call: Call, _ better: ComparisonResult) throws -> Value {
        guard call.has(1) else {
            let values = try call.sequence(0, copies: false)
            guard values.count > 0 else { throw RuntimeError(.value, "\(call.name) of nothing is not defined", argument: 0) }
            return values[try extremePosition(values, call, better, prefersNaN: true)]
        }
        if !call.has(2), let a = call[0].number, let b = call[1].number, a < b || b < a {
            // Ints that differ may be the same double, but not the other way round.
            return (a < b) == (better == .orderedAscending) ? call[0] : call[1]
        }
        let values = call.has(2) ? [call[0], call[1]] + call.rest(2) : [call[0], call[1]]
        return values[try extremePosition(values, call, better, prefersNaN: true)]
    }

    private static func extremeBy(_ call: Call, _ better: ComparisonResult) throws -> Value {
        let elements = try snapshot(0, call)
        let keys = try mapped(elements, by: try call.function(1), call)
        guard keys.count > 0 else { throw call.invalid(0, "\(call.name) of nothing is not defined") }
        return elements[try extremePosition(keys, call, better, prefersNaN: false)]
    }

    /// How often each value comes.
    static func counts(_ values: ListRef, _ call: Call) throws -> MapRef {
        let counts = call.heap.map()
        for value in values {
            try call.vm.checkInterruption()
            guard let hash = hashKey(value) else {
                throw RuntimeError(.type, "\(value.typePhrase) cannot be told apart by a key", argument: 0)
            }
            let found = counts.find(value, hash: hash)
            if found >= 0 { counts.entries[found].value = .int(counts.entries[found].value.asInt + 1) } else {
                call.heap.set(value, hash: hash, to: .int(1), in: counts)
            }
        }
        return counts
    }

    private static func extremePosition(_ call: Call, _ better: ComparisonResult) throws -> Value {
        let values = try call.sequence(0, copies: false)
        guard values.count > 0 else { throw call.invalid(0, "an empty sequence has no \(call.name)") }
        return .int(try extremePosition(values, call, better, prefersNaN: true))
    }

    /// The position of the best of some values, the first of several: of one that stands in the order `better` to all others. nan beats all
    /// numbers, or is beaten by all; it has no order with anything else, as no number has. What comes out, an error included, does not
    /// depend on the order of the values.
    private static func extremePosition<Values: RandomAccessCollection<Value>>(
        _ values: Values, _ call: Call, _ better: ComparisonResult, prefersNaN: Bool
    ) throws -> Int where Values.Index == Int {
        var best = 0
        var hasUnordered = false
        try call.vm.inParts(values.count) { part in
            for i in part where i > 0 {
                let order = try call.vm.order(values[i], values[best])
                if order == better { best = i } else if order == nil {
                    let (isNaN, bestIsNaN) = (values[i].isNaN, values[best].isNaN)
                    if isNaN != bestIsNaN {
                        if isNaN == prefersNaN { best = i }
                    } else if !isNaN { hasUnordered = true }
                }
            }
        }
        // Of lists with nan in them, some have no order: one may still be the best of all.
        if hasUnordered {
            try call.vm.inParts(values.count) { part in
                for i in part where i != best {
                    if try call.vm.order(values[i], values[best]) == nil { throw unordered }
                }
            }
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

/// A sum of values, taken in one by one: that of ints is exact, that of floats without rounding errors piling up, and both do not depend on
/// the order. From the first value of another kind on, all are added from the left as `+` adds them.
struct RunningSum {
    private let vm: VM
    /// The ints make `low` + `carries` * 2^64, which is an int itself where `carries` is 0.
    private var low = 0
    private var carries = 0
    /// In units of 1 / scale; nil before the first float.
    private var floats: CompensatedSum?
    private let scale, unit: Double
    /// The sum from the first value on that is no number.
    private var other: Value?

    /// With `isWide`, floats are added in units of 2^64: sums on the way may be beyond the doubles, and numbers below 2^-958 lose digits.
    init(_ vm: VM, isWide: Bool = false) {
        self.vm = vm
        (scale, unit) = isWide ? (0x1p-64, 0x1p64) : (1, 1)
    }

    /// Whether a float, or a sum on the way, was infinite or nan: a wide sum tells which.
    var isBeyondDoubles: Bool { floats?.isFinite == false }

    mutating func add(_ value: Value) throws {
        if other == nil {
            if value.tag == .int {
                let (sum, overflows) = low.addingReportingOverflow(value.asInt)
                if overflows { carries += value.asInt < 0 ? -1 : 1 }
                low = sum
                return
            }
            if value.tag == .float {
                if floats == nil { floats = CompensatedSum() }
                floats?.add(value.asFloat * scale)
                return
            }
        }
        other = try vm.arithmetic(.add, self.value(), value)
        floats = nil
    }

    /// An int where all were ints.
    func value() throws -> Value {
        if let other { return other }
        if floats != nil { return .float(float) }
        guard carries == 0 else {
            throw beyondInts("sum")
        }
        return .int(low)
    }

    /// The sum of the numbers, rounded once.
    var float: Double {
        var floats = floats ?? CompensatedSum()
        // Parts of the ints that are doubles themselves.
        if carries != 0 { floats.add(Double(carries) * 0x1p64 * scale) }
        if low != 0 {
            let rest = low & 0xffff_ffff
            floats.add(Double(low &- rest) * scale)
            floats.add(Double(rest) * scale)
        }
        return floats.value * unit
    }
}

/// A sum or product of ints that is none itself.
private func beyondInts(_ result: String) -> RuntimeError {
    RuntimeError(.arithmetic, "int overflow: the \(result) does not fit 64 bits", hint: "make one of the numbers a float: float(x)")
}

/// A product of values, taken in one by one: that of ints is exact, and that of floats has its digits where products on the way are beyond
/// the doubles. From the first value of another kind on, all are multiplied from the left as `*` multiplies them.
struct RunningProduct {
    private let vm: VM
    /// The size of the ints' product without the zeros; nil from where it is beyond 64 bits on, as no other int brings it back.
    private var magnitude: UInt? = 1
    private var isNegative = false
    private var hasZero = false
    /// The product of all as floats is `significand` * 2^`exponent`.
    private var significand = 1.0
    private var exponent = 0
    private var hasFloats = false
    /// The product from the first value on that is no number.
    private var other: Value?

    init(_ vm: VM) { self.vm = vm }

    mutating func multiply(by value: Value) throws {
        if other == nil, let number = value.number {
            if value.tag == .float { hasFloats = true } else if value.asInt == 0 { hasZero = true } else {
                if value.asInt < 0 { isNegative.toggle() }
                if let size = magnitude {
                    let (product, overflows) = size.multipliedReportingOverflow(by: value.asInt.magnitude)
                    magnitude = overflows ? nil : product
                }
            }
            // The product of two moderate numbers is a double.
            significand = moderate(moderate(number) * significand)
            return
        }
        other = try vm.arithmetic(.multiply, self.value(), value)
    }

    /// The number, or where its size is beyond 2^500 or below 2^-500 what is left of it when a power of two has gone to the exponent.
    private mutating func moderate(_ x: Double) -> Double {
        guard x.isFinite, x != 0, abs(x.exponent) > 500 else { return x }
        let size = x.exponent
        exponent += size
        return scalbn(x, -size)
    }

    /// An int where all were ints.
    func value() throws -> Value {
        if let other { return other }
        if hasFloats { return .float(exponent == 0 ? significand : scalbn(significand, exponent)) }
        if hasZero { return .int(0) }
        // One more below 0 than above.
        if let magnitude, magnitude <= (isNegative ? Int.min : Int.max).magnitude {
            return .int(Int(bitPattern: isNegative ? 0 &- magnitude : magnitude))
        }
        throw beyondInts("product")
    }
}
