/// A formula of an optimizer. It works on spans of parameters, which are parts of a tensor or of a network's weights.
public protocol UpdateRule: Sendable {
    /// How many numbers it remembers of each parameter from step to step, up to 2.
    var slotCount: Int { get }
    /// Changes parameters by their gradients.
    func update(_ span: ParameterSpan, learningRate: Double)
}

/// Parameters that lie together, their gradients, and what a rule remembers of them, zero before the first step. All arrays have `count`
/// numbers and do not overlap; a rule with fewer than two slots leaves the others alone.
public struct ParameterSpan {
    public let weights: UnsafeMutablePointer<Float>
    public let gradients: UnsafePointer<Float>
    /// The factor that clipping multiplies the gradients by; 1 without clipping.
    public let gradientScale: Float
    public let first: UnsafeMutablePointer<Float>
    public let second: UnsafeMutablePointer<Float>
    public let count: Int
    /// The steps that these parameters have taken with this one.
    public let step: Int
}

extension UpdateRule {
    /// What a rule is known by in saved states.
    var name: String { "\(type(of: self))" }

    /// a / b for b of at least 0, where 0 / 0 is 0: a parameter whose gradients were all 0 does not move, whatever epsilon is.
    @inline(__always) static func quotient(_ a: Float, _ b: Float) -> Float { b == 0 ? 0 : a / b }
}
