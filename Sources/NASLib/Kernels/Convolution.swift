/// Direct convolution on images in NHWC order, for channel counts that are multiples of eight on the output side.
///
/// All of forward, input gradient and weight gradient are loops over *pixels* and *taps*. A pixel is an offset into a
/// padded image, a tap an offset from the pixel to one of the kernel's inputs. Stride, dilation and the transposed
/// convolution of the input gradient are just other lists of offsets, so there is one kernel for each of the two kinds
/// of sums. Weights lie as [block of 16 output channels][tap][input channel][16], the last block may have 8: the order
/// in which the kernel reads them.
enum Convolution {
    /// Where a weight of (tap, input, output) lies.
    @inline(__always) static func weightIndex(_ tap: Int, _ input: Int, _ output: Int, taps: Int, inputs: Int, outputs: Int) -> Int {
        let block = output / 16
        let blockWidth = min(16, outputs - block * 16)
        return block * 16 * taps * inputs + (tap * inputs + input) * blockWidth + output % 16
    }

    /// output[pixel][o] = sum over taps t and inputs i of image[pixel + t][i] * weights[t][i][o].
    ///
    /// - Parameters:
    ///   - pixels: offset of each pixel's first input channel in `image`, in floats.
    ///   - outputOffsets: where each pixel's outputs go, in floats from `output`; a multiple of 8.
    ///   - taps: offset of each tap in floats.
    ///   - tapWeights: which of the weights' taps each one uses, of `weightTaps` in all.
    static func forward(
        image: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int,
        taps: UnsafePointer<Int32>, tapWeights: UnsafePointer<Int32>, tapCount: Int, weightTaps: Int, inputs: Int,
        weights: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, outputOffsets: UnsafePointer<Int32>, outputs: Int
    ) {
        var block = 0
        while block * 16 < outputs {
            let width = min(16, outputs - block * 16)
            let blockWeights = weights + block * 16 * weightTaps * inputs
            let blockOutput = output + block * 16
            if width == 16 {
                forward16(image, pixels, pixelCount, taps, tapWeights, tapCount, inputs, blockWeights, blockOutput, outputOffsets)
            } else {
                forward8(image, pixels, pixelCount, taps, tapWeights, tapCount, inputs, blockWeights, blockOutput, outputOffsets)
            }
            block += 1
        }
    }

