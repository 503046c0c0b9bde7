import CKernels

/// Nine taps in three rows of three, of pixels that are as far apart as the taps of a row: what most depthwise convolutions and
/// their input gradients are.
///
/// A column of three inputs is loaded once and goes to the three pixels whose windows it lies in: three loads for nine
/// multiply-adds. Some rows of pixels at a time are taken through all blocks of channels, as many as stay in the first cache.
extension DepthwiseConvolution {
    /// How many pixels that is, in whole rows of `run` pixels.
    private static func portion(run: Int, channels: Int) -> Int { max(1, 4096 / (run * channels)) * run }

    /// See `forward`; pixels are `channels` floats apart, outputs `outputStep`, two or more in a run.
    static func forwardThreeByThree(
        _ sum: PixelSum, _ image: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
        outputStep: Int
    ) {
        let (pixels, pixelCount, run, outputOffsets) = (sum.pixels, sum.pixelCount, sum.run, sum.outputOffsets)
        let (taps, tapWeights, channels) = (sum.taps, sum.tapWeights, sum.outputs)
        let portion = portion(run: run, channels: channels)
        var begin = 0
        while begin < pixelCount {
            let end = min(pixelCount, begin &+ portion)
            var block = 0
            while block < channels {
                func weight(_ tap: Int) -> Vector { (weights + (Int(tapWeights[tap]) &* channels &+ block)).vectors[0] }
                let w00 = weight(0), w01 = weight(1), w02 = weight(2)
                let w10 = weight(3), w11 = weight(4), w12 = weight(5)
                let w20 = weight(6), w21 = weight(7), w22 = weight(8)
                var start = begin
                while start < end {
                    let x = image + (Int(pixels[start]) &+ block)
                    var x0 = x + Int(taps[0]), x1 = x + Int(taps[3]), x2 = x + Int(taps[6])
                    var y = output + (Int(outputOffsets[start]) &+ block)
                    // The sums so far of the pixel that the next column completes, and of the one after it. What a column adds is
                    // summed by itself first: chains of three multiply-adds instead of nine.
                    var v = x0.vectors[0]
                    var a = v * w00
                    v = x1.vectors[0]
                    a.addProduct(v, w10)
                    v = x2.vectors[0]
                    a.addProduct(v, w20)
                    x0 += channels
                    x1 += channels
                    x2 += channels
                    v = x0.vectors[0]
                    var second = v * w01, b = v * w00
                    v = x1.vectors[0]
                    second.addProduct(v, w11)
                    b.addProduct(v, w10)
                    v = x2.vectors[0]
                    second.addProduct(v, w21)
                    b.addProduct(v, w20)
                    a += second
                    var p = 1
                    while p < run {
                        x0 += channels
                        x1 += channels
                        x2 += channels
                        v = x0.vectors[0]
                        var third = v * w02, second = v * w01, first = v * w00
                        v = x1.vectors[0]
                        third.addProduct(v, w12)
                        second.addProduct(v, w11)
                        first.addProduct(v, w10)
                        v = x2.vectors[0]
                        third.addProduct(v, w22)
                        second.addProduct(v, w21)
                        first.addProduct(v, w20)
                        y.vectors[0] = a + third
                        y += outputStep
                        (a, b) = (b + second, first)
                        p &+= 1
                    }
                    v = (x0 + channels).vectors[0]
                    var third = v * w02
                    v = (x1 + channels).vectors[0]
                    third.addProduct(v, w12)
                    v = (x2 + channels).vectors[0]
                    third.addProduct(v, w22)
                    y.vectors[0] = a + third
                    start &+= run
                }
                block &+= Vector.scalarCount
            }
            begin = end
        }
    }

    /// See `weightGradient`; pixels and deltas are `channels` floats apart, two or more in a run.
    static func weightGradientThreeByThree(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (pixels, pixelCount, run, deltaOffsets) = (sum.pixels, sum.pixelCount, sum.run, sum.deltaOffsets)
        let (taps, channels) = (sum.rows, sum.outputs)
        let portion = portion(run: run, channels: 2 * channels)
        var begin = 0
        while begin < pixelCount {
            let end = min(pixelCount, begin &+ portion)
            var block = 0
            while block < channels {
                var a00 = Vector.zero, a01 = Vector.zero, a02 = Vector.zero
                var a10 = Vector.zero, a11 = Vector.zero, a12 = Vector.zero
                var a20 = Vector.zero, a21 = Vector.zero, a22 = Vector.zero
                var start = begin
                while start < end {
                    let x = image + (Int(pixels[start]) &+ block)
                    var x0 = x + Int(taps[0]), x1 = x + Int(taps[3]), x2 = x + Int(taps[6])
                    var d = delta + (Int(deltaOffsets[start]) &+ block)
                    // The deltas of the pixels whose windows a column is the second and the third of: none of the first column, one of
                    // the next.
                    var d2 = d.vectors[0], d1 = (d + channels).vectors[0]
                    a00.addProduct(x0.vectors[0], d2)
                    a10.addProduct(x1.vectors[0], d2)
                    a20.addProduct(x2.vectors[0], d2)
                    x0 += channels
                    x1 += channels
                    x2 += channels
                    var v = x0.vectors[0]
                    a00.addProduct(v, d1)
                    a01.addProduct(v, d2)
                    v = x1.vectors[0]
                    a10.addProduct(v, d1)
                    a11.addProduct(v, d2)
                    v = x2.vectors[0]
                    a20.addProduct(v, d1)
                    a21.addProduct(v, d2)
                    x0 += channels
                    x1 += channels
                    x2 += channels
                    d += 2 &* channels
                    var p = 2
                    while p < run {
                        let d0 = d.vectors[0]
                        v = x0.vectors[0]
                        a00.addProduct(v, d0)
                        a01.addProduct(v, d1)
                        a02.addProduct(v, d2)
                        v = x1.vectors[0]
                        a10.addProduct(v, d0)
                        a11.addProduct(v, d1)
                        a12.addProduct(v, d2)
                        v = x2.vectors[0]
                        a20.addProduct(v, d0)
                        a21.addProduct(v, d1)
                        a22.addProduct(v, d2)
                        (d1, d2) = (d0, d1)
                        x0 += channels
                        x1 += channels
                        x2 += channels
                        d += channels
                        p &+= 1
                    }
                    // Two more columns have no pixel of their own.
                    a01.addProduct(x0.vectors[0], d1)
                    a11.addProduct(x1.vectors[0], d1)
                    a21.addProduct(x2.vectors[0], d1)
                    a02.addProduct(x0.vectors[0], d2)
                    a12.addProduct(x1.vectors[0], d2)
                    a22.addProduct(x2.vectors[0], d2)
                    a02.addProduct((x0 + channels).vectors[0], d1)
                    a12.addProduct((x1 + channels).vectors[0], d1)
                    a22.addProduct((x2 + channels).vectors[0], d1)
                    start &+= run
                }
                let g = gradient + block
                func add(_ sum: Vector, _ tap: Int) { (g + tap &* channels).vectors[0] += sum }
                add(a00, 0); add(a01, 1); add(a02, 2); add(a10, 3); add(a11, 4); add(a12, 5); add(a20, 6); add(a21, 7); add(a22, 8)
                block &+= Vector.scalarCount
            }
            begin = end
        }
    }
}
