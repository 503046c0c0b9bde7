/// How ranks share a training step.
package struct StepSharing: Sendable {
    package enum Way: String, Sendable, CaseIterable {
        /// The paths of a step that has several; the batch of a step on one path, where that saves time.
        case auto
        /// Each rank has a part of the batch.
        case batch
        /// Each rank has some of the paths.
        case paths
        /// Each rank does the whole step.
        case none
    }

    package var way: Way
    /// Whether batch normalisation on each rank goes by its own part of the batch: no exchange within a step, and results that depend on the
    /// number of ranks.
    package var normalizesLocally: Bool

    package init(_ way: Way = .auto, normalizesLocally: Bool = false) { (self.way, self.normalizesLocally) = (way, normalizesLocally) }
}
