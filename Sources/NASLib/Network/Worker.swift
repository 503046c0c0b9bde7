import Foundation

/// One thread's run through a plan, see `Executor`.
struct Worker {
    let executor: Executor
    let thread: Int
    let examples: Executor.Examples
    let results: Executor.Results
    let mode: Executor.Statistics
    /// Whether a backward pass follows; dropout is for training alone.
    let isTraining: Bool
    let isCancelled: UnsafePointer<Int32>?
    let arena: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>
    let scratch: Executor.Scratch
    private var checkpoints = 0

    init(
        executor: Executor, thread: Int, examples: Executor.Examples, results: Executor.Results, mode: Executor.Statistics,
        isTraining: Bool, isCancelled: UnsafePointer<Int32>?
    ) {
        self.executor = executor
        self.thread = thread
        self.examples = examples
        self.results = results
        self.mode = mode
        self.isTraining = isTraining
        self.isCancelled = isCancelled
        layout = executor.layout
        plan = layout.plan
        arena = executor.arena.pointer
        weights = executor.store.weights
        scratch = executor.scratch(thread)
    }

    let layout: PlanLayout
    let plan: Plan
    /// Nobody will look at the results then, and what is left undone makes all threads meet sooner.
    private var isStopping: Bool { Cancellation.isRequested(isCancelled) }

    var chunks: Range<Int> {
        let chunks = executor.chunks(ofThread: thread)
        return isStopping ? chunks.prefix(0) : chunks
    }

    private mutating func meet() -> Bool {
        checkpoints += 1
        return executor.checkpoint(checkpoints, thread: thread, isCancelled: isCancelled)
    }

    /// The first thread does something for all while the others wait.
    private mutating func meetAround(_ body: (Executor) throws -> Void) -> Bool {
        guard meet() else { return false }
        if thread == 0 {
            do { try body(executor) } catch { executor.failure = error }
        }
        return meet()
    }

    // MARK: - Forward

    mutating func forward() -> Bool {
        for n in executor.start.node..<plan.nodes.count {
            let node = plan.nodes[n]
            if let (layer, source) = node.custom {
                guard meetAround({ [isTraining] in try $0.applyCustom(layer, from: source, to: n, differentiates: isTraining) }) else { return false }
                continue
            }
            let states = layout.nodeConvolutions[n]
            for index in states.dropFirst(n == executor.start.node ? executor.start.convolution : 0) { convolve(layout.convolutions[index]) }
            for index in layout.nodeNormalizations[n] { accumulateMoments(layout.normalizations[index]) }
            let needsBatch = states.contains { layout.convolutions[$0].layer.normalizes && takesBatch(tracked: layout.convolutions[$0].layer.isTracked) }
                || layout.nodeNormalizations[n].contains { takesBatch(tracked: layout.normalizations[$0].layer.isTracked) }
            if needsBatch, !meet() { return false }
            for index in states {
                let state = layout.convolutions[index]
                if state.layer.normalizes {
                    computeNormalization(
                        state.statistics, channels: state.layer.outputLanes, pixelCount: node.pixels,
                        affine: state.layer.isAffine ? state.layer.affineOffset : nil, running: state.layer.isTracked ? state.layer.runningOffset : nil)
                }
            }
            for index in layout.nodeNormalizations[n] {
                let state = layout.normalizations[index]
                computeNormalization(
                    state.statistics, channels: node.row, pixelCount: node.pixels, affine: state.layer.isAffine ? state.layer.affineOffset : nil,
                    running: state.layer.isTracked ? state.layer.runningOffset : nil)
            }
            sum(node: n)
        }
        return forwardHead()
    }

    /// Whether a normalisation goes by the batch's own statistics.
    private func takesBatch(tracked: Bool) -> Bool { mode == .batch || !tracked }

    /// The image that an edge reads for one example.
    func sourceImage(_ source: Int, _ example: Int) -> UnsafePointer<Float> {
        if source < 0 { return examples.images + examples.indices[example] * examples.imageCount }
        return UnsafePointer(arena + layout.values[source] + example * plan.nodes[source].count)
    }

