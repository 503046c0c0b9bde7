/// The input image with its pixels in whole vectors.
struct Load: ImageLayer {
    var readsImage: Bool { true }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        if !adds { y.update(repeating: 0, count: pass.output.count) }
        Channels.add(x, fromRow: pass.input.row, into: y, toRow: pass.output.row, pixels: pass.input.pixels, channels: pass.input.channels)
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {}
}
