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
    let isCancelled: Cancellation.Flag?
    let arena: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>
    let scratch: Executor.Scratch
    private var checkpoints = 0

    init(
        executor: Executor, thread: Int, examples: Executor.Examples, results: Executor.Results, mode: Executor.Statistics,
        isTraining: Bool, isCancelled: Cancellation.Flag?
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
        partition = executor.partition
        statistics = executor.statistics.view(executor.partition, thread: thread)
        gradients = executor.partialGradients.pointer
        arena = executor.arena.pointer
        weights = executor.store.weights
        scratch = executor.scratch(thread)
    }

    let layout: PlanLayout
    let plan: Plan
    let partition: Partition
    let statistics: BatchStatistics.View
    private let gradients: UnsafeMutablePointer<Float>
    /// Nobody will look at the results then, and what is left undone makes all threads meet sooner.
    private var isStopping: Bool { Cancellation.isRequested(isCancelled) }

    var chunks: Range<Int> {
        let chunks = partition.chunks(ofThread: thread)
        return isStopping ? chunks.prefix(0) : chunks
    }

    /// All examples of the thread.
    var ownExamples: Range<Int> {
        let chunks = chunks
        return chunks.isEmpty ? 0..<0 : partition.chunks[chunks.lowerBound].lowerBound..<partition.chunks[chunks.upperBound - 1].upperBound
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
        let takesMoments = state.layer.normalizes && takesBatch(tracked: state.layer.isTracked)
        let range = ownExamples
        var cursor = MomentsCursor(chunk: chunks.lowerBound, example: range.lowerBound)
        var first = range.lowerBound
        while first < range.upperBound, !isStopping {
            let count = min(g.group, range.upperBound - first)
            gather(state, first, count)
            let output = arena + state.raw + first * pixels * channels
            convolveGroup(state, pixelCount: count * pixels, into: output)
            scratch.multiplyAdds &+= count * pixels * state.layer.multiplyAdds
            if state.layer.hasBias { Channels.addBias(weights + state.layer.biasOffset, to: output, pixels: count * pixels, channels: channels) }
            first += count
            if takesMoments { accumulateMoments(state.statistics, of: arena + state.raw, pixels: pixels, channels: channels, until: first, &cursor) }
        }
        if takesMoments { addUpGroups(state.statistics, .forward, pixels: pixels, channels: channels) }
    }

    /// The next examples whose moments are to be taken.
    struct MomentsCursor {
        var chunk: Int
        var example: Int
    }

    /// Takes the moments of the images before an example, while they are in the cache. A chunk's images are taken in groups that do
    /// not depend on where the thread's own chunks begin.
    func accumulateMoments(
        _ start: Int, of images: UnsafePointer<Float>, pixels: Int, channels: Int, until end: Int, _ cursor: inout MomentsCursor
    ) {
        while cursor.example < end {
            let chunk = partition.chunks[cursor.chunk]
            let next = min(chunk.upperBound, cursor.example + Geometry.room(pixels: pixels))
            guard next <= end else { return }
            let sums = statistics.sums(start, chunk: cursor.chunk, .forward, channels: channels)
            Elementwise.accumulateMoments(
                images + cursor.example * pixels * channels, pixels: (next - cursor.example) * pixels,
                before: (cursor.example - chunk.lowerBound) * pixels, channels: channels, mean: sums, deviations: sums + channels)
            cursor.example = next
            if next == chunk.upperBound { cursor.chunk += 1 }
        }
    }

    /// The moments of all of the thread's images.
    func accumulateMoments(_ start: Int, of images: UnsafePointer<Float>, pixels: Int, channels: Int) {
        let range = ownExamples
        var cursor = MomentsCursor(chunk: chunks.lowerBound, example: range.lowerBound)
        accumulateMoments(start, of: images, pixels: pixels, channels: channels, until: range.upperBound, &cursor)
        addUpGroups(start, .forward, pixels: pixels, channels: channels)
    }

    private func addUpGroups(_ start: Int, _ pass: BatchStatistics.View.Pass, pixels: Int, channels: Int) {
        statistics.addUpGroups(start, pass, pixels: pixels, channels: channels)
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

    /// Turns the batch's moments, or the running ones, into the vectors that normalise.
    private func computeNormalization(_ start: Int, channels: Int, pixelCount: Int, affine: Int?, running: Int?) {
        func vectors(_ kind: BatchStatistics.View.Kind) -> UnsafeMutablePointer<Vector> { vector(start, kind, channels: channels).vectors }
        let (means, rests, inverses, scales, shifts) = (vectors(.mean), vectors(.rest), vectors(.inverse), vectors(.scale), vectors(.shift))
        for block in 0..<channels / 8 {
            let mean: Doubles
            var variance: Doubles
            if mode == .running, let running {
                let values = executor.store.running + running + block * 8
                (mean, variance) = (Doubles(values.vectors[0]), Doubles((values + channels).vectors[0]))
            } else {
                let moments = statistics.moments(start, pixels: pixelCount, channels: channels, block: block)
                (mean, variance) = (moments.mean, moments.deviations / moments.count)
            }
            // Rounding may take it below.
            variance.replace(with: 0, where: variance .< 0)
            let inverse = 1 / (variance + ConvolutionLayer.epsilon).squareRoot()
            let gamma = affine.map { Doubles((weights + $0 + block * 8).vectors[0]) } ?? Doubles(repeating: 1)
            let beta = affine.map { Doubles((weights + $0 + channels + block * 8).vectors[0]) } ?? Doubles.zero
            let rounded = Vector(mean)
            let rest = mean - Doubles(rounded)
            means[block] = rounded
            rests[block] = Vector(rest)
            inverses[block] = Vector(inverse)
            scales[block] = Vector(gamma * inverse)
            shifts[block] = Vector(beta - rest * gamma * inverse)
        }
    }

    func vector(_ start: Int, _ kind: BatchStatistics.View.Kind, channels: Int) -> UnsafeMutablePointer<Float> {
        statistics.vector(start, kind, channels: channels)
    }

    private func normalize(_ start: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, pixels: Int, channels: Int, adds: Bool) {
        Elementwise.normalize(
            x, mean: vector(start, .mean, channels: channels), scale: vector(start, .scale, channels: channels),
            shift: vector(start, .shift, channels: channels), into: y, pixels: pixels, channels: channels, adds: adds)
    }

    /// A node's value: the sum of its edges.
    private func sum(node n: Int) {
        let node = plan.nodes[n]
        let channels = node.row
        for chunk in chunks {
            for example in partition.chunks[chunk] where !isStopping {
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
                            normalize(state.statistics, raw, into: target, pixels: node.pixels, channels: channels, adds: adds)
                        } else {
                            Elementwise.accumulate(raw, mask: nil, into: target, count: node.count, adds: adds)
                        }
                    case .batchNormalization:
                        let state = layout.normalizations[layout.nodeNormalizations[n].lowerBound + normalization]
                        normalization += 1
                        normalize(
                            state.statistics, sourceImage(edge.source, example), into: target, pixels: node.pixels, channels: channels, adds: adds)
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
            for example in partition.chunks[chunk] {
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
        let start = layout.headStatistics
        let layer = plan.finalNormalization
        if takesBatch(tracked: layer.isTracked) {
            accumulateMoments(start, of: arena + layout.values[node], pixels: pixels, channels: channels)
            if !meet() { return false }
        }
        computeNormalization(
            start, channels: channels, pixelCount: pixels, affine: layer.isAffine ? layer.affineOffset : nil,
            running: layer.isTracked ? layer.runningOffset : nil)
        let (mean, scale, shift) = featureVectors(start, channels)
        for example in ownExamples {
            let image = arena + layout.values[node] + example * pixels * channels
            let features = arena + layout.features + example * channels
            for block in 0..<channels / 8 {
                var sum = Vector.zero
                let m = mean[block], a = scale[block], b = shift[block]
                for p in 0..<pixels {
                    let y = b.addingProduct(image.vectors[p * channels / 8 + block] - m, a)
                    sum += y.replacing(with: 0, where: y .< 0)
                }
                features.vectors[block] = sum / Float(pixels)
            }
        }
        return true
    }

    private func featureVectors(_ start: Int, _ channels: Int) -> (mean: UnsafePointer<Vector>, scale: UnsafePointer<Vector>, shift: UnsafePointer<Vector>) {
        func vectors(_ kind: BatchStatistics.View.Kind) -> UnsafePointer<Vector> { UnsafePointer(vector(start, kind, channels: channels).vectors) }
        return (vectors(.mean), vectors(.scale), vectors(.shift))
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

    private func clearPartialGradients() {
        for chunk in chunks where partition.buffers[chunk].isFirst {
            (gradients + partition.buffers[chunk].index * layout.gradientCount).update(repeating: 0, count: layout.gradientCount)
        }
    }

    /// Where a chunk's gradient of the numbers at an offset of the store goes, on top of those of the chunks before it that have the
    /// same buffer.
    private func partial(_ chunk: Int, _ offset: Int) -> UnsafeMutablePointer<Float> {
        gradients + partition.buffers[chunk].index * layout.gradientCount + layout.gradientPlace(offset)
    }

    /// Adds a chunk's gradient of some numbers to that of the chunks before it. `body` adds to numbers that begin at 0, so that the
    /// sum is the same where the chunk has a buffer of its own.
    func addShare(_ chunk: Int, _ offset: Int, count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let target = partial(chunk, offset)
        if partition.buffers[chunk].isFirst { return body(target) }
        let share = scratch.share.pointer
        share.update(repeating: 0, count: lanes(count))
        body(share)
        Elementwise.add(share, to: target, count: count)
    }

    /// Input and output channels change places for the input gradient; threads share the layers out.
    private func transposeWeights() {
        for (i, state) in layout.convolutions.enumerated()
        where state.source >= 0 && state.layer.kind == .dense && i % partition.threadCount == thread {
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
        // Features that are not a node's value are not needed any more: their deltas take their place.
        let features = plan.endsInFeatures ? arena + layout.values[node] : arena + layout.features
        let deltas = plan.endsInFeatures ? arena + layout.deltas[node] : features
        let row = scratch.share.pointer
        for chunk in chunks {
            let gradient = partial(chunk, plan.classifier.weightOffset)
            let range = partition.chunks[chunk]
            /// Adds up `classes` numbers over the chunk's examples, and then to those of the chunks before.
            func addRow(_ index: Int, _ add: (_ example: Int, _ logitDelta: UnsafePointer<Float>) -> Void) {
                row.update(repeating: 0, count: classes)
                for example in range { add(example, UnsafePointer(arena + layout.logitDeltas + example * classes)) }
                let target = gradient + index * classes
                for k in 0..<classes { target[k] += row[k] }
            }
            for c in 0..<inputs {
                addRow(c) { example, logitDelta in
                    let f = features[example * channels + c]
                    var delta: Float = 0
                    for k in 0..<classes {
                        delta += linear[c * classes + k] * logitDelta[k]
                        row[k] += f * logitDelta[k]
                    }
                    deltas[example * channels + c] = delta / Float(pixels)
                }
            }
            addRow(inputs) { _, logitDelta in for k in 0..<classes { row[k] += logitDelta[k] } }
            for example in range { for c in inputs..<channels { deltas[example * channels + c] = 0 } }
        }
        // No thread uses the transposed weights before all are written.
        return plan.endsInFeatures ? meet() : backwardFeatures()
    }

    /// Through the average, ReLU and BN of the end.
    private mutating func backwardFeatures() -> Bool {
        let (node, pixels, channels, _) = head
        let start = layout.headStatistics
        let (mean, scale, shift) = featureVectors(start, channels)
        let images = arena + layout.values[node], deltas = arena + layout.deltas[node]
        for example in ownExamples {
            let features = arena + layout.features + example * channels
            let image = images + example * pixels * channels
            let delta = deltas + example * pixels * channels
            for block in 0..<channels / 8 {
                let m = mean[block], a = scale[block], b = shift[block], share = features.vectors[block]
                for p in 0..<pixels {
                    let i = p * channels / 8 + block
                    let y = b.addingProduct(image.vectors[i] - m, a)
                    delta.vectors[i] = share.replacing(with: 0, where: y .<= 0)
                }
            }
        }
        accumulateDeltaMoments(start, deltas, images, pixels: pixels, channels: channels)
        guard meet() else { return false }
        let layer = plan.finalNormalization
        computeDeltaMeans(start, channels: channels, pixelCount: pixels, affine: layer.isAffine ? layer.affineOffset : nil)
        for example in ownExamples {
            let delta = deltas + example * pixels * channels
            normalizationDelta(
                start, delta, images + example * pixels * channels, into: delta, height: 1, width: pixels, channels: channels, border: 0)
        }
        return true
    }

    /// Turns the sums over the batch of dy and dy * (x - mean) into the vectors of the derivative of a normalisation,
    /// dx = scale * (dy - mean of dy - xhat * mean of dy * xhat), and with `affine` into the gradients of gamma and beta.
    private func computeDeltaMeans(_ start: Int, channels: Int, pixelCount: Int, affine: Int?) {
        func vectors(_ kind: BatchStatistics.View.Kind) -> UnsafeMutablePointer<Vector> { vector(start, kind, channels: channels).vectors }
        let (rests, inverses, scales, products, offsets) = (vectors(.rest), vectors(.inverse), vectors(.scale), vectors(.product), vectors(.offset))
        let count = Double(layout.batchSize * pixelCount)
        for block in 0..<channels / 8 {
            var (deltas, normalized) = statistics.deltaSums(start, channels: channels, block: block)
            let rest = Doubles(rests[block]), inverse = Doubles(inverses[block]), scale = Doubles(scales[block])
            normalized = (normalized - deltas * rest) * inverse
            let product = scale * inverse * normalized / count
            products[block] = Vector(product)
            offsets[block] = Vector(scale * deltas / count - product * rest)
            // The sums of all chunks, so they go to the first one's gradient.
            if let affine, thread == 0 {
                let gradient = partial(0, affine) + block * 8
                gradient.vectors[0] = Vector(normalized)
                (gradient + channels).vectors[0] = Vector(deltas)
            }
        }
    }

    private mutating func normalizationSums(node n: Int) -> Bool {
        let convolutions = layout.nodeConvolutions[n], alone = layout.nodeNormalizations[n]
        guard !alone.isEmpty || convolutions.contains(where: { layout.convolutions[$0].layer.normalizes }) else { return true }
        let node = plan.nodes[n]
        for index in convolutions where layout.convolutions[index].layer.normalizes {
            let state = layout.convolutions[index]
            accumulateDeltaMoments(
                state.statistics, arena + layout.deltas[n], arena + state.raw, pixels: node.pixels, channels: node.row)
        }
        for index in alone {
            let state = layout.normalizations[index]
            accumulateDeltaMoments(
                state.statistics, arena + layout.deltas[n], arena + layout.values[state.source], pixels: node.pixels, channels: node.row)
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

    /// `images` are what was normalised.
    private func accumulateDeltaMoments(_ start: Int, _ deltas: UnsafePointer<Float>, _ images: UnsafePointer<Float>, pixels: Int, channels: Int) {
        let mean = vector(start, .mean, channels: channels)
        for chunk in chunks {
            let sums = statistics.sums(start, chunk: chunk, .backward, channels: channels)
            sums.update(repeating: 0, count: 2 * channels)
            let range = partition.chunks[chunk]
            var first = range.lowerBound
            while first < range.upperBound {
                let next = min(range.upperBound, first + Geometry.room(pixels: pixels))
                Elementwise.accumulateDeltaMoments(
                    deltas + first * pixels * channels, images + first * pixels * channels, mean: mean, pixels: (next - first) * pixels,
                    channels: channels, sums, sums + channels)
                first = next
            }
        }
        addUpGroups(start, .backward, pixels: pixels, channels: channels)
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
                    let range = partition.chunks[chunk]
                    Elementwise.accumulate(
                        arena + layout.deltas[n] + range.lowerBound * node.count, mask: nil,
                        into: arena + layout.deltas[edge.source] + range.lowerBound * node.count, count: range.count * node.count, adds: adds)
                }
            case .averagePool:
                for chunk in chunks {
                    for example in partition.chunks[chunk] {
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
            case .layerNormalization(let layer): propagate(layer, from: edge.source, node: n, adds: adds)
            case .gate(let factor):
                propagateGate(edge, factor: factor, node: n, adds: adds, addsToFactor: scratch.hasDelta[factor])
                scratch.hasDelta[factor] = true
            default: propagate(edge, node: n, adds: adds)
            }
            if edge.source >= 0 { scratch.hasDelta[edge.source] = true }
        }
    }

    private func propagate(_ state: PlanLayout.Convolution, node n: Int, adds: Bool) {
        let g = state.geometry
        let chunks = chunks
        var chunk = chunks.lowerBound
        while chunk < chunks.upperBound, !isStopping {
            let range = partition.chunks[chunk]
            if range.count > g.room {
                addShare(chunk, state.layer) { weightShare, biasShare in
                    var first = range.lowerBound
                    while first < range.upperBound, !isStopping {
                        let count = min(g.room, range.upperBound - first)
                        prepareGradient(state, node: n, first, count)
                        scratch.ends[0] = Int32(count * g.outputHeight * g.outputWidth)
                        weightGradient(state, from: 0, partCount: 1, weightShare, biasShare)
                        if state.source >= 0 { inputGradient(state, first, count, adds: adds) }
                        first += count
                    }
                }
                chunk += 1
            } else {
                var end = chunk + 1
                while end < chunks.upperBound, partition.chunks[end].upperBound - range.lowerBound <= g.group { end += 1 }
                let count = partition.chunks[end - 1].upperBound - range.lowerBound
                prepareGradient(state, node: n, range.lowerBound, count)
                weightGradients(state, chunk..<end)
                if state.source >= 0 { inputGradient(state, range.lowerBound, count, adds: adds) }
                chunk = end
            }
        }
    }

    /// Writes what the weight gradient of some examples needs.
    private func prepareGradient(_ state: PlanLayout.Convolution, node n: Int, _ first: Int, _ count: Int) {
        scratch.multiplyAdds &+= (state.source >= 0 ? 2 : 1) * count * state.geometry.outputHeight * state.geometry.outputWidth * state.layer.multiplyAdds
        writeDeltas(state, node: n, first, count)
        gather(state, first, count)
    }

    /// The gradients of chunks that are in the scratch together. A dense convolution's kernel adds up chunks of the same buffer by itself.
    private func weightGradients(_ state: PlanLayout.Convolution, _ chunks: Range<Int>) {
        let pixels = state.geometry.outputHeight * state.geometry.outputWidth
        let start = partition.chunks[chunks.lowerBound].lowerBound
        var chunk = chunks.lowerBound
        while chunk < chunks.upperBound {
            let from = (partition.chunks[chunk].lowerBound - start) * pixels
            let buffer = partition.buffers[chunk].index
            var end = chunk
            repeat {
                scratch.ends[end - chunk] = Int32((partition.chunks[end].upperBound - start) * pixels - from)
                end += 1
            } while state.layer.kind == .dense && end < chunks.upperBound && partition.buffers[end].index == buffer
            if state.layer.kind == .dense {
                weightGradient(
                    state, from: from, partCount: end - chunk, partial(chunk, state.layer.weightOffset),
                    state.layer.hasBias ? partial(chunk, state.layer.biasOffset) : nil)
            } else {
                addShare(chunk, state.layer) { weightGradient(state, from: from, partCount: 1, $0, $1) }
            }
            chunk = end
        }
    }

    /// See the other one; for a convolution's weights and biases.
    private func addShare(
        _ chunk: Int, _ layer: ConvolutionLayer, _ body: (_ weights: UnsafeMutablePointer<Float>, _ biases: UnsafeMutablePointer<Float>?) -> Void
    ) {
        addShare(chunk, layer.weightOffset, count: layer.weightCount) { weightShare in
            guard layer.hasBias else { return body(weightShare, nil) }
            let biases = partial(chunk, layer.biasOffset)
            if partition.buffers[chunk].isFirst { return body(weightShare, biases) }
            let biasShare = scratch.share.pointer + lanes(layer.weightCount)
            biasShare.update(repeating: 0, count: layer.outputLanes)
            body(weightShare, biasShare)
            Elementwise.add(biasShare, to: biases, count: layer.outputLanes)
        }
    }

    /// The gradients of a convolution's weights and biases by pixels of the images in `scratch`: from one of them on, as many parts as
    /// there are `scratch.ends`.
    private func weightGradient(
        _ state: PlanLayout.Convolution, from: Int, partCount: Int, _ gradient: UnsafeMutablePointer<Float>, _ biases: UnsafeMutablePointer<Float>?
    ) {
        let g = state.geometry
        let layer = state.layer
        let ends = scratch.ends
        let pixels = g.pixels.pointer + from, deltaOffsets = g.deltaOffsets.pointer + from
        let pixelCount = Int(ends[partCount - 1])
        switch layer.kind {
        case .dense:
            for group in 0..<layer.groups {
                Convolution.weightGradient(
                    image: scratch.padded.pointer + group * layer.groupInputs, pixels: pixels, ends: ends, partCount: partCount,
                    rows: g.rows.pointer, rowCount: g.rows.count, delta: scratch.delta.pointer + group * layer.groupOutputs,
                    deltaOffsets: deltaOffsets, outputs: layer.groupOutputs, gradient: gradient + group * layer.groupWeightCount)
            }
        case .depthwise:
            DepthwiseConvolution.weightGradient(
                image: scratch.padded.pointer, pixels: pixels, pixelCount: pixelCount, run: g.outputWidth, taps: g.taps.pointer,
                tapCount: g.taps.count, columns: g.columns, delta: scratch.delta.pointer, deltaOffsets: deltaOffsets, channels: layer.outputLanes,
                gradient: gradient)
        case .grouped:
            GroupedConvolution(layer).weightGradient(
                image: scratch.padded.pointer, pixels: pixels, pixelCount: pixelCount, taps: g.taps.pointer, tapCount: g.taps.count,
                delta: scratch.delta.pointer, deltaOffsets: deltaOffsets, gradient: gradient)
        }
        guard let biases else { return }
        var first = 0
        for part in 0..<partCount {
            let end = Int(ends[part])
            Channels.accumulateSums(
                scratch.delta.pointer, offsets: deltaOffsets + first, pixels: end - first, channels: layer.outputLanes, into: biases)
            first = end
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
        Elementwise.normalizationDelta(
            delta, x, mean: vector(start, .mean, channels: channels), scale: vector(start, .scale, channels: channels),
            product: vector(start, .product, channels: channels), offset: vector(start, .offset, channels: channels), into: target,
            height: height, width: width, channels: channels, border: border)
    }

    private func inputGradient(_ state: PlanLayout.Convolution, _ first: Int, _ count: Int, adds: Bool) {
        let g = state.geometry
        let inputCount = g.key.height * g.key.width * g.key.inputs
        for pass in g.transposed {
            let pixelCount = pass.pixels.count / g.room * count
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
