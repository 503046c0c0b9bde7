import NASLib
import Runtime

/// Examples for one step.
final class BatchObject: HostObject {
    let batch: Batch
    private let ownedBytes: Int

    /// - Parameter source: what it was drawn from, which holds the images unless they are augmented.
    init(_ batch: Batch, from source: Dataset) {
        self.batch = batch
        ownedBytes = batch.dataset === source ? 0 : batch.dataset.byteCount
    }

    override var typeName: String { "batch" }
    override var description: String { "<batch of \(batch.count) from \(batch.dataset.name)>" }
    override var count: Int? { batch.count }
    override var footprint: Int { ownedBytes + batch.count * 16 }
}

/// The batches of one epoch, one after the other.
final class BatchIterator: HostIterator {
    private let batches: EpochBatches
    private let dataset: Dataset
    /// What is drawn from.
    private let source: Value

    init(_ sampler: any ItemSampler, of dataset: Dataset, size: Int, from source: Value, _ vm: VM) throws {
        batches = try EpochBatches(dataset, items: sampler, size: size, using: &vm.generator.generator)
        (self.dataset, self.source) = (dataset, source)
    }

    override var count: Int? { batches.count }
    override func visitValues(_ visit: (Value) -> Void) { visit(source) }
    override var footprint: Int { batches.byteCount }
    override func next(_ vm: VM) throws -> Value? { try batches.next().map { .host(vm.heap.host(BatchObject($0, from: dataset))) } }
}

extension Library {
    static let batches: [Builtin] = [
        .fn("batches", "source, size: 64, data: nil",
            """
            The batches of one epoch: a dataset gives each example once, in random order; an item sampler draws as many as there are \
            examples. The last batch may be smaller. Images are augmented here if the dataset says so. A distribution over positions in a \
            dataset, or a map with a function `draw` that gives a position, needs that dataset as `data`. Such a map may also have \
            `weight(position)`, an example's importance weight, and `select(positions, size)`, which chooses each batch from `pool` drawn \
            examples. Batches are made on demand, which takes less than a hundredth of a step's time.
            """,
            "for batch in batches(digits().train, size: 500) { print(len(batch)) }  # prints: 500 401") { call in
            let (sampler, dataset) = try call.itemSampler(0, of: call.isGiven(2) ? try call.dataset(2) : nil)
            let size = try call.int(1, atLeast: 1)
            return call.object(try BatchIterator(sampler, of: dataset, size: size, from: call[0], call.vm))
        },
        .property("batch.indices", "The positions of the batch's examples in the dataset.") { call in
            try call.list(try call.receiver(BatchObject.self).batch.items.map(Value.int))
        },
        .property("batch.labels", "The class of each example.") { call in
            let batch = try call.receiver(BatchObject.self).batch
            return try call.list(batch.indices.map { Value.int(Int(batch.dataset.labels[$0])) })
        },
        .property("batch.images",
            "The images, augmented if the dataset says so, as a tensor: example, height, width, channel.") { call in
            let batch = try call.receiver(BatchObject.self).batch
            let part = batch.dataset.subset(batch.indices, name: "")
            return call.object(TensorObject(Tensor(shape: [batch.count] + part.shape.sizes, values: part.images)))
        },
    ]
}
