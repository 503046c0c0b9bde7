import NASLib
import Runtime

/// The build of a value that holds tensors and numbers in lists and maps, nested to any depth: what can be differentiated
/// and optimised. The tensors and numbers are kept apart from it, in the order in which they occur.
indirect enum TensorTree {
    /// A tensor or number, by its position among all.
    case leaf(Int)
    case list([TensorTree])
    case map([(key: Value, tree: TensorTree)])
    /// Anything else, which goes along unchanged.
    case other(Value)

    private static let depthLimit = 100
    /// A list may hold the same list many times over, and each of its numbers counts anew.
    private static let leafLimit = 1 << 22

    /// Takes a value apart; its leaves are appended to `leaves`.
    init(_ value: Value, leaves: inout [Value], depth: Int = 0) throws {
        guard depth < TensorTree.depthLimit else {
            throw RuntimeError(.limit, "lists and maps of tensors may be nested \(TensorTree.depthLimit) deep at most",
                hint: "does one hold itself?")
        }
        guard leaves.count < TensorTree.leafLimit else {
            throw RuntimeError(
                .limit, "lists and maps may hold \(TensorTree.leafLimit) tensors and numbers at most",
                hint: "tensor(xs) makes one of a list of numbers")
        }
        try Cancellation.check()
        switch value.tag {
        case .int, .float:
            self = .leaf(leaves.count)
            leaves.append(value)
        case .host where value.hostObject is TensorObject:
            self = .leaf(leaves.count)
            leaves.append(value)
        case .list: self = .list(try value.asList.array.map { try TensorTree($0, leaves: &leaves, depth: depth + 1) })
        case .map: self = .map(try value.asMap.pairs.map { ($0.key, try TensorTree($0.value, leaves: &leaves, depth: depth + 1)) })
        default: self = .other(value)
        }
    }

    /// Appends for each leaf, in order, the number of the leaf in the same place of another tree; entries of maps are in the same place
    /// under the same key. Gives what is not the same in the build of the two; nil when they are alike.
    func match(_ other: TensorTree, into places: inout [Int]) -> String? {
        switch (self, other) {
        case (.leaf, .leaf(let place)): places.append(place)
        case (.other, .other): break
        case (.list(let a), .list(let b)):
            guard a.count == b.count else { return "a list of \(a.count) does not match one of \(b.count)" }
            for (a, b) in zip(a, b) { if let difference = a.match(b, into: &places) { return difference } }
        case (.map(let a), .map(let b)):
            guard a.count == b.count else { return "a map of \(a.count) does not match one of \(b.count)" }
            for (key, tree) in a {
                guard let partner = b.first(where: { Equality.equal($0.key, key) })?.tree else {
                    return "there is nothing under the key \(Printer.literal(key, limit: 40))"
                }
                if let difference = tree.match(partner, into: &places) { return difference }
            }
        default: return "a \(name) does not match a \(other.name)"
        }
        return nil
    }

    private var name: String {
        switch self {
        case .leaf: "tensor"
        case .list: "list"
        case .map: "map"
        case .other: "value that is no tensor"
        }
    }

    /// A value of the same build with other leaves; `other` says what stands for what is neither tensor nor number.
    func value(_ heap: Heap, leaf: (Int) -> Value, other: (Value) -> Value) -> Value {
        switch self {
        case .leaf(let position): return leaf(position)
        case .list(let trees): return .list(heap.list(trees.map { $0.value(heap, leaf: leaf, other: other) }))
        case .map(let entries):
            let map = heap.map(capacity: entries.count)
            for entry in entries {
                // The keys come from a map, so they have hashes.
                if let hash = hashKey(entry.key) {
                    heap.set(entry.key, hash: hash, to: entry.tree.value(heap, leaf: leaf, other: other), in: map)
                }
            }
            return .map(map)
        case .other(let value): return other(value)
        }
    }

    /// The values that the tree itself holds, for the collector.
    func visitValues(_ visit: (Value) -> Void) {
        switch self {
        case .leaf: break
        case .list(let trees): for tree in trees { tree.visitValues(visit) }
        case .map(let entries):
            for entry in entries {
                visit(entry.key)
                entry.tree.visitValues(visit)
            }
        case .other(let value): visit(value)
        }
    }
}

extension Value {
    /// A leaf of a tree as a tensor.
    var leafVariable: Variable { tag == .host ? (hostObject as? TensorObject)?.variable ?? Variable(0) : Variable(Float(number ?? 0)) }
}
