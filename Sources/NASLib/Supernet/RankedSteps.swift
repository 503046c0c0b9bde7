import Foundation
import Text

/// What a network keeps for steps that ranks share.
struct RankedSteps {
    var exchange: BatchExchange?
    /// Steps so far.
    var count = 0
    /// Of the first rank.
    var threads: Int?

    /// After so many steps weights are compared.
    static let checkInterval = 50
}

extension StepModel {
    init(_ layout: PlanLayout) {
        self.init(
            batch: layout.batchSize, multiplyAdds: Double(layout.multiplyAdds), exchanges: 2 * layout.normalizers.count { !$0.isEmpty },
            gradientBytes: layout.gradientPlaces.count * MemoryLayout<Float>.stride)
    }
}

/// What each rank is about to do in a step.
private struct StepNote: BitwiseCopyable {
    /// Of paths and examples.
    var hash = FNV1a()
    /// Of the weights, now and then.
    var checksum: UInt32 = 0
    var (learningRate, momentum, weightDecay, clip): (Float, Float, Float, Float)

    init(_ options: StepOptions) {
        (learningRate, momentum, weightDecay, clip) = (options.learningRate, options.momentum, options.weightDecay, options.clip ?? 0)
    }
}

extension Supernet {
    /// All ranks begin the same step, with the settings of the first: schedules are computed by each system's own library. Throws where
    /// ranks have come to different steps or different weights.
    func agree(_ options: StepOptions, on parts: [PathBatch]) throws -> StepOptions {
        guard let ranks = Ranks.inStep else { return options }
        try ranks.meet("a training step")
        rankedSteps.count += 1
        var note = StepNote(options)
        for part in parts {
            note.hash.add(part.path.choices)
            for index in part.batch.indices { note.hash.add(UInt64(index)) }
            for weight in part.batch.weights ?? [] { note.hash.add(UInt64(weight.bitPattern)) }
            note.hash.add(part.weight.bitPattern)
        }
        if rankedSteps.count % RankedSteps.checkInterval == 0 { note.checksum = checksum }
        let notes = ranks.gather(note)
        let first = notes[0]
        if let other = notes.firstIndex(where: { $0.hash.value != first.hash.value }) {
            throw NASError.parted("in step \(rankedSteps.count) rank \(other) trains other paths, examples or weights than rank 0")
        }
        if let other = notes.firstIndex(where: { $0.checksum != first.checksum }) {
            throw NASError(
                .ranks, "before step \(rankedSteps.count) the weights of process rank \(other) are not those of rank 0",
                hint: "a network that was trained within share(…) was trained in one process alone; and all must run on the same kind of system")
        }
        var agreed = options
        (agreed.learningRate, agreed.momentum, agreed.weightDecay) = (first.learningRate, first.momentum, first.weightDecay)
        agreed.clip = options.clip.map { _ in first.clip }
        return agreed
    }

    /// Of all weights and their momentum.
    private var checksum: UInt32 {
        var checksum = CRC32()
        checksum.update(UnsafeRawBufferPointer(weights))
        checksum.update(UnsafeRawBufferPointer(start: store.momentum, count: store.count * MemoryLayout<Float>.stride))
        return checksum.value
    }

    // MARK: - The batch

    /// The ranks that may share a step's batch.
    func sharingBatch(_ sharing: StepSharing) -> Ranks? { ranks(.batch, sharing) }

    /// The ranks that share a step's paths. A stand-alone network has running statistics, which each of the paths moves.
    func sharingPaths(_ parts: [PathBatch], _ sharing: StepSharing) throws -> Ranks? {
        guard path == nil, let ranks = ranks(.paths, sharing) else { return nil }
        guard sharing.way == .auto else { return ranks }
        let threads = try threadsOfFirst()
        let models = try parts.map { StepModel(try layout(of: $0.path, batchSize: $0.batch.count)) }
        return StepModel.pays(
            shared: StepModel.seconds(paths: models, ranks: ranks.count, threads: threads),
            alone: StepModel.seconds(paths: models, ranks: 1, threads: threads)) ? ranks : nil
    }

    private func ranks(_ way: StepSharing.Way, _ sharing: StepSharing) -> Ranks? {
        network.hasCustomLayers || sharing.way != way && sharing.way != .auto ? nil : Ranks.inStep
    }

