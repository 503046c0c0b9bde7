/// A thread's share of a pass over a batch, as layers see it: its chunks of the batch, and where everything lies.
struct Share {
    /// What a batch is: where each example's image and label are, and its importance weight.
    struct Examples {
        var images: UnsafePointer<Float>
        var labels: UnsafePointer<Int32>
        var indices: UnsafePointer<Int>
        var weights: UnsafePointer<Float>?
        var imageCount: Int
    }

    /// How normalisation gets its statistics.
    enum Statistics { case batch, running }

    let partition: Partition
    let thread: Int
    let examples: Examples
    let mode: Statistics
    /// Whether a backward pass follows; dropout is for training alone.
    let isTraining: Bool
    /// Decides what dropout drops.
    let dropoutSeed: UInt64
    let isCancelled: Cancellation.Flag?
    let arena: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>
    let running: UnsafeMutablePointer<Float>
    /// Weights of dense convolutions with inputs and outputs exchanged, at the same offsets.
    let transposedWeights: UnsafeMutablePointer<Float>
    let statistics: BatchStatistics.View
    /// Gradients of the chunks or groups, one after the other, see `Partition.buffers`.
    let gradients: UnsafeMutablePointer<Float>
    let gradientPlaces: GradientPlaces
    let scratch: Scratch

    /// Nobody will look at the results then, and what is left undone makes all threads meet sooner.
    var isStopping: Bool { Cancellation.isRequested(isCancelled) }

    var chunks: Range<Int> {
        let chunks = partition.chunks(ofThread: thread)
        return isStopping ? chunks.prefix(0) : chunks
    }

    /// All examples of the thread.
    var ownExamples: Range<Int> {
        let chunks = chunks
        return chunks.isEmpty ? 0..<0 : partition.chunks[chunks.lowerBound].lowerBound..<partition.chunks[chunks.upperBound - 1].upperBound
    }

    func image(_ images: Images, _ example: Int) -> UnsafePointer<Float> {
        if images.isInput { return examples.images + examples.indices[example] * examples.imageCount }
        return UnsafePointer(arena + images.values + example * images.count)
    }

    func target(_ images: Images, _ example: Int) -> UnsafeMutablePointer<Float> { arena + images.values + example * images.count }
    func delta(_ images: Images, _ example: Int) -> UnsafeMutablePointer<Float> { arena + images.deltas + example * images.count }

    // MARK: - Gradients

    /// Gradients that come from sums over all that a normalisation takes together go to the first chunk of it: nil where that is another
    /// thread's or rank's.
    var chunkOfSums: Int? {
        guard thread == 0 else { return nil }
        let own = partition.rankShares[partition.rank]
        return own.isEmpty || own.lowerBound > 0 && !statistics.isLocal ? nil : own.lowerBound
    }

    func clearGradients() {
        for chunk in chunks where partition.buffers[chunk].isFirst {
            (gradients + partition.buffers[chunk].index * gradientPlaces.count).update(repeating: 0, count: gradientPlaces.count)
        }
    }

    /// Where a chunk's gradient of the numbers at an offset of the store goes, on top of those of the chunks before it that have the
    /// same buffer.
    func gradient(_ chunk: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
        gradients + partition.buffers[chunk].index * gradientPlaces.count + gradientPlaces[offset]
    }

    /// Adds a chunk's gradient of some numbers to that of the chunks before it. `body` adds to numbers that begin at 0, so that the
    /// sum is the same where the chunk has a buffer of its own.
    func addGradient(_ chunk: Int, _ offset: Int, count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let target = gradient(chunk, offset)
        if partition.buffers[chunk].isFirst { return body(target) }
        let share = scratch.share.pointer
        share.update(repeating: 0, count: lanes(count))
        body(share)
        Elementwise.add(share, to: target, count: count)
    }
}

/// Where the gradients of a plan's ranges lie in a chunk's buffer, one after the other, by where they lie in the store.
final class GradientPlaces: Sendable {
    private let places: [Int: Int]
    /// Floats of a buffer.
    let count: Int

    init(_ ranges: [ParameterRange]) {
        var places: [Int: Int] = [:]
        var count = 0
        for range in ranges where places[range.offset] == nil {
            places[range.offset] = count
            count += (range.count + 15) / 16 * 16
        }
        (self.places, self.count) = (places, count)
    }

    subscript(offset: Int) -> Int {
        guard let place = places[offset] else { preconditionFailure("only what a plan uses has a gradient") }
        return place
    }
}