    /// Pads an edge's input, pooled first where the layer says so, for examples `first` to `first + count`.
    private func gather(_ state: PlanLayout.Convolution, _ first: Int, _ count: Int) {
        let g = state.geometry
        let images = scratch.padded.images(count, height: g.key.height, width: g.key.width, channels: g.key.inputs, border: g.border)
        for i in 0..<count {
            var image = sourceImage(state.source, first + i)
            if state.layer.poolsFirst {
                Elementwise.halve(image, into: scratch.pooled.pointer, height: g.key.height * 2, width: g.key.width * 2, channels: g.key.inputs)
                image = UnsafePointer(scratch.pooled.pointer)
            }
            let padded = images + i * g.paddedCount
            Padding.copy(
                image, into: padded, height: g.key.height, width: g.key.width, channels: g.key.inputs, border: g.border,
                activates: state.layer.activation == .relu)
            if let activation = state.layer.activation, activation != .relu {
                let row = g.key.width * g.key.inputs
                for y in 0..<g.key.height {
                    let pixels = padded + (y + g.border) * g.paddedWidth * g.key.inputs + g.border * g.key.inputs
                    activation.apply(pixels, into: pixels, count: row)
                    if !activation.keepsZero { Channels.clearTails(pixels, pixels: g.key.width, channels: state.layer.inputs, row: g.key.inputs) }
                }
            }
        }
    }

    private func convolve(_ state: PlanLayout.Convolution) {
        let g = state.geometry
        let pixels = g.outputHeight * g.outputWidth
        let channels = state.layer.outputLanes
        for chunk in chunks {
            let sums = executor.statistics.sums(state.statistics, chunk: chunk, pass: 0, channels: channels)
            sums.update(repeating: 0, count: 2 * channels)
            let range = executor.range(ofChunk: chunk)
            var first = range.lowerBound
            while first < range.upperBound, !isStopping {
                let count = min(g.group, range.upperBound - first)
                gather(state, first, count)
                let output = arena + state.raw + first * pixels * channels
                convolveGroup(state, pixelCount: count * pixels, into: output)
                if state.layer.hasBias { Channels.addBias(weights + state.layer.biasOffset, to: output, pixels: count * pixels, channels: channels) }
                if state.layer.normalizes {
                    Elementwise.accumulateMoments(output, pixels: count * pixels, channels: channels, sums, sums + channels)
                }
                first += count
            }
        }
    }

    /// The convolution of the images in `scratch.padded`.
    private func convolveGroup(_ state: PlanLayout.Convolution, pixelCount: Int, into output: UnsafeMutablePointer<Float>) {
        let g = state.geometry
        let layer = state.layer
        switch layer.kind {
        case .dense:
            for group in 0..<layer.groups {
                Convolution.forward(
                    image: scratch.padded.pointer + group * layer.groupInputs, pixels: g.pixels.pointer, pixelCount: pixelCount,
                    taps: g.taps.pointer, tapWeights: g.allTaps.pointer, tapCount: g.taps.count, weightTaps: g.taps.count,
                    inputs: layer.groupInputs, weights: weights + layer.weightOffset + group * layer.groupWeightCount,
                    output: output + group * layer.groupOutputs, outputOffsets: g.outputOffsets.pointer, outputs: layer.groupOutputs)
            }
        case .depthwise:
            DepthwiseConvolution.forward(
                image: scratch.padded.pointer, pixels: g.pixels.pointer, pixelCount: pixelCount, run: g.outputWidth, taps: g.taps.pointer,
                tapWeights: g.allTaps.pointer, tapCount: g.taps.count, columns: g.columns, weights: weights + layer.weightOffset,
                output: output, outputOffsets: g.outputOffsets.pointer, channels: layer.outputLanes)
        case .grouped:
            GroupedConvolution(layer).forward(
                image: scratch.padded.pointer, pixels: g.pixels.pointer, pixelCount: pixelCount, taps: g.taps.pointer, tapCount: g.taps.count,
                weights: weights + layer.weightOffset, output: output, outputOffsets: g.outputOffsets.pointer)
        }
    }

