/// Stochastic gradient descent: g += decay w; v = momentum v + g; w -= rate v, or with Nesterov's momentum
/// w -= rate (g + momentum v).
public struct SGD: UpdateRule {
    public var momentum: Double
    public var isNesterov: Bool
    public var weightDecay: Double

    public init(momentum: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0) {
        (self.momentum, self.isNesterov, self.weightDecay) = (momentum, isNesterov, weightDecay)
    }

    public var slotCount: Int { momentum == 0 ? 0 : 1 }

    public func update(_ span: ParameterSpan, learningRate: Double) {
        let (w, g, v, scale, count) = (span.weights, span.gradients, span.first, span.gradientScale, span.count)
        let (rate, decay, momentum) = (Float(learningRate), Float(weightDecay), Float(momentum))
        guard slotCount > 0 else {
            for i in 0..<count { w[i] -= rate * (g[i] * scale + decay * w[i]) }
            return
        }
        if isNesterov {
            for i in 0..<count {
                let slope = g[i] * scale + decay * w[i]
                v[i] = momentum * v[i] + slope
                w[i] -= rate * (slope + momentum * v[i])
            }
        } else {
            for i in 0..<count {
                v[i] = momentum * v[i] + (g[i] * scale + decay * w[i])
                w[i] -= rate * v[i]
            }
        }
    }
}
