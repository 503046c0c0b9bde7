import Foundation

/// What a step of stochastic gradient descent does with a gradient.
public struct StepOptions: Sendable {
    public var learningRate: Float
    public var momentum: Float
    public var weightDecay: Float
    /// The gradient is scaled down to this norm when it is longer; nil leaves it.
    public var clip: Float?
    /// Decides what dropout drops in this step.
    public var seed: UInt64 = 0

    /// PA&DA's settings but for the learning rate, which follows a schedule.
    public init(learningRate: Float, momentum: Float = 0.9, weightDecay: Float = 2.5e-4, clip: Float? = 5) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.clip = clip
    }

    /// What clipping multiplies a gradient of some norm by.
    func clipScale(norm: Double) -> Double {
        guard let clip, norm > Double(clip) else { return 1 }
        return Double(clip) / (norm + 1e-6)
    }
}

/// Ranges of a store that belong together, such as a layer's weights.
struct ParameterRange {
    var offset: Int
    var count: Int
    /// The store's layer that they belong to, if any.
    var layer: Int? = nil
}

extension Executor {
    /// One thread's share of `collectGradient`.
    func collect(adds: Bool, _ squares: UnsafeMutablePointer<Double>, _ thread: Int) {
        for (i, range) in layout.ranges.enumerated() where i % pool.threadCount == thread {
            let target = (store.gradient + range.offset).vectors
            let first = partialGradients.pointer + range.offset
            var square = 0.0
            // Ranges start at vector boundaries and are followed by unused padding, which stays zero.
            for v in 0..<(range.count + 7) / 8 {
                var sum = first.vectors[v]
                for chunk in 1..<max(1, layout.chunkCount) { sum += (first + chunk * store.count).vectors[v] }
                target[v] = adds ? target[v] + sum : sum
                square += Double((sum * sum).sum())
            }
            squares[i] = square
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
        for (i, range) in ranges.enumerated() where i % pool.threadCount == thread {
            let w = (store.weights + range.offset).vectors, v = (store.momentum + range.offset).vectors, g = (store.gradient + range.offset).vectors
            for j in 0..<(range.count + 7) / 8 {
                let velocity = (g[j] * s).addingProduct(w[j], d).addingProduct(v[j], m)
                v[j] = velocity
                w[j].addProduct(velocity, l)
            }
        }
    }

    /// Moves the running statistics a tenth of the way, or another share, to the last batch's (variance with the n - 1 divisor), as
    /// PyTorch does.
    func updateRunningStatistics(share: Float = 0.1) {
        func update(_ start: Int, _ channels: Int, _ running: Int, _ pixels: Int) {
            let count = Double(layout.batchSize * pixels)
            let mean = statistics.vector(start, .mean, channels: channels, thread: 0)
            let inverse = statistics.vector(start, .inverse, channels: channels, thread: 0)
            for c in 0..<channels {
                let variance = 1 / (Double(inverse[c]) * Double(inverse[c])) - ConvolutionLayer.epsilon
                store.running[running + c] += share * (mean[c] - store.running[running + c])
                store.running[running + channels + c] += share * (Float(variance * count / max(1, count - 1)) - store.running[running + channels + c])
            }
        }
        for state in layout.convolutions where state.layer.isTracked {
            update(state.statistics, state.layer.outputLanes, state.layer.runningOffset, state.geometry.outputHeight * state.geometry.outputWidth)
        }
        for state in layout.normalizations where state.layer.isTracked {
            update(state.statistics, lanes(state.layer.channels), state.layer.runningOffset, layout.plan.nodes[state.node].pixels)
        }
        if layout.plan.finalNormalization.isTracked, let last = layout.plan.nodes.last {
            update(layout.headStatistics, last.row, layout.plan.finalNormalization.runningOffset, last.pixels)
        }
    }
}
