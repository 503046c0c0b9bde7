/// y = conv(x) + bias, each channel of the output a sum over a window of the input's channels.
///
/// As a space declares it; what a network has of it is a `ConvolutionLayer`.
public struct DeclaredConvolution: Hashable, Sendable {
    /// nil keeps the input's channels.
    public var outputs: Int?
    public var kernel: Int
    public var stride: Int
    /// nil pads as much as keeps the size of the image where the stride is 1.
    public var padding: Int?
    public var dilation: Int
    public var groups: Int
    /// One group for each channel.
    public var isDepthwise: Bool
    public var bias: Bool

    public init(
        outputs: Int?, kernel: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1, groups: Int = 1, isDepthwise: Bool = false,
        bias: Bool = false
    ) {
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.isDepthwise = isDepthwise
        self.bias = bias
    }
}

extension DeclaredConvolution: ConvolutionKind {
    var description: String {
        call(
            isDepthwise ? "depthwise" : "conv", outputs.map(String.init), "kernel: \(kernel)", stride == 1 ? nil : "stride: \(stride)",
            padding.map { "padding: \($0)" }, dilation == 1 ? nil : "dilation: \(dilation)", groups == 1 ? nil : "groups: \(groups)",
            bias ? "bias: true" : nil)
    }
    var keepsZero: Bool { !bias }

    func convolution(for input: ImageShape) throws -> ConvolutionLayer {
        ConvolutionLayer(
            inputs: input.channels, outputs: outputs ?? input.channels, kernel: kernel, stride: stride, padding: padding,
            dilation: dilation, groups: isDepthwise ? input.channels : groups, hasBias: bias)
    }
}

extension DeclaredLayer {
    public static func convolution(_ convolution: DeclaredConvolution) -> DeclaredLayer { DeclaredLayer(convolution) }
}

/// y = x W + b, on images of one pixel: a convolution of kernel 1. The last one of a space is its `Classifier`.
struct Linear: ConvolutionKind {
    var outputs: Int
    var bias: Bool

    var description: String { call("dense", "\(outputs)", bias ? nil : "bias: false") }
    var keepsZero: Bool { !bias }

    func convolution(for input: ImageShape) throws -> ConvolutionLayer {
        try checkPixels(input)
        return ConvolutionLayer(inputs: input.channels, outputs: outputs, kernel: 1, stride: 1, hasBias: bias)
    }

    func checkPixels(_ input: ImageShape) throws {
        guard input.height == 1, input.width == 1 else {
            throw NASError(
                .shape, "\(description) takes images of one pixel, not \(input.text): put \"global_pool\" or \"flatten\" before it")
        }
    }
}

extension DeclaredLayer {
    public static func linear(outputs: Int, bias: Bool) -> DeclaredLayer { DeclaredLayer(Linear(outputs: outputs, bias: bias)) }
}

/// A layer that is a convolution: with the batch normalisation after it, if there is one, it becomes one layer.
protocol ConvolutionKind: LayerKind {
    /// The convolution for images of a shape, without activation and normalisation.
    func convolution(for input: ImageShape) throws -> ConvolutionLayer
}

extension ConvolutionKind {
    var addsDepth: Bool { true }
    var hasParameters: Bool { true }

    /// `convolution(for:)` where it fits the images.
    func checked(for input: ImageShape) throws -> ConvolutionLayer {
        let layer = try convolution(for: input)
        guard (1...1 << 16).contains(layer.outputs) else { throw failure("there must be 1 to 65536 output channels") }
        guard (1...64).contains(layer.kernel), (1...64).contains(layer.stride), (1...64).contains(layer.dilation) else {
            throw failure("kernel, stride and dilation must be from 1 to 64")
        }
        guard layer.groups >= 1, layer.inputs % layer.groups == 0, layer.outputs % layer.groups == 0 else {
            throw failure("\(layer.groups) groups do not divide the \(layer.inputs) input and \(layer.outputs) output channels")
        }
        let reach = layer.reach
        guard (0...max(0, reach)).contains(layer.padding ?? 0) else {
            throw failure("the padding must be from 0 to \(reach), what the kernel reaches over")
        }
        let border = layer.geometry(height: input.height, width: input.width).border
        guard input.height + 2 * border > reach, input.width + 2 * border > reach else {
            throw failure("images of \(input.text) are smaller than the kernel")
        }
        return layer
    }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        let layer = try checked(for: input)
        let key = layer.geometry(height: input.height, width: input.width)
        return ImageShape(height: key.outputHeight, width: key.outputWidth, channels: layer.outputs)
    }

    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer { try checked(for: input) }

    func multiplyAdds(for input: ImageShape) throws -> Int {
        let output = try outputShape(for: input)
        return output.height * output.width * (try checked(for: input).multiplyAdds)
    }
}

