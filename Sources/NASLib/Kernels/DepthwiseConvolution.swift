import CKernels

/// Convolution of each channel by itself, on images in NHWC order whose channels are a multiple of eight.
///
/// It works on the same lists of pixels and taps as `Convolution`, so that stride, dilation and the input gradient are
/// again only other lists. Weights lie as [tap][channel].
///
/// Compiled twice, as `Convolution` is.
package enum DepthwiseConvolution {
    /// output[pixel][c] = sum over taps t of image[pixel + t][c] * weights[t][c], for the sum's `outputs` as channels.
    package static func forward(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) {
        let (pixels, pixelCount, run, outputOffsets) = (sum.pixels, sum.pixelCount, sum.run, sum.outputOffsets)
        let (taps, tapWeights, tapCount, columns, channels) = (sum.taps, sum.tapWeights, sum.tapCount, sum.columns, sum.outputs)
        let step = run > 1 ? Int(pixels[1] &- pixels[0]) : 0
        let outputStep = run > 1 ? Int(outputOffsets[1] &- outputOffsets[0]) : 0
        // Taps that are as far apart as the pixels find their inputs in registers, three at a time.
        let shared = step == channels ? columns / 3 &* 3 : 0
        if shared == 3, tapCount == 9 {
            return forwardThreeByThree(sum, image, weights, output, outputStep: outputStep)
        }
        var start = 0
        while start < pixelCount {
            let end = start &+ run
            var p = start
            // Blocks of channels come inside, so that the rows of the image that the pixels need stay in the cache.
            while p &+ 8 <= end {
                var block = 0
                while block < channels {
                    let x = image + (Int(pixels[p]) &+ block), w = weights + block
                    var sums = Neighbours()
                    var t = 0
                    if shared == 3, columns == 5 {
                        while t < tapCount {
                            func weight(_ k: Int) -> Vector { (w + Int(tapWeights[t &+ k]) &* channels).vectors[0] }
                            sums.addFive(x + Int(taps[t]), step, weight(0), weight(1), weight(2), weight(3), weight(4))
                            t &+= 5
                        }
                    }
                    while t < tapCount {
                        let shareEnd = t &+ shared, rowEnd = t &+ columns
                        while t < shareEnd {
                            sums.addThree(
                                x + Int(taps[t]), step, (w + Int(tapWeights[t]) &* channels).vectors[0],
                                (w + Int(tapWeights[t &+ 1]) &* channels).vectors[0], (w + Int(tapWeights[t &+ 2]) &* channels).vectors[0])
                            t &+= 3
                        }
                        while t < rowEnd {
                            sums.addOne(x + Int(taps[t]), step, (w + Int(tapWeights[t]) &* channels).vectors[0])
                            t &+= 1
                        }
                    }
                    sums.store(output + (Int(outputOffsets[p]) &+ block), outputStep)
                    block &+= Vector.scalarCount
                }
                p &+= 8
            }
            while p < end {
                pixel(sum, image + Int(pixels[p]), weights, output + Int(outputOffsets[p]))
                p &+= 1
            }
            start = end
        }
    }

    /// The sums of eight evenly spaced pixels.
    private struct Neighbours {
        private var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
        private var a4 = Vector.zero, a5 = Vector.zero, a6 = Vector.zero, a7 = Vector.zero

        @inline(__always) mutating func addOne(_ x: UnsafePointer<Float>, _ step: Int, _ w: Vector) {
            let y = x + 4 &* step
            a0.addProduct(x.vectors[0], w)
            a1.addProduct((x + step).vectors[0], w)
            a2.addProduct((x + 2 &* step).vectors[0], w)
            a3.addProduct((x + 3 &* step).vectors[0], w)
            a4.addProduct(y.vectors[0], w)
            a5.addProduct((y + step).vectors[0], w)
            a6.addProduct((y + 2 &* step).vectors[0], w)
            a7.addProduct((y + 3 &* step).vectors[0], w)
        }

        /// Three taps as far apart as the pixels: each input is loaded once for all of them.
        @inline(__always) mutating func addThree(_ x: UnsafePointer<Float>, _ step: Int, _ w0: Vector, _ w1: Vector, _ w2: Vector) {
            let y = x + 4 &* step, z = x + 8 &* step
            var v = x.vectors[0]
            a0.addProduct(v, w0)
            v = (x + step).vectors[0]
            a0.addProduct(v, w1)
            a1.addProduct(v, w0)
            v = (x + 2 &* step).vectors[0]
            a0.addProduct(v, w2)
            a1.addProduct(v, w1)
            a2.addProduct(v, w0)
            v = (x + 3 &* step).vectors[0]
            a1.addProduct(v, w2)
            a2.addProduct(v, w1)
            a3.addProduct(v, w0)
            v = y.vectors[0]
            a2.addProduct(v, w2)
            a3.addProduct(v, w1)
            a4.addProduct(v, w0)
            v = (y + step).vectors[0]
            a3.addProduct(v, w2)
            a4.addProduct(v, w1)
            a5.addProduct(v, w0)
            v = (y + 2 &* step).vectors[0]
            a4.addProduct(v, w2)
            a5.addProduct(v, w1)
            a6.addProduct(v, w0)
            v = (y + 3 &* step).vectors[0]
            a5.addProduct(v, w2)
            a6.addProduct(v, w1)
            a7.addProduct(v, w0)
            v = z.vectors[0]
            a6.addProduct(v, w2)
            a7.addProduct(v, w1)
            v = (z + step).vectors[0]
            a7.addProduct(v, w2)
        }

        /// Five taps as far apart as the pixels, as `addThree`.
        @inline(__always) mutating func addFive(
            _ x: UnsafePointer<Float>, _ step: Int, _ w0: Vector, _ w1: Vector, _ w2: Vector, _ w3: Vector, _ w4: Vector
        ) {
            let y = x + 4 &* step, z = x + 8 &* step
            var v = x.vectors[0]
            a0.addProduct(v, w0)
            v = (x + step).vectors[0]
            a0.addProduct(v, w1)
            a1.addProduct(v, w0)
            v = (x + 2 &* step).vectors[0]
            a0.addProduct(v, w2)
            a1.addProduct(v, w1)
            a2.addProduct(v, w0)
            v = (x + 3 &* step).vectors[0]
            a0.addProduct(v, w3)
            a1.addProduct(v, w2)
            a2.addProduct(v, w1)
            a3.addProduct(v, w0)
            v = y.vectors[0]
            a0.addProduct(v, w4)
            a1.addProduct(v, w3)
            a2.addProduct(v, w2)
            a3.addProduct(v, w1)
            a4.addProduct(v, w0)
            v = (y + step).vectors[0]
            a1.addProduct(v, w4)
            a2.addProduct(v, w3)
            a3.addProduct(v, w2)
            a4.addProduct(v, w1)
            a5.addProduct(v, w0)
            v = (y + 2 &* step).vectors[0]
            a2.addProduct(v, w4)
            a3.addProduct(v, w3)
            a4.addProduct(v, w2)
            a5.addProduct(v, w1)
            a6.addProduct(v, w0)
            v = (y + 3 &* step).vectors[0]
            a3.addProduct(v, w4)
            a4.addProduct(v, w3)
            a5.addProduct(v, w2)
            a6.addProduct(v, w1)
            a7.addProduct(v, w0)
            v = z.vectors[0]
            a4.addProduct(v, w4)
            a5.addProduct(v, w3)
            a6.addProduct(v, w2)
            a7.addProduct(v, w1)
            v = (z + step).vectors[0]
            a5.addProduct(v, w4)
            a6.addProduct(v, w3)
            a7.addProduct(v, w2)
            v = (z + 2 &* step).vectors[0]
            a6.addProduct(v, w4)
            a7.addProduct(v, w3)
            v = (z + 3 &* step).vectors[0]
            a7.addProduct(v, w4)
        }

        @inline(__always) func store(_ output: UnsafeMutablePointer<Float>, _ step: Int) {
            let y = output + 4 &* step
            output.vectors[0] = a0
            (output + step).vectors[0] = a1
            (output + 2 &* step).vectors[0] = a2
            (output + 3 &* step).vectors[0] = a3
            y.vectors[0] = a4
            (y + step).vectors[0] = a5
            (y + 2 &* step).vectors[0] = a6
            (y + 3 &* step).vectors[0] = a7
        }
    }

    /// One pixel: four blocks of channels in registers.
    private static func pixel(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) {
        let (taps, tapWeights, tapCount, channels) = (sum.taps, sum.tapWeights, sum.tapCount, sum.outputs)
        var block = 0
        while block &+ 4 &* Vector.scalarCount <= channels {
            var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
            for t in 0..<tapCount {
                let x = (image + (Int(taps[t]) &+ block)).vectors, w = (weights + (Int(tapWeights[t]) &* channels &+ block)).vectors
                a0.addProduct(x[0], w[0])
                a1.addProduct(x[1], w[1])
                a2.addProduct(x[2], w[2])
                a3.addProduct(x[3], w[3])
            }
            let y = (output + block).vectors
            y[0] = a0; y[1] = a1; y[2] = a2; y[3] = a3
            block &+= 4 &* Vector.scalarCount
        }
        while block < channels {
            var a0 = Vector.zero
            for t in 0..<tapCount {
                a0.addProduct(
                    (image + (Int(taps[t]) &+ block)).vectors[0], (weights + (Int(tapWeights[t]) &* channels &+ block)).vectors[0])
            }
            (output + block).vectors[0] = a0
            block &+= Vector.scalarCount
        }
    }

    /// gradient[t][c] += sum over pixels of image[pixel + t][c] * delta[pixel][c].
    package static func weightGradient(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (pixels, pixelCount, run, deltaOffsets) = (sum.pixels, sum.pixelCount, sum.run, sum.deltaOffsets)
        let (taps, tapCount, columns, channels) = (sum.rows, sum.rowCount, sum.columns, sum.outputs)
        let step = run > 1 ? Int(pixels[1] &- pixels[0]) : 0
        let deltaStep = run > 1 ? Int(deltaOffsets[1] &- deltaOffsets[0]) : 0
        if step == channels, tapCount == columns * columns, columns == 3 || columns == 5 {
            let square = columns == 3 ? weightGradientThreeByThree : weightGradientFiveByFive
            return square(sum, image, delta, gradient)
        }
        // So many pixels at a time that their inputs and deltas stay in the cache over all taps.
        let portion = max(1, 2048 / (run * channels)) * run
        var first = 0
        while first < pixelCount {
            let end = min(pixelCount, first + portion)
            for block in stride(from: 0, to: channels, by: Vector.scalarCount) {
                // Nine taps in registers, in the last round some of them again for nothing.
                var t = 0
                while t < tapCount {
                    func tap(_ k: Int) -> UnsafePointer<Float> { image + (Int(taps[min(t &+ k, tapCount &- 1)]) &+ block) }
                    let x0 = tap(0), x1 = tap(1), x2 = tap(2), x3 = tap(3), x4 = tap(4), x5 = tap(5), x6 = tap(6), x7 = tap(7), x8 = tap(8)
                    var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero, a4 = Vector.zero
                    var a5 = Vector.zero, a6 = Vector.zero, a7 = Vector.zero, a8 = Vector.zero
                    let blockDelta = delta + block
                    var p = first
                    while p < end {
                        var i = Int(pixels[p])
                        var deltas = blockDelta + Int(deltaOffsets[p])
                        var rest = run
                        while rest > 0 {
                            let d = deltas.vectors[0]
                            a0.addProduct((x0 + i).vectors[0], d)
                            a1.addProduct((x1 + i).vectors[0], d)
                            a2.addProduct((x2 + i).vectors[0], d)
                            a3.addProduct((x3 + i).vectors[0], d)
                            a4.addProduct((x4 + i).vectors[0], d)
                            a5.addProduct((x5 + i).vectors[0], d)
                            a6.addProduct((x6 + i).vectors[0], d)
                            a7.addProduct((x7 + i).vectors[0], d)
                            a8.addProduct((x8 + i).vectors[0], d)
                            i &+= step
                            deltas += deltaStep
                            rest &-= 1
                        }
                        p &+= run
                    }
                    let g = gradient + (t &* channels &+ block)
                    func add(_ sum: Vector, _ k: Int) { if t &+ k < tapCount { (g + k &* channels).vectors[0] += sum } }
                    add(a0, 0); add(a1, 1); add(a2, 2); add(a3, 3); add(a4, 4); add(a5, 5); add(a6, 6); add(a7, 7); add(a8, 8)
                    t &+= 9
                }
            }
            first = end
        }
    }
}
