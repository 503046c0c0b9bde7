/// A layer at its place in the memory of batches of one size: what workers run. It holds places and no numbers.
///
/// Of a node's steps, forward: all `prepare`; where one normalises by the batch, the threads meet; normalizers settle; all add up the node's
/// values. Backward, from the node's deltas: those that normalise `prepareBackward`, the threads meet, normalizers settle; all go `backward`.
/// Each thread does so for its own share of the batch.
protocol LayerStep: AnyObject {
    /// What takes all of the thread's images, such as a convolution or the moments of a batch.
    func prepare(_ share: Share)
    /// What normalises its values over the batch, where anything does.
    var normalizer: Normalizer? { get }
    /// Makes the node's values for some of the thread's images, or adds to them.
    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool)

    /// Takes the sums that the normalizer's derivative has over the batch.
    func prepareBackward(_ share: Share)
    /// Hands the node's deltas on to its source and its parameters.
    func backward(_ share: Share, adds: Adds)

    /// Whether `backward` reads weights that one thread has transposed for all.
    var transposesWeights: Bool { get }
    func transposeWeights(_ share: Share)
    /// Itself, where one thread computes it for all.
    var wholeBatch: (any WholeBatchStep)? { get }
}

/// Whether a node's deltas hold something already, on top of which more is to be added.
struct Adds {
    var toSource: Bool
    /// See `Site.factor`.
    var toFactor = false
}

/// A step that one thread runs for the whole batch while the others wait.
protocol WholeBatchStep: LayerStep {
    func forwardBatch(_ share: Share) throws
    func backwardBatch(_ share: Share, adds: Bool) throws
}

extension LayerStep {
    func prepare(_ share: Share) {}
    var normalizer: Normalizer? { nil }
    func prepareBackward(_ share: Share) {}
    var transposesWeights: Bool { false }
    func transposeWeights(_ share: Share) {}
    var wholeBatch: (any WholeBatchStep)? { nil }
}

/// The images of a node: their shape, and where a batch of them lies in the arena.
struct Images {
    var height: Int
    var width: Int
    var channels: Int
    /// Floats of a pixel.
    var row: Int
    /// Offsets of values and of deltas.
    var values = 0
    var deltas = 0
    /// Whether they are the input images, which lie in their dataset and have no deltas.
    var isInput = false

    init(height: Int, width: Int, channels: Int) {
        (self.height, self.width, self.channels, row) = (height, width, channels, lanes(channels))
    }

    /// The images of a dataset.
    init(input shape: ImageShape) {
        (height, width, channels, row, isInput) = (shape.height, shape.width, shape.channels, shape.channels, true)
    }

    var pixels: Int { height * width }
    /// Floats of an image.
    var count: Int { height * width * row }
}

/// Where an edge of a plan stands.
struct Site {
    var input: Images
    var output: Images
    /// The second source, of a gate.
    var factor: Images?
    var batchSize: Int
}

/// Places in the memory of a batch, which a step takes as it is made.
struct StepMemory {
    /// Floats of the arena so far, and channels of the statistics.
    private(set) var arenaCount = 0
    private(set) var statisticsCount = 0
    var scratch = ScratchSize()
    let geometry: (Geometry.Key) -> Geometry

    init(geometry: @escaping (Geometry.Key) -> Geometry) { self.geometry = geometry }

    /// An offset in the arena, aligned for vectors.
    mutating func take(_ count: Int) -> Int {
        defer { arenaCount += (count + 15) / 16 * 16 }
        return arenaCount
    }

    mutating func takeStatistics(channels: Int) -> Int {
        defer { statisticsCount += channels }
        return statisticsCount
    }
}

/// The floats that a thread needs in each of its buffers.
struct ScratchSize {
    var padded = 0
    var delta = 0
    var input = 0
    /// Of the gradient of one layer.
    var share = 0
}

/// Buffers of one thread, for what is not kept.
final class Scratch {
    let padded = PaddedBuffer()
    let delta = PaddedBuffer()
    let input = AlignedBuffer()
    /// The gradient of one layer by one chunk.
    let share = AlignedBuffer()
    /// Where chunks that are taken together end, in pixels.
    let ends = UnsafeMutablePointer<Int32>.allocate(capacity: Partition.mostChunks)
    /// The multiply-adds of convolutions so far, for Benchmarks/engine.
    var multiplyAdds = 0
    /// For each node, whether its delta holds something already.
    var hasDelta: [Bool] = []
    /// By their nodes' values, what turns the deltas of custom layers into those of their images and weights.
    var pullbacks: [Int: CustomPullback] = [:]

    func ensure(_ size: ScratchSize) throws {
        try padded.ensure(size.padded)
        try delta.ensure(size.delta)
        try input.ensure(size.input)
        try share.ensure(size.share)
    }

    /// Its floats, were it of that size at least.
    func count(atLeast size: ScratchSize) -> Int {
        max(padded.capacity, size.padded) + max(delta.capacity, size.delta) + max(input.capacity, size.input)
            + max(share.capacity, size.share)
    }

    func release() {
        padded.release()
        delta.release()
        input.release()
        share.release()
    }

    deinit { ends.deallocate() }
}
