import CProcessor

/// Vectors of sixteen floats, for which WideKernels is built.
///
/// The files of Sources/WideKernels are links to some of this folder: they are compiled here for AVX2 with vectors of eight floats, and there
/// for AVX-512 with vectors of sixteen (`WIDE_VECTORS`), since Swift has no functions for another processor than their module's. They are
/// those in which a network spends its time, and no others. What must hold for them:
/// - They are called from here alone, where `areAvailable` says so.
/// - Both widths add up each number in the same order, so that results are the same bits (`KernelTests`).
/// - Nothing of the standard library may be left in them that is not inlined: arrays, closures that escape, `print`, `min` of anything but
///   numbers. The compiler would put a copy for AVX-512 into WideKernels under a name that other modules have too, the linker keeps one of
///   them, and a processor without AVX-512 might run it. `Tests/symbols` looks for such copies after a build.
/// - They share no type that is declared in one of the two modules: an initialiser of WideKernels is code for AVX-512, too. So what goes
///   from here to there is pointers and numbers.
package enum WideVectors {
    /// Whether this processor has them.
    package static let areAvailable = CProcessor_hasWideVectors() != 0
}
