import Text

/// Trains a supernet or a family of them. Each step draws a batch and one or several paths, does a step of gradient descent along them, and
/// lets both samplers learn from what it saw; once in an interval they make their probabilities anew.
///
///     let training = SupernetTraining(net, on: data.train, paths: try PathImportance(space))
///     let epochs = try training.run(using: &generator)
public final class SupernetTraining {
    public let nets: SupernetFamily
    public let data: Dataset
    public let paths: any PathSampler
    public let items: any ItemSampler
    public var epochs = 10
    public var batchSize = 64
    /// The learning rate; with inner steps, the share that is taken of where these lead.
    public var learningRate = Setting(.cosine(0.05, 0))
    public var momentum: Setting = 0.9
    public var weightDecay: Setting = 2.5e-4
    /// A rule that takes the place of momentum and weight decay.
    public var rule: (any UpdateRule)?
    /// The norm that gradients are scaled down to; nil leaves them.
    public var clip: Setting? = 5
    /// The weight of the learnt part of the samplers' probabilities against uniform.
    public var smoothing = Setting(.linear(0, 1))
    /// The smoothing of the item sampler's probabilities, where it is not `smoothing`.
    public var itemSmoothing: Setting?
    /// Epochs from one refresh of the samplers to the next.
    public var interval: Setting = 1
    /// Epochs from one refresh of the item sampler to the next, where they are not `interval`.
    public var itemInterval: Setting?
    /// What probabilities in proportion to norms are flattened by: norm^(1 / temperature).
    public var temperature: Setting = 1
    /// How ranks share a step.
    package var sharing = StepSharing()
    /// Steps that each path takes by itself from the same weights, see `Supernet.reptileStep`; 0 for plain steps.
    public var innerSteps = 0
    /// The learning rate of inner steps.
    public var innerRate: Setting = 0.05
    /// Paths that are ranked on a dataset after each epoch.
    public var validation: (paths: [Path], data: Dataset)?
    /// How many epochs after the one with the lowest loss `run` ends; nil for all epochs.
    public var patience: Int?

    /// A function that is called before each step, and may throw to end the training.
    public var beforeStep: () throws -> Void = Cancellation.check
    /// A function that is told of each step; false ends the training.
    public var onStep: ((Step) throws -> Bool)?
    /// A function that is told, once, that the training has diverged.
    public var warn: (String) -> Void = { _ in }

    /// How far it is. Put back, with the weights, the samplers and the generator, it goes on to the same bits.
    public var state = State()
    /// Whether a step was not finite.
    private var hasDiverged = false

    public struct State: Sendable, Equatable, Codable {
        /// Epochs that are done.
        public var epochs = 0
        /// Steps in all of them.
        public var steps = 0
        /// Steps since each sampler was refreshed.
        public var (pathSteps, itemSteps) = (0, 0)

        public init(epochs: Int = 0, steps: Int = 0, pathSteps: Int = 0, itemSteps: Int = 0) {
            self.epochs = epochs
            self.steps = steps
            self.pathSteps = pathSteps
            self.itemSteps = itemSteps
        }
    }

    /// A step that was done.
    public struct Step {
        /// The epoch, counted from 1.
        public let epoch: Int
        /// The steps in all epochs so far, with this one.
        public let number: Int
        public let paths: [Path]
        public let batch: Batch
        public let result: FamilyStepResult
    }

    /// What an epoch gave.
    public struct Epoch: Sendable, Equatable, Codable {
        /// Counted from 1.
        public var number: Int
        /// Steps in all epochs so far.
        public var steps: Int
        public var learningRate: Double
        /// Means over the epoch's examples.
        public var loss, accuracy: Double
        /// Means over the paths that are ranked, if any are.
        public var validLoss, validTop1: Double?
        /// Whether `onStep` ended the training.
        public var isStopped: Bool
    }

    /// - Parameters:
    ///   - paths: what steps draw paths from; by itself every path is equally likely.
    ///   - items: a sampler of the dataset's positions; by itself an epoch has each example once.
    public init(_ nets: SupernetFamily, on data: Dataset, paths: (any PathSampler)? = nil, items: (any ItemSampler)? = nil) {
        self.nets = nets
        self.data = data
        self.paths = paths ?? UniformPaths(nets.space)
        self.items = items ?? ShuffledItems(count: data.count)
    }

    public convenience init(_ net: Supernet, on data: Dataset, paths: (any PathSampler)? = nil, items: (any ItemSampler)? = nil) {
        self.init(SupernetFamily(net), on: data, paths: paths, items: items)
    }

    /// All epochs that are left, or until `onStep`, `onEpoch` (by false) or `patience` ends them.
    @discardableResult
    public func run(using generator: inout Generator, onEpoch: (Epoch) throws -> Bool = { _ in true }) throws -> [Epoch] {
        let source = HeldGenerator(generator)
        defer { generator = source.generator }
        var done: [Epoch] = []
        while state.epochs < epochs {
            let epoch = try runEpoch(using: source)
            done.append(epoch)
            if epoch.isStopped { break }
            if try !onEpoch(epoch) || SupernetTraining.isOver(patience, losses: done.map { $0.validLoss ?? $0.loss }) { break }
        }
        return done
    }

    /// Whether the lowest loss was at least `patience` epochs ago. One that is no number is not lower than any other.
    public static func isOver(_ patience: Int?, losses: [Double]) -> Bool {
        guard let patience else { return false }
        let best = losses.indices.filter { !losses[$0].isNaN }.min { losses[$0] < losses[$1] } ?? 0
        return losses.count - 1 - best >= patience
    }