/// A convolution with what belongs to it: an activation before, batch normalisation after.
///
/// y = BN(conv(f(x)) + bias); BN(y) = (y - mean) / sqrt(var + 1e-5) * gamma + beta, with gamma and beta only when `isAffine`.
/// A linear layer is one of kernel 1 on an image of one pixel.
struct ConvolutionLayer: StoredLayer {
    var inputs: Int
    var outputs: Int
    var kernel: Int
    var stride: Int
    /// On each side; without it as much as keeps the size of the image where the stride is 1.
    var padding: Int? = nil
    var dilation = 1
    /// Outputs of a group see only the inputs of the same group.
    var groups = 1
    /// Of the input.
    var activation: Activation?
    var hasBias = false
    var normalizes = false
    /// Whether the normalisation has gamma and beta.
    var isAffine = false
    /// Whether the normalisation has running statistics, for evaluation.
    var isTracked = false
    /// Whether the input is the image itself, whose pixels have no more floats than channels.
    var readsImage = false
    var place = LayerPlace()

    /// Which kernel computes it: dense takes the groups one by one, where they have whole vectors on both sides.
    enum Kind { case dense, depthwise, grouped }
    var kind: Kind {
        if groups == 1 || (inputs / groups % 8 == 0 && outputs / groups % 8 == 0) { return .dense }
        return groups == inputs && inputs == outputs ? .depthwise : .grouped
    }
    /// Floats of a pixel on both sides.
    var inputLanes: Int { readsImage ? inputs : lanes(inputs) }
    var outputLanes: Int { lanes(outputs) }
    var taps: Int { kernel * kernel }
    /// Pixels from the kernel's first tap to its last.
    var reach: Int { dilation * (kernel - 1) }

    /// Floats that its weights take; those beyond the channels are zero and stay so.
    var weightCount: Int {
        switch kind {
        case .dense: groups * groupWeightCount
        case .depthwise: taps * outputLanes
        case .grouped: taps * (inputs / groups) * outputLanes
        }
    }

    /// Of a dense convolution: floats of a pixel that a group reads and writes, and its weights, which lie group by group.
    var groupInputs: Int { inputLanes / groups }
    var groupOutputs: Int { outputLanes / groups }
    var groupWeightCount: Int { taps * groupInputs * groupOutputs }

    /// Where the weight of (tap, input of the group, output) lies.
    func weightIndex(_ tap: Int, _ input: Int, _ output: Int) -> Int {
        switch kind {
        case .dense:
            output / groupOutputs * groupWeightCount
                + Convolution.weightIndex(tap, input, output % groupOutputs, taps: taps, inputs: groupInputs, outputs: groupOutputs)
        case .depthwise: tap * outputLanes + output
        case .grouped: (tap * (inputs / groups) + input) * outputLanes + output
        }
    }

    /// For each output pixel.
    var multiplyAdds: Int { taps * (inputs / groups) * outputs }

    func geometry(height: Int, width: Int) -> Geometry.Key {
        Geometry.Key(
            height: height, width: width, inputs: inputLanes, outputs: outputLanes, kernel: kernel, stride: stride, padding: padding,
            dilation: dilation, groups: groups, isDense: kind == .dense)
    }

    // MARK: - As a plan knows it

    /// PyTorch's default start: uniform in ±1/sqrt(fan in). Weights are [output, input of the group, row, column].
    var slots: [ParameterSlot] {
        let groupInputs = inputs / groups, taps = taps
        let bound = 1 / Double(taps * groupInputs).squareRoot()
        var slots = [ParameterSlot(arrays: [ParameterArray(
            name: "weight", role: .weight, shape: [outputs, groupInputs, kernel, kernel], extent: weightCount,
            start: .uniform(bound: bound), place: { weightIndex($0 % taps, $0 / taps % groupInputs, $0 / (taps * groupInputs)) })])]
        if hasBias {
            slots.append(ParameterSlot(arrays: [ParameterArray(
                name: "bias", role: .bias, shape: [outputs], extent: outputLanes, start: .uniform(bound: bound))]))
        }
        if isAffine { slots.append(.affine(channels: outputs, prefix: "norm.")) }
        if isTracked { slots.append(.running(channels: outputs, prefix: "norm.")) }
        return slots
    }

    var keepsZero: Bool { !isAffine && !hasBias && activation?.keepsZero != false }
    var keepsOutputs: Bool { true }
    var scaling: Scaling { .weights }

