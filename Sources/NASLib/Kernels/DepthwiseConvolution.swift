/// Convolution of each channel by itself, on images in NHWC order whose channels are a multiple of eight.
///
/// It works on the same lists of pixels and taps as `Convolution`, so that stride, dilation and the input gradient are
/// again only other lists. Weights lie as [tap][channel].
enum DepthwiseConvolution {
    /// output[pixel][c] = sum over taps t of image[pixel + t][c] * weights[t][c]; the parameters are those of `Convolution.forward`.
    static func forward(
        image: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int,
        taps: UnsafePointer<Int32>, tapWeights: UnsafePointer<Int32>, tapCount: Int,
        weights: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, outputOffsets: UnsafePointer<Int32>, channels: Int
    ) {
        var p = 0
        // Six pixels in registers: a weight is loaded once for all of them. Blocks of channels come inside, so that the
        // rows of the image that the pixels need stay in the cache.
        while p &+ 6 <= pixelCount {
            var block = 0
            while block < channels {
                let x0 = image + (Int(pixels[p]) &+ block), x1 = image + (Int(pixels[p &+ 1]) &+ block), x2 = image + (Int(pixels[p &+ 2]) &+ block)
                let x3 = image + (Int(pixels[p &+ 3]) &+ block), x4 = image + (Int(pixels[p &+ 4]) &+ block), x5 = image + (Int(pixels[p &+ 5]) &+ block)
                let w = weights + block
                var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero, a4 = Vector.zero, a5 = Vector.zero
                var t = 0
                while t < tapCount {
                    let weight = (w + Int(tapWeights[t]) &* channels).vectors[0]
                    let tap = Int(taps[t])
                    a0.addProduct((x0 + tap).vectors[0], weight)
                    a1.addProduct((x1 + tap).vectors[0], weight)
                    a2.addProduct((x2 + tap).vectors[0], weight)
                    a3.addProduct((x3 + tap).vectors[0], weight)
                    a4.addProduct((x4 + tap).vectors[0], weight)
                    a5.addProduct((x5 + tap).vectors[0], weight)
                    t &+= 1
                }
                let y = output + block
                (y + Int(outputOffsets[p])).vectors[0] = a0
                (y + Int(outputOffsets[p &+ 1])).vectors[0] = a1
                (y + Int(outputOffsets[p &+ 2])).vectors[0] = a2
                (y + Int(outputOffsets[p &+ 3])).vectors[0] = a3
                (y + Int(outputOffsets[p &+ 4])).vectors[0] = a4
                (y + Int(outputOffsets[p &+ 5])).vectors[0] = a5
                block &+= 8
            }
            p &+= 6
        }
        while p < pixelCount {
            for block in stride(from: 0, to: channels, by: 8) {
                let x0 = image + (Int(pixels[p]) &+ block)
                var a0 = Vector.zero
                for t in 0..<tapCount { a0.addProduct((x0 + Int(taps[t])).vectors[0], (weights + (Int(tapWeights[t]) &* channels &+ block)).vectors[0]) }
                (output + (Int(outputOffsets[p]) &+ block)).vectors[0] = a0
            }
            p &+= 1
        }
    }

    /// gradient[t][c] += sum over pixels of image[pixel + t][c] * delta[pixel][c].
    static func weightGradient(
        image: UnsafePointer<Float>, pixels: UnsafePointer<Int32>, pixelCount: Int, taps: UnsafePointer<Int32>, tapCount: Int,
        delta: UnsafePointer<Float>, deltaOffsets: UnsafePointer<Int32>, channels: Int, gradient: UnsafeMutablePointer<Float>
    ) {
        // So many pixels at a time that their inputs and deltas stay in the cache over all taps.
        let portion = max(8, 4096 / channels)
        var first = 0
        while first < pixelCount {
            let end = min(pixelCount, first + portion)
            for block in stride(from: 0, to: channels, by: 8) {
                var t = 0
                while t &+ 5 <= tapCount {
                    let x0 = image + (Int(taps[t]) &+ block), x1 = image + (Int(taps[t &+ 1]) &+ block), x2 = image + (Int(taps[t &+ 2]) &+ block)
                    let x3 = image + (Int(taps[t &+ 3]) &+ block), x4 = image + (Int(taps[t &+ 4]) &+ block)
                    var a0 = Vector.zero, a1 = Vector.zero, a2 = Vector.zero, a3 = Vector.zero, a4 = Vector.zero
                    var p = first
                    while p < end {
                        let d = (delta + (Int(deltaOffsets[p]) &+ block)).vectors[0]
                        let i = Int(pixels[p])
                        a0.addProduct((x0 + i).vectors[0], d)
                        a1.addProduct((x1 + i).vectors[0], d)
                        a2.addProduct((x2 + i).vectors[0], d)
                        a3.addProduct((x3 + i).vectors[0], d)
                        a4.addProduct((x4 + i).vectors[0], d)
                        p &+= 1
                    }
                    let g = gradient + (t &* channels &+ block)
                    g.vectors[0] += a0
                    (g + channels).vectors[0] += a1
                    (g + 2 &* channels).vectors[0] += a2
                    (g + 3 &* channels).vectors[0] += a3
                    (g + 4 &* channels).vectors[0] += a4
                    t &+= 5
                }
                while t < tapCount {
                    let x0 = image + (Int(taps[t]) &+ block)
                    var a0 = Vector.zero
                    for p in first..<end { a0.addProduct((x0 + Int(pixels[p])).vectors[0], (delta + (Int(deltaOffsets[p]) &+ block)).vectors[0]) }
                    (gradient + (t &* channels &+ block)).vectors[0] += a0
                    t &+= 1
                }
            }
            first = end
        }
    }
}
