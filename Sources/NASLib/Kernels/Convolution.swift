import CKernels

/// Direct convolution on images in NHWC order, for channel counts that are multiples of eight on the output side.
///
/// All of forward, input gradient and weight gradient are loops over *pixels* and *taps*. A pixel is an offset into a
/// padded image, a tap an offset from the pixel to one of the kernel's inputs. Stride, dilation and the transposed
/// convolution of the input gradient are just other lists of offsets, so there is one kernel for each of the two kinds
/// of sums. Weights lie as [block of 16 output channels][tap][input channel][16], the last block may have 8: the order
/// in which the kernel reads them.
///
/// This file is compiled twice, here with vectors of eight and in WideKernels with vectors of sixteen. Both add up each
/// number in the same order, so that their results are the same bits.
package enum Convolution {
    /// Outputs in a block of weights.
    private static let blockWidth = 16

    /// Where a weight of (tap, input, output) lies.
    @inline(__always) static func weightIndex(_ tap: Int, _ input: Int, _ output: Int, taps: Int, inputs: Int, outputs: Int) -> Int {
        let block = output / blockWidth
        let width = min(blockWidth, outputs - block * blockWidth)
        return block * blockWidth * taps * inputs + (tap * inputs + input) * width + output % blockWidth
    }

    /// output[pixel][o] = sum over taps t and inputs i of image[pixel + t][i] * weights[t][i][o].
    package static func forward(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) {
        let second = distanceOfSecond(rows: sum.weightTaps * sum.inputs)
        var done = 0
        while done < sum.outputs {
            let someWeights = weights + done * sum.weightTaps * sum.inputs
            if done + 2 * Vector.scalarCount <= sum.outputs {
                forwardTwo(sum, image, someWeights, second, output + done)
                done += 2 * Vector.scalarCount
            } else {
                forwardOne(sum, image, someWeights, output + done)
                done += Vector.scalarCount
            }
        }
    }

    /// From the weights of one vector of outputs to those of the next, in floats: within a block, or in the next one.
    private static func distanceOfSecond(rows: Int) -> Int { Vector.scalarCount < blockWidth ? Vector.scalarCount : blockWidth * rows }

    /// Two vectors of outputs: six pixels by two vectors in registers, twelve fused multiply-adds for eight loads.
    private static func forwardTwo(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ second: Int,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let (pixels, pixelCount, offsets) = (sum.pixels, sum.pixelCount, sum.outputOffsets)
        let (taps, tapWeights, tapCount, inputs) = (sum.taps, sum.tapWeights, sum.tapCount, sum.inputs)
        var p = 0
        while p &+ 6 <= pixelCount {
            let x0 = image + Int(pixels[p]), x1 = image + Int(pixels[p &+ 1]), x2 = image + Int(pixels[p &+ 2])
            let x3 = image + Int(pixels[p &+ 3]), x4 = image + Int(pixels[p &+ 4]), x5 = image + Int(pixels[p &+ 5])
            var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero, a4 = Vector.zero, a5 = Vector.zero
            var b0 = Vector.zero, b1 = Vector.zero, b2 = Vector.zero, b3 = Vector.zero, b4 = Vector.zero, b5 = Vector.zero
            var t = 0
            while t < tapCount {
                var i = Int(taps[t])
                let end = i &+ inputs
                var w = weights + Int(tapWeights[t]) &* inputs &* blockWidth
                while i < end {
                    let w0 = w.vectors[0], w1 = (w + second).vectors[0]
                    w += blockWidth
                    var x = Vector(repeating: x0[i])
                    a0.addProduct(x, w0)
                    b0.addProduct(x, w1)
                    x = Vector(repeating: x1[i])
                    a1.addProduct(x, w0)
                    b1.addProduct(x, w1)
                    x = Vector(repeating: x2[i])
                    a2.addProduct(x, w0)
                    b2.addProduct(x, w1)
                    x = Vector(repeating: x3[i])
                    a3.addProduct(x, w0)
                    b3.addProduct(x, w1)
                    x = Vector(repeating: x4[i])
                    a4.addProduct(x, w0)
                    b4.addProduct(x, w1)
                    x = Vector(repeating: x5[i])
                    a5.addProduct(x, w0)
                    b5.addProduct(x, w1)
                    i &+= 1
                }
                t &+= 1
            }
            store(output, offsets[p], a0, b0)
            store(output, offsets[p &+ 1], a1, b1)
            store(output, offsets[p &+ 2], a2, b2)
            store(output, offsets[p &+ 3], a3, b3)
            store(output, offsets[p &+ 4], a4, b4)
            store(output, offsets[p &+ 5], a5, b5)
            p &+= 6
        }
        while p &+ 2 <= pixelCount {
            let x0 = image + Int(pixels[p]), x1 = image + Int(pixels[p &+ 1])
            var a0 = Vector.zero, a1 = Vector.zero, b0 = Vector.zero, b1 = Vector.zero
            var t = 0
            while t < tapCount {
                var i = Int(taps[t])
                let end = i &+ inputs
                var w = weights + Int(tapWeights[t]) &* inputs &* blockWidth
                while i < end {
                    let w0 = w.vectors[0], w1 = (w + second).vectors[0]
                    w += blockWidth
                    let u = Vector(repeating: x0[i]), v = Vector(repeating: x1[i])
                    a0.addProduct(u, w0)
                    b0.addProduct(u, w1)
                    a1.addProduct(v, w0)
                    b1.addProduct(v, w1)
                    i &+= 1
                }
                t &+= 1
            }
            store(output, offsets[p], a0, b0)
            store(output, offsets[p &+ 1], a1, b1)
            p &+= 2
        }
        if p < pixelCount {
            let x0 = image + Int(pixels[p])
            var a0 = Vector.zero, b0 = Vector.zero
            for t in 0..<tapCount {
                var w = weights + Int(tapWeights[t]) &* inputs &* blockWidth
                for i in Int(taps[t])..<Int(taps[t]) &+ inputs {
                    let x = Vector(repeating: x0[i])
                    a0.addProduct(x, w.vectors[0])
                    b0.addProduct(x, (w + second).vectors[0])
                    w += blockWidth
                }
            }
            store(output, offsets[p], a0, b0)
        }
    }

    @inline(__always) private static func store(_ output: UnsafeMutablePointer<Float>, _ offset: Int32, _ a: Vector, _ b: Vector) {
        let target = (output + Int(offset)).vectors
        target[0] = a
        target[1] = b
    }

    /// One vector of outputs: eight pixels in registers.
    private static func forwardOne(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) {
        let (pixels, pixelCount, offsets) = (sum.pixels, sum.pixelCount, sum.outputOffsets)
        let (taps, tapWeights, tapCount, inputs) = (sum.taps, sum.tapWeights, sum.tapCount, sum.inputs)
        var p = 0
        while p &+ 8 <= pixelCount {
            let x0 = image + Int(pixels[p]), x1 = image + Int(pixels[p &+ 1]), x2 = image + Int(pixels[p &+ 2]),
                x3 = image + Int(pixels[p &+ 3])
            let x4 = image + Int(pixels[p &+ 4]), x5 = image + Int(pixels[p &+ 5]), x6 = image + Int(pixels[p &+ 6]),
                x7 = image + Int(pixels[p &+ 7])
            var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
            var a4 = Vector.zero, a5 = Vector.zero, a6 = Vector.zero, a7 = Vector.zero
            var t = 0
            while t < tapCount {
                var i = Int(taps[t])
                let end = i &+ inputs
                var w = (weights + Int(tapWeights[t]) &* inputs &* Vector.scalarCount).vectors
                while i < end {
                    let w0 = w[0]
                    w += 1
                    a0.addProduct(Vector(repeating: x0[i]), w0)
                    a1.addProduct(Vector(repeating: x1[i]), w0)
                    a2.addProduct(Vector(repeating: x2[i]), w0)
                    a3.addProduct(Vector(repeating: x3[i]), w0)
                    a4.addProduct(Vector(repeating: x4[i]), w0)
                    a5.addProduct(Vector(repeating: x5[i]), w0)
                    a6.addProduct(Vector(repeating: x6[i]), w0)
                    a7.addProduct(Vector(repeating: x7[i]), w0)
                    i &+= 1
                }
                t &+= 1
            }
            (output + Int(offsets[p])).vectors[0] = a0
            (output + Int(offsets[p &+ 1])).vectors[0] = a1
            (output + Int(offsets[p &+ 2])).vectors[0] = a2
            (output + Int(offsets[p &+ 3])).vectors[0] = a3
            (output + Int(offsets[p &+ 4])).vectors[0] = a4
            (output + Int(offsets[p &+ 5])).vectors[0] = a5
            (output + Int(offsets[p &+ 6])).vectors[0] = a6
            (output + Int(offsets[p &+ 7])).vectors[0] = a7
            p &+= 8
        }
        while p &+ 4 <= pixelCount {
            let x0 = image + Int(pixels[p]), x1 = image + Int(pixels[p &+ 1]), x2 = image + Int(pixels[p &+ 2]),
                x3 = image + Int(pixels[p &+ 3])
            var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
            for t in 0..<tapCount {
                var w = (weights + Int(tapWeights[t]) &* inputs &* Vector.scalarCount).vectors
                for i in Int(taps[t])..<Int(taps[t]) &+ inputs {
                    let w0 = w[0]
                    w += 1
                    a0.addProduct(Vector(repeating: x0[i]), w0)
                    a1.addProduct(Vector(repeating: x1[i]), w0)
                    a2.addProduct(Vector(repeating: x2[i]), w0)
                    a3.addProduct(Vector(repeating: x3[i]), w0)
                }
            }
            (output + Int(offsets[p])).vectors[0] = a0
            (output + Int(offsets[p &+ 1])).vectors[0] = a1
            (output + Int(offsets[p &+ 2])).vectors[0] = a2
            (output + Int(offsets[p &+ 3])).vectors[0] = a3
            p &+= 4
        }
        while p < pixelCount {
            let x0 = image + Int(pixels[p])
            var a0 = Vector.zero
            for t in 0..<tapCount {
                var w = (weights + Int(tapWeights[t]) &* inputs &* Vector.scalarCount).vectors
                for i in Int(taps[t])..<Int(taps[t]) &+ inputs {
                    a0.addProduct(Vector(repeating: x0[i]), w[0])
                    w += 1
                }
            }
            (output + Int(offsets[p])).vectors[0] = a0
            p &+= 1
        }
    }

    /// gradient[t][i][o] += sum over pixels of image[pixel + t][i] * delta[pixel][o], for one part of the pixels after the other: each
    /// part's sum begins at 0, so that it is the same number as where the part comes by itself.
    package static func weightGradient(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let second = distanceOfSecond(rows: sum.rowCount)
        var done = 0
        while done < sum.outputs {
            let someGradient = gradient + done * sum.rowCount
            if done + 2 * Vector.scalarCount <= sum.outputs {
                weightGradientTwo(sum, image, delta + done, someGradient, second)
                done += 2 * Vector.scalarCount
            } else {
                weightGradientOne(sum, image, delta + done, someGradient)
                done += Vector.scalarCount
            }
        }
    }

    /// Two vectors of outputs: six rows by two vectors in registers.
    private static func weightGradientTwo(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
        _ second: Int
    ) {
        let (pixels, ends, partCount, offsets) = (sum.pixels, sum.ends, sum.partCount, sum.deltaOffsets)
        let (rows, rowCount) = (sum.rows, sum.rowCount)
        // From one row's vectors to the next one's.
        let step = blockWidth / Vector.scalarCount
        var row = 0
        while row &+ 6 <= rowCount, rowCount &- row != 8 {
            let x0 = image + Int(rows[row]), x1 = image + Int(rows[row &+ 1]), x2 = image + Int(rows[row &+ 2])
            let x3 = image + Int(rows[row &+ 3]), x4 = image + Int(rows[row &+ 4]), x5 = image + Int(rows[row &+ 5])
            let g = (gradient + row &* blockWidth).vectors, h = (gradient + (row &* blockWidth &+ second)).vectors
            var g0 = g[0], g1 = g[step], g2 = g[2 &* step], g3 = g[3 &* step], g4 = g[4 &* step], g5 = g[5 &* step]
            var h0 = h[0], h1 = h[step], h2 = h[2 &* step], h3 = h[3 &* step], h4 = h[4 &* step], h5 = h[5 &* step]
            var p = 0
            for part in 0..<partCount {
                let end = Int(ends[part])
                var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero, a4 = Vector.zero, a5 = Vector.zero
                var b0 = Vector.zero, b1 = Vector.zero, b2 = Vector.zero, b3 = Vector.zero, b4 = Vector.zero, b5 = Vector.zero
                while p < end {
                    let i = Int(pixels[p])
                    let d = (delta + Int(offsets[p])).vectors
                    let d0 = d[0], d1 = d[1]
                    var x = Vector(repeating: x0[i])
                    a0.addProduct(x, d0)
                    b0.addProduct(x, d1)
                    x = Vector(repeating: x1[i])
                    a1.addProduct(x, d0)
                    b1.addProduct(x, d1)
                    x = Vector(repeating: x2[i])
                    a2.addProduct(x, d0)
                    b2.addProduct(x, d1)
                    x = Vector(repeating: x3[i])
                    a3.addProduct(x, d0)
                    b3.addProduct(x, d1)
                    x = Vector(repeating: x4[i])
                    a4.addProduct(x, d0)
                    b4.addProduct(x, d1)
                    x = Vector(repeating: x5[i])
                    a5.addProduct(x, d0)
                    b5.addProduct(x, d1)
                    p &+= 1
                }
                g0 += a0; g1 += a1; g2 += a2; g3 += a3; g4 += a4; g5 += a5
                h0 += b0; h1 += b1; h2 += b2; h3 += b3; h4 += b4; h5 += b5
            }
            g[0] = g0; g[step] = g1; g[2 &* step] = g2; g[3 &* step] = g3; g[4 &* step] = g4; g[5 &* step] = g5
            h[0] = h0; h[step] = h1; h[2 &* step] = h2; h[3 &* step] = h3; h[4 &* step] = h4; h[5 &* step] = h5
            row &+= 6
        }
        // The rest of rows that are a multiple of eight is a multiple of four.
        while row &+ 4 <= rowCount {
            let x0 = image + Int(rows[row]), x1 = image + Int(rows[row &+ 1]), x2 = image + Int(rows[row &+ 2]),
                x3 = image + Int(rows[row &+ 3])
            let g = (gradient + row &* blockWidth).vectors, h = (gradient + (row &* blockWidth &+ second)).vectors
            var g0 = g[0], g1 = g[step], g2 = g[2 &* step], g3 = g[3 &* step]
            var h0 = h[0], h1 = h[step], h2 = h[2 &* step], h3 = h[3 &* step]
            var p = 0
            for part in 0..<partCount {
                let end = Int(ends[part])
                var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
                var b0 = Vector.zero, b1 = Vector.zero, b2 = Vector.zero, b3 = Vector.zero
                while p < end {
                    let i = Int(pixels[p])
                    let d = (delta + Int(offsets[p])).vectors
                    let d0 = d[0], d1 = d[1]
                    var x = Vector(repeating: x0[i])
                    a0.addProduct(x, d0)
                    b0.addProduct(x, d1)
                    x = Vector(repeating: x1[i])
                    a1.addProduct(x, d0)
                    b1.addProduct(x, d1)
                    x = Vector(repeating: x2[i])
                    a2.addProduct(x, d0)
                    b2.addProduct(x, d1)
                    x = Vector(repeating: x3[i])
                    a3.addProduct(x, d0)
                    b3.addProduct(x, d1)
                    p &+= 1
                }
                g0 += a0; g1 += a1; g2 += a2; g3 += a3
                h0 += b0; h1 += b1; h2 += b2; h3 += b3
            }
            g[0] = g0; g[step] = g1; g[2 &* step] = g2; g[3 &* step] = g3
            h[0] = h0; h[step] = h1; h[2 &* step] = h2; h[3 &* step] = h3
            row &+= 4
        }
        while row < rowCount {
            let x0 = image + Int(rows[row])
            let g = (gradient + row &* blockWidth).vectors, h = (gradient + (row &* blockWidth &+ second)).vectors
            var p = 0
            for part in 0..<partCount {
                let end = Int(ends[part])
                var a0 = Vector.zero, b0 = Vector.zero
                while p < end {
                    let d = (delta + Int(offsets[p])).vectors
                    let x = Vector(repeating: x0[Int(pixels[p])])
                    a0.addProduct(x, d[0])
                    b0.addProduct(x, d[1])
                    p &+= 1
                }
                g[0] += a0
                h[0] += b0
            }
            row &+= 1
        }
    }

    /// One vector of outputs: eight rows in registers.
    private static func weightGradientOne(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (pixels, ends, partCount, offsets) = (sum.pixels, sum.ends, sum.partCount, sum.deltaOffsets)
        let (rows, rowCount) = (sum.rows, sum.rowCount)
        var row = 0
        while row &+ 8 <= rowCount {
            let x0 = image + Int(rows[row]), x1 = image + Int(rows[row &+ 1]), x2 = image + Int(rows[row &+ 2]),
                x3 = image + Int(rows[row &+ 3])
            let x4 = image + Int(rows[row &+ 4]), x5 = image + Int(rows[row &+ 5]), x6 = image + Int(rows[row &+ 6]),
                x7 = image + Int(rows[row &+ 7])
            let g = (gradient + row &* Vector.scalarCount).vectors
            var p = 0
            for part in 0..<partCount {
                let end = Int(ends[part])
                var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
                var a4 = Vector.zero, a5 = Vector.zero, a6 = Vector.zero, a7 = Vector.zero
                while p < end {
                    let i = Int(pixels[p])
                    let d = (delta + Int(offsets[p])).vectors[0]
                    a0.addProduct(Vector(repeating: x0[i]), d)
                    a1.addProduct(Vector(repeating: x1[i]), d)
                    a2.addProduct(Vector(repeating: x2[i]), d)
                    a3.addProduct(Vector(repeating: x3[i]), d)
                    a4.addProduct(Vector(repeating: x4[i]), d)
                    a5.addProduct(Vector(repeating: x5[i]), d)
                    a6.addProduct(Vector(repeating: x6[i]), d)
                    a7.addProduct(Vector(repeating: x7[i]), d)
                    p &+= 1
                }
                g[0] += a0; g[1] += a1; g[2] += a2; g[3] += a3; g[4] += a4; g[5] += a5; g[6] += a6; g[7] += a7
            }
            row &+= 8
        }
        while row < rowCount {
            let x0 = image + Int(rows[row])
            let g = (gradient + row &* Vector.scalarCount).vectors
            var p = 0
            for part in 0..<partCount {
                let end = Int(ends[part])
                var a0 = Vector.zero
                while p < end {
                    a0.addProduct(Vector(repeating: x0[Int(pixels[p])]), (delta + Int(offsets[p])).vectors[0])
                    p &+= 1
                }
                g[0] += a0
            }
            row &+= 1
        }
    }
}
