/// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta over the channels of each pixel.
///
/// It works on the differences from the first channel, so that what all channels have in common does not take their digits.
///
/// A pixel has `row` floats, of which the first `channels` count and the others stay zero. `affine` holds gamma, then
/// beta, `row` floats each; nil is 1 and 0.
struct LayerNormalization {
    var pixels: Int
    var channels: Int
    var row: Int
    var epsilon: Float

    /// y += or = the normalised pixels.
    func forward(_ x: UnsafePointer<Float>, affine: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, adds: Bool) {
        for p in 0..<pixels {
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

    /// dx += (g - mean(g) - xhat * mean(g * xhat)) / deviation with g = dy * gamma; gradients of gamma and beta are added to `gradient`.
    func backward(
        _ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, affine: UnsafePointer<Float>?, into dx: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>?
    ) {
        for p in 0..<pixels {
            let from = x + p * row, d = dy + p * row, to = dx + p * row
            let (mean, inverse) = moments(from)
            var sum: Float = 0
            var product: Float = 0
            for c in 0..<channels {
                let normalized = (from[c] - from[0] - mean) * inverse
                let g = d[c] * (affine?[c] ?? 1)
                sum += g
                product += g * normalized
                if let gradient {
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
        return (mean, 1 / (square / Float(channels) + epsilon).squareRoot())
    }
}
