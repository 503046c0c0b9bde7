import Lang

/// Keeps a value alive that Swift code holds where the collector does not look: in the engine, which knows a function of the language
/// as a layer, or in an error on its way. The value lives as long as this does, whoever holds it, so that no owner of an owner need tell
/// the collector. What objects of the language hold directly they tell by `visitValues` instead: an object that is reached from its
/// own root alone would never be freed.
public final class Rooted: @unchecked Sendable {
    public let value: Value

    public init(_ value: Value, _ heap: Heap) {
        self.value = value
        if value.isHeapObject { heap.roots.add(self) }
    }
}

/// The set of all roots. They may be released on any thread.
public struct RootSet {
    private struct Entry {
        weak var root: Rooted?
    }

    private var entries: [Entry] = []
    private var nextCleaning = 64

    public mutating func add(_ root: Rooted) {
        if entries.count >= nextCleaning {
            entries.removeAll { $0.root == nil }
            nextCleaning = max(64, 2 * entries.count)
        }
        entries.append(Entry(root: root))
    }

    public func visit(_ visit: (Value) -> Void) {
        for entry in entries { if let root = entry.root { visit(root.value) } }
    }
}
