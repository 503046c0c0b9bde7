import Runtime

extension Library {
    static let maps: [Builtin] = [
        .fn("keys", "map", "The keys, in order.", "keys({a: 1, b: 2})  # => [\"a\", \"b\"]") { call in
            .list(try call.vm.list(try call.map(0), \.key))
        },
        .fn("values", "map", "The values, in the order of their keys.", "values({a: 1, b: 2})  # => [1, 2]") { call in
            .list(try call.vm.list(try call.map(0), \.value))
        },
        .fn("items", "map", "The pairs of key and value.", "items({a: 1})  # => [[\"a\", 1]]") { call in
            .list(try call.vm.elements(of: .map(try call.map(0))))
        },
        .fn("get", "map, key, default: nil", "The value of a key, or the default if the key is missing.",
            "get({a: 1}, \"b\", 0)  # => 0") { call in
            let map = try call.map(0)
            guard let hash = hashKey(call[1]) else { throw call.wrongType(1, expected: "a string, number or other key") }
            let position = map.find(call[1], hash: hash)
            return position >= 0 ? map.entries[position].value : call.value(2)
        },
        .fn("merge", "...maps", "A new map with the entries of all maps; later ones win.",
            "merge({a: 1}, {a: 2, b: 3})  # => {a: 2, b: 3}") { call in
            let result = call.heap.map()
            for value in call.rest(0) {
                guard value.tag == .map else { throw call.wrongType(0, expected: "a map") }
                try call.vm.setAll(value.asMap, in: result)
            }
            return .map(result)
        },
        .fn("map_values", "map, f", "A new map with the result of `f` for each value, under the same keys.",
            "map_values({a: 1, b: 2}, x => x * 10)  # => {a: 10, b: 20}") { call in
            let result = try call.vm.copy(try call.map(0))
            let f = try call.function(1)
            call.protect(.map(result))
            for i in 0..<result.entryCount { result.entries[i].value = try call.vm.call(f, [result.entries[i].value]) }
            return .map(result)
        },
        .fn("filter_values", "map, f", "A new map of the entries for whose values `f` is true.",
            "filter_values({a: 1, b: 2}, x => x > 1)  # => {b: 2}") { call in
            let entries = try call.vm.copy(try call.map(0))
            let f = try call.function(1)
            let result = call.heap.map()
            call.protect(.map(entries))
            call.protect(.map(result))
            for i in 0..<entries.entryCount where try call.vm.call(f, [entries.entries[i].value]).isTruthy {
                call.heap.set(entries.entries[i].key, hash: entries.entries[i].hash, to: entries.entries[i].value, in: result)
            }
            return .map(result)
        },
        .fn("invert", "map", "A new map from values to keys; if values are equal, the last one wins.",
            "invert({a: 1, b: 2})  # => {[1]: \"a\", [2]: \"b\"}") { call in
            let result = call.heap.map()
            let map = try call.map(0)
            try call.vm.inParts(map.entryCount) { part in
                for i in part where !map.entries[i].key.isMissing {
                    let entry = map.entries[i]
                    guard let hash = hashKey(entry.value) else { throw call.invalid(0, "\(entry.value.typePhrase) cannot be a map's key") }
                    call.heap.set(entry.value, hash: hash, to: entry.key, in: result)
                }
            }
            return .map(result)
        },
    ]
}
