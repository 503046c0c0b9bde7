import CProcessor

/// Vectors of sixteen floats, for which WideKernels is built.
package enum WideVectors {
    /// Whether this processor has them.
    package static let areAvailable = CProcessor_hasWideVectors() != 0
}