    func applying(_ activation: Activation) -> (any PlannedLayer)? {
        var layer = self
        layer.activation = activation
        return layer
    }

    func plain(normalizes: Bool) -> any PlannedLayer {
        guard !normalizes else { return self }
        var layer = self
        layer.place.offsets = Array(place.offsets.prefix(hasBias ? 2 : 1))
        (layer.normalizes, layer.isAffine, layer.isTracked) = (false, false, false)
        return layer
    }

    func step(at site: Site, _ memory: inout StepMemory) -> any LayerStep { ConvolutionStep(self, site, &memory) }
}

/// A convolution at its place.
final class ConvolutionStep: LayerStep {
    let layer: ConvolutionLayer
    let site: Site
    let geometry: Geometry
    /// Where its outputs before normalisation lie in the arena.
    let raw: Int
    let normalizer: Normalizer?
    /// Where weights and biases lie in the store.
    private let weights: Int
    private let bias: Int?
    private let weightCount: Int
    private let kind: ConvolutionLayer.Kind
    private let kernels = Kernels.chosen

    init(_ layer: ConvolutionLayer, _ site: Site, _ memory: inout StepMemory) {
        (self.layer, self.site) = (layer, site)
        let g = memory.geometry(layer.geometry(height: site.input.height, width: site.input.width))
        geometry = g
        raw = memory.take(site.batchSize * site.output.count)
        normalizer = layer.normalizes ? Normalizer(layer, site.output, &memory) : nil
        (weights, bias, weightCount, kind) = (layer.place.offsets[0], layer.offset(.bias), layer.weightCount, layer.kind)
        var scratch = memory.scratch
        scratch.padded = max(scratch.padded, g.paddedCount * g.room)
        scratch.delta = max(scratch.delta, g.deltaCount * g.room)
        scratch.input = max(scratch.input, g.key.height * g.key.width * (g.key.inputs + 7) * g.room)
        scratch.share = max(scratch.share, layer.weightCount + layer.outputLanes)
        memory.scratch = scratch
    }

    private func outputs(_ share: Share, _ example: Int) -> UnsafeMutablePointer<Float> { share.arena + raw + example * site.output.count }

    // MARK: - Forward

    /// output[pixel][o] = sum over taps t and inputs i of f(image)[pixel + t][i] * weights[t][i][o], plus the bias.
    func prepare(_ share: Share) {
        let g = geometry
        let pixels = site.output.pixels, channels = site.output.row
        let moments = normalizer.flatMap { $0.takesBatch(share) ? $0 : nil }
        var cursor = Normalizer.Cursor(share)
        let range = share.ownExamples
        var first = range.lowerBound
        while first < range.upperBound, !share.isStopping {
            let count = min(g.group, range.upperBound - first)
            gather(share, first, count)
            let output = outputs(share, first)
            convolve(share, pixelCount: count * pixels, into: output)
            share.scratch.multiplyAdds &+= count * pixels * layer.multiplyAdds
            if let bias { Channels.addBias(share.weights + bias, to: output, pixels: count * pixels, channels: channels) }
            first += count
            moments?.takeMoments(share, of: outputs(share, 0), until: first, &cursor)
        }
        moments?.addUpMoments(share)
    }

    func forward(_ share: Share, _ examples: Range<Int>, adds: Bool) {
        for example in examples where !share.isStopping {
            let target = share.target(site.output, example)
            if let normalizer {
                normalizer.normalize(share, outputs(share, example), into: target, adds: adds)
            } else {
                Elementwise.accumulate(outputs(share, example), mask: nil, into: target, count: site.output.count, adds: adds)
            }
        }
    }

    /// Pads the input of some examples, the activation applied.
    private func gather(_ share: Share, _ first: Int, _ count: Int) {
        let g = geometry
        let (height, width, channels) = (g.key.height, g.key.width, g.key.inputs)
        let images = share.scratch.padded.images(count, height: height, width: width, channels: channels, border: g.border)
        for i in 0..<count {
            let padded = images + i * g.paddedCount
            kernels.pad(share.image(site.input, first + i), padded, g.paddedImage, layer.activation == .relu)
            guard let activation = layer.activation, activation != .relu else { continue }
            for y in 0..<height {
                let pixels = padded + (y + g.border) * g.paddedWidth * channels + g.border * channels
                activation.apply(pixels, into: pixels, count: width * channels)
                if !activation.keepsZero { Channels.clearTails(pixels, pixels: width, channels: layer.inputs, row: channels) }
            }
        }
    }

