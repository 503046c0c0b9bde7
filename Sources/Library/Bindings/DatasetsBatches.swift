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

/// Anything that `batches` can draw examples from.
protocol BatchSource: HostObject {
    var dataset: Dataset { get }
    /// The position of one example.
    func draw(_ vm: VM) throws -> Int
    /// The indices of one epoch, in the order in which they are used.
    func epoch(_ vm: VM) throws -> [Int]
    /// The importance weights of examples, or nil for the plain mean.
    func weights(of indices: [Int], _ vm: VM) throws -> [Float]?
    /// Out of how many of the epoch's examples a batch of some size is chosen.
    func poolSize(batch size: Int, _ vm: VM) throws -> Int
    /// The examples of a batch, out of as many as `poolSize` says or the last ones.
    func select(_ size: Int, outOf pool: [Int], _ vm: VM) throws -> [Int]
}

extension BatchSource {
    func poolSize(batch size: Int, _ vm: VM) -> Int { size }
    func select(_ size: Int, outOf pool: [Int], _ vm: VM) -> [Int] { pool }
}

extension DatasetObject: BatchSource {
    func draw(_ vm: VM) -> Int { vm.generator.generator.below(dataset.count) }

    /// Each example once, shuffled.
    func epoch(_ vm: VM) -> [Int] {
        var order = Array(0..<dataset.count)
        vm.generator.generator.shuffle(&order)
        return order
    }

    func weights(of indices: [Int], _ vm: VM) -> [Float]? { nil }
}

/// The examples of a dataset whose positions are drawn from a distribution, or from a map of the functions of a sampler.
final class DrawnItems: HostObject, BatchSource {
    private let sampler: Value
    let dataset: Dataset

    init(_ sampler: Value, dataset: Dataset) { (self.sampler, self.dataset) = (sampler, dataset) }

    override var typeName: String { "items" }
    override var footprint: Int { 0 }
    override func visitValues(_ visit: (Value) -> Void) { visit(sampler) }

    func epoch(_ vm: VM) throws -> [Int] {
        try (0..<dataset.count).map { _ in
            try vm.checkInterruption()
            return try draw(vm)
        }
    }

    func draw(_ vm: VM) throws -> Int { try position(try vm.draw(from: sampler)) }

    private func position(_ value: Value) throws -> Int {
        guard value.tag == .int, (0..<dataset.count).contains(value.asInt) else {
            throw RuntimeError(
                .value, "the sampler of examples must draw positions in \(dataset.name), 0 to \(dataset.count - 1), and drew \(Printer.literal(value, limit: 60))")
        }
        return value.asInt
    }

    func weights(of indices: [Int], _ vm: VM) throws -> [Float]? {
        guard let weight = sampler.function("weight") else { return nil }
        // It may change the map that it is in.
        return try vm.protecting(weight) { try indices.map { Float(try vm.weight(try vm.call(weight, [.int($0)]))) } }
    }

    func poolSize(batch size: Int, _ vm: VM) throws -> Int {
        guard let pool = sampler.entry("pool") else { return size }
        guard pool.tag == .int, pool.asInt >= size else {
            throw RuntimeError(.value, "the sampler's 'pool' must be an int of at least the batch's size, \(size), not \(Printer.literal(pool, limit: 60))")
        }
        return pool.asInt
    }

    func select(_ size: Int, outOf pool: [Int], _ vm: VM) throws -> [Int] {
        guard let select = sampler.function("select") else { return pool }
        let chosen = try vm.call(select, [.list(vm.heap.list(pool.map(Value.int))), .int(size)])
        let positions = try vm.elements(of: chosen).map(position)
        guard !positions.isEmpty else { throw RuntimeError(.value, "the sampler's 'select' gave no examples") }
        return positions
    }
}

extension VM {
    /// An importance weight that a function of the user's gave.
    func weight(_ value: Value) throws -> Double {
        guard let weight = value.number, weight >= 0, weight.isFinite else {
            throw RuntimeError(.value, "a sampler's 'weight' must give a number of at least 0, not \(Printer.literal(value, limit: 60))")
        }
        return weight
    }
}

