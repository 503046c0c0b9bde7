/// y = f(x), see `Activation`.
extension Activation: LayerKind, ImageLayer {
    var description: String { "\"\(rawValue)\"" }
    var needsNode: Bool { true }
    var activation: Activation? { self }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        apply(x, into: y, count: pass.output.count)
        if !keepsZero { Channels.clearTails(y, pixels: pass.output.pixels, channels: pass.output.channels, row: pass.output.row) }
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        accumulateDelta(dy, at: x, into: dx, count: pass.input.count, adds: true)
    }
}

extension DeclaredLayer { public static func activation(_ function: Activation) -> DeclaredLayer { DeclaredLayer(function) } }
