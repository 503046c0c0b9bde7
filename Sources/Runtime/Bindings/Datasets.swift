import Lang
import NASLib

/// Labelled images: one part of a `data` object.
final class DatasetObject: HostObject {
    let dataset: Dataset

    init(_ dataset: Dataset) { self.dataset = dataset }

    override var typeName: String { "dataset" }
    override var description: String {
        "<dataset \(dataset.name): \(dataset.count) images of \(dataset.shape.height)x\(dataset.shape.width)x\(dataset.shape.channels), \(dataset.classes) classes>"
    }
    override var count: Int? { dataset.count }
    override var footprint: Int { dataset.images.count * 4 }
}

/// Data in three parts: what `digits()` gives.
final class DataObject: HostObject {
    let train: Dataset
    let valid: Dataset
    let test: Dataset
    /// How to make it again.
    let recipe: String

    init(_ split: Split, recipe: String) {
        (train, valid, test) = (split.train, split.valid, split.test)
        self.recipe = recipe
    }

    override var typeName: String { "data" }
    override var description: String { recipe }
    override func display(width: Int) -> String { "\(recipe): \(train.count) train, \(valid.count) valid, \(test.count) test" }
    override var footprint: Int { (train.images.count + valid.images.count + test.images.count) * 4 }
}

/// Examples for one step.
final class BatchObject: HostObject {
    let batch: Batch

    init(_ batch: Batch) { self.batch = batch }

    override var typeName: String { "batch" }
    override var description: String { "<batch of \(batch.count) from \(batch.dataset.name)>" }
    override var count: Int? { batch.count }
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
    private var position = 0

    init(_ source: any BatchSource, order: [Int], size: Int) {
        self.source = source
        self.order = order
        self.size = size
    }

    override var count: Int? { (order.count + size - 1) / size }

    override func next(_ vm: VM) throws -> Value? {
        guard position < order.count else { return nil }
        let indices = Array(order[position..<min(position + size, order.count)])
        position += size
        return .host(vm.heap.host(BatchObject(Batch(dataset: source.dataset, indices: indices, weights: try source.weights(of: indices)))))
    }
}

extension Call {
    func data(_ index: Int) throws -> DataObject { try object(index, as: DataObject.self, "data such as digits()") }

    /// `[height, width, channels]`; the digits' shape when it is not given.
    func imageShape(_ index: Int) throws -> ImageShape {
        let shape = has(index) ? try doubles(index) : [8, 8, 1]
        guard shape.count == 3, shape.allSatisfy({ $0 >= 1 && $0 <= 4096 && $0 == $0.rounded() }) else {
            let name = signature.parameters[index].name
            throw invalid(index, "'\(name)' must be [height, width, channels], not \(Printer.literal(self[index], limit: 60))")
        }
        return ImageShape(height: Int(shape[0]), width: Int(shape[1]), channels: Int(shape[2]))
    }

    func dataset(_ index: Int) throws -> Dataset { try object(index, as: DatasetObject.self, "a dataset such as digits().valid").dataset }
}

extension Library {
    static let datasets: [Builtin] = [
        .fn("digits", "train: 0.5, valid: 0.25, noise: 0.0, shift: 0, seed: 0",
            """
            The 1,797 handwritten digits of 8x8 pixels that come with padash, cut into parts for training, validation and testing with the \
            classes' own proportions (`train` and `valid` are shares; the rest is for testing). `noise` adds normal noise of that many standard \
            deviations to each pixel, `shift` moves each image by up to that many pixels; both make it harder. `seed` decides all of it.
            """,
            "let data = digits()\n[len(data.train), len(data.valid), len(data.test)]  # => [901, 451, 445]\ndata.shape  # => [8, 8, 1]") { call in
            var options = Digits.Options()
            options.train = try call.double(0, default: options.train)
            options.valid = try call.double(1, default: options.valid)
            options.noise = try call.double(2, default: options.noise)
            options.shift = try call.int(3, default: options.shift)
            options.seed = try call.seedValue(4)
            return call.object(DataObject(try Digits.load(options), recipe: recipe(options)))
        },
        .fn("noise_images", "count, shape: [8, 8, 1], classes: 10",
            "A dataset of random noise with random labels, drawn from the ambient generator: for timing a network, not for training one.",
            "noise_images(20, shape: [16, 16, 3]).shape  # => [16, 16, 3]") { call in
            let count = try call.int(0, atLeast: 1)
            let shape = try call.imageShape(1)
            let classes = try call.int(2, default: 10, atLeast: 2)
            guard count <= Tensor.limit / shape.count else { throw RuntimeError(.limit, "\(count) images of that shape take too much memory", argument: 0) }
            var generator = call.vm.generator.generator
            let images = (0..<count * shape.count).map { _ in Float(generator.normal()) }
            let labels = (0..<count).map { _ in Int32(generator.below(classes)) }
            call.vm.generator.generator = generator
            return call.object(DatasetObject(Dataset(name: "noise", shape: shape, classes: classes, images: images, labels: labels)))
        },
        .property("data.train", "The part for training.") { call in call.object(DatasetObject(try call.receiver(DataObject.self).train)) },
        .property("data.valid", "The part for validation.") { call in call.object(DatasetObject(try call.receiver(DataObject.self).valid)) },
        .property("data.test", "The part for testing.") { call in call.object(DatasetObject(try call.receiver(DataObject.self).test)) },
        .property("data.classes", "How many classes there are.") { call in .int(try call.receiver(DataObject.self).train.classes) },
        .property("data.shape", "Height, width and channels of an image.") { call in shape(try call.receiver(DataObject.self).train, call) },
        .property("dataset.classes", "How many classes there are.") { call in .int(try call.receiver(DatasetObject.self).dataset.classes) },
        .property("dataset.shape", "Height, width and channels of an image.") { call in shape(try call.receiver(DatasetObject.self).dataset, call) },
        .property("dataset.labels", "The class of each image.") { call in
            call.list(try call.receiver(DatasetObject.self).dataset.labels.map { Value.int(Int($0)) })
        },
        .fn("batches", "source, size: 64",
            "The batches of one epoch: a dataset gives each example once, in random order; an item sampler draws as many as there are examples. The last batch may be smaller.",
            "for batch in batches(digits().train, size: 500) { print(len(batch)) }  # prints: 500 401") { call in
            guard call[0].tag == .host, let source = call[0].hostObject as? any BatchSource else {
                throw call.wrongType(0, expected: "a dataset or an item sampler")
            }
            let size = try call.int(1, default: 64, atLeast: 1)
            return call.object(BatchIterator(source, order: source.epoch(using: &call.vm.generator.generator), size: size))
        },
        .property("batch.indices", "The positions of the batch's examples in the dataset.") { call in
            call.list(try call.receiver(BatchObject.self).batch.indices.map(Value.int))
        },
    ]

    private static func shape(_ dataset: Dataset, _ call: Call) -> Value {
        call.list([dataset.shape.height, dataset.shape.width, dataset.shape.channels].map(Value.int))
    }

    /// The call that makes the same data, for messages and tables.
    static func recipe(_ options: Digits.Options) -> String {
        let plain = Digits.Options()
        var parts: [String] = []
        if options.train != plain.train { parts.append("train: \(options.train)") }
        if options.valid != plain.valid { parts.append("valid: \(options.valid)") }
        if options.noise != plain.noise { parts.append("noise: \(options.noise)") }
        if options.shift != plain.shift { parts.append("shift: \(options.shift)") }
        if options.seed != plain.seed { parts.append("seed: \(options.seed)") }
        return "digits(\(parts.joined(separator: ", ")))"
    }
}
