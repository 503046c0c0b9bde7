/// y[c] = mean over pixels of f(x[p, c]), f being the function before it, if there is one.
struct GlobalPool: LayerKind, ImageLayer {
    var activation: Activation?

    var description: String { "\"global_pool\"" }
    var isLinearWithoutWeights: Bool { true }
    var keepsZero: Bool { activation?.keepsZero != false }

    func outputShape(for input: ImageShape) throws -> ImageShape { ImageShape(height: 1, width: 1, channels: input.channels) }
    func applying(_ activation: Activation) -> (any PlannedLayer)? { GlobalPool(activation: activation) }
    func scratchCount(_ site: Site) -> Int { site.input.count }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        let (pixels, row) = (pass.input.pixels, pass.input.row)
        // Into the scratch, so that the function is computed once for each number.
        var from = x
        if let activation, let scratch = pass.scratch {
            activation.apply(x, into: scratch, count: pixels * row)
            from = UnsafePointer(scratch)
        }
        for block in 0..<row / 8 {
            var sum = Vector.zero
            for p in 0..<pixels { sum += from.vectors[p * row / 8 + block] }
            y.vectors[block] = adds ? y.vectors[block] + sum / Float(pixels) : sum / Float(pixels)
        }
        Channels.clearTails(y, pixels: 1, channels: pass.output.channels, row: row)
    }

    /// dx[p, c] += dy[c] / pixels * f'(x[p, c])
    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        guard let share = pass.scratch else { return }
        let (pixels, row) = (pass.input.pixels, pass.input.row)
        for p in 0..<pixels {
            for block in 0..<row / 8 { share.vectors[p * row / 8 + block] = dy.vectors[block] / Float(pixels) }
        }
        if let activation {
            activation.accumulateDelta(share, at: x, into: dx, count: pass.input.count, adds: true)
        } else {
            Elementwise.accumulate(share, mask: nil, into: dx, count: pass.input.count, adds: true)
        }
    }
}

extension DeclaredLayer { public static let globalPool = DeclaredLayer(GlobalPool()) }
