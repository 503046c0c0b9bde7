/// A distribution over the examples of a dataset, by their positions in it. To be one, `count` and `draw` are enough.
public protocol ItemSampler: Sampler {
    /// How many examples there are.
    var count: Int { get }
    /// The position of one example.
    func draw(using generator: inout Generator) throws -> Int
    /// The positions of an epoch's examples, in the order in which they are used.
    func epoch(using generator: inout Generator) throws -> [Int]
    /// The importance weight of an example, 1 / (N q).
    func weight(of item: Int) throws -> Double
    /// The importance weights of a batch's examples; nil for the plain mean.
    func weights(of items: [Int]) throws -> [Float]?
    /// Out of how many of the epoch's examples a batch is chosen.
    func poolSize(batchSize: Int) throws -> Int
    /// The examples of a batch, out of as many as `poolSize` says or the last ones.
    func select(_ batchSize: Int, outOf pool: [Int]) throws -> [Int]
    /// Which of a step's numbers it learns from.
    var score: ItemScore { get }
    /// Takes in a score for each of some examples.
    func observe(_ items: [Int], norms: [Double]) throws
    /// Takes in a step on a batch.
    func observe(_ batch: Batch, _ step: FamilyStepResult) throws
    /// The probability of each example; empty where they are not known.
    var probabilities: [Double] { get }
}

/// What an example can be told by.
public enum ItemScore: String, Sendable, CaseIterable {
    /// The last-layer bound of its gradient norm.
    case bound
    /// Its gradient norm itself.
    case norm
    /// Its cross-entropy.
    case loss
}

extension ItemSampler {
    /// The examples of an epoch: as many draws as the dataset has examples.
    public func epoch(using generator: inout Generator) throws -> [Int] { try (0..<count).map { _ in try draw(using: &generator) } }
    public func weight(of item: Int) throws -> Double { 1 }
    public func weights(of items: [Int]) throws -> [Float]? { weightsSteps ? try items.map { Float(try weight(of: $0)) } : nil }
    public func poolSize(batchSize: Int) throws -> Int { batchSize }
    public func select(_ batchSize: Int, outOf pool: [Int]) throws -> [Int] { pool }
    public var score: ItemScore { .bound }
    public func observe(_ items: [Int], norms: [Double]) throws {}

    public func observe(_ batch: Batch, _ step: FamilyStepResult) throws {
        try observe(batch.items, norms: score == .loss ? step.exampleLosses : step.exampleGradientNorms)
    }

    public var probabilities: [Double] { [] }
}

/// Every example equally likely; an epoch has each once, in random order.
public final class ShuffledItems: ItemSampler {
    public let count: Int

    public init(count: Int) { self.count = count }

    public func draw(using generator: inout Generator) -> Int { generator.below(count) }

    public func epoch(using generator: inout Generator) -> [Int] {
        var order = Array(0..<count)
        generator.shuffle(&order)
        return order
    }

    public func observe(_ batch: Batch, _ step: FamilyStepResult) {}
}
