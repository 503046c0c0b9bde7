/// The layouts of the paths that were trained last, by path and batch size: making one costs some hundred allocations, and
/// samplers come back to the paths that they prefer.
struct LayoutCache {
    /// How many there are at most; the one that came first then makes room.
    static let capacity = 256

    private struct Key: Hashable {
        var path: Path
        var batchSize: Int
    }

    private var layouts: [Key: PlanLayout] = [:]
    /// In the order in which they came, from `first` on and around.
    private var keys: [Key] = []
    private var first = 0

    subscript(path: Path, batchSize: Int) -> PlanLayout? { layouts[Key(path: path, batchSize: batchSize)] }

    mutating func keep(_ layout: PlanLayout, for path: Path) {
        let key = Key(path: path, batchSize: layout.batchSize)
        if keys.count < LayoutCache.capacity {
            keys.append(key)
        } else {
            layouts[keys[first]] = nil
            keys[first] = key
            first = (first + 1) % LayoutCache.capacity
        }
        layouts[key] = layout
    }
}
