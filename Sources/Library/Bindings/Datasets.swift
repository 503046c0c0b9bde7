import NASLib
import Runtime
import Text

/// Labelled images: one part of a `data` object.
final class DatasetObject: HostObject, ConstantObject {
    let dataset: Dataset

    init(_ dataset: Dataset) { self.dataset = dataset }

    override var typeName: String { "dataset" }
    override var description: String {
        """
        <dataset \(dataset.name): \(dataset.count) images of \(dataset.shape.height)x\(dataset.shape.width)x\(dataset.shape.channels), \
        \(dataset.classes) classes>
        """
    }
    override var count: Int? { dataset.count }
    override var footprint: Int { dataset.byteCount }
    var identity: String { dataset.identity(description) }

    /// `{image, label}` of one example, counted from the end when negative.
    override func element(at indices: [Value], _ vm: VM) throws -> Value? {
        guard indices.count == 1, indices[0].tag == .int else { return nil }
        let (place, size) = (try indices[0].asInt.place(among: dataset.count, of: "dataset"), dataset.shape.count)
        let image = Tensor(shape: dataset.shape.sizes, values: Array(dataset.images[place * size..<(place + 1) * size]))
        let example = vm.heap.map(capacity: 2)
        vm.heap.set("image", to: .host(vm.heap.host(TensorObject(image))), in: example)
        vm.heap.set("label", to: .int(Int(dataset.labels[place])), in: example)
        return .map(example)
    }
}

/// Data in three parts: what `digits()` gives.
final class DataObject: HostObject, ConstantObject {
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
    override var footprint: Int { train.byteCount + valid.byteCount + test.byteCount }
    var identity: String { train.identity(description) }
}

extension Dataset {
    fileprivate func identity(_ description: String) -> String {
        // Not every pixel: that would take longer than a checkpoint itself.
        var sample = ArchiveWriter()
        for label in labels { sample.write(byte: UInt8(truncatingIfNeeded: label)) }
        sample.write(stride(from: 0, to: images.count, by: 97).map { images[$0] })
        return "\(description), checksum \(CRC32.of(sample.bytes))"
    }
}

extension ImageShape {
    var sizes: [Int] { [height, width, channels] }
}

extension Call {
    func data(_ index: Int) throws -> DataObject { try object(index, as: DataObject.self, "data such as digits()") }

    /// `[height, width, channels]`; the digits' shape when it is not given.
    func imageShape(_ index: Int) throws -> ImageShape {
        let shape = try doubles(index)
        guard shape.count == 3, shape.allSatisfy({ $0 >= 1 && $0 <= 4096 && $0 == $0.rounded() }) else {
            let name = signature.parameters[index].name
            throw invalid(index, "'\(name)' must be [height, width, channels], not \(Printer.literal(self[index], limit: 60))")
        }
        return ImageShape(height: Int(shape[0]), width: Int(shape[1]), channels: Int(shape[2]))
    }

    func dataset(_ index: Int) throws -> Dataset { try object(index, as: DatasetObject.self, "a dataset such as digits().valid").dataset }

    /// The generator of a `seed:` parameter, for one purpose.
    func generator(seed index: Int, for purpose: String) throws -> Generator { Generator(seed: try seedValue(index)).stream(purpose) }

    /// This call as it would be written again, on `receiver` where it is a method.
    func recipe(on receiver: String? = nil) -> String {
        let given = signature.parameters.enumerated().filter { has($0.offset) && !(receiver != nil && $0.offset == 0) }
        let parts = given.map { i, parameter in
            (parameter.defaultText == nil ? "" : "\(parameter.name): ") + Printer.literal(self[i], limit: 60)
        }
        let called = receiver.map { "\($0).\(name.drop { $0 != "." }.dropFirst())" } ?? name
        return "\(called)(\(parts.joined(separator: ", ")))"
    }

    fileprivate func augmentation() throws -> Augmentation {
        Augmentation(crop: try int(1, atLeast: 0), flip: try bool(2), cutout: try int(3, atLeast: 0), noise: try double(4))
    }

    /// One number for all channels or one for each; what is not given is `measured`.
    fileprivate func perChannel(_ index: Int, measured: [Double]) throws -> [Double] {
        guard isGiven(index) else { return measured }
        return self[index].isNumber ? [try double(index)] : try doubles(index)
    }

    /// The dataset it is called on, changed.
    fileprivate func changed(_ change: (Dataset) throws -> Dataset) throws -> Value {
        object(DatasetObject(try change(try receiver(DatasetObject.self).dataset)))
    }

