/// How many floats a pixel of so many channels takes: whole vectors. The ones too many are zero wherever they are read.
func lanes(_ channels: Int) -> Int { (channels + 7) / 8 * 8 }

/// Loops over the channels of pixels that need not have equally many floats.
enum Channels {
    /// Copies `channels` of each pixel from rows of `fromRow` floats to the same place in rows of `toRow`.
    static func copy(_ x: UnsafePointer<Float>, fromRow: Int, into y: UnsafeMutablePointer<Float>, toRow: Int, pixels: Int, channels: Int) {
        for p in 0..<pixels { (y + p * toRow).update(from: x + p * fromRow, count: channels) }
    }

    /// The same, added to what is there.
    static func add(_ x: UnsafePointer<Float>, fromRow: Int, into y: UnsafeMutablePointer<Float>, toRow: Int, pixels: Int, channels: Int) {
        for p in 0..<pixels {
            let from = x + p * fromRow, to = y + p * toRow
            for c in 0..<channels { to[c] += from[c] }
        }
    }

    /// Zeros the floats of each pixel from `channels` to `row`.
    static func clearTails(_ x: UnsafeMutablePointer<Float>, pixels: Int, channels: Int, row: Int) {
        guard channels < row else { return }
        for p in 0..<pixels { (x + p * row + channels).update(repeating: 0, count: row - channels) }
    }

    /// x[p][c] += bias[c]; the channels are a multiple of eight.
    static func addBias(_ bias: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>, pixels: Int, channels: Int) {
        for p in 0..<pixels {
            let row = (x + p * channels).vectors
            for block in 0..<channels / 8 { row[block] += bias.vectors[block] }
        }
    }

    /// sums[c] += sum of x[p][c], the pixels lying at `offsets`; the channels are a multiple of eight.
    static func accumulateSums(
        _ x: UnsafePointer<Float>, offsets: UnsafePointer<Int32>, pixels: Int, channels: Int, into sums: UnsafeMutablePointer<Float>
    ) {
        for block in 0..<channels / 8 {
            var sum = Vector.zero
            for p in 0..<pixels { sum += (x + Int(offsets[p])).vectors[block] }
            sums.vectors[block] += sum
        }
    }
}

/// Numbers that are kept or dropped at random: each is kept with probability 1 - rate and then divided by it.
///
/// What is dropped depends on the key and the number's position alone, so the backward pass drops the same.
struct Dropout {
    var rate: Double
    var key: UInt32

    init(rate: Double, seed: UInt64, layer: Int, example: Int) {
        self.rate = rate
        var mixer = SplitMix64(state: seed &+ UInt64(truncatingIfNeeded: layer) &* 0x9e37_79b9_7f4a_7c15)
        var inner = SplitMix64(state: mixer.next() ^ UInt64(truncatingIfNeeded: example))
        key = UInt32(truncatingIfNeeded: inner.next() >> 32)
    }

    /// y = (adds ? y : 0) + x * kept / (1 - rate).
    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int, adds: Bool) {
        let factor = Float(1 / (1 - rate))
        let limit = UInt32(min(rate * 0x1p32, 0xffff_ffff))
        for i in 0..<count {
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