    /// 16 output channels: six pixels by two vectors in registers, twelve fused multiply-adds for eight loads.
    private static func forward16(
        _ image: UnsafePointer<Float>, _ pixels: UnsafePointer<Int32>, _ pixelCount: Int,
        _ taps: UnsafePointer<Int32>, _ tapWeights: UnsafePointer<Int32>, _ tapCount: Int, _ inputs: Int,
        _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ offsets: UnsafePointer<Int32>
    ) {
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
                var w = (weights + Int(tapWeights[t]) &* inputs &* 16).vectors
                while i < end {
                    let w0 = w[0], w1 = w[1]
                    w += 2
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
                var w = (weights + Int(tapWeights[t]) &* inputs &* 16).vectors
                while i < end {
                    let w0 = w[0], w1 = w[1]
                    w += 2
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
                var w = (weights + Int(tapWeights[t]) &* inputs &* 16).vectors
                for i in Int(taps[t])..<Int(taps[t]) &+ inputs {
                    let x = Vector(repeating: x0[i])
                    a0.addProduct(x, w[0])
                    b0.addProduct(x, w[1])
                    w += 2
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

    /// 8 output channels: eight pixels in registers.
    private static func forward8(
        _ image: UnsafePointer<Float>, _ pixels: UnsafePointer<Int32>, _ pixelCount: Int,
        _ taps: UnsafePointer<Int32>, _ tapWeights: UnsafePointer<Int32>, _ tapCount: Int, _ inputs: Int,
        _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ offsets: UnsafePointer<Int32>
    ) {
        var p = 0
        while p &+ 8 <= pixelCount {
            let x0 = image + Int(pixels[p]), x1 = image + Int(pixels[p &+ 1]), x2 = image + Int(pixels[p &+ 2]), x3 = image + Int(pixels[p &+ 3])
            let x4 = image + Int(pixels[p &+ 4]), x5 = image + Int(pixels[p &+ 5]), x6 = image + Int(pixels[p &+ 6]), x7 = image + Int(pixels[p &+ 7])
            var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
            var a4 = Vector.zero, a5 = Vector.zero, a6 = Vector.zero, a7 = Vector.zero
            var t = 0
            while t < tapCount {
                var i = Int(taps[t])
                let end = i &+ inputs
                var w = (weights + Int(tapWeights[t]) &* inputs &* 8).vectors
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
            let x0 = image + Int(pixels[p]), x1 = image + Int(pixels[p &+ 1]), x2 = image + Int(pixels[p &+ 2]), x3 = image + Int(pixels[p &+ 3])
            var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero
            for t in 0..<tapCount {
                var w = (weights + Int(tapWeights[t]) &* inputs &* 8).vectors
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
                var w = (weights + Int(tapWeights[t]) &* inputs &* 8).vectors
                for i in Int(taps[t])..<Int(taps[t]) &+ inputs {
                    a0.addProduct(Vector(repeating: x0[i]), w[0])
                    w += 1
                }
            }
            (output + Int(offsets[p])).vectors[0] = a0
            p &+= 1
        }
    }

    /// gradient[t][i][o] += sum over pixels of image[pixel + t][i] * delta[pixel][o].
    ///
    /// - Parameter rows: offset of each (tap, input) pair from a pixel, in floats, in weight order.
    static func weightGradient(
        image: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int, rows: UnsafePointer<Int32>, rowCount: Int,
        delta: UnsafePointer<Float>, deltaOffsets: UnsafePointer<Int32>, outputs: Int, gradient: UnsafeMutablePointer<Float>
    ) {
        var block = 0
        while block * 16 < outputs {
            let blockGradient = gradient + block * 16 * rowCount
            if outputs - block * 16 >= 16 {
                weightGradient16(image, pixels, pixelCount, rows, rowCount, delta + block * 16, deltaOffsets, blockGradient)
            } else {
                weightGradient8(image, pixels, pixelCount, rows, rowCount, delta + block * 16, deltaOffsets, blockGradient)
            }
            block += 1
        }
    }

    /// 16 output channels: six rows by two vectors in registers.
    private static func weightGradient16(
        _ image: UnsafePointer<Float>, _ pixels: UnsafePointer<Int32>, _ pixelCount: Int, _ rows: UnsafePointer<Int32>, _ rowCount: Int,
        _ delta: UnsafePointer<Float>, _ offsets: UnsafePointer<Int32>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        var row = 0
        while row &+ 6 <= rowCount, rowCount &- row != 8 {
            let x0 = image + Int(rows[row]), x1 = image + Int(rows[row &+ 1]), x2 = image + Int(rows[row &+ 2])
            let x3 = image + Int(rows[row &+ 3]), x4 = image + Int(rows[row &+ 4]), x5 = image + Int(rows[row &+ 5])
            let g = (gradient + row &* 16).vectors
            var a0 = g[0], b0 = g[1], a1 = g[2], b1 = g[3], a2 = g[4], b2 = g[5]
            var a3 = g[6], b3 = g[7], a4 = g[8], b4 = g[9], a5 = g[10], b5 = g[11]
            var p = 0
            while p < pixelCount {
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
            g[0] = a0; g[1] = b0; g[2] = a1; g[3] = b1; g[4] = a2; g[5] = b2
            g[6] = a3; g[7] = b3; g[8] = a4; g[9] = b4; g[10] = a5; g[11] = b5
            row &+= 6
        }
        // The rest of rows that are a multiple of eight is a multiple of four.
        while row &+ 4 <= rowCount {
            let x0 = image + Int(rows[row]), x1 = image + Int(rows[row &+ 1]), x2 = image + Int(rows[row &+ 2]), x3 = image + Int(rows[row &+ 3])
            let g = (gradient + row &* 16).vectors
            var a0 = g[0], b0 = g[1], a1 = g[2], b1 = g[3], a2 = g[4], b2 = g[5], a3 = g[6], b3 = g[7]
            var p = 0
            while p < pixelCount {
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
            g[0] = a0; g[1] = b0; g[2] = a1; g[3] = b1; g[4] = a2; g[5] = b2; g[6] = a3; g[7] = b3
            row &+= 4
        }
        while row < rowCount {
            let x0 = image + Int(rows[row])
            let g = (gradient + row &* 16).vectors
            var a0 = g[0], b0 = g[1]
            for p in 0..<pixelCount {
                let d = (delta + Int(offsets[p])).vectors
                let x = Vector(repeating: x0[Int(pixels[p])])
                a0.addProduct(x, d[0])
                b0.addProduct(x, d[1])
            }
            g[0] = a0
            g[1] = b0
            row &+= 1
        }
    }

    /// 8 output channels: eight rows in registers.
    private static func weightGradient8(
        _ image: UnsafePointer<Float>, _ pixels: UnsafePointer<Int32>, _ pixelCount: Int, _ rows: UnsafePointer<Int32>, _ rowCount: Int,
        _ delta: UnsafePointer<Float>, _ offsets: UnsafePointer<Int32>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        var row = 0
        while row &+ 8 <= rowCount {
            let x0 = image + Int(rows[row]), x1 = image + Int(rows[row &+ 1]), x2 = image + Int(rows[row &+ 2]), x3 = image + Int(rows[row &+ 3])
            let x4 = image + Int(rows[row &+ 4]), x5 = image + Int(rows[row &+ 5]), x6 = image + Int(rows[row &+ 6]), x7 = image + Int(rows[row &+ 7])
            let g = (gradient + row &* 8).vectors
            var a0 = g[0], a1 = g[1], a2 = g[2], a3 = g[3], a4 = g[4], a5 = g[5], a6 = g[6], a7 = g[7]
            var p = 0
            while p < pixelCount {
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
            g[0] = a0; g[1] = a1; g[2] = a2; g[3] = a3; g[4] = a4; g[5] = a5; g[6] = a6; g[7] = a7
            row &+= 8
        }
        while row < rowCount {
            let x0 = image + Int(rows[row])
            let g = (gradient + row &* 8).vectors
            var a0 = g[0]
            for p in 0..<pixelCount { a0.addProduct(Vector(repeating: x0[Int(pixels[p])]), (delta + Int(offsets[p])).vectors[0]) }
            g[0] = a0
            row &+= 1
        }
    }
}
