import Foundation

/// A distribution over vectors of one length.
public protocol VectorDistribution: Sendable {
    func draw(using generator: inout Generator) -> [Double]
    /// The logarithm of the density; -infinity outside the support, and for a vector of another length.
    func logDensity(_ x: [Double]) -> Double
    var mean: [Double] { get }
    /// Of each component.
    var variance: [Double] { get }
    /// The expectation of -log density in nats; nil where there is no closed form.
    var entropy: Double? { get }
    /// The Kullback-Leibler divergence of another over as many components from this one; nil where there is no closed form.
    func divergence(from other: any VectorDistribution) -> Double?
    /// The distribution of this kind under which weighted vectors are most likely; nil where there is none.
    func fitted(to vectors: [[Double]], weights: [Double]) -> Self?
    /// The parameters of a kind that can be fitted, as lists of numbers, in the order of its initializer.
    var arguments: String { get }
    /// How many distributions it is made of, itself included: the work of evaluating it.
    var size: Int { get }
    /// Of its arrays. Of mixtures within a mixture, which may be in several, only the list counts.
    var byteCount: Int { get }
}

extension VectorDistribution {
    public var entropy: Double? { nil }
    public func divergence(from other: any VectorDistribution) -> Double? { nil }
    public func fitted(to vectors: [[Double]], weights: [Double]) -> Self? { nil }
    public var arguments: String { "" }
    public var size: Int { 1 }
}
