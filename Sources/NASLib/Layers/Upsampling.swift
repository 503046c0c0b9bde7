/// y[r, c] = x[r / factor, c / factor], rounded down: each pixel becomes a square of equal ones.
struct Upsampling: LayerKind, ImageLayer {
    var factor: Int

    var description: String { call("upsample", "\(factor)") }
    var isLinearWithoutWeights: Bool { true }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        guard (1...64).contains(factor) else { throw failure("the factor must be from 1 to 64") }
        return ImageShape(height: input.height * factor, width: input.width * factor, channels: input.channels)
    }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        forEachPixel(pass) { from, to in
            for block in 0..<pass.input.row / 8 {
                y.vectors[to + block] = adds ? y.vectors[to + block] + x.vectors[from + block] : x.vectors[from + block]
            }
        }
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        forEachPixel(pass) { from, to in for block in 0..<pass.input.row / 8 { dx.vectors[from + block] += dy.vectors[to + block] } }
    }

    /// Calls `body` with where each output pixel and the input pixel that it copies begin, in vectors.
    @inline(__always) private func forEachPixel(_ pass: ImagePass, _ body: (_ from: Int, _ to: Int) -> Void) {
        let step = pass.input.row / 8
        for row in 0..<pass.output.height {
            for column in 0..<pass.output.width {
                body((row / factor * pass.input.width + column / factor) * step, (row * pass.output.width + column) * step)
            }
        }
    }
}

extension DeclaredLayer {
    /// Each pixel as a square of `factor` x `factor` equal ones.
    public static func upsampling(factor: Int) -> DeclaredLayer { DeclaredLayer(Upsampling(factor: factor)) }
}