    /// Turns the chunks' sums into mean, 1 / sqrt(variance + epsilon), and the scale and shift that normalise.
    private func computeNormalization(_ start: Int, channels: Int, pixelCount: Int, affine: Int?, running: Int?) {
        let statistics = executor.statistics
        let mean = statistics.vector(start, .mean, channels: channels, thread: thread)
        let inverse = statistics.vector(start, .inverse, channels: channels, thread: thread)
        let scale = statistics.vector(start, .scale, channels: channels, thread: thread)
        let shift = statistics.vector(start, .shift, channels: channels, thread: thread)
        let count = Double(layout.batchSize * pixelCount)
        for c in 0..<channels {
            var m = 0.0
            var variance = 0.0
            if mode == .running, let running {
                m = Double(executor.store.running[running + c])
                variance = Double(executor.store.running[running + channels + c])
            } else {
                var square = 0.0
                for chunk in 0..<layout.chunkCount {
                    let sums = statistics.sums(start, chunk: chunk, pass: 0, channels: channels)
                    m += sums[c]
                    square += sums[channels + c]
                }
                m /= count
                variance = max(0, square / count - m * m)
            }
            let i = 1 / (variance + ConvolutionLayer.epsilon).squareRoot()
            mean[c] = Float(m)
            inverse[c] = Float(i)
            let gamma = affine.map { Double(weights[$0 + c]) } ?? 1
            let beta = affine.map { Double(weights[$0 + channels + c]) } ?? 0
            scale[c] = Float(gamma * i)
            shift[c] = Float(beta - m * gamma * i)
        }
    }

    /// A node's value: the sum of its edges.
    private func sum(node n: Int) {
        let node = plan.nodes[n]
        let channels = node.row
        for chunk in chunks {
            for example in executor.range(ofChunk: chunk) where !isStopping {
                let target = arena + layout.values[n] + example * node.count
                var adds = false
                var convolution = 0
                var normalization = 0
                for edge in node.edges {
                    switch edge.operation {
                    case .identity:
                        Elementwise.accumulate(sourceImage(edge.source, example), mask: nil, into: target, count: node.count, adds: adds)
                    case .averagePool:
                        Elementwise.averagePool(
                            sourceImage(edge.source, example), into: target, height: node.height, width: node.width, channels: channels, adds: adds)
                    case .convolution(let layer):
                        let state = layout.convolutions[layout.nodeConvolutions[n].lowerBound + convolution]
                        convolution += 1
                        let raw = arena + state.raw + example * node.count
                        if layer.normalizes {
                            Elementwise.scaleAndShift(
                                raw, executor.statistics.vector(state.statistics, .scale, channels: channels, thread: thread),
                                executor.statistics.vector(state.statistics, .shift, channels: channels, thread: thread),
                                into: target, pixels: node.height * node.width, channels: channels, adds: adds)
                        } else {
                            Elementwise.accumulate(raw, mask: nil, into: target, count: node.count, adds: adds)
                        }
                    case .batchNormalization:
                        let state = layout.normalizations[layout.nodeNormalizations[n].lowerBound + normalization]
                        normalization += 1
                        Elementwise.scaleAndShift(
                            sourceImage(edge.source, example), executor.statistics.vector(state.statistics, .scale, channels: channels, thread: thread),
                            executor.statistics.vector(state.statistics, .shift, channels: channels, thread: thread),
                            into: target, pixels: node.pixels, channels: channels, adds: adds)
                    default: forward(edge, node: n, example: example, adds: adds)
                    }
                    adds = true
                }
                if !adds { target.update(repeating: 0, count: node.count) }
            }
        }
    }

    // MARK: - The end of the network

    private var head: (node: Int, pixels: Int, channels: Int, classes: Int) {
        let last = plan.nodes[plan.nodes.count - 1]
        return (plan.nodes.count - 1, last.pixels, last.row, plan.classifier.outputs)
    }

    /// BN, ReLU and average over pixels, where the last node is not yet features; linear; softmax cross-entropy.
    private mutating func forwardHead() -> Bool {
        let (node, pixels, channels, classes) = head
        if !plan.endsInFeatures, !normalizeFeatures() { return false }
        let linear = weights + plan.classifier.weightOffset
        let inputs = plan.classifier.inputs
        for chunk in chunks {
            for example in executor.range(ofChunk: chunk) {
                let features = plan.endsInFeatures ? arena + layout.values[node] + example * pixels * channels : arena + layout.features + example * channels
                let logits = arena + layout.logitDeltas + example * classes
                for k in 0..<classes { logits[k] = linear[inputs * classes + k] }
                for c in 0..<inputs {
                    let f = features[c]
                    let row = linear + c * classes
                    for k in 0..<classes { logits[k] += f * row[k] }
                }
                settle(example, logits, classes)
            }
        }
        return true
    }

