import Lang
import NASLib

/// Examples for one step.
final class BatchObject: HostObject {
    let batch: Batch
    private let ownedBytes: Int

    /// - Parameter source: what it was drawn from, which holds the images unless they are augmented.
    init(_ batch: Batch, from source: Dataset) {
        self.batch = batch
        ownedBytes = batch.dataset === source ? 0 : batch.dataset.images.count * 4
    }

    override var typeName: String { "batch" }
    override var description: String { "<batch of \(batch.count) from \(batch.dataset.name)>" }
    override var count: Int? { batch.count }
    override var footprint: Int { ownedBytes + batch.count * 16 }
}

/// Anything that `batches` can draw examples from.
protocol BatchSource: HostObject {
    var dataset: Dataset { get }
    /// The indices of one epoch, in the order in which they are used.
    func epoch(using generator: inout Generator) -> [Int]
    /// The importance weights of examples, or nil for the plain mean.
    func weights(of indices: [Int]) throws -> [Float]?
}

extension DatasetObject: BatchSource {
    /// Each example once, shuffled.
    func epoch(using generator: inout Generator) -> [Int] {
        var order = Array(0..<dataset.count)
        generator.shuffle(&order)
        return order
    }

    func weights(of indices: [Int]) -> [Float]? { nil }
}

/// The batches of one epoch, one after the other.
final class BatchIterator: HostIterator {
    private let source: any BatchSource
    private let order: [Int]
    private let size: Int
    /// What the epoch's augmentation follows from.
    private let key: UInt64
    private var position = 0

    init(_ source: any BatchSource, size: Int, using generator: inout Generator) {
        self.source = source
        self.size = size
        order = source.epoch(using: &generator)
        key = source.dataset.augmentation == nil ? 0 : generator.next()
    }

    override var count: Int? { order.count / size + (order.count % size == 0 ? 0 : 1) }

    override func next(_ vm: VM) throws -> Value? {
        guard position < order.count else { return nil }
        let items = Array(order[position..<position + min(size, order.count - position)])
        let batch = source.dataset.batch(items, weights: try source.weights(of: items), key: key, position: position)
        position += items.count
        return .host(vm.heap.host(BatchObject(batch, from: source.dataset)))
    }
}

extension Library {
    static let batches: [Builtin] = [
        .fn("batches", "source, size: 64",
            """
            The batches of one epoch: a dataset gives each example once, in random order; an item sampler draws as many as there are examples. \
            The last batch may be smaller. Images are augmented here where the dataset says so.
            """,
            "for batch in batches(digits().train, size: 500) { print(len(batch)) }  # prints: 500 401") { call in
            guard call[0].tag == .host, let source = call[0].hostObject as? any BatchSource else {
                throw call.wrongType(0, expected: "a dataset or an item sampler")
            }
            let size = try call.int(1, default: 64, atLeast: 1)
            return call.object(BatchIterator(source, size: size, using: &call.vm.generator.generator))
        },
        .property("batch.indices", "The positions of the batch's examples in the dataset.") { call in
            call.list(try call.receiver(BatchObject.self).batch.items.map(Value.int))
        },
        .property("batch.labels", "The class of each example.") { call in
            let batch = try call.receiver(BatchObject.self).batch
            return call.list(batch.indices.map { Value.int(Int(batch.dataset.labels[$0])) })
        },
        .property("batch.images", "The images, augmented where the dataset says so, as a tensor: example, height, width, channel.") { call in
            let batch = try call.receiver(BatchObject.self).batch
            let part = batch.dataset.subset(batch.indices, name: "")
            return call.object(TensorObject(Tensor(shape: [batch.count] + part.shape.sizes, values: part.images)))
        },
    ]
}
