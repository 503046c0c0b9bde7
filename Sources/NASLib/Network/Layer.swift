/// A convolution with what belongs to it: ReLU before, batch normalisation after. Its numbers lie in a `ParameterStore`.
///
/// y = BN(conv(relu(x))); BN(y) = (y - mean) / sqrt(var + 1e-5) * gamma + beta, with gamma and beta only when `isAffine`.
struct ConvolutionLayer {
    var inputs: Int
    var outputs: Int
    var kernel: Int
    var stride: Int
    /// ReLU on the input.
    var activates = true
    var normalizes = true
    var isAffine = false
    /// 2x2 average pooling with stride 2 of the input first (the shortcut of a reduction block).
    var poolsFirst = false

    /// Where its numbers lie in the store.
    var weightOffset = 0
    /// gamma, then beta; `outputs` numbers each.
    var affineOffset = 0
    /// Running mean, then running variance, in the store's buffers.
    var runningOffset = 0
    /// Position among the store's layers.
    var index = 0

    var weightCount: Int { kernel * kernel * inputs * outputs }
    var parameterCount: Int { weightCount + (isAffine ? 2 * outputs : 0) }
    static let epsilon = 1e-5
}

/// y = x W + b.
struct LinearLayer {
    var inputs: Int
    var outputs: Int
    /// `inputs` x `outputs`, row-major, then `outputs` biases.
    var weightOffset = 0
    var weightCount: Int { inputs * outputs + outputs }
}