    /// BN, ReLU, average over pixels: the last node becomes features.
    private mutating func normalizeFeatures() -> Bool {
        let (node, pixels, channels, _) = head
        let statistics = executor.statistics
        let start = layout.headStatistics
        let layer = plan.finalNormalization
        if takesBatch(tracked: layer.isTracked) {
            for chunk in chunks {
                let sums = statistics.sums(start, chunk: chunk, pass: 0, channels: channels)
                sums.update(repeating: 0, count: 2 * channels)
                for example in executor.range(ofChunk: chunk) {
                    Elementwise.accumulateMoments(
                        arena + layout.values[node] + example * pixels * channels, pixels: pixels, channels: channels, sums, sums + channels)
                }
            }
            if !meet() { return false }
        }
        computeNormalization(
            start, channels: channels, pixelCount: pixels, affine: layer.isAffine ? layer.affineOffset : nil,
            running: layer.isTracked ? layer.runningOffset : nil)
        let scale = statistics.vector(start, .scale, channels: channels, thread: thread)
        let shift = statistics.vector(start, .shift, channels: channels, thread: thread)
        for chunk in chunks {
            for example in executor.range(ofChunk: chunk) {
                let image = arena + layout.values[node] + example * pixels * channels
                let features = arena + layout.features + example * channels
                for block in 0..<channels / 8 {
                    var sum = Vector.zero
                    let a = scale.vectors[block], b = shift.vectors[block]
                    for p in 0..<pixels {
                        let y = b.addingProduct(image.vectors[p * channels / 8 + block], a)
                        sum += y.replacing(with: 0, where: y .< 0)
                    }
                    features.vectors[block] = sum / Float(pixels)
                }
            }
        }
        return true
    }

    /// Loss and its derivative: logits become (softmax - onehot) * weight / batch size, or 1 where their sum is the objective.
    private func settle(_ example: Int, _ logits: UnsafeMutablePointer<Float>, _ classes: Int) {
        if executor.objective == .outputSum { return logits.update(repeating: 1, count: classes) }
        let label = Int(examples.labels[examples.indices[example]])
        var best = 0
        for k in 1..<max(1, classes) where logits[k] > logits[best] { best = k }
        let highest = Double(logits[best])
        var total = 0.0
        for k in 0..<classes { total += exp(Double(logits[k]) - highest) }
        let weight = Double(examples.weights?[example] ?? 1)
        results.losses[example] = log(total) + highest - Double(logits[label])
        results.isCorrect[example] = best == label
        var square = 0.0
        let factor = weight / Double(layout.batchSize)
        for k in 0..<classes {
            let delta = exp(Double(logits[k]) - highest) / total - (k == label ? 1 : 0)
            square += delta * delta
            logits[k] = Float(delta * factor)
        }
        results.bounds[example] = square.squareRoot()
    }

    // MARK: - Backward

    mutating func backward() -> Bool {
        clearPartialGradients()
        transposeWeights()
        guard backwardHead() else { return false }
        for i in scratch.hasDelta.indices { scratch.hasDelta[i] = false }
        scratch.hasDelta[plan.nodes.count - 1] = true
        for n in plan.nodes.indices.reversed() where scratch.hasDelta[n] && !plan.nodes[n].edges.isEmpty {
            if let (layer, source) = plan.nodes[n].custom {
                let adds = scratch.hasDelta[source]
                guard meetAround({ try $0.propagateCustom(layer, from: n, to: source, adds: adds) }) else { return false }
                scratch.hasDelta[source] = true
                continue
            }
            guard normalizationSums(node: n) else { return false }
            propagate(node: n)
        }
        return meet()
    }

    func partial(_ chunk: Int) -> UnsafeMutablePointer<Float> { executor.partialGradients.pointer + chunk * executor.store.count }