    /// The data it is called on, the training part changed, and the others too where it says how.
    fileprivate func changedParts(training change: (Dataset) throws -> Dataset,
        others: (Dataset) throws -> Dataset = { $0 }) throws -> Value {
        let data = try receiver(DataObject.self)
        let split = Split(train: try change(data.train), valid: try others(data.valid), test: try others(data.test))
        return object(DataObject(split, recipe: recipe(on: data.recipe)))
    }

    /// Of all pixels, for a property.
    fileprivate func statistics(_ value: ((means: [Double], deviations: [Double])) -> [Double]) throws -> Value {
        try list(value(try receiver(DatasetObject.self).dataset.channelStatistics))
    }
}

extension Library {
    private static let augmentParameters = "crop: 0, flip: false, cutout: 0, noise: 0.0"
    private static let augmentDoc = """
        `crop` pads an image by that many blank pixels and cuts out the old size at a random place, `flip` mirrors left and right with \
        probability 1/2, `cutout` sets a square of that side to 0, and `noise` adds normal noise of that standard deviation. Evaluation \
        uses the original images. The result depends on the seed alone, with any number of threads.
        """

    static let datasets: [Builtin] = [
        .property("data.train", "The part for training.") { call in call.object(DatasetObject(try call.receiver(DataObject.self).train)) },
        .property("data.valid", "The part for validation.") { call in
            call.object(DatasetObject(try call.receiver(DataObject.self).valid))
        },
        .property("data.test", "The part for testing.") { call in call.object(DatasetObject(try call.receiver(DataObject.self).test)) },
        .property("data.classes", "The number of classes.") { call in .int(try call.receiver(DataObject.self).train.classes) },
        .property("data.class_names", "The names of the classes; their numbers if they have no names.") { call in
            try classNames(try call.receiver(DataObject.self).train, call)
        },
        .property("data.shape", "Height, width and channels of an image.") { call in
            try call.list(try call.receiver(DataObject.self).train.shape.sizes.map(Value.int))
        },
        .method("data.normalize", "mean: nil, std: nil",
            """
            The data with its pixels normalised to (pixel - mean) / std, channel by channel in all three parts. By default mean and std \
            are measured on the training part.
            """,
            "let data = two_moons(200).normalize()\n[round(x, digits: 3) for x in data.train.std]  # => [1.0, 1.0]") { call in
            let measured = try call.receiver(DataObject.self).train.channelStatistics
            let (means, deviations) = (try call.perChannel(1, measured: measured.means),
                try call.perChannel(2, measured: measured.deviations))
            let change = { (part: Dataset) in try part.normalized(means: means, deviations: deviations) }
            return try call.changedParts(training: change, others: change)
        },
        .method("data.augment", augmentParameters,
            "The data with training images that are augmented at random whenever a batch is drawn. " + augmentDoc,
            "let data = digits().augment(crop: 1, cutout: 2)\nlen(data.train)  # => 901") { call in
            let augmentation = try call.augmentation()
            return try call.changedParts(training: { try $0.augmented(augmentation) })
        },
        .method("data.label_noise", "share, seed: 0",
            "The data with a share of the training labels replaced by other classes, each equally likely.",
            """
            let data = digits()
            let noisy = data.label_noise(0.1)
            sum([1 for [a, b] in zip(data.train.labels, noisy.train.labels) if a != b])  # => 90
            """) { call in
            let (share, generator) = (try call.double(1), try call.generator(seed: 2, for: "label noise"))
            return try call.changedParts(training: { try $0.withLabelNoise(share, using: generator) })
        },
        .method("data.noise", "std, seed: 0",
            "The data with normal noise of a standard deviation on every pixel of all three parts, drawn once.",
            "digits().noise(0.5).train.shape  # => [8, 8, 1]") { call in
            let (deviation, generator) = (try call.double(1), try call.generator(seed: 2, for: "noise"))
            let data = try call.receiver(DataObject.self)
            func noisy(_ part: Dataset, _ name: String) throws -> Dataset { try part.withNoise(deviation, using: generator.stream(name)) }
            let split = Split(train: try noisy(data.train, "train"), valid: try noisy(data.valid, "valid"),
                test: try noisy(data.test, "test"))
            return call.object(DataObject(split, recipe: call.recipe(on: data.recipe)))
        },

        .property("dataset.name", "The name of the dataset's source.") { call in
            call.string(try call.receiver(DatasetObject.self).dataset.name)
        },
        .property("dataset.classes", "The number of classes.") { call in .int(try call.receiver(DatasetObject.self).dataset.classes) },
        .property("dataset.class_names", "The names of the classes; their numbers if they have no names.") { call in
            try classNames(try call.receiver(DatasetObject.self).dataset, call)
        },
        .property("dataset.class_counts", "The number of examples in each class.") { call in
            try call.list(try call.receiver(DatasetObject.self).dataset.classCounts.map(Value.int))
        },
        .property("dataset.shape", "Height, width and channels of an image.") { call in
            try call.list(try call.receiver(DatasetObject.self).dataset.shape.sizes.map(Value.int))
        },
        .property("dataset.labels", "The class of each image.") { call in
            try call.list(try call.receiver(DatasetObject.self).dataset.labels.map { Value.int(Int($0)) })
        },
        .property("dataset.images", "All images as a tensor: example, height, width, channel.") { call in
            let dataset = try call.receiver(DatasetObject.self).dataset
            return call.object(TensorObject(Tensor(shape: [dataset.count] + dataset.shape.sizes, values: dataset.images)))
        },
        .property("dataset.mean", "The mean pixel of each channel.") { call in try call.statistics(\.means) },
        .property("dataset.std", "The standard deviation of each channel's pixels.") { call in try call.statistics(\.deviations) },
        .method("dataset.split", "train: 0.5, valid: 0.25, seed: 0",
            """
            Splits the examples into parts for training, validation and testing, stratified by class. `train` and `valid` are shares; the \
            rest is for testing.
            """,
            """
            let data = two_moons(200).train.split(train: 0.8, valid: 0.1)
            [len(data.train), len(data.valid), len(data.test)]  # => [80, 10, 10]
            """) { call in
            let dataset = try call.receiver(DatasetObject.self).dataset
            let shares = try call.splitShares(1, 2)
            return call.object(
                DataObject(dataset.split(shares, using: try call.generator(seed: 3, for: "split")), recipe: call.recipe(on: dataset.name)))
        },
        .method("dataset.subset", "which, seed: 0",
            """
            Some of the examples: those at the positions in a list, or a number of them chosen at random, stratified by class.
            """,
            """
            let data = digits().train
            len(data.subset(100))  # => 100
            data.subset([5, 0]).labels == [data.labels[5], data.labels[0]]  # => true
            """) { call in
            let dataset = try call.receiver(DatasetObject.self).dataset
            guard call[1].tag != .int else {
                return call.object(
                    DatasetObject(try dataset.stratified(try call.int(1), using: try call.generator(seed: 2, for: "subset"))))
            }
            let positions = try call.ints(1)
            if let outside = positions.first(where: { !dataset.labels.indices.contains($0) }) {
                throw RuntimeError(.index, "position \(outside) is outside the dataset of \(dataset.count) examples", argument: 1)
            }
            guard positions.count <= Tensor.limit / dataset.shape.count else {
                throw RuntimeError(.limit, "\(positions.count) examples take too much memory", argument: 1)
            }
            return call.object(DatasetObject(dataset.subset(positions, name: dataset.name)))
        },
        .method("dataset.balanced", "per_class: nil, seed: 0",
            "The same number of examples of each class, chosen at random; by default the size of the rarest class.",
            "digits().train.balanced(50).class_counts  # => [50, 50, 50, 50, 50, 50, 50, 50, 50, 50]") { call in
            let perClass = call.isGiven(1) ? try call.int(1) : nil
            let generator = try call.generator(seed: 2, for: "balance")
            return try call.changed { try $0.balanced(perClass: perClass, using: generator) }
        },
        .method("dataset.normalize", "mean: nil, std: nil",
            """
            The dataset with its pixels normalised to (pixel - mean) / std, \
            channel by channel. By default mean and std are measured.
            """) { call in
            try call.changed { dataset in
                let measured = dataset.channelStatistics
                return try dataset.normalized(means: try call.perChannel(1, measured: measured.means),
                    deviations: try call.perChannel(2, measured: measured.deviations))
            }
        },
        .method("dataset.augment", augmentParameters,
            "The dataset with images that are augmented at random whenever a batch is drawn. " + augmentDoc) { call in
            let augmentation = try call.augmentation()
            return try call.changed { try $0.augmented(augmentation) }
        },
        .method("dataset.label_noise", "share, seed: 0",
            "The dataset with a share of the labels replaced by other classes, each equally likely.") { call in
            let (share, generator) = (try call.double(1), try call.generator(seed: 2, for: "label noise"))
            return try call.changed { try $0.withLabelNoise(share, using: generator) }
        },
        .method("dataset.noise", "std, seed: 0",
            "The dataset with normal noise of a standard deviation on every pixel, drawn once.") { call in
            let (deviation, generator) = (try call.double(1), try call.generator(seed: 2, for: "noise"))
            return try call.changed { try $0.withNoise(deviation, using: generator) }
        },
    ]

    private static func classNames(_ dataset: Dataset, _ call: Call) throws -> Value {
        try call.list(dataset.classNames ?? (0..<dataset.classes).map(String.init))
    }
}
