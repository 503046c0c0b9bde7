import Foundation

/// Adam (Kingma and Ba, 2015): m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
/// w -= rate m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon).
///
/// Weight decay is added to the gradient, or, decoupled (AdamW; Loshchilov and Hutter, 2019), taken off the weights: w -= rate decay w.
public struct Adam: UpdateRule {
    public var betas: (Double, Double)
    public var epsilon: Double
    public var weightDecay: Double
    public var isDecoupled: Bool

    public init(betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, weightDecay: Double = 0, isDecoupled: Bool = false) {
        (self.betas, self.epsilon, self.weightDecay, self.isDecoupled) = (betas, epsilon, weightDecay, isDecoupled)
    }

    public var slotCount: Int { 2 }

    public func update(_ span: ParameterSpan, learningRate: Double) {
        let (w, g, m, v, scale) = (span.weights, span.gradients, span.first, span.second, span.gradientScale)
        let (b1, b2) = (Float(betas.0), Float(betas.1))
        let (rest1, rest2) = (Float(1 - betas.0), Float(1 - betas.1))
        let rate = Float(learningRate / (1 - pow(betas.0, Double(span.step))))
        let correction = Float(1 / (1 - pow(betas.1, Double(span.step))).squareRoot())
        let epsilon = Float(epsilon)
        let decay = isDecoupled ? 0 : Float(weightDecay)
        let keep = isDecoupled ? Float(1 - learningRate * weightDecay) : 1
        for i in 0..<span.count {
            let slope = g[i] * scale + decay * w[i]
            m[i] = b1 * m[i] + rest1 * slope
            v[i] = b2 * v[i] + rest2 * slope * slope
            w[i] = keep * w[i] - Adam.quotient(rate * m[i], v[i].squareRoot() * correction + epsilon)
        }
    }
}
