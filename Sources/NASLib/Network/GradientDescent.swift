import Foundation

/// What a step does with a gradient: stochastic gradient descent with momentum, or what another rule says.
public struct StepOptions: Sendable {
    public var learningRate: Float
    public var momentum: Float
    public var weightDecay: Float
    /// The gradient is scaled down to this norm when it is longer; nil leaves it.
    public var clip: Float?
    /// A rule that takes the place of momentum and weight decay.
    public var rule: (any UpdateRule)?
    /// Decides what dropout drops in this step.
    public var seed: UInt64 = 0
    package var sharing = StepSharing()

    /// PA&DA's settings but for the learning rate, which follows a schedule.
    public init(learningRate: Float, momentum: Float = 0.9, weightDecay: Float = 2.5e-4, clip: Float? = 5, rule: (any UpdateRule)? = nil) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.clip = clip
        self.rule = rule
    }

    /// What clipping multiplies a gradient of some norm by.
    func clipScale(norm: Double) -> Double {
        guard let clip, norm > Double(clip) else { return 1 }
        return Double(clip) / (norm + 1e-6)
    }
}

/// An update of some ranges by a rule.
struct RuleStep {
    var ranges: [ParameterRange]
    var rule: any UpdateRule
    var memory: RuleMemory
    var learningRate: Double
    /// What clipping multiplies the gradient by.
    var scale: Float
}

extension ParameterRange {
    /// A range is shared out among threads in blocks of so many floats.
    static let blockSize = 4096
    var blockCount: Int { (count + ParameterRange.blockSize - 1) / ParameterRange.blockSize }
}

extension Executor {
    /// The blocks of ranges that are a thread's share: for each its number, its range, and its vectors in it. Ranges start at vector
    /// boundaries and are followed by unused padding, which is zero.
    private func forBlocks(of ranges: [ParameterRange], _ thread: Int, _ body: (Int, ParameterRange, Range<Int>) -> Void) {
        let threads = crew.threadCount
        var block = 0
        for range in ranges {
            let vectors = (range.count + 7) / 8
            for start in stride(from: 0, to: vectors, by: ParameterRange.blockSize / 8) {
                if block % threads == thread { body(block, range, start..<min(start + ParameterRange.blockSize / 8, vectors)) }
                block += 1
            }
        }
    }

    /// One thread's share of adding this rank's gradients to those of the ranks before it.
    func addUp(_ slice: Range<Int>, _ thread: Int) {
        let step = layout.gradientPlaces.count / 8
        let (sums, parts, own) = (rankSums.pointer.vectors, rankParts.pointer.vectors, partialGradients.pointer.vectors)
        let threads = crew.threadCount, count = slice.count / 8
        let isFirst = partition.rankShares[partition.rank].lowerBound == 0
        for v in slice.lowerBound / 8 + count * thread / threads..<slice.lowerBound / 8 + count * (thread + 1) / threads {
            var sum = isFirst ? Vector.zero : sums[v]
            for (group, buffers) in zip(partition.groups, partition.groupBuffers) where !buffers.isEmpty {
                let begins = group.own.lowerBound == group.chunks.lowerBound
                var part = begins ? own[buffers.lowerBound &* step &+ v] : parts[v]
                for buffer in buffers.lowerBound &+ (begins ? 1 : 0)..<buffers.upperBound { part += own[buffer &* step &+ v] }
                if group.own.upperBound == group.chunks.upperBound { sum += part } else { parts[v] = part }
            }
            sums[v] = sum
        }
    }

    private static let oneBuffer = [0..<1]

    /// One thread's share of `collectGradient`.
    func collect(adds: Bool, _ squares: UnsafeMutablePointer<Double>, _ thread: Int) {
        let step = layout.gradientPlaces.count / 8
        // Where ranks share the batch they have added up.
        let parts = exchange == nil ? partialGradients : rankSums
        let groups = exchange == nil ? partition.groupBuffers : Executor.oneBuffer
        groups.withUnsafeBufferPointer { groups in
            forBlocks(of: layout.ranges, thread) { block, range, vectors in
                let target = (store.gradient + range.offset).vectors
                let first = (parts.pointer + layout.gradientPlaces[range.offset]).vectors
                var square = Doubles.zero
                for v in vectors {
                    var sum = Vector.zero
                    for buffers in groups {
                        var part = first[buffers.lowerBound &* step &+ v]
                        for buffer in buffers.lowerBound &+ 1..<buffers.upperBound { part += first[buffer &* step &+ v] }
                        sum += part
                    }
                    target[v] = adds ? target[v] + sum : sum
                    square += Doubles(sum) * Doubles(sum)
                }
                squares[block] = square.sum()
            }
        }
    }

    /// The squared norm of the store's gradient within the ranges.
    func squaredNorm(of ranges: [ParameterRange]) -> Double {
        ranges.reduce(0) { sum, range in
            let gradient = (store.gradient + range.offset).vectors
            return (0..<(range.count + 7) / 8).reduce(sum) { $0 + Double((gradient[$1] * gradient[$1]).sum()) }
        }
    }

    /// w -= lr * v with v = momentum * v + scale * g + decay * w.
    func descend(_ ranges: [ParameterRange], _ options: StepOptions, scale: Float) { onAllThreads(.descend(ranges, options, scale: scale)) }

    /// One thread's share of it.
    func descend(_ ranges: [ParameterRange], _ options: StepOptions, scale: Float, _ thread: Int) {
        let (m, d, l) = (Vector(repeating: options.momentum), Vector(repeating: options.weightDecay), Vector(repeating: -options.learningRate))
        let s = Vector(repeating: scale)
        forBlocks(of: ranges, thread) { _, range, vectors in
            let w = (store.weights + range.offset).vectors, v = (store.momentum + range.offset).vectors, g = (store.gradient + range.offset).vectors
            for j in vectors {
                let velocity = (g[j] * s).addingProduct(w[j], d).addingProduct(v[j], m)
                v[j] = velocity
                w[j].addProduct(velocity, l)
            }
        }
    }

    /// A step of a rule. The weights of the ranges alone move, with what the rule remembers of them and their counts of steps: a weight
    /// that the step does not use is passed over, as PyTorch passes over a parameter without a gradient.
    func update(_ ranges: [ParameterRange], by rule: any UpdateRule, learningRate: Double, scale: Float) throws {
        let memory = try store.memory(of: rule)
        memory.countStep(of: ranges)
        onAllThreads(.update(RuleStep(ranges: ranges, rule: rule, memory: memory, learningRate: learningRate, scale: scale)))
    }

    /// One thread's share of it.
    func update(_ step: RuleStep, _ thread: Int) {
        let slots = step.memory.slots
        forBlocks(of: step.ranges, thread) { _, range, vectors in
            let start = range.offset + 8 * vectors.lowerBound
            let span = ParameterSpan(
                weights: store.weights + start, gradients: store.gradient + start, gradientScale: step.scale,
                first: (slots.first?.pointer ?? store.weights) + start,
                second: (slots.count > 1 ? slots[1].pointer : store.weights) + start, count: 8 * vectors.count, step: step.memory.steps[range.offset] ?? 1)
            step.rule.update(span, learningRate: step.learningRate)
        }
    }

    /// Moves the running statistics a tenth of the way, or another share, to the last batch's (variance with the n - 1 divisor), as
    /// PyTorch does.
    func updateRunningStatistics(share: Double = 0.1) {
        let statistics = statistics.view(partition, thread: 0)
        for normalizer in layout.normalizers.joined() { normalizer.updateRunning(statistics, store.running, by: share) }
    }
}