    /// The convolution of the images in `scratch.padded`.
    private func convolve(_ share: Share, pixelCount: Int, into output: UnsafeMutablePointer<Float>) {
        let sum = geometry.forward.of(pixels: pixelCount)
        let image = share.scratch.padded.pointer, weights = share.weights + weights
        switch kind {
        case .dense:
            for group in 0..<layer.groups {
                kernels.convolve(
                    sum, image + group * layer.groupInputs, weights + group * layer.groupWeightCount, output + group * layer.groupOutputs)
            }
        case .depthwise: kernels.convolveDepthwise(sum, image, weights, output)
        case .grouped: GroupedConvolution(layer).forward(sum, image, weights, output)
        }
    }

    // MARK: - Backward

    func prepareBackward(_ share: Share) {
        normalizer?.takeDeltaSums(share, UnsafePointer(share.arena + site.output.deltas), of: outputs(share, 0))
    }

    /// dW[t][i][o] = sum over pixels of f(image)[pixel + t][i] * d[pixel][o], and dx = f'(x) times the convolution of d with the weights
    /// transposed; d is what the normalisation hands back of the node's deltas.
    func backward(_ share: Share, adds: Adds) {
        let g = geometry
        let partition = share.partition
        let chunks = share.chunks
        var chunk = chunks.lowerBound
        while chunk < chunks.upperBound, !share.isStopping {
            let range = partition.chunks[chunk]
            if range.count > g.room {
                addGradient(share, chunk) { weightShare, biasShare in
                    var first = range.lowerBound
                    while first < range.upperBound, !share.isStopping {
                        let count = min(g.room, range.upperBound - first)
                        prepareGradient(share, first, count)
                        share.scratch.ends[0] = Int32(count * site.output.pixels)
                        weightGradient(share, from: 0, partCount: 1, weightShare, biasShare)
                        inputGradient(share, first, count, adds: adds.toSource)
                        first += count
                    }
                }
                chunk += 1
            } else {
                var end = chunk + 1
                while end < chunks.upperBound, partition.chunks[end].upperBound - range.lowerBound <= g.group { end += 1 }
                let count = partition.chunks[end - 1].upperBound - range.lowerBound
                prepareGradient(share, range.lowerBound, count)
                weightGradients(share, chunk..<end)
                inputGradient(share, range.lowerBound, count, adds: adds.toSource)
                chunk = end
            }
        }
    }

    /// Writes what the gradients of some examples need.
    private func prepareGradient(_ share: Share, _ first: Int, _ count: Int) {
        share.scratch.multiplyAdds &+= (site.input.isInput ? 1 : 2) * count * site.output.pixels * layer.multiplyAdds
        writeDeltas(share, first, count)
        gather(share, first, count)
    }

    /// What the convolution's own outputs get, with a border of zeros.
    private func writeDeltas(_ share: Share, _ first: Int, _ count: Int) {
        let g = geometry
        let (height, width, channels) = (site.output.height, site.output.width, site.output.row)
        let images = share.scratch.delta.images(count, height: height, width: width, channels: channels, border: g.deltaBorder)
        for i in 0..<count {
            let delta = share.delta(site.output, first + i), target = images + i * g.deltaCount
            if let normalizer {
                normalizer.delta(share, delta, outputs(share, first + i), into: target, g.paddedDelta)
            } else {
                kernels.pad(delta, target, g.paddedDelta, false)
            }
        }
    }

    /// The gradients of chunks that are in the scratch together. A dense convolution's kernel adds up chunks of the same buffer by itself.
    private func weightGradients(_ share: Share, _ chunks: Range<Int>) {
        let partition = share.partition
        let pixels = site.output.pixels
        let start = partition.chunks[chunks.lowerBound].lowerBound
        var chunk = chunks.lowerBound
        while chunk < chunks.upperBound {
            let from = (partition.chunks[chunk].lowerBound - start) * pixels
            let buffer = partition.buffers[chunk].index
            var end = chunk
            repeat {
                share.scratch.ends[end - chunk] = Int32((partition.chunks[end].upperBound - start) * pixels - from)
                end += 1
            } while kind == .dense && end < chunks.upperBound && partition.buffers[end].index == buffer
            if kind == .dense {
                weightGradient(
                    share, from: from, partCount: end - chunk, share.gradient(chunk, weights), bias.map { share.gradient(chunk, $0) })
            } else {
                addGradient(share, chunk) { weightGradient(share, from: from, partCount: 1, $0, $1) }
            }
            chunk = end
        }
    }

