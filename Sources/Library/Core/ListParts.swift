import Runtime

extension Library {
    /// Parts of sequences, and lists made by combining them.
    static let listParts: [Builtin] = [
        // Parts
        .fn("take", "sequence, n", "The first n elements.", "take([1, 2, 3], 2)  # => [1, 2]") { call in
            let elements = try call.sequence(0, copies: false)
            return .list(try call.vm.copy(elements, 0..<min(elements.count, try call.int(1, atLeast: 0))))
        },
        .fn("drop", "sequence, n", "All but the first n elements.", "drop([1, 2, 3], 2)  # => [3]") { call in
            let elements = try call.sequence(0, copies: false)
            return .list(try call.vm.copy(elements, min(elements.count, try call.int(1, atLeast: 0))..<elements.count))
        },
        .fn("flatten", "lists", "A list of lists flattened by one level.", "flatten([[1], [2, 3]])  # => [1, 2, 3]") { call in
            let parts = try call.sequence(0)
            try Limit.check(elements: parts.reduce(0) { $0 + ($1.tag == .list ? $1.asList.count : 1) })
            let flat = call.heap.list(capacity: 0)
            for part in parts { if part.tag == .list { try call.vm.appendAll(part, to: flat) } else { call.heap.append(part, to: flat) } }
            return .list(flat)
        },
        .fn("chunks", "sequence, size", "The elements in lists of `size` each; the last may be shorter.",
            "chunks([1, 2, 3], 2)  # => [[1, 2], [3]]") { call in
            let elements = try call.sequence(0)
            let size = min(try call.int(1, atLeast: 1), max(1, elements.count))
            return .list(try call.vm.list(0..<(elements.count + size - 1) / size) { i in
                .list(try call.vm.copy(elements, i * size..<min(elements.count, (i + 1) * size)))
            })
        },
        .fn("enumerate", "sequence, start: 0", "Pairs of position and element.",
            "enumerate([\"a\", \"b\"])  # => [[0, \"a\"], [1, \"b\"]]") { call in
            let start = try call.int(1)
            let elements = try call.sequence(0)
            guard !start.addingReportingOverflow(elements.count).overflow else {
                throw RuntimeError(.arithmetic, "int overflow: the positions do not fit 64 bits", argument: 1)
            }
            return .list(try call.vm.list(elements.indices) { .list(call.heap.list([.int(start + $0), elements[$0]])) })
        },
        .fn("zip", "...sequences", "Lists of the first elements, the second elements and so on, up to the length of the shortest sequence.",
            "zip([1, 2], \"ab\")  # => [[1, \"a\"], [2, \"b\"]]") { call in
            let sequences = try call.sequences(0)
            guard let shortest = sequences.map(\.count).min() else { return try call.list([Value]()) }
            return .list(try call.vm.list(0..<shortest) { i in .list(call.heap.list(sequences.map { $0[i] })) })
        },
        .fn("take_while", "sequence, f", "The first elements, as long as `f` is true.",
            "take_while([1, 2, 9, 1], x => x < 5)  # => [1, 2]") { call in
            let elements = try snapshot(0, call)
            return .list(try call.vm.copy(elements, 0..<firstFailure(elements, call)))
        },
        .fn("drop_while", "sequence, f", "The elements from the first one on for which `f` is not true.",
            "drop_while([1, 2, 9, 1], x => x < 5)  # => [9, 1]") { call in
            let elements = try snapshot(0, call)
            return .list(try call.vm.copy(elements, firstFailure(elements, call)..<elements.count))
        },
        .fn("partition", "sequence, f", "Two lists: the elements for which `f` is true, and the others.",
            "partition([1, 2, 3, 4], x => x % 2 == 0)  # => [[2, 4], [1, 3]]") { call in
            let elements = try snapshot(0, call)
            let isIn = try mapped(elements, by: try call.function(1), call)
            let positions = 0..<elements.count
            let parts = try [true, false].map { side in try call.list(positions.filter { isIn[$0].isTruthy == side }.map { elements[$0] }) }
            return try call.list(parts)
        },
        .fn("windows", "sequence, size, by: 1", "Lists of `size` neighbours, each beginning `by` elements after the one before.",
            "windows([1, 2, 3, 4], 2)  # => [[1, 2], [2, 3], [3, 4]]") { call in
            let elements = try call.sequence(0)
            let (size, step) = (try call.int(1, atLeast: 1), try call.int(2, atLeast: 1))
            guard size <= elements.count else { return try call.list([Value]()) }
            let count = (elements.count - size) / step + 1
            try Limit.check(elements: count.multipliedReportingOverflow(by: size).overflow ? .max : count * size)
            return .list(try call.vm.list(0..<count) { i in .list(try call.vm.copy(elements, i * step..<i * step + size)) })
        },
        .fn("flat_map", "sequence, f", "The lists that `f` gives for the elements, joined into one list.",
            "flat_map([1, 3], x => [x, x + 1])  # => [1, 2, 3, 4]") { call in
            let results = try mapped(try snapshot(0, call), by: try call.function(1), call)
            let flat = try call.heap.list(askingFor: results.count)
            call.protect(.list(flat))
            for i in 0..<results.count {
                if results[i].tag == .list { try call.vm.appendAll(results[i], to: flat) } else { call.heap.append(results[i], to: flat) }
            }
            return .list(flat)
        },
        .fn("scan", "sequence, f, start: nil", "The results of `reduce` for the first element, the first two, and so on.",
            "scan([1, 2, 3], (a, b) => a * 10 + b)  # => [1, 12, 123]") { call in
            let elements = try snapshot(0, call)
            let f = try call.function(1)
            let results = try call.heap.list(askingFor: elements.count)
            call.protect(.list(results))
            for i in 0..<elements.count {
                let isFirst = i == 0 && !call.has(2)
                call.heap.append(isFirst ? elements[0] : try call.vm.call(f, [i == 0 ? call[2] : results[i - 1], elements[i]]), to: results)
            }
            return .list(results)
        },
        .fn("repeat", "sequence, n", "A sequence or text repeated n times.",
            "repeat([0], 3)  # => [0, 0, 0]\nrepeat(\"ab\", 2)  # => \"abab\"") { call in
            let n = try call.int(1, atLeast: 0)
            if call[0].tag == .string { return try call.vm.arithmetic(.multiply, call[0], .int(n)) }
            let elements = try call.sequence(0)
            let (count, isTooMany) = elements.count.multipliedReportingOverflow(by: n)
            try Limit.check(elements: isTooMany ? .max : count)
            let list = call.heap.list(capacity: count)
            for _ in 0..<(elements.isEmpty ? 0 : n) { try call.vm.append(elements, elements.indices, to: list) }
            return .list(list)
        },

        // Combinations
        .fn("combinations", "sequence, n", "Every choice of n elements, each as a list in the elements' order.",
            "combinations([1, 2, 3], 2)  # => [[1, 2], [1, 3], [2, 3]]") { call in
            let elements = try call.sequence(0)
            let n = try call.int(1, atLeast: 0)
            guard n <= elements.count else { return try call.list([Value]()) }
            try checkSize(NumberTheory.choose(elements.count, n) ?? .max, of: n)
            return try choices(call, first: Array(0..<n)) { positions in
                // The last position that can still move on; those after it follow close behind.
                guard let i = positions.indices.last(where: { positions[$0] < elements.count - n + $0 }) else { return false }
                positions[i] += 1
                for j in (i + 1)..<max(i + 1, n) { positions[j] = positions[j - 1] + 1 }
                return true
            } element: { elements[$0] }
        },
        .fn("permutations", "sequence, n: nil", "Every list of n different elements, or of all of them, in every order.",
            "permutations([1, 2, 3])  # => [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]]") { call in
            let elements = try call.sequence(0)
            let n = call.isGiven(1) ? try call.int(1, atLeast: 0) : elements.count
            guard n <= elements.count else { return try call.list([Value]()) }
            try checkSize((0..<n).reduce(1) { NumberTheory.product($0, elements.count - $1) }, of: n)
            var isUsed = Array(repeating: false, count: elements.count)
            for i in 0..<n { isUsed[i] = true }
            return try choices(call, first: Array(0..<n)) { positions in
                var i = n - 1
                while i >= 0 {
                    isUsed[positions[i]] = false
                    if let next = ((positions[i] + 1)..<max(positions[i] + 1, elements.count)).first(where: { !isUsed[$0] }) {
                        positions[i] = next
                        isUsed[next] = true
                        for j in (i + 1)..<max(i + 1, n) {
                            positions[j] = isUsed.firstIndex(of: false) ?? 0
                            isUsed[positions[j]] = true
                        }
                        return true
                    }
                    i -= 1
                }
                return false
            } element: { elements[$0] }
        },
        .fn("cartesian", "...sequences",
            "Every list with an element of the first sequence, one of the second and so on; the last changes fastest.",
            "cartesian([1, 2], \"ab\")  # => [[1, \"a\"], [1, \"b\"], [2, \"a\"], [2, \"b\"]]") { call in
            let sequences = try call.sequences(0)
            let count = sequences.reduce(1) { NumberTheory.product($0, $1.count) }
            try checkSize(count, of: sequences.count)
            return try call.list(try (0..<count).map { number in
                try call.vm.checkInterruption()
                var rest = number
                var picked: [Value] = []
                for elements in sequences.reversed() {
                    picked.append(elements[rest % elements.count])
                    rest /= elements.count
                }
                return try call.list(picked.reversed())
            })
        },
    ]

    /// The position of the first element for which the function is not true, or the count.
    private static func firstFailure(_ elements: ListRef, _ call: Call) throws -> Int {
        let f = try call.function(1)
        return try (0..<elements.count).first { !(try call.vm.call(f, elements[$0]).isTruthy) } ?? elements.count
    }

    /// Refuses more lists than can be held; a count of `Int.max` stands for any more.
    private static func checkSize(_ count: Int, of size: Int) throws {
        let (elements, isTooMany) = count.multipliedReportingOverflow(by: size + 1)
        try Limit.check(elements: isTooMany ? .max : elements)
    }

    /// The lists that `next`, which moves positions on until it says false, leads through.
    private static func choices(
        _ call: Call, first: [Int], next: (inout [Int]) -> Bool, element: (Int) -> Value
    ) throws -> Value {
        let lists = call.heap.list(capacity: 0)
        var positions = first
        repeat {
            try call.vm.checkInterruption()
            try call.heap.append(call.list(positions.map(element)), to: lists)
        } while next(&positions)
        return .list(lists)
    }
}
