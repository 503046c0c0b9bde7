import CKernels

/// The weight gradient of twenty-five taps in five rows of five, of pixels that are as far apart as the taps of a row.
extension DepthwiseConvolution {
    /// See `weightGradient`; pixels and deltas are `channels` floats apart.
    ///
    /// The deltas of eight pixels stay in registers over all rows of taps, and each of the twelve inputs that a row of taps needs is
    /// loaded once: forty multiply-adds for twelve loads.
    static func weightGradientFiveByFive(
        _ sum: WeightSum, _ image: UnsafePointer<Float>, _ delta: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (pixels, pixelCount, run, deltaOffsets) = (sum.pixels, sum.pixelCount, sum.run, sum.deltaOffsets)
        let (taps, channels) = (sum.rows, sum.outputs)
        var start = 0
        while start < pixelCount {
            var block = 0
            while block < channels {
                let runImage = image + (Int(pixels[start]) &+ block), runDelta = delta + (Int(deltaOffsets[start]) &+ block)
                var p = 0
                while p &+ 8 <= run {
                    let d = runDelta + p &* channels
                    func pixel(_ k: Int) -> Vector { (d + k &* channels).vectors[0] }
                    let d0 = pixel(0), d1 = pixel(1), d2 = pixel(2), d3 = pixel(3), d4 = pixel(4), d5 = pixel(5), d6 = pixel(6),
                        d7 = pixel(7)
                    var tap = 0
                    while tap < 25 {
                        let x = runImage + (p &* channels &+ Int(taps[tap]))
                        let g = gradient + (tap &* channels &+ block)
                        func sum(_ k: Int) -> Vector { (g + k &* channels).vectors[0] }
                        func store(_ k: Int, _ sum: Vector) { (g + k &* channels).vectors[0] = sum }
                        var a0 = sum(0), a1 = sum(1), a2 = sum(2), a3 = sum(3), a4 = sum(4)
                        var v = x.vectors[0]
                        a0.addProduct(v, d0)
                        v = (x + channels).vectors[0]
                        a0.addProduct(v, d1)
                        a1.addProduct(v, d0)
                        v = (x + 2 &* channels).vectors[0]
                        a0.addProduct(v, d2)
                        a1.addProduct(v, d1)
                        a2.addProduct(v, d0)
                        v = (x + 3 &* channels).vectors[0]
                        a0.addProduct(v, d3)
                        a1.addProduct(v, d2)
                        a2.addProduct(v, d1)
                        a3.addProduct(v, d0)
                        v = (x + 4 &* channels).vectors[0]
                        a0.addProduct(v, d4)
                        a1.addProduct(v, d3)
                        a2.addProduct(v, d2)
                        a3.addProduct(v, d1)
                        a4.addProduct(v, d0)
                        v = (x + 5 &* channels).vectors[0]
                        a0.addProduct(v, d5)
                        a1.addProduct(v, d4)
                        a2.addProduct(v, d3)
                        a3.addProduct(v, d2)
                        a4.addProduct(v, d1)
                        v = (x + 6 &* channels).vectors[0]
                        a0.addProduct(v, d6)
                        a1.addProduct(v, d5)
                        a2.addProduct(v, d4)
                        a3.addProduct(v, d3)
                        a4.addProduct(v, d2)
                        v = (x + 7 &* channels).vectors[0]
                        a0.addProduct(v, d7)
                        a1.addProduct(v, d6)
                        a2.addProduct(v, d5)
                        a3.addProduct(v, d4)
                        a4.addProduct(v, d3)
                        v = (x + 8 &* channels).vectors[0]
                        a1.addProduct(v, d7)
                        a2.addProduct(v, d6)
                        a3.addProduct(v, d5)
                        a4.addProduct(v, d4)
                        v = (x + 9 &* channels).vectors[0]
                        a2.addProduct(v, d7)
                        a3.addProduct(v, d6)
                        a4.addProduct(v, d5)
                        v = (x + 10 &* channels).vectors[0]
                        a3.addProduct(v, d7)
                        a4.addProduct(v, d6)
                        v = (x + 11 &* channels).vectors[0]
                        a4.addProduct(v, d7)
                        store(0, a0); store(1, a1); store(2, a2); store(3, a3); store(4, a4)
                        tap &+= 5
                    }
                    p &+= 8
                }
                while p < run {
                    let d = (runDelta + p &* channels).vectors[0]
                    for tap in 0..<25 {
                        (gradient + (tap &* channels &+ block)).vectors[0].addProduct(
                            (runImage + (p &* channels &+ Int(taps[tap]))).vectors[0], d)
                    }
                    p &+= 1
                }
                block &+= Vector.scalarCount
            }
            start &+= run
        }
    }
}
