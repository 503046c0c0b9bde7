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
