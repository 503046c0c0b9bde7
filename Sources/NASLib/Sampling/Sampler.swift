/// What steps draw from, and what may learn from them: probabilities are made anew now and then, from what was observed since.
public protocol Sampler: AnyObject {
    /// Whether `refresh` does anything.
    var isRefreshed: Bool { get }
    /// Whether probabilities are in proportion to norms or the like, which a temperature flattens.
    var hasTemperature: Bool { get }
    /// Makes the probabilities anew from what was observed since the last time.
    ///
    /// - Parameters:
    ///   - smoothing: the weight of the learnt part against uniform, from 0 to 1.
    ///   - temperature: what probabilities are flattened by, 1 where there is none.
    ///   - progress: how much of the training is done, from 0 to 1.
    func refresh(smoothing: Double, temperature: Double, progress: Double) throws
    /// Whether steps are to be multiplied by the importance weights of what they drew.
    var weightsSteps: Bool { get }
    /// The memory that it takes.
    var byteCount: Int { get }
}

extension Sampler {
    public var isRefreshed: Bool { false }
    public var hasTemperature: Bool { false }
    public func refresh(smoothing: Double, temperature: Double, progress: Double) throws {}
    public var weightsSteps: Bool { false }
    public var byteCount: Int { 0 }
}

/// A sampler whose probabilities are in proportion to norms.
public protocol ImportanceSampler: Sampler {
    var mode: SamplingMode { get }
    /// See `Sampler`; nothing of it depends on the training's progress.
    func refresh(smoothing: Double, temperature: Double) throws
}

extension ImportanceSampler {
    public var isRefreshed: Bool { true }
    public var hasTemperature: Bool { true }
    public func refresh(smoothing: Double, temperature: Double, progress: Double) throws {
        try refresh(smoothing: smoothing, temperature: temperature)
    }
    public var weightsSteps: Bool { mode == .unbiased }
}
