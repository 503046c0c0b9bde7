import Lang

extension Library {
    static let maps: [Builtin] = [
        .fn("keys", "map", "The keys, in order.", "keys({a: 1, b: 2})  # => [\"a\", \"b\"]") { call in call.list(try call.map(0).pairs.map(\.key)) },
        .fn("values", "map", "The values, in the order of their keys.", "values({a: 1, b: 2})  # => [1, 2]") { call in call.list(try call.map(0).pairs.map(\.value)) },
        .fn("items", "map", "The pairs of key and value.", "items({a: 1})  # => [[\"a\", 1]]") { call in
            call.list(try call.map(0).pairs.map { call.list([$0.key, $0.value]) })
        },
        .fn("get", "map, key, default: nil", "The value of a key, or the default where there is none.", "get({a: 1}, \"b\", 0)  # => 0") { call in
            let map = try call.map(0)
            guard let hash = hashKey(call[1]) else { throw call.wrongType(1, expected: "a string, number or other key") }
            let position = map.find(call[1], hash: hash)
            return position >= 0 ? map.entries[position].value : call.has(2) ? call[2] : .nil
        },
        .fn("merge", "...maps", "A new map with the entries of all; later ones win.", "merge({a: 1}, {a: 2, b: 3})  # => {a: 2, b: 3}") { call in
            let result = call.heap.map()
            for value in call.rest(0) {
                guard value.tag == .map else { throw call.wrongType(0, expected: "a map") }
                for i in 0..<value.asMap.entryCount where !value.asMap.entries[i].key.isMissing {
                    call.heap.set(value.asMap.entries[i].key, hash: value.asMap.entries[i].hash, to: value.asMap.entries[i].value, in: result)
                }
            }
            return .map(result)
        },
    ]
}