    private func clearPartialGradients() {
        for chunk in chunks {
            for range in layout.ranges { (partial(chunk) + range.offset).update(repeating: 0, count: range.count) }
        }
    }

    /// Input and output channels change places for the input gradient; threads share the layers out.
    private func transposeWeights() {
        for (i, state) in layout.convolutions.enumerated()
        where state.source >= 0 && state.layer.kind == .dense && i % executor.pool.threadCount == thread {
            let layer = state.layer
            let taps = layer.taps
            let (inputs, outputs) = (layer.groupInputs, layer.groupOutputs)
            for group in 0..<layer.groups {
                let from = weights + layer.weightOffset + group * layer.groupWeightCount
                let to = executor.transposedWeights.pointer + layer.weightOffset + group * layer.groupWeightCount
                for tap in 0..<taps {
                    for output in 0..<outputs {
                        let start = Convolution.weightIndex(tap, 0, output, taps: taps, inputs: inputs, outputs: outputs)
                        let step = min(16, outputs - output / 16 * 16)
                        for input in 0..<inputs {
                            to[Convolution.weightIndex(tap, output, input, taps: taps, inputs: outputs, outputs: inputs)] = from[start + input * step]
                        }
                    }
                }
            }
        }
    }

    private mutating func backwardHead() -> Bool {
        let (node, pixels, channels, classes) = head
        let inputs = plan.classifier.inputs
        let linear = weights + plan.classifier.weightOffset
        for chunk in chunks {
            let gradient = partial(chunk) + plan.classifier.weightOffset
            for example in executor.range(ofChunk: chunk) {
                let logitDelta = arena + layout.logitDeltas + example * classes
                let features = plan.endsInFeatures ? arena + layout.values[node] + example * channels : arena + layout.features + example * channels
                // Features that are not a node's value are not needed any more: their deltas take their place.
                let deltas = plan.endsInFeatures ? arena + layout.deltas[node] + example * channels : features
                for c in 0..<inputs {
                    var delta: Float = 0
                    let f = features[c]
                    for k in 0..<classes {
                        delta += linear[c * classes + k] * logitDelta[k]
                        gradient[c * classes + k] += f * logitDelta[k]
                    }
                    deltas[c] = delta / Float(pixels)
                }
                for c in inputs..<channels { deltas[c] = 0 }
                for k in 0..<classes { gradient[inputs * classes + k] += logitDelta[k] }
            }
        }
        // No thread uses the transposed weights before all are written.
        return plan.endsInFeatures ? meet() : backwardFeatures()
    }

    /// Through the average, ReLU and BN of the end.
    private mutating func backwardFeatures() -> Bool {
        let (node, pixels, channels, _) = head
        let statistics = executor.statistics
        let start = layout.headStatistics
        let mean = statistics.vector(start, .mean, channels: channels, thread: thread)
        let inverse = statistics.vector(start, .inverse, channels: channels, thread: thread)
        let scale = statistics.vector(start, .scale, channels: channels, thread: thread)
        let shift = statistics.vector(start, .shift, channels: channels, thread: thread)
        for chunk in chunks {
            let sums = statistics.sums(start, chunk: chunk, pass: 1, channels: channels)
            sums.update(repeating: 0, count: 2 * channels)
            for example in executor.range(ofChunk: chunk) {
                let features = arena + layout.features + example * channels
                let image = arena + layout.values[node] + example * pixels * channels
                let delta = arena + layout.deltas[node] + example * pixels * channels
                for block in 0..<channels / 8 {
                    let a = scale.vectors[block], b = shift.vectors[block], share = features.vectors[block]
                    for p in 0..<pixels {
                        let i = p * channels / 8 + block
                        let y = b.addingProduct(image.vectors[i], a)
                        delta.vectors[i] = share.replacing(with: 0, where: y .<= 0)
                    }
                }
                Elementwise.accumulateDeltaMoments(delta, image, mean: mean, inverse: inverse, pixels: pixels, channels: channels, sums, sums + channels)
            }
        }
        guard meet() else { return false }
        let layer = plan.finalNormalization
        computeDeltaMeans(start, channels: channels, pixelCount: pixels, affine: layer.isAffine ? layer.affineOffset : nil)
        for chunk in chunks {
            for example in executor.range(ofChunk: chunk) {
                let delta = arena + layout.deltas[node] + example * pixels * channels
                Elementwise.normalizationDelta(
                    delta, arena + layout.values[node] + example * pixels * channels, mean: mean, inverse: inverse, scale: scale,
                    meanDelta: statistics.vector(start, .meanDelta, channels: channels, thread: thread),
                    meanProduct: statistics.vector(start, .meanProduct, channels: channels, thread: thread),
                    into: delta, height: 1, width: pixels, channels: channels, border: 0)
            }
        }
        return true
    }

