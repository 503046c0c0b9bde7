/// The offset lists of one convolution at one image size, for a group of images at a time (see `Convolution`).
/// Several small images are taken together, so that they fill the registers too.
final class Geometry {
    /// How many images of so many output pixels are summed up at once at most, if they are of one chunk. Sums depend on it.
    static func room(pixels: Int) -> Int { max(1, 128 / pixels) }

    struct Key: Hashable {
        var height: Int
        var width: Int
        var inputs: Int
        var outputs: Int
        var kernel: Int
        var stride: Int
        /// Without it as much as keeps the size of the image where the stride is 1.
        var padding: Int? = nil
        var dilation = 1
        var groups = 1
        /// Whether every output sees all inputs of its group; otherwise there are no `rows`, and the input gradient's taps
        /// are in the order of their places.
        var isDense = true

        var border: Int { padding ?? dilation * (kernel - 1) / 2 }
        /// Pixels from the kernel's first tap to its last.
        var reach: Int { dilation * (kernel - 1) }
        var outputHeight: Int { (height + 2 * border - reach - 1) / stride + 1 }
        var outputWidth: Int { (width + 2 * border - reach - 1) / stride + 1 }
    }

    let key: Key
    let outputHeight: Int
    let outputWidth: Int
    /// Images handled together: as many as have some fifty pixels.
    let group: Int
    /// More of them where they are one chunk: as many as the lists are for.
    let room: Int
    /// Border of zeros around an image.
    let border: Int
    /// Border of zeros around the deltas in the backward pass: what the taps of the image's pixels reach.
    let deltaBorder: Int
    let paddedWidth: Int
    let paddedCount: Int
    let deltaWidth: Int
    let deltaCount: Int

    let pixels: OffsetList
    let taps: OffsetList
    let allTaps: OffsetList
    /// How many taps at a time are one pixel apart.
    let columns: Int
    /// Offset of each pair of a tap and an input of the first group.
    let rows: OffsetList
    let outputOffsets: OffsetList
    /// Where each output pixel's delta lies in the padded deltas.
    let deltaOffsets: OffsetList
    /// The input gradient: for each combination of row and column modulo the stride, the input pixels and their taps.
    let transposed: [Transposed]

    struct Transposed {
        /// How many pixels at a time are evenly spaced.
        var run: Int
        /// How many taps at a time are one pixel apart.
        var columns: Int
        var pixels: OffsetList
        var inputOffsets: OffsetList
        var taps: OffsetList
        var tapWeights: OffsetList
    }

    init(_ key: Key) {
        self.key = key
        let (kernel, stride) = (key.kernel, key.stride)
        border = key.border
        outputHeight = key.outputHeight
        outputWidth = key.outputWidth
        // Input pixel y reaches the outputs from (y + border - reach) / stride to (y + border) / stride.
        let below = (key.reach - border + stride - 1) / stride
        let above = max((key.height - 1 + border) / stride - outputHeight + 1, (key.width - 1 + border) / stride - outputWidth + 1)
        deltaBorder = max(border, below, above)
        let outputPixels = outputHeight * outputWidth
        group = max(1, 48 / outputPixels)
        room = Geometry.room(pixels: outputPixels)
        paddedWidth = key.width + 2 * border
        paddedCount = (key.height + 2 * border) * paddedWidth * key.inputs
        deltaWidth = outputWidth + 2 * deltaBorder
        deltaCount = (outputHeight + 2 * deltaBorder) * deltaWidth * key.outputs

        var pixels: [Int] = []
        var deltas: [Int] = []
        for g in 0..<room {
            for y in 0..<outputHeight {
                for x in 0..<outputWidth {
                    pixels.append(g * paddedCount + (y * stride * paddedWidth + x * stride) * key.inputs)
                    deltas.append(g * deltaCount + ((y + deltaBorder) * deltaWidth + x + deltaBorder) * key.outputs)
                }
            }
        }
        self.pixels = OffsetList(pixels)
        deltaOffsets = OffsetList(deltas)
        outputOffsets = OffsetList((0..<room * outputPixels).map { $0 * key.outputs })
        var taps: [Int] = []
        for ky in 0..<kernel { for kx in 0..<kernel { taps.append((ky * paddedWidth + kx) * key.dilation * key.inputs) } }
        self.taps = OffsetList(taps)
        allTaps = OffsetList(Array(taps.indices))
        columns = key.dilation == 1 ? kernel : 1
        rows = OffsetList(key.isDense ? taps.flatMap { tap in (0..<key.inputs / key.groups).map { tap + $0 } } : [])
        transposed = Geometry.transposed(key, room: room, deltaBorder: deltaBorder, deltaWidth: deltaWidth, deltaCount: deltaCount)
    }

    /// Input pixel y gets contributions from output row o through kernel row k where o * stride + k * dilation - border = y.
    private static func transposed(_ key: Key, room: Int, deltaBorder: Int, deltaWidth: Int, deltaCount: Int) -> [Transposed] {
        let (kernel, stride, border, dilation) = (key.kernel, key.stride, key.border, key.dilation)
        var passes: [Transposed] = []
        for py in 0..<stride {
            for px in 0..<stride {
                var taps: [Int] = []
                var weights: [Int] = []
                let order = key.isDense ? Array(0..<kernel) : (0..<kernel).reversed()
                for ky in order where (py + border - ky * dilation) % stride == 0 {
                    for kx in order where (px + border - kx * dilation) % stride == 0 {
                        let (dy, dx) = ((py + border - ky * dilation) / stride, (px + border - kx * dilation) / stride)
                        taps.append((dy * deltaWidth + dx) * key.outputs)
                        weights.append(ky * kernel + kx)
                    }
                }
                var pixels: [Int] = []
                var inputs: [Int] = []
                for g in 0..<room {
                    for y in Swift.stride(from: py, to: key.height, by: stride) {
                        for x in Swift.stride(from: px, to: key.width, by: stride) {
                            pixels.append(g * deltaCount + ((y / stride + deltaBorder) * deltaWidth + x / stride + deltaBorder) * key.outputs)
                            inputs.append(((g * key.height + y) * key.width + x) * key.inputs)
                        }
                    }
                }
                let columns = order.count { (px + border - $0 * dilation) % stride == 0 }
                passes.append(Transposed(
                    run: (key.width - px + stride - 1) / stride, columns: dilation == 1 ? columns : 1, pixels: OffsetList(pixels),
                    inputOffsets: OffsetList(inputs), taps: OffsetList(taps), tapWeights: OffsetList(weights)))
            }
        }
        return passes
    }
}

/// Offsets in memory of their own, as the kernels read them.
final class OffsetList {
    let pointer: UnsafePointer<Int32>
    let count: Int

    init(_ values: [Int]) {
        let memory = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, values.count))
        for (i, value) in values.enumerated() { memory[i] = Int32(value) }
        pointer = UnsafePointer(memory)
        count = values.count
    }

    deinit { pointer.deallocate() }
}
