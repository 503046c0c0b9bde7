/// A distribution over the paths that a supernet is trained on. To be one, `drawPaths` is enough.
public protocol PathSampler: Sampler {
    /// The paths of a step; the gradients of several are added up for one update.
    func drawPaths(using generator: inout Generator) throws -> [Path]
    /// The importance weight of a path, uniform / probability, by which the gradient of a step along it is multiplied.
    func weight(of path: Path) throws -> Double
    /// What steps along drawn paths are multiplied by.
    func weights(of drawn: [Path]) throws -> [Double]
    /// Takes in what a step saw of a path.
    func observe(_ path: Path, _ seen: PathObservation) throws
    /// Takes in a step along drawn paths.
    func observe(_ drawn: [Path], _ step: FamilyStepResult) throws
    /// For each choice the probabilities of its candidates, which are drawn independently; empty where they are not, or not known.
    var probabilities: [[Double]] { get }
    /// The probability of a path; nan where it is not known.
    func probability(of path: Path) -> Double
    /// How often a candidate was drawn on average before the last refresh; nil where that is not known or does not matter.
    var drawsPerCandidate: Double? { get }
}

/// What a path sampler learns from.
public struct PathObservation: Sendable {
    /// For each choice the gradient norm of the path's candidate, before clipping.
    public var candidateGradientNorms: [Double]
    /// The factor that clipping multiplied the gradient by; 1 where it left it.
    public var clipScale: Double
    /// Mean cross-entropy of the step's batch, over all its paths.
    public var loss: Double

    public init(candidateGradientNorms: [Double], clipScale: Double = 1, loss: Double = .nan) {
        self.candidateGradientNorms = candidateGradientNorms
        self.clipScale = clipScale
        self.loss = loss
    }
}

extension PathSampler {
    public func weight(of path: Path) throws -> Double { 1 }
    public func weights(of drawn: [Path]) throws -> [Double] { try drawn.map { weightsSteps ? try weight(of: $0) : 1 } }
    public func observe(_ path: Path, _ seen: PathObservation) throws {}

    public func observe(_ drawn: [Path], _ step: FamilyStepResult) throws {
        for (path, result) in zip(drawn, step.paths) {
            let norms = result.candidateGradientNorms
            try observe(path, PathObservation(candidateGradientNorms: norms, clipScale: step.clipScale, loss: step.loss))
        }
    }

    public var probabilities: [[Double]] { [] }

    public func probability(of path: Path) -> Double {
        let probabilities = probabilities
        guard probabilities.count == path.choices.count else { return .nan }
        return zip(probabilities, path.choices).reduce(1) { $0 * ($1.0.indices.contains(Int($1.1)) ? $1.0[Int($1.1)] : 0) }
    }

    public var drawsPerCandidate: Double? { nil }
}

/// Every path of a space, equally likely.
public final class UniformPaths: PathSampler {
    private let space: any SearchSpace

    public init(_ space: any SearchSpace) { self.space = space }

    public func drawPaths(using generator: inout Generator) -> [Path] { [space.uniformPath(using: &generator)] }
    public var probabilities: [[Double]] {
        space.choices.map { Array(repeating: 1 / Double($0.candidates.count), count: $0.candidates.count) }
    }
}