    /// The means over the batch of dy and dy * xhat, which the derivative of a normalisation needs, and with `affine`
    /// the gradients of gamma and beta, which are the sums of the same.
    private func computeDeltaMeans(_ start: Int, channels: Int, pixelCount: Int, affine: Int?) {
        let statistics = executor.statistics
        let meanDelta = statistics.vector(start, .meanDelta, channels: channels, thread: thread)
        let meanProduct = statistics.vector(start, .meanProduct, channels: channels, thread: thread)
        let count = Double(layout.batchSize * pixelCount)
        for c in 0..<channels {
            var sum = 0.0
            var product = 0.0
            for chunk in 0..<layout.chunkCount {
                let sums = statistics.sums(start, chunk: chunk, pass: 1, channels: channels)
                sum += sums[c]
                product += sums[channels + c]
            }
            meanDelta[c] = Float(sum / count)
            meanProduct[c] = Float(product / count)
            if let affine, thread == 0 {
                for chunk in 0..<layout.chunkCount {
                    partial(chunk)[affine + c] = chunk == 0 ? Float(product) : 0
                    partial(chunk)[affine + channels + c] = chunk == 0 ? Float(sum) : 0
                }
            }
        }
    }

    private mutating func normalizationSums(node n: Int) -> Bool {
        let convolutions = layout.nodeConvolutions[n], alone = layout.nodeNormalizations[n]
        guard !alone.isEmpty || convolutions.contains(where: { layout.convolutions[$0].layer.normalizes }) else { return true }
        let node = plan.nodes[n]
        for index in convolutions where layout.convolutions[index].layer.normalizes {
            let state = layout.convolutions[index]
            accumulateDeltaMoments(state.statistics, node: n) { UnsafePointer(arena + state.raw + $0 * node.count) }
        }
        for index in alone {
            let state = layout.normalizations[index]
            accumulateDeltaMoments(state.statistics, node: n) { sourceImage(state.source, $0) }
        }
        guard meet() else { return false }
        for index in convolutions where layout.convolutions[index].layer.normalizes {
            let state = layout.convolutions[index]
            computeDeltaMeans(
                state.statistics, channels: node.row, pixelCount: node.pixels, affine: state.layer.isAffine ? state.layer.affineOffset : nil)
        }
        for index in alone {
            let state = layout.normalizations[index]
            computeDeltaMeans(
                state.statistics, channels: node.row, pixelCount: node.pixels, affine: state.layer.isAffine ? state.layer.affineOffset : nil)
        }
        return true
    }

    /// `normalized` gives what an example had before the normalisation.
    private func accumulateDeltaMoments(_ start: Int, node n: Int, _ normalized: (Int) -> UnsafePointer<Float>) {
        let node = plan.nodes[n]
        let statistics = executor.statistics
        for chunk in chunks {
            let sums = statistics.sums(start, chunk: chunk, pass: 1, channels: node.row)
            sums.update(repeating: 0, count: 2 * node.row)
            for example in executor.range(ofChunk: chunk) {
                Elementwise.accumulateDeltaMoments(
                    arena + layout.deltas[n] + example * node.count, normalized(example),
                    mean: statistics.vector(start, .mean, channels: node.row, thread: thread),
                    inverse: statistics.vector(start, .inverse, channels: node.row, thread: thread),
                    pixels: node.pixels, channels: node.row, sums, sums + node.row)
            }
        }
    }

