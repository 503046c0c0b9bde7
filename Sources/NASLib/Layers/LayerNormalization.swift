/// y[p, c] = (x[p, c] - mean[p]) / sqrt(variance[p] + 1e-5) * gamma[c] + beta[c], mean and variance over the channels of a pixel.
struct LayerNormalization: LayerKind {
    var isAffine: Bool

    var description: String { call("layer_norm", isAffine ? nil : "affine: false") }
    var hasParameters: Bool { isAffine }
    var keepsZero: Bool { !isAffine }

    func planned(for input: ImageShape, isAlone: Bool) throws -> any PlannedLayer {
        LayerNormalizationLayer(channels: input.channels, isAffine: isAffine)
    }
}

extension DeclaredLayer {
    /// Normalisation over the channels of each pixel.
    public static func layerNormalization(affine: Bool) -> DeclaredLayer { DeclaredLayer(LayerNormalization(isAffine: affine)) }
}

/// It works on the differences from a pixel's first channel, so that what all channels have in common does not take their digits.
struct LayerNormalizationLayer: ImageLayer, NormalizationLayer {
    var channels: Int
    var isAffine: Bool
    var place = LayerPlace()

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        let (row, affine) = (pass.input.row, pass.parameters)
        for p in 0..<pass.input.pixels {
            let from = x + p * row, to = y + p * row
            let (mean, inverse) = moments(from)
            for c in 0..<channels {
                let value = (from[c] - from[0] - mean) * inverse
                let result = affine.map { value * $0[c] + $0[row + c] } ?? value
                to[c] = adds ? to[c] + result : result
            }
            if !adds { for c in channels..<row { to[c] = 0 } }
        }
    }

    /// dx += (g - mean(g) - xhat * mean(g * xhat)) / deviation with g = dy * gamma; dgamma += dy * xhat, dbeta += dy.
    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        let (row, affine) = (pass.input.row, pass.parameters)
        for p in 0..<pass.input.pixels {
            let from = x + p * row, d = dy + p * row, to = dx + p * row
            let (mean, inverse) = moments(from)
            var sum: Float = 0
            var product: Float = 0
            for c in 0..<channels {
                let normalized = (from[c] - from[0] - mean) * inverse
                let g = d[c] * (affine?[c] ?? 1)
                sum += g
                product += g * normalized
                if let gradient = pass.gradient {
                    gradient[c] += d[c] * normalized
                    gradient[row + c] += d[c]
                }
            }
            sum /= Float(channels)
            product /= Float(channels)
            for c in 0..<channels { to[c] += (d[c] * (affine?[c] ?? 1) - sum - (from[c] - from[0] - mean) * inverse * product) * inverse }
        }
    }

    /// Of the differences from the first channel.
    private func moments(_ x: UnsafePointer<Float>) -> (mean: Float, inverse: Float) {
        var sum: Float = 0
        for c in 0..<channels { sum += x[c] - x[0] }
        let mean = sum / Float(channels)
        var square: Float = 0
        for c in 0..<channels { square += (x[c] - x[0] - mean) * (x[c] - x[0] - mean) }
        return (mean, 1 / (square / Float(channels) + Float(BatchNormalization.epsilon)).squareRoot())
    }
}
