/// y[start + c] = x[c]: into the node's channels from one on.
struct Concatenation: ImageLayer {
    var start: Int

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        if !adds { y.update(repeating: 0, count: pass.output.count) }
        let (input, output) = (pass.input, pass.output)
        Channels.add(x, fromRow: input.row, into: y + start, toRow: output.row, pixels: input.pixels, channels: input.channels)
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        let (input, output) = (pass.input, pass.output)
        Channels.add(dy + start, fromRow: output.row, into: dx, toRow: input.row, pixels: input.pixels, channels: input.channels)
    }
}