    /// Throws where a network cannot share its steps as it is told to.
    package func check(_ sharing: StepSharing) throws {
        guard sharing.way == .batch || sharing.way == .paths, network.hasCustomLayers else { return }
        throw NASError(
            .value, "a network with custom layers cannot share a step: their functions take all of a batch, one path after the other",
            hint: "parallel: \"none\"")
    }

    /// What ranks tell each other where they share a batch; nil where each does all of it.
    func exchange(for layout: PlanLayout, _ sharing: StepSharing) throws -> BatchExchange? {
        guard let ranks = sharingBatch(sharing) else { return nil }
        if sharing.way == .auto, try !paysToShare(layout, ranks) { return nil }
        if let known = rankedSteps.exchange, known.isLocal == sharing.normalizesLocally { return known }
        let exchange = BatchExchange(ranks, isLocal: sharing.normalizesLocally)
        rankedSteps.exchange = exchange
        return exchange
    }

    /// Whether the time that ranks save outweighs that of what they tell each other, by the model of docs/scaling.md with the numbers of a
    /// usual network. All ranks come to the same.
    private func paysToShare(_ layout: PlanLayout, _ ranks: Ranks) throws -> Bool {
        let (model, threads) = (StepModel(layout), try threadsOfFirst())
        return StepModel.pays(
            shared: model.seconds(ranks: ranks.count, threads: threads), alone: model.seconds(ranks: 1, threads: threads))
    }

    /// The threads of the first rank, by which all decide.
    private func threadsOfFirst() throws -> Int {
        let threads = try rankedSteps.threads ?? World.value("threads") { executor.pool.crew.threadCount }
        rankedSteps.threads = threads
        return threads
    }

    // MARK: - The paths

    /// A path's part of a step, as it goes to other ranks.
    private struct PathPart: Codable {
        var result: StepResult
        /// Of the path's ranges, one after the other.
        var gradient: Data
    }

    /// The sum of several paths' gradients: each rank computes some, and all add up all of them in the order of the paths.
    func accumulateGradients(_ parts: [PathBatch], _ options: StepOptions, over ranks: Ranks) throws -> ([StepResult], [ParameterRange]) {
        func own(_ i: Int) throws -> PathPart {
            executor.dropoutSeed = options.seed &+ UInt64(i)
            let norms = try ownNorms(parts[i], StepSharing(.none))
            let result = try accumulateGradient(parts[i], ownNorms: norms, adds: false, StepSharing(.none))
            let bytes = executor.layout.ranges.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
            // Those of all paths come together in each process, once as they are sent and once as they are read.
            try MemoryAccount.ask(2 * bytes * parts.count)
            var gradient = Data(capacity: bytes)
            for range in executor.layout.ranges {
                gradient.append(UnsafeBufferPointer(start: store.gradient + range.offset, count: range.count))
            }
            return PathPart(result: result, gradient: gradient)
        }
        var told: [[UInt8]] = []
        for first in stride(from: 0, to: parts.count, by: ranks.count) {
            let i = first + ranks.rank
            let bytes = i < parts.count ? Ranks.$inStep.withValue(nil) { RankedResult.bytes(Result { try own(i) }) } : []
            told += try ranks.gather(bytes, "the paths of a step")
        }
        let paths: [PathPart] = try told.prefix(parts.count).map { try RankedResult.value($0) }
        store.gradient.update(repeating: 0, count: store.count)
        var ranges = DistinctRanges()
        for (part, path) in zip(parts, paths) {
            let own = try layout(of: part.path, batchSize: part.batch.count).ranges
            path.gradient.withUnsafeBytes { bytes in
                var place = 0
                for range in own {
                    for i in 0..<range.count {
                        store.gradient[range.offset + i] += bytes.loadUnaligned(fromByteOffset: place, as: Float.self)
                        place += MemoryLayout<Float>.stride
                    }
                }
            }
            ranges.add(own)
        }
        return (paths.map(\.result), ranges.all)
    }
}

/// Ranges of several paths, each once.
struct DistinctRanges {
    private(set) var all: [ParameterRange] = []
    private var seen: Set<Int> = []

    mutating func add(_ ranges: [ParameterRange]) { all += ranges.filter { seen.insert($0.offset).inserted } }
}
