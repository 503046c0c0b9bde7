/// Weights, their momentum and running statistics.
extension Supernet: Checkpointable {
    /// What two supernets have in common whose states fit each other.
    private var structure: String {
        "images of \(input.height)x\(input.width)x\(input.channels), \(channels) channels, \(cells) cells, \(classes) classes, \(store.count) parameters"
    }

    public func save(to archive: inout ArchiveWriter) {
        archive.write(structure)
        for numbers in [store.weights, store.momentum] { archive.write(UnsafeBufferPointer(start: numbers, count: store.count)) }
        archive.write(UnsafeBufferPointer(start: store.running, count: store.runningCount))
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let saved = try archive.text()
        guard saved == structure else { throw DataError("the saved supernet is for \(saved), this one is for \(structure)") }
        let (weights, momentum, running) = (try archive.floats(), try archive.floats(), try archive.floats())
        guard weights.count == store.count, momentum.count == store.count, running.count == store.runningCount else {
            throw archive.error("expected a supernet of \(store.count) parameters, found \(weights.count)")
        }
        return { [store] in
            store.weights.update(from: weights, count: weights.count)
            store.momentum.update(from: momentum, count: momentum.count)
            store.running.update(from: running, count: running.count)
        }
    }
}
