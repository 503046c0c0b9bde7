/// A convolution with what belongs to it: an activation before, batch normalisation after. Its numbers lie in a `ParameterStore`.
///
/// y = BN(conv(f(x)) + bias); BN(y) = (y - mean) / sqrt(var + 1e-5) * gamma + beta, with gamma and beta only when `isAffine`.
/// A linear layer is one of kernel 1 on an image of one pixel.
struct ConvolutionLayer: Hashable {
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
    var activation: Activation? = .relu
    var hasBias = false
    var normalizes = true
    /// Whether the normalisation has gamma and beta.
    var isAffine = false
    /// Whether the normalisation has running statistics, for evaluation.
    var isTracked = false
    /// 2x2 average pooling with stride 2 of the input first (the shortcut of a reduction block).
    var poolsFirst = false
    /// Whether the input is the image itself, whose pixels have no more floats than channels.
    var readsImage = false

    /// Where its numbers lie in the store.
    var weightOffset = 0
    var biasOffset = 0
    /// gamma, then beta; `outputLanes` numbers each.
    var affineOffset = 0
    /// Running mean, then running variance, in the store's buffers.
    var runningOffset = 0
    /// Position among the store's layers.
    var index = 0

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

    /// How many numbers it trains.
    var parameterCount: Int { taps * (inputs / groups) * outputs + (hasBias ? outputs : 0) + (isAffine ? 2 * outputs : 0) }
    static let epsilon = 1e-5

    func geometry(height: Int, width: Int) -> Geometry.Key {
        Geometry.Key(
            height: height, width: width, inputs: inputLanes, outputs: outputLanes, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
            groups: groups, isDense: kind == .dense)
    }
}

/// y = x W + b.
struct LinearLayer {
    var inputs: Int
    var outputs: Int
    /// `inputs` x `outputs`, row-major, then `outputs` biases.
    var weightOffset = 0
    var weightCount: Int { inputs * outputs + outputs }
}

/// A normalisation by itself: of each channel over the batch, or of each pixel over its channels.
struct NormalizationLayer: Hashable {
    var channels: Int
    var isAffine = false
    /// Whether it has running statistics, for evaluation.
    var isTracked = false
    /// gamma, then beta, each `lanes(channels)` numbers.
    var affineOffset = 0
    var runningOffset = 0
    /// Position among the store's layers.
    var index = 0

    var affineRange: ParameterRange { ParameterRange(offset: affineOffset, count: isAffine ? 2 * lanes(channels) : 0) }
    var runningRange: ParameterRange { ParameterRange(offset: runningOffset, count: isTracked ? 2 * lanes(channels) : 0) }
}

struct PoolLayer: Hashable {
    enum Kind { case average, maximum }
    var kind: Kind
    var kernel: Int
    var stride: Int
    var padding: Int
    /// For averages, whether the padding counts as zeros.
    var countsPadding = false
}

struct DropoutLayer: Hashable {
    /// The share of the numbers that is dropped in training.
    var rate: Double
    var index = 0
}
