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