    /// The next epoch. Settings are taken at epoch / epochs.
    public func runEpoch(using source: any RandomSource) throws -> Epoch {
        require(epochs > 0, "a training has at least 1 epoch, not \(epochs)")
        let progress = Double(state.epochs) / Double(epochs)
        let rate = try learningRate.nonNegative("learningRate", at: progress)
        let (options, rates) = try stepOptions(rate: rate, at: progress)
        let batches = try EpochBatches(data, items: items, size: batchSize, using: &source.generator)
        var (loss, accuracy, examples) = (0.0, 0.0, 0)
        let number = state.epochs + 1, stepsBefore = state.steps
        var isStopped = false
        while !isStopped, let batch = try batches.next() {
            try beforeStep()
            let drawn = try paths.drawPaths(using: &source.generator)
            let result = try nets.step(drawn, batch, weights: try paths.weights(of: drawn), options, using: source)
            state.steps += 1
            try learn(from: result, place: "step \(state.steps - stepsBefore) of epoch \(number)", rates) {
                try paths.observe(drawn, result)
                try items.observe(batch, result)
            }
            examples += batch.count
            loss += result.loss * Double(batch.count)
            accuracy += result.accuracy * Double(batch.count)
            let count = batches.count, (itemInterval, itemSmoothing) = (itemInterval ?? interval, itemSmoothing ?? smoothing)
            state.pathSteps = try refresh(paths, after: state.pathSteps, of: count, interval, smoothing, at: progress)
            state.itemSteps = try refresh(items, after: state.itemSteps, of: count, itemInterval, itemSmoothing, at: progress)
            if let onStep { isStopped = try !onStep(Step(epoch: number, number: state.steps, paths: drawn, batch: batch, result: result)) }
        }
        var epoch = Epoch(
            number: number, steps: state.steps, learningRate: rate, loss: loss / Double(max(1, examples)),
            accuracy: accuracy / Double(max(1, examples)), isStopped: isStopped)
        if let validation {
            let scores = try nets.rank(validation.paths, on: validation.data)
            epoch.validLoss = scores.reduce(0) { $0 + $1.loss } / Double(scores.count)
            epoch.validTop1 = scores.reduce(0) { $0 + $1.top1 } / Double(scores.count)
        }
        state.epochs = number
        return epoch
    }

    /// The steps' options in an epoch, and the rates that a divergence is blamed on.
    private func stepOptions(
        rate: Double, at progress: Double
    ) throws -> (options: FamilyStepOptions, rates: [(name: String, value: Double)]) {
        let momentum = try momentum.nonNegative("momentum", at: progress)
        let weightDecay = try weightDecay.nonNegative("weightDecay", at: progress)
        let clip = try clip?.nonNegative("clip", at: progress)
        let innerRate = try innerRate.nonNegative("innerRate", at: progress)
        var options = StepOptions(
            learningRate: Float(innerSteps > 0 ? innerRate : rate), momentum: Float(momentum), weightDecay: Float(weightDecay),
            clip: clip.map { Float($0) }, rule: rule)
        options.sharing = sharing
        return (
            FamilyStepOptions(options, innerSteps: innerSteps, rate: Float(rate), measuresNorms: items.score == .norm),
            innerSteps > 0 ? [("inner_lr", innerRate), ("lr", rate)] : [("lr", rate)])
    }

    /// Lets the samplers observe a step, and takes note of the first one that is not finite: weights that are not finite never are again.
    private func learn(
        from result: FamilyStepResult, place: String, _ rates: [(name: String, value: Double)], _ observe: () throws -> Void
    ) throws {
        guard !result.isFinite else { return try observe() }
        func text(_ x: Double) -> String { x.isNaN ? "nan" : x > 0 ? "inf" : "-inf" }
        let what = result.loss.isFinite ? "the gradient's norm is \(text(result.gradientNorm))" : "the loss is \(text(result.loss))"
        let settings = rates.map { "\($0.name) \(Numbers.shortest($0.value))" }.joined(separator: " and ")
        let sentence = "the training has diverged: \(what) in \(place), at \(settings)"
        let advice = "a lower \(rates.map(\.name).joined(separator: " or ")), a warmup, or clip, may help"
        defer { hasDiverged = true }
        do { try observe() } catch let error as NASError where error.kind == .value {
            throw NASError(.value, "\(sentence), and a sampler cannot learn from that", hint: advice)
        } catch {
            if !hasDiverged { warn("\(sentence); \(advice)") }
            throw error
        }
        if !hasDiverged { warn("\(sentence); \(advice)") }
    }

    /// One step more is done of an epoch's; refreshes a sampler when the interval, in epochs, is over. Gives the steps since the last
    /// refresh.
    private func refresh(
        _ sampler: any Sampler, after steps: Int, of stepsPerEpoch: Int, _ interval: Setting, _ smoothing: Setting, at progress: Double
    ) throws -> Int {
        let epochs = try interval.value(at: progress)
        require(epochs > 0 && epochs.isFinite, "an interval must be a positive number of epochs, not \(epochs)")
        guard Double(steps + 1) >= (epochs * Double(stepsPerEpoch)).rounded() else { return steps + 1 }
        let share = try smoothing.value(at: progress)
        if sampler.isRefreshed {
            let heat = sampler.hasTemperature ? try temperature.value(at: progress) : 1
            try sampler.refresh(smoothing: share, temperature: heat, progress: progress)
        }
        return 0
    }
}

/// A generator that is drawn from by reference.
private final class HeldGenerator: RandomSource {
    var generator: Generator

    init(_ generator: Generator) { self.generator = generator }
}
