/// Height, width and channels of one image.
public struct ImageShape: Hashable, Sendable {
    public var height: Int
    public var width: Int
    public var channels: Int

    public init(height: Int, width: Int, channels: Int) {
        self.height = height
        self.width = width
        self.channels = channels
    }

    public var count: Int { height * width * channels }
}

/// Labelled images, held in memory and never changed.
public final class Dataset: Sendable {
    public let name: String
    public let shape: ImageShape
    public let classes: Int
    /// count x height x width x channels, row-major, already normalised.
    public let images: [Float]
    /// 0 ..< classes, one an image.
    public let labels: [Int32]

    public var count: Int { labels.count }

    /// `images.count` must be `labels.count * shape.count`, and every label below `classes`.
    public init(name: String, shape: ImageShape, classes: Int, images: [Float], labels: [Int32]) {
        precondition(images.count == labels.count * shape.count)
        precondition(labels.allSatisfy { $0 >= 0 && $0 < classes })
        self.name = name
        self.shape = shape
        self.classes = classes
        self.images = images
        self.labels = labels
    }
}

/// Examples picked from a dataset for one step: `indices` into it, drawn by an item sampler.
public struct Batch: Sendable {
    public let dataset: Dataset
    public let indices: [Int]
    /// One importance weight an example, 1/(N p_i), or nil for the plain mean.
    public let weights: [Float]?

    public init(dataset: Dataset, indices: [Int], weights: [Float]? = nil) {
        precondition(weights == nil || weights!.count == indices.count)
        self.dataset = dataset
        self.indices = indices
        self.weights = weights
    }

    public var count: Int { indices.count }
}

/// Data cut into the parts that a study needs.
public struct Split: Sendable {
    public var train: Dataset
    public var valid: Dataset
    public var test: Dataset
}

extension Dataset {
    /// Cuts the data so that each part has the classes in the same proportions; the order within a part is random.
    public func split(train: Double, valid: Double, using generator: Generator) -> Split {
        var generator = generator
        var parts: [[Int]] = [[], [], []]
        for label in 0..<classes {
            var members = labels.indices.filter { labels[$0] == label }
            generator.shuffle(&members)
            let first = Int((Double(members.count) * train).rounded())
            let second = min(members.count, first + Int((Double(members.count) * valid).rounded()))
            parts[0] += members[..<first]
            parts[1] += members[first..<second]
            parts[2] += members[second...]
        }
        for i in parts.indices { generator.shuffle(&parts[i]) }
        return Split(train: subset(parts[0], name: "\(name) train"), valid: subset(parts[1], name: "\(name) valid"), test: subset(parts[2], name: "\(name) test"))
    }

    /// The examples at `indices`, in that order.
    public func subset(_ indices: [Int], name: String) -> Dataset {
        var images: [Float] = []
        images.reserveCapacity(indices.count * shape.count)
        for i in indices { images += self.images[i * shape.count..<(i + 1) * shape.count] }
        return Dataset(name: name, shape: shape, classes: classes, images: images, labels: indices.map { labels[$0] })
    }
}

/// What is wrong with data or with a request for it.
public struct DataError: Error, Sendable {
    public let message: String
    public let hint: String?

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
