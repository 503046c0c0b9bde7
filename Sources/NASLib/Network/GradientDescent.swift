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
}

/// Ranges of a store that belong together, such as a layer's weights.
struct ParameterRange {
    var offset: Int
    var count: Int
    /// The store's layer that they belong to, if any.
    var layer: Int? = nil
}

extension Executor {
    /// The ranges of the prepared plan: each convolution's weights, then the other layers' parameters, the classifier.
    func activeRanges() -> [ParameterRange] {
        var ranges = convolutions.map { ParameterRange(offset: $0.layer.weightOffset, count: $0.layer.weightCount, layer: $0.layer.index) }
        func add(_ offset: Int, _ count: Int, _ layer: Int?) { ranges.append(ParameterRange(offset: offset, count: count, layer: layer)) }
        for state in convolutions where state.layer.isAffine { add(state.layer.affineOffset, 2 * state.layer.outputLanes, state.layer.index) }
        for state in convolutions where state.layer.hasBias { add(state.layer.biasOffset, state.layer.outputLanes, state.layer.index) }
        for node in plan.nodes {
            for edge in node.edges {
                switch edge.operation {
                case .batchNormalization(let layer) where layer.isAffine, .layerNormalization(let layer) where layer.isAffine:
                    add(layer.affineOffset, 2 * lanes(layer.channels), layer.index)
                case .custom(let layer): ranges += layer.ranges
                default: break
                }
            }
        }
        if plan.finalNormalization.isAffine { add(plan.finalNormalization.affineOffset, 2 * lanes(plan.finalNormalization.channels), nil) }
        add(plan.classifier.weightOffset, plan.classifier.weightCount, nil)
        return ranges
    }

    /// Sums the chunks' gradients of the ranges into the store's gradient, in chunk order; with `adds`, on top of what is
    /// there. Returns each range's squared norm, without what was there.
    func collectGradient(_ ranges: [ParameterRange], adds: Bool = false) -> [Double] {
        var squares = Array(repeating: 0.0, count: ranges.count)
        let gradient = store.gradient
        squares.withUnsafeMutableBufferPointer { squares in
            nonisolated(unsafe) let squares = squares
            nonisolated(unsafe) let this = self
            pool.run { thread in
                for (i, range) in ranges.enumerated() where i % this.pool.threadCount == thread {
                    let target = (gradient + range.offset).vectors
                    let first = this.partialGradients.pointer + range.offset
                    var square = 0.0
                    // Ranges start at vector boundaries and are followed by unused padding, which stays zero.
                    for v in 0..<(range.count + 7) / 8 {
                        var sum = first.vectors[v]
                        for chunk in 1..<max(1, this.chunkCount) { sum += (first + chunk * this.store.count).vectors[v] }
                        target[v] = adds ? target[v] + sum : sum
                        square += Double((sum * sum).sum())
                    }
                    squares[i] = square
                }
            }
        }
        return squares
    }

    /// The squared norm of the store's gradient within the ranges.
    func squaredNorm(of ranges: [ParameterRange]) -> Double {
        ranges.reduce(0) { sum, range in
            let gradient = (store.gradient + range.offset).vectors
            return (0..<(range.count + 7) / 8).reduce(sum) { $0 + Double((gradient[$1] * gradient[$1]).sum()) }
        }
    }

    /// w -= lr * v with v = momentum * v + scale * g + decay * w.
    func descend(_ ranges: [ParameterRange], _ options: StepOptions, scale: Float) {
        let (weights, momentum, gradient) = (store.weights, store.momentum, store.gradient)
        nonisolated(unsafe) let this = self
        pool.run { thread in
            let (m, d, l) = (Vector(repeating: options.momentum), Vector(repeating: options.weightDecay), Vector(repeating: -options.learningRate))
            let s = Vector(repeating: scale)
            for (i, range) in ranges.enumerated() where i % this.pool.threadCount == thread {
                let w = (weights + range.offset).vectors, v = (momentum + range.offset).vectors, g = (gradient + range.offset).vectors
                for j in 0..<(range.count + 7) / 8 {
                    let velocity = (g[j] * s).addingProduct(w[j], d).addingProduct(v[j], m)
                    v[j] = velocity
                    w[j].addProduct(velocity, l)
                }
            }
        }
    }

    /// Moves the running statistics a tenth of the way, or another share, to the last batch's (variance with the n - 1 divisor), as
    /// PyTorch does.
    func updateRunningStatistics(share: Float = 0.1) {
        func update(_ start: Int, _ channels: Int, _ running: Int, _ pixels: Int) {
            let count = Double(batchSize * pixels)
            let mean = statistics.vector(start, .mean, channels: channels, thread: 0)
            let inverse = statistics.vector(start, .inverse, channels: channels, thread: 0)
            for c in 0..<channels {
                let variance = 1 / (Double(inverse[c]) * Double(inverse[c])) - ConvolutionLayer.epsilon
                store.running[running + c] += share * (mean[c] - store.running[running + c])
                store.running[running + channels + c] += share * (Float(variance * count / max(1, count - 1)) - store.running[running + channels + c])
            }
        }
        for state in convolutions where state.layer.isTracked {
            update(state.statistics, state.layer.outputLanes, state.layer.runningOffset, state.geometry.outputHeight * state.geometry.outputWidth)
        }
        for state in normalizations where state.layer.isTracked {
            update(state.statistics, lanes(state.layer.channels), state.layer.runningOffset, plan.nodes[state.node].pixels)
        }
        if plan.finalNormalization.isTracked, let last = plan.nodes.last {
            update(headStatistics, last.row, plan.finalNormalization.runningOffset, last.pixels)
        }
    }
}
