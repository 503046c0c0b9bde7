/// y = x * kept / (1 - rate) in training, each number being kept with probability 1 - rate; else y = x.
struct Dropout: LayerKind, ImageLayer, StoredLayer {
    /// The share of the numbers that is dropped in training.
    var rate: Double
    var place = LayerPlace()

    init(rate: Double) { self.rate = rate }

    var description: String { call("dropout", "\(rate)") }
    // Each has random numbers of its own.
    var isItsOwn: Bool { true }
    var isRandom: Bool { true }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        guard rate >= 0, rate < 1 else { throw NASError(.shape, "dropout drops a share from 0 to below 1, not \(rate)") }
        return input
    }

    func plain(normalizes: Bool) -> any PlannedLayer { Identity() }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        if pass.isTraining {
            drop(x, into: y, adds: adds, pass)
        } else {
            Elementwise.accumulate(x, mask: nil, into: y, count: pass.output.count, adds: adds)
        }
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        drop(dy, into: dx, adds: true, pass)
    }

    /// y = (adds ? y : 0) + x * kept / (1 - rate). What is dropped depends on the step's seed, the layer, the example and the number's
    /// position alone, so the backward pass drops the same.
    private func drop(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        var mixer = SplitMix64(state: pass.seed &+ UInt64(truncatingIfNeeded: place.index) &* 0x9e37_79b9_7f4a_7c15)
        var inner = SplitMix64(state: mixer.next() ^ UInt64(truncatingIfNeeded: pass.example))
        let key = UInt32(truncatingIfNeeded: inner.next() >> 32)
        let factor = Float(1 / (1 - rate))
        let limit = UInt32(min(rate * 0x1p32, 0xffff_ffff))
        for i in 0..<pass.output.count {
            // A mixer of 32 bits: every bit of the position moves about half of the result's.
            var h = UInt32(truncatingIfNeeded: i) &* 0x9e37_79b9 ^ key
            h = (h ^ h >> 16) &* 0x21f0_aaad
            h = (h ^ h >> 15) &* 0xd35a_2d97
            h ^= h >> 15
            let value = h >= limit ? x[i] * factor : 0
            y[i] = adds ? y[i] + value : value
        }
    }
}

extension DeclaredLayer { public static func dropout(_ rate: Double) -> DeclaredLayer { DeclaredLayer(Dropout(rate: rate)) } }
