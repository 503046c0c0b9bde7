import Runtime

extension Library {
    /// Sets, as lists without repetitions.
    static let sets: [Builtin] = [
        .fn("union", "...sequences", "The elements of all sequences, each once, in order of first occurrence.",
            "union([1, 2], [2, 3])  # => [1, 2, 3]") { call in
            let sequences = try call.sequences(0)
            let seen = call.heap.map()
            for elements in sequences { for element in elements { try add(element, to: seen, call) } }
            return .list(try call.vm.list(seen, \.key))
        },
        .fn("intersection", "a, b", "The elements of `a` that are also in `b`, each once.",
            "intersection([3, 1, 2, 1], [1, 3])  # => [3, 1]") { call in
            try elements(call) { $0 }
        },
        .fn("difference", "a, b", "The elements of `a` that are not in `b`, each once.",
            "difference([3, 1, 2, 2], [1, 3])  # => [2]") { call in
            try elements(call) { !$0 }
        },
    ]

    /// The elements of the first argument for which it is as asked whether they are in the second one.
    private static func elements(_ call: Call, isWanted: (Bool) -> Bool) throws -> Value {
        let (first, others) = (try call.sequence(0), try call.sequence(1))
        let second = call.heap.map()
        for element in others { try add(element, to: second, call) }
        let result = call.heap.map()
        for element in first {
            guard let hash = hashKey(element) else { throw cannotBeTold(element) }
            if isWanted(second.find(element, hash: hash) >= 0) { try add(element, to: result, call) }
        }
        return .list(try call.vm.list(result, \.key))
    }

    private static func add(_ element: Value, to set: MapRef, _ call: Call) throws {
        try call.vm.checkInterruption()
        guard let hash = hashKey(element) else { throw cannotBeTold(element) }
        call.heap.set(element, hash: hash, to: .nil, in: set)
    }

    private static func cannotBeTold(_ value: Value) -> RuntimeError {
        RuntimeError(.type, "\(value.typePhrase) cannot be told apart by a key", argument: 0)
    }
}