    /// Hands a node's delta on to the sources of its edges, and to the weights on the way.
    private func propagate(node n: Int) {
        let node = plan.nodes[n]
        var convolution = 0
        var normalization = 0
        for edge in node.edges {
            let adds = edge.source >= 0 && scratch.hasDelta[edge.source]
            switch edge.operation {
            case .identity:
                for chunk in chunks {
                    let range = executor.range(ofChunk: chunk)
                    Elementwise.accumulate(
                        arena + layout.deltas[n] + range.lowerBound * node.count, mask: nil,
                        into: arena + layout.deltas[edge.source] + range.lowerBound * node.count, count: range.count * node.count, adds: adds)
                }
            case .averagePool:
                for chunk in chunks {
                    for example in executor.range(ofChunk: chunk) {
                        let target = arena + layout.deltas[edge.source] + example * node.count
                        if !adds { target.update(repeating: 0, count: node.count) }
                        Elementwise.averagePoolDelta(
                            arena + layout.deltas[n] + example * node.count, into: target, height: node.height, width: node.width, channels: node.row)
                    }
                }
            case .convolution:
                propagate(layout.convolutions[layout.nodeConvolutions[n].lowerBound + convolution], node: n, adds: adds)
                convolution += 1
            case .batchNormalization:
                propagate(layout.normalizations[layout.nodeNormalizations[n].lowerBound + normalization], adds: adds)
                normalization += 1
            case .gate(let factor):
                propagateGate(edge, factor: factor, node: n, adds: adds, addsToFactor: scratch.hasDelta[factor])
                scratch.hasDelta[factor] = true
            default: propagate(edge, node: n, adds: adds)
            }
            if edge.source >= 0 { scratch.hasDelta[edge.source] = true }
        }
    }

    private func propagate(_ state: PlanLayout.Convolution, node n: Int, adds: Bool) {
        let node = plan.nodes[n]
        let g = state.geometry
        let layer = state.layer
        for chunk in chunks {
            let range = executor.range(ofChunk: chunk)
            var first = range.lowerBound
            while first < range.upperBound, !isStopping {
                let count = min(g.group, range.upperBound - first)
                writeDeltas(state, node: n, first, count)
                gather(state, first, count)
                let gradient = partial(chunk) + layer.weightOffset
                switch layer.kind {
                case .dense:
                    for group in 0..<layer.groups {
                        Convolution.weightGradient(
                            image: scratch.padded.pointer + group * layer.groupInputs, pixels: g.pixels.pointer, pixelCount: count * node.pixels,
                            rows: g.rows.pointer, rowCount: g.rows.count, delta: scratch.delta.pointer + group * layer.groupOutputs,
                            deltaOffsets: g.deltaOffsets.pointer, outputs: layer.groupOutputs, gradient: gradient + group * layer.groupWeightCount)
                    }
                case .depthwise:
                    DepthwiseConvolution.weightGradient(
                        image: scratch.padded.pointer, pixels: g.pixels.pointer, pixelCount: count * node.pixels, run: g.outputWidth,
                        taps: g.taps.pointer, tapCount: g.taps.count, columns: g.columns, delta: scratch.delta.pointer,
                        deltaOffsets: g.deltaOffsets.pointer, channels: node.row, gradient: gradient)
                case .grouped:
                    GroupedConvolution(layer).weightGradient(
                        image: scratch.padded.pointer, pixels: g.pixels.pointer, pixelCount: count * node.pixels, taps: g.taps.pointer,
                        tapCount: g.taps.count, delta: scratch.delta.pointer, deltaOffsets: g.deltaOffsets.pointer, gradient: gradient)
                }
                if layer.hasBias {
                    Channels.accumulateSums(
                        scratch.delta.pointer, offsets: g.deltaOffsets.pointer, pixels: count * node.pixels, channels: node.row,
                        into: partial(chunk) + layer.biasOffset)
                }
                if state.source >= 0 { inputGradient(state, first, count, adds: adds) }
                first += count
            }
        }
    }

    /// What the convolution's own outputs get, with a border of zeros.
    private func writeDeltas(_ state: PlanLayout.Convolution, node n: Int, _ first: Int, _ count: Int) {
        let node = plan.nodes[n]
        let g = state.geometry
        let images = scratch.delta.images(count, height: node.height, width: node.width, channels: node.row, border: g.deltaBorder)
        for i in 0..<count {
            let delta = arena + layout.deltas[n] + (first + i) * node.count
            let target = images + i * g.deltaCount
            if state.layer.normalizes {
                normalizationDelta(
                    state.statistics, delta, UnsafePointer(arena + state.raw + (first + i) * node.count), into: target, height: node.height,
                    width: node.width, channels: node.row, border: g.deltaBorder)
            } else {
                Padding.copy(
                    delta, into: target, height: node.height, width: node.width, channels: node.row, border: g.deltaBorder, activates: false)
            }
        }
    }

