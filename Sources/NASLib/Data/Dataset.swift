/// Labelled images, held in memory and never changed.
public final class Dataset: Sendable {
    public let name: String
    public let shape: ImageShape
    public let classes: Int
    /// count x height x width x channels, row-major, already normalised.
    public let images: [Float]
    /// 0 ..< classes, one an image.
    public let labels: [Int32]
    /// What the classes are called, where they have names.
    public let classNames: [String]?
    /// For each channel, what a pixel of 0 was turned into by normalisation: the colour of what lies outside an image.
    public let blank: [Float]
    /// For each channel, the values of a pixel without light and of one in full light, where these are known: for showing the images.
    public let pixelRanges: [(low: Float, high: Float)]?
    /// How images are changed whenever a batch of them is drawn.
    public let augmentation: Augmentation?

    public var count: Int { labels.count }
    /// Of the images and labels.
    package var byteCount: Int { images.count * 4 + labels.count * 4 }

    /// A dataset of images that lie one after the other in `images`, `shape.count` numbers each, with a label below `classes` for each of
    /// them.
    public init(
        name: String, shape: ImageShape, classes: Int, images: [Float], labels: [Int32], classNames: [String]? = nil, blank: [Float]? = nil,
        pixelRanges: [(low: Float, high: Float)]? = nil, augmentation: Augmentation? = nil
    ) {
        require(
            images.count == labels.count * shape.count,
            "\(labels.count) images of \(shape.text) have \(labels.count * shape.count) numbers, not \(images.count)")
        require(labels.allSatisfy { $0 >= 0 && $0 < classes }, "labels are from 0 to \(classes - 1)")
        require((classNames?.count ?? classes) == classes, "there are \(classes) classes and \(classNames?.count ?? 0) names")
        require(
            (blank?.count ?? shape.channels) == shape.channels, "there are \(shape.channels) channels, and a blank of \(blank?.count ?? 0)")
        require(
            (pixelRanges?.count ?? shape.channels) == shape.channels,
            "there are \(shape.channels) channels, and \(pixelRanges?.count ?? 0) ranges of pixels")
        self.name = name
        self.shape = shape
        self.classes = classes
        self.images = images
        self.labels = labels
        self.classNames = classNames
        self.blank = blank ?? Array(repeating: 0, count: shape.channels)
        self.pixelRanges = pixelRanges
        self.augmentation = augmentation
    }

    /// The same data with some parts of it replaced.
    func with(
        name: String? = nil, classes: Int? = nil, images: [Float]? = nil, labels: [Int32]? = nil, blank: [Float]? = nil,
        pixelRanges: [(low: Float, high: Float)]? = nil, augmentation: Augmentation? = nil
    ) -> Dataset {
        Dataset(
            name: name ?? self.name, shape: shape, classes: classes ?? self.classes, images: images ?? self.images, labels: labels ?? self.labels,
            classNames: classNames, blank: blank ?? self.blank, pixelRanges: pixelRanges ?? self.pixelRanges,
            augmentation: augmentation ?? self.augmentation)
    }
}

/// Examples picked from a dataset for one step.
public struct Batch: Sendable {
    /// Where the images are that the step sees: the dataset that was drawn from, or for augmented images one of their own.
    public let dataset: Dataset
    /// Positions in `dataset`.
    public let indices: [Int]
    /// Positions in the dataset that was drawn from, by which an item sampler knows the examples.
    public let items: [Int]
    /// One importance weight an example, 1/(N p_i), or nil for the plain mean.
    public let weights: [Float]?

    /// - Parameters:
    ///   - indices: positions in `dataset`, all of them below its count.
    ///   - items: where they differ from `indices`.
    public init(dataset: Dataset, indices: [Int], items: [Int]? = nil, weights: [Float]? = nil) {
        require(
            (weights?.count ?? indices.count) == indices.count, "there are \(indices.count) examples and \(weights?.count ?? 0) weights")
        require((items?.count ?? indices.count) == indices.count, "there are \(indices.count) examples and \(items?.count ?? 0) items")
        require(indices.allSatisfy { $0 >= 0 && $0 < dataset.count }, "positions in \(dataset.name) are from 0 to \(dataset.count - 1)")
        self.dataset = dataset
        self.indices = indices
        self.items = items ?? indices
        self.weights = weights
    }

    public var count: Int { indices.count }
}

/// Data cut into the parts that a study needs.
public struct Split: Sendable {
    public var train: Dataset
    public var valid: Dataset
    public var test: Dataset

    public init(train: Dataset, valid: Dataset, test: Dataset) {
        self.train = train
        self.valid = valid
        self.test = test
    }
}

/// Shares of each class that go to training and validation; the rest is for testing.
public struct SplitShares: Sendable, Equatable {
    public var train: Double
    public var valid: Double

    /// Throws unless both shares are from 0 to 1, `train` is above 0, and together they are at most 1.
    public init(train: Double = 0.5, valid: Double = 0.25) throws {
        guard train > 0, train <= 1 else {
            throw NASError(.value, "'train' must be a share above 0 and at most 1, not \(train)", parameter: "train")
        }
        guard valid >= 0, valid <= 1 else { throw NASError(.value, "'valid' must be a share of 0 to 1, not \(valid)", parameter: "valid") }
        guard train + valid <= 1 else {
            throw NASError(.value, "'train' and 'valid' must be at most 1 together, not \(train) and \(valid)")
        }
        self.train = train
        self.valid = valid
    }
}

extension Dataset {
    /// Cuts the data so that each part has the classes in the same proportions; the order within a part is random.
    public func split(_ shares: SplitShares, using generator: Generator) -> Split {
        var generator = generator
        var parts: [[Int]] = [[], [], []]
        for label in 0..<classes {
            var members = labels.indices.filter { labels[$0] == label }
            generator.shuffle(&members)
            let first = Int(saturating: (Double(members.count) * shares.train).rounded())
            let second = min(members.count, first + Int(saturating: (Double(members.count) * shares.valid).rounded()))
            parts[0] += members[..<first]
            parts[1] += members[first..<second]
            parts[2] += members[second...]
        }
        for i in parts.indices { generator.shuffle(&parts[i]) }
        return Split(
            train: subset(parts[0], name: "\(name) train"), valid: subset(parts[1], name: "\(name) valid"),
            test: subset(parts[2], name: "\(name) test"))
    }

    /// The examples at `indices`, in that order; all of them must be below `count`.
    public func subset(_ indices: [Int], name: String) -> Dataset {
        require(indices.allSatisfy { $0 >= 0 && $0 < count }, "positions in \(self.name) are from 0 to \(count - 1)")
        var images: [Float] = []
        images.reserveCapacity(indices.count * shape.count)
        for i in indices { images += self.images[i * shape.count..<(i + 1) * shape.count] }
        return with(name: name, images: images, labels: indices.map { labels[$0] })
    }
}
