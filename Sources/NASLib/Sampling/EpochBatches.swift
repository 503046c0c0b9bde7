/// The batches of one epoch, one after the other, each made when it is asked for.
public final class EpochBatches {
    private let dataset: Dataset
    private let items: any ItemSampler
    private let order: [Int]
    private let size: Int
    private let pool: Int
    /// What the epoch's augmentation follows from.
    private let key: UInt64
    private var position = 0

    /// - Parameter items: a sampler of the dataset's positions.
    public init(_ dataset: Dataset, items: any ItemSampler, size: Int, using generator: inout Generator) throws {
        require(size > 0, "a batch has at least 1 example, not \(size)")
        require(items.count == dataset.count, "the sampler is over \(items.count) examples, the dataset has \(dataset.count)")
        self.dataset = dataset
        self.items = items
        self.size = size
        pool = try items.poolSize(batchSize: size)
        order = try items.epoch(using: &generator)
        key = dataset.augmentation == nil ? 0 : generator.next()
    }

    /// How many batches there are.
    public var count: Int { order.count / pool + (order.count % pool == 0 ? 0 : 1) }
    /// The memory of the epoch's order.
    package var byteCount: Int { order.count * 8 }

    public func next() throws -> Batch? {
        guard position < order.count else { return nil }
        let candidates = Array(order[position..<position + min(pool, order.count - position)])
        let chosen = try items.select(size, outOf: candidates)
        let batch = dataset.batch(chosen, weights: try items.weights(of: chosen), key: key, position: position)
        position += candidates.count
        return batch
    }
}