    /// As `Share.addGradient`, of weights and biases.
    private func addGradient(
        _ share: Share, _ chunk: Int, _ body: (_ weights: UnsafeMutablePointer<Float>, _ biases: UnsafeMutablePointer<Float>?) -> Void
    ) {
        share.addGradient(chunk, weights, count: weightCount) { weightShare in
            guard let bias else { return body(weightShare, nil) }
            let biases = share.gradient(chunk, bias)
            if share.partition.buffers[chunk].isFirst { return body(weightShare, biases) }
            let biasShare = share.scratch.share.pointer + lanes(weightCount)
            biasShare.update(repeating: 0, count: layer.outputLanes)
            body(weightShare, biasShare)
            Elementwise.add(biasShare, to: biases, count: layer.outputLanes)
        }
    }

    /// The gradients of weights and biases by pixels of the images in the scratch: from one of them on, as many parts as there are ends.
    private func weightGradient(
        _ share: Share, from: Int, partCount: Int, _ gradient: UnsafeMutablePointer<Float>, _ biases: UnsafeMutablePointer<Float>?
    ) {
        let ends = share.scratch.ends, image = share.scratch.padded.pointer, delta = share.scratch.delta.pointer
        var sum = geometry.weightGradient
        sum.pixels += from
        sum.deltaOffsets += from
        (sum.ends, sum.partCount, sum.pixelCount) = (UnsafePointer(ends), partCount, Int(ends[partCount - 1]))
        switch kind {
        case .dense:
            for group in 0..<layer.groups {
                kernels.addWeightGradient(
                    sum, image + group * layer.groupInputs, delta + group * layer.groupOutputs, gradient + group * layer.groupWeightCount)
            }
        case .depthwise: kernels.addDepthwiseWeightGradient(sum, image, delta, gradient)
        case .grouped: GroupedConvolution(layer).weightGradient(sum, image, delta, gradient)
        }
        guard let biases else { return }
        var first = 0
        for part in 0..<partCount {
            let end = Int(ends[part])
            Channels.accumulateSums(
                delta, offsets: sum.deltaOffsets + first, pixels: end - first, channels: layer.outputLanes, into: biases)
            first = end
        }
    }

    private func inputGradient(_ share: Share, _ first: Int, _ count: Int, adds: Bool) {
        guard !site.input.isInput else { return }
        let g = geometry
        let gradient = share.scratch.input.pointer, delta = share.scratch.delta.pointer
        for pass in g.transposed {
            let sum = pass.of(pixels: pass.pixelCount / g.room * count)
            if sum.tapCount == 0 {
                for p in 0..<sum.pixelCount { (gradient + Int(sum.outputOffsets[p])).update(repeating: 0, count: g.key.inputs) }
                continue
            }
            switch kind {
            case .dense:
                for group in 0..<layer.groups {
                    kernels.convolve(
                        sum, delta + group * layer.groupOutputs, share.transposedWeights + weights + group * layer.groupWeightCount,
                        gradient + group * layer.groupInputs)
                }
            case .depthwise: kernels.convolveDepthwise(sum, delta, share.weights + weights, gradient)
            case .grouped: GroupedConvolution(layer).inputGradient(sum, delta, share.weights + weights, gradient)
            }
        }
        let size = site.input.count
        for i in 0..<count {
            let image = share.image(site.input, first + i), target = share.delta(site.input, first + i)
            if let activation = layer.activation, activation != .relu {
                activation.accumulateDelta(gradient + i * size, at: image, into: target, count: size, adds: adds)
            } else {
                let mask = layer.activation == .relu ? image : nil
                Elementwise.accumulate(gradient + i * size, mask: mask, into: target, count: size, adds: adds)
            }
        }
    }

    /// Input and output channels change places for the input gradient.
    var transposesWeights: Bool { kind == .dense && !site.input.isInput }

    func transposeWeights(_ share: Share) {
        let taps = layer.taps
        let (inputs, outputs) = (layer.groupInputs, layer.groupOutputs)
        for group in 0..<layer.groups {
            let from = share.weights + weights + group * layer.groupWeightCount
            let to = share.transposedWeights + weights + group * layer.groupWeightCount
            for tap in 0..<taps {
                for output in 0..<outputs {
                    let start = Convolution.weightIndex(tap, 0, output, taps: taps, inputs: inputs, outputs: outputs)
                    let step = min(16, outputs - output / 16 * 16)
                    for input in 0..<inputs {
                        let place = Convolution.weightIndex(tap, output, input, taps: taps, inputs: outputs, outputs: inputs)
                        to[place] = from[start + input * step]
                    }
                }
            }
        }
    }
}

extension GroupedConvolution {
    fileprivate init(_ layer: ConvolutionLayer) {
        self.init(inputs: layer.inputs, outputs: layer.outputs, groups: layer.groups, row: layer.outputLanes)
    }
}
