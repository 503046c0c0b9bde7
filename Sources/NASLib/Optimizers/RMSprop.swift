/// RMSprop (Hinton, 2012): g += decay w; s = alpha s + (1 - alpha) g^2; v = momentum v + g / (sqrt(s) + epsilon); w -= rate v.
public struct RMSprop: UpdateRule {
    public var alpha: Double
    public var epsilon: Double
    public var momentum: Double
    public var weightDecay: Double

    public init(alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, weightDecay: Double = 0) {
        (self.alpha, self.epsilon, self.momentum, self.weightDecay) = (alpha, epsilon, momentum, weightDecay)
    }

    public var slotCount: Int { 2 }

    public func update(_ span: ParameterSpan, learningRate: Double) {
        let (w, g, s, v, scale) = (span.weights, span.gradients, span.first, span.second, span.gradientScale)
        let (rate, decay, momentum) = (Float(learningRate), Float(weightDecay), Float(momentum))
        let (alpha, rest, epsilon) = (Float(alpha), Float(1 - alpha), Float(epsilon))
        for i in 0..<span.count {
            let slope = g[i] * scale + decay * w[i]
            s[i] = alpha * s[i] + rest * slope * slope
            v[i] = momentum * v[i] + RMSprop.quotient(slope, s[i].squareRoot() + epsilon)
            w[i] -= rate * v[i]
        }
    }
}
