#if WIDE_VECTORS
/// Sixteen floats, one AVX-512 register.
typealias Vector = SIMD16<Float>
#else
/// Eight floats, one AVX register.
typealias Vector = SIMD8<Float>
/// As many numbers of twice the digits, for sums over a batch.
typealias Doubles = SIMD8<Double>

extension UnsafeMutablePointer<Double> {
    /// The vectors that start here, at a multiple of 64 bytes.
    @inline(__always) var vectors: UnsafeMutablePointer<Doubles> { UnsafeMutableRawPointer(self).assumingMemoryBound(to: Doubles.self) }
}

extension UnsafePointer<Double> {
    @inline(__always) var vectors: UnsafePointer<Doubles> { UnsafeRawPointer(self).assumingMemoryBound(to: Doubles.self) }
}
#endif

extension UnsafeMutablePointer<Float> {
    /// The vectors that start here; where they are eight, at a multiple of 32 bytes.
    @inline(__always) var vectors: UnsafeMutablePointer<Vector> { UnsafeMutableRawPointer(self).assumingMemoryBound(to: Vector.self) }
}

extension UnsafePointer<Float> {
    @inline(__always) var vectors: UnsafePointer<Vector> { UnsafeRawPointer(self).assumingMemoryBound(to: Vector.self) }
}