    /// What comes before a normalisation gets, for one example.
    func normalizationDelta(
        _ start: Int, _ delta: UnsafePointer<Float>, _ x: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, height: Int, width: Int,
        channels: Int, border: Int
    ) {
        func vector(_ kind: StatisticsBuffer.Kind) -> UnsafeMutablePointer<Float> {
            executor.statistics.vector(start, kind, channels: channels, thread: thread)
        }
        Elementwise.normalizationDelta(
            delta, x, mean: vector(.mean), inverse: vector(.inverse), scale: vector(.scale), meanDelta: vector(.meanDelta),
            meanProduct: vector(.meanProduct), into: target, height: height, width: width, channels: channels, border: border)
    }

    private func inputGradient(_ state: PlanLayout.Convolution, _ first: Int, _ count: Int, adds: Bool) {
        let g = state.geometry
        let inputCount = g.key.height * g.key.width * g.key.inputs
        for pass in g.transposed {
            let pixelCount = pass.pixels.count / g.group * count
            let output = scratch.input.pointer
            if pass.taps.count == 0 {
                for p in 0..<pixelCount { (output + Int(pass.inputOffsets.pointer[p])).update(repeating: 0, count: g.key.inputs) }
                continue
            }
            switch state.layer.kind {
            case .dense:
                let layer = state.layer
                for group in 0..<layer.groups {
                    Convolution.forward(
                        image: scratch.delta.pointer + group * layer.groupOutputs, pixels: pass.pixels.pointer, pixelCount: pixelCount,
                        taps: pass.taps.pointer, tapWeights: pass.tapWeights.pointer, tapCount: pass.taps.count, weightTaps: g.taps.count,
                        inputs: layer.groupOutputs, weights: executor.transposedWeights.pointer + layer.weightOffset + group * layer.groupWeightCount,
                        output: output + group * layer.groupInputs, outputOffsets: pass.inputOffsets.pointer, outputs: layer.groupInputs)
                }
            case .depthwise:
                DepthwiseConvolution.forward(
                    image: scratch.delta.pointer, pixels: pass.pixels.pointer, pixelCount: pixelCount, run: pass.run, taps: pass.taps.pointer,
                    tapWeights: pass.tapWeights.pointer, tapCount: pass.taps.count, columns: pass.columns,
                    weights: weights + state.layer.weightOffset, output: output, outputOffsets: pass.inputOffsets.pointer, channels: g.key.outputs)
            case .grouped:
                GroupedConvolution(state.layer).inputGradient(
                    delta: scratch.delta.pointer, pixels: pass.pixels.pointer, pixelCount: pixelCount, taps: pass.taps.pointer,
                    tapWeights: pass.tapWeights.pointer, tapCount: pass.taps.count, weights: weights + state.layer.weightOffset, input: output,
                    inputOffsets: pass.inputOffsets.pointer, inputRow: g.key.inputs)
            }
        }
        let source = plan.nodes[state.source]
        for i in 0..<count {
            var delta = UnsafePointer(scratch.input.pointer + i * inputCount)
            if state.layer.poolsFirst {
                scratch.pooledDelta.pointer.update(repeating: 0, count: source.count)
                Elementwise.halveDelta(delta, into: scratch.pooledDelta.pointer, height: source.height, width: source.width, channels: source.row)
                delta = UnsafePointer(scratch.pooledDelta.pointer)
            }
            let value = UnsafePointer(arena + layout.values[state.source] + (first + i) * source.count)
            let target = arena + layout.deltas[state.source] + (first + i) * source.count
            if let activation = state.layer.activation, activation != .relu {
                activation.accumulateDelta(delta, at: value, into: target, count: source.count, adds: adds)
            } else {
                Elementwise.accumulate(delta, mask: state.layer.activation == .relu ? value : nil, into: target, count: source.count, adds: adds)
            }
        }
    }
}