extension Call {
    /// What examples are drawn from: a dataset, an item sampler, or with a dataset anything that draws positions in it.
    func batchSource(_ index: Int, dataset: Dataset?) throws -> any BatchSource {
        if self[index].tag == .host, let source = self[index].hostObject as? any BatchSource {
            guard dataset == nil || source.dataset === dataset else { throw invalid(index, "the examples of \(source.dataset.name) are drawn, and not of the data that is given") }
            return source
        }
        guard self[index].isDrawable else { throw wrongType(index, expected: "a dataset or a sampler of its examples") }
        guard let dataset else { throw invalid(index, "a distribution over positions needs the dataset that they are positions in", hint: "batches(\(signature.parameters[index].name), data: dataset)") }
        let items = DrawnItems(self[index], dataset: dataset)
        protect(object(items))
        return items
    }
}

/// The batches of one epoch, one after the other.
final class BatchIterator: HostIterator {
    private let source: any BatchSource
    private let order: [Int]
    private let size: Int
    private let pool: Int
    /// What the epoch's augmentation follows from.
    private let key: UInt64
    private var position = 0

    init(_ source: any BatchSource, size: Int, _ vm: VM) throws {
        self.source = source
        self.size = size
        pool = try source.poolSize(batch: size, vm)
        order = try source.epoch(vm)
        key = source.dataset.augmentation == nil ? 0 : vm.generator.generator.next()
    }

    override var count: Int? { order.count / pool + (order.count % pool == 0 ? 0 : 1) }
    override func visitValues(_ visit: (Value) -> Void) { source.visitValues(visit) }
    override var footprint: Int { order.count * 8 }

    override func next(_ vm: VM) throws -> Value? { try nextBatch(vm).map { .host(vm.heap.host($0)) } }

    func nextBatch(_ vm: VM) throws -> BatchObject? {
        guard position < order.count else { return nil }
        let candidates = Array(order[position..<position + min(pool, order.count - position)])
        let items = try source.select(size, outOf: candidates, vm)
        let batch = source.dataset.batch(items, weights: try source.weights(of: items, vm), key: key, position: position)
        position += candidates.count
        return BatchObject(batch, from: source.dataset)
    }
}

extension Library {
    static let batches: [Builtin] = [
        .fn("batches", "source, size: 64, data: nil",
            """
            The batches of one epoch: a dataset gives each example once, in random order; an item sampler draws as many as there are examples. \
            The last batch may be smaller. Images are augmented here where the dataset says so. A distribution over positions in a dataset, or a \
            map with a function `draw` that gives one, needs that dataset as `data`; such a map may have more of a sampler: `weight(position)` gives \
            an example's importance weight, and `select(positions, size)` chooses each batch out of `pool` drawn examples. A batch is made when \
            it is asked for, which takes less than a hundredth of a step's time: nothing would be gained by making it ahead.
            """,
            "for batch in batches(digits().train, size: 500) { print(len(batch)) }  # prints: 500 401") { call in
            let source = try call.batchSource(0, dataset: call.isGiven(2) ? try call.dataset(2) : nil)
            return call.object(try BatchIterator(source, size: try call.int(1, atLeast: 1), call.vm))
        },
        .property("batch.indices", "The positions of the batch's examples in the dataset.") { call in
            try call.list(try call.receiver(BatchObject.self).batch.items.map(Value.int))
        },
        .property("batch.labels", "The class of each example.") { call in
            let batch = try call.receiver(BatchObject.self).batch
            return try call.list(batch.indices.map { Value.int(Int(batch.dataset.labels[$0])) })
        },
        .property("batch.images", "The images, augmented where the dataset says so, as a tensor: example, height, width, channel.") { call in
            let batch = try call.receiver(BatchObject.self).batch
            let part = batch.dataset.subset(batch.indices, name: "")
            return call.object(TensorObject(Tensor(shape: [batch.count] + part.shape.sizes, values: part.images)))
        },
    ]
}
