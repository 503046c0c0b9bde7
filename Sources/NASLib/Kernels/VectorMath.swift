/// Elementary functions of eight floats at a time, within a few units in the last place.
enum VectorMath {
    /// x or y, whichever is greater; nan where one is.
    @inline(__always) static func maximum(_ x: Vector, _ y: Vector) -> Vector { y.replacing(with: x, where: (x .> y) .| (x .!= x)) }
    @inline(__always) static func minimum(_ x: Vector, _ y: Vector) -> Vector { y.replacing(with: x, where: (x .< y) .| (x .!= x)) }

    /// e^x = 2^n e^r with r in -ln 2 / 2 ... ln 2 / 2, where Taylor's series to r^7 is exact to single precision.
    @inline(__always) static func exp(_ x: Vector) -> Vector {
        let x = x.replacing(with: 89, where: x .> 89).replacing(with: -104, where: x .< -104)
        // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
        let magic: Float = 12_582_912
        let shifted = Vector(repeating: magic).addingProduct(x, 1.442_695_04)
        let n = shifted - magic
        // ln 2 in two parts, the first with few enough bits that n times it is exact.
        let r = x.addingProduct(n, -0.693_359_375).addingProduct(n, 2.121_944_4e-4)
        var series = Vector(repeating: 1 / 5040)
        series = Vector(repeating: 1 / 720).addingProduct(series, r)
        series = Vector(repeating: 1 / 120).addingProduct(series, r)
        series = Vector(repeating: 1 / 24).addingProduct(series, r)
        series = Vector(repeating: 1 / 6).addingProduct(series, r)
        series = Vector(repeating: 0.5).addingProduct(series, r)
        let result = 1 + r.addingProduct(series, r * r)
        // 2^n in two factors: n may be beyond the exponents of a float while the result is not.
        let power = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- Int32(bitPattern: magic.bitPattern)
        let half = power &>> 1
        return result * exponent(half) * exponent(power &- half)
    }

    /// 2^n, n in -126 ... 127.
    @inline(__always) private static func exponent(_ n: SIMD8<Int32>) -> Vector { unsafeBitCast((n &+ 127) &<< 23, to: Vector.self) }

    /// ln(m 2^e) = e ln 2 + 2 atanh((m - 1) / (m + 1)) with m in sqrt(1/2) ... sqrt(2).
    @inline(__always) static func log(_ x: Vector) -> Vector {
        let isSmall = x .< Float.leastNormalMagnitude
        let scaled = x.replacing(with: x * 16_777_216, where: isSmall)
        let bits = unsafeBitCast(scaled, to: SIMD8<Int32>.self)
        // The bits of sqrt(1/2) less those of 1 bring m into its range.
        let offset = Int32(bitPattern: Float(0.707_106_77).bitPattern)
        let power = (bits &- offset) &>> 23
        let m = unsafeBitCast(bits &- (power &<< 23), to: Vector.self)
        let e = Vector(power).replacing(with: Vector(power) - 24, where: isSmall)
        let f = m - 1
        let s = f / (f + 2)
        let z = s * s
        var series = Vector(repeating: 2 / 9)
        series = Vector(repeating: 2 / 7).addingProduct(series, z)
        series = Vector(repeating: 2 / 5).addingProduct(series, z)
        series = Vector(repeating: 2 / 3).addingProduct(series, z)
        // 2 s = f - s f, which keeps the bits of f.
        let low = (s * z * series).addingProduct(s, -f).addingProduct(e, -2.121_944_4e-4)
        var result = (f + low).addingProduct(e, 0.693_359_375)
        result = result.replacing(with: -.infinity, where: x .== 0).replacing(with: .nan, where: x .< 0)
        return result.replacing(with: x, where: (x .== .infinity) .| (x .!= x))
    }

    /// 1 - 2 / (e^2x + 1); near 0, where that cancels, the continued fraction x / (1 + x^2 / (3 + x^2 / (5 + …))).
    @inline(__always) static func tanh(_ x: Vector) -> Vector {
        let z = x * x
        let near = x * Vector(repeating: 945).addingProduct(z, z + 105) / Vector(repeating: 945).addingProduct(z, Vector(repeating: 420).addingProduct(z, 15))
        let far = 1 - 2 / (exp(2 * x) + 1)
        return far.replacing(with: near, where: z .< 0.39)
    }

    /// 1 / (1 + e^-x).
    @inline(__always) static func sigmoid(_ x: Vector) -> Vector { 1 / (1 + exp(-x)) }

    /// Φ(x), the normal distribution's share below x, to the same relative error in the tail: of z = |x| / sqrt 2,
    /// erfc z = t e^(p(t) - z^2) with t = 1 / (1 + z / 2) and a polynomial p of least greatest error.
    @inline(__always) static func normalShare(_ x: Vector) -> Vector {
        // Beyond, there is nothing below in floats.
        let size = x.replacing(with: -x, where: x .< 0).replacing(with: 20, where: x .> 20 .| x .< -20)
        let t = 1 / Vector(repeating: 1).addingProduct(size, 0.353_553_39)
        var p = Vector(repeating: 0.174_645_87)
        p = Vector(repeating: -0.839_994_79).addingProduct(p, t)
        p = Vector(repeating: 1.524_032_83).addingProduct(p, t)
        p = Vector(repeating: -1.173_859_36).addingProduct(p, t)
        p = Vector(repeating: 0.303_869_10).addingProduct(p, t)
        p = Vector(repeating: -0.196_064_07).addingProduct(p, t)
        p = Vector(repeating: 0.099_032_14).addingProduct(p, t)
        p = Vector(repeating: 0.373_811_16).addingProduct(p, t)
        p = Vector(repeating: 1.000_039_70).addingProduct(p, t)
        p = Vector(repeating: -1.265_512_47).addingProduct(p, t)
        // x^2 / 2 in two parts, the square of x's first 12 bits being exact: rounded as a whole, it would cost the tail its digits.
        let high = unsafeBitCast(unsafeBitCast(size, to: SIMD8<UInt32>.self) & 0xffff_f000, to: Vector.self)
        let low = p.addingProduct((size - high) * (size + high), -0.5)
        let tail = 0.5 * t * exp(low) * exp(-0.5 * high * high)
        return tail.replacing(with: 1 - tail, where: x .> 0)
    }
}

extension UnsafePointer<Float> {
    /// Eight floats from any address.
    @inline(__always) func vector(at i: Int) -> Vector { UnsafeRawPointer(self + i).loadUnaligned(as: Vector.self) }

    /// `count` < 8 floats, zeros after them.
    @inline(__always) func vector(at i: Int, count: Int) -> Vector {
        var vector = Vector.zero
        for lane in 0..<count { vector[lane] = self[i &+ lane] }
        return vector
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always) func store(_ vector: Vector, at i: Int) { UnsafeMutableRawPointer(self + i).storeBytes(of: vector, as: Vector.self) }

    @inline(__always) func store(_ vector: Vector, at i: Int, count: Int) {
        for lane in 0..<count { self[i &+ lane] = vector[lane] }
    }
}
