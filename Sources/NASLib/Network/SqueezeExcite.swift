/// A layer that is made of others.
protocol CompositeLayer: LayerKind {
    func block(for input: ImageShape) throws -> Block
}

extension CompositeLayer {
    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer { preconditionFailure("its block is planned") }
}

/// y[p, c] = x[p, c] * s[c] with s = sigmoid(W2 relu(W1 mean over pixels of x + b1) + b2) (Hu et al., 2018).
struct SqueezeExcite: CompositeLayer {
    /// How many times fewer channels there are between the two layers.
    var reduction: Int

    var description: String { call("squeeze_excite", "reduction: \(reduction)") }
    var hasParameters: Bool { true }

    func block(for input: ImageShape) throws -> Block {
        guard reduction >= 1 else { throw failure("the reduction must be at least 1") }
        return .gate(.sequence([
            .globalPool, .convolution(max(1, input.channels / reduction), kernel: 1, bias: true), .relu,
            .convolution(input.channels, kernel: 1, bias: true), .layer(.activation(.sigmoid)),
        ]))
    }
}

extension DeclaredLayer {
    public static func squeezeExcite(reduction: Int) -> DeclaredLayer { DeclaredLayer(SqueezeExcite(reduction: reduction)) }
}
