import CKernels

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

    /// The images and the deltas of one image, with their borders.
    let paddedImage: PaddedImage
    let paddedDelta: PaddedImage

    /// The output pixels of as many images as there is room for. In dense convolutions inputs and outputs are those of one group.
    let forward: PixelSum
    /// The weight gradient by the same pixels, in one part whose end is still to be set.
    let weightGradient: WeightSum
    /// The input gradient: for each combination of row and column modulo the stride, the input pixels and their taps.
    let transposed: [PixelSum]
    /// The memory of all lists.
    private let lists: [OffsetList]

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
        var lists: [OffsetList] = []
        func list(_ values: [Int]) -> UnsafePointer<Int32> {
            lists.append(OffsetList(values))
            return lists[lists.count - 1].pointer
        }
        var taps: [Int] = []
        for ky in 0..<kernel { for kx in 0..<kernel { taps.append((ky * paddedWidth + kx) * key.dilation * key.inputs) } }
        // Offset of each pair of a tap and an input of the first group.
        let rows = key.isDense ? taps.flatMap { tap in (0..<key.inputs / key.groups).map { tap + $0 } } : taps
        let columns = key.dilation == 1 ? kernel : 1
        let (inputs, outputs) = key.isDense ? (key.inputs / key.groups, key.outputs / key.groups) : (key.inputs, key.outputs)
        let pixelList = list(pixels)
        forward = PixelSum(
            pixels: pixelList, outputOffsets: list((0..<room * outputPixels).map { $0 * key.outputs }), taps: list(taps),
            tapWeights: list(Array(taps.indices)), pixelCount: pixels.count, run: outputWidth, tapCount: taps.count, columns: columns,
            weightTaps: taps.count, inputs: inputs, outputs: outputs)
        weightGradient = WeightSum(
            pixels: pixelList, deltaOffsets: list(deltas), rows: list(rows), ends: list([pixels.count]), partCount: 1,
            pixelCount: pixels.count, run: outputWidth, rowCount: rows.count, columns: columns, outputs: outputs)
        transposed = Geometry.passes(key, room: room, deltaBorder: deltaBorder, deltaWidth: deltaWidth, deltaCount: deltaCount).map {
            pass in
            PixelSum(
                pixels: list(pass.pixels), outputOffsets: list(pass.inputs), taps: list(pass.taps), tapWeights: list(pass.weights),
                pixelCount: pass.pixels.count, run: pass.run, tapCount: pass.taps.count, columns: pass.columns, weightTaps: taps.count,
                inputs: outputs, outputs: inputs)
        }
        self.lists = lists
        paddedImage = PaddedImage(height: key.height, width: key.width, channels: key.inputs, border: border)
        paddedDelta = PaddedImage(height: outputHeight, width: outputWidth, channels: key.outputs, border: deltaBorder)
    }

    /// A pass of the input gradient, as lists of offsets.
    private struct Pass {
        var run: Int
        var columns: Int
        var pixels: [Int] = []
        var inputs: [Int] = []
        var taps: [Int] = []
        /// The weights' tap of each tap.
        var weights: [Int] = []
    }

    /// Input pixel y gets contributions from output row o through kernel row k where o * stride + k * dilation - border = y.
    private static func passes(_ key: Key, room: Int, deltaBorder: Int, deltaWidth: Int, deltaCount: Int) -> [Pass] {
        let (kernel, stride, border, dilation) = (key.kernel, key.stride, key.border, key.dilation)
        var passes: [Pass] = []
        for py in 0..<stride {
            for px in 0..<stride {
                let order = key.isDense ? Array(0..<kernel) : (0..<kernel).reversed()
                let columns = order.count { (px + border - $0 * dilation) % stride == 0 }
                var pass = Pass(run: (key.width - px + stride - 1) / stride, columns: dilation == 1 ? columns : 1)
                for ky in order where (py + border - ky * dilation) % stride == 0 {
                    for kx in order where (px + border - kx * dilation) % stride == 0 {
                        let (dy, dx) = ((py + border - ky * dilation) / stride, (px + border - kx * dilation) / stride)
                        pass.taps.append((dy * deltaWidth + dx) * key.outputs)
                        pass.weights.append(ky * kernel + kx)
                    }
                }
                for g in 0..<room {
                    for y in Swift.stride(from: py, to: key.height, by: stride) {
                        for x in Swift.stride(from: px, to: key.width, by: stride) {
                            pass.pixels.append(
                                g * deltaCount + ((y / stride + deltaBorder) * deltaWidth + x / stride + deltaBorder) * key.outputs)
                            pass.inputs.append(((g * key.height + y) * key.width + x) * key.inputs)
                        }
                    }
                }
                passes.append(pass)
            }
        }
        return passes
    }
}

extension PixelSum {
    /// The same for the first of its pixels.
    func of(pixels: Int) -> PixelSum {
        var sum = self
        sum.pixelCount = pixels
        return sum
    }
}

/// Offsets in memory of their own, as the kernels read them.
private final class OffsetList {
    let pointer: UnsafePointer<Int32>

    init(_ values: [Int]) {
        let memory = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, values.count))
        for (i, value) in values.enumerated() { memory[i] = Int32(value) }
        pointer = UnsafePointer(memory)
    }

    deinit { pointer.deallocate() }
}
