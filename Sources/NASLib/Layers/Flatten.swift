/// All of an image's numbers as the channels of one pixel, in the order height, width, channels.
struct Flatten: LayerKind, ImageLayer {
    var description: String { "\"flatten\"" }
    var isLinearWithoutWeights: Bool { true }
    var readsImage: Bool { true }

    func outputShape(for input: ImageShape) throws -> ImageShape { ImageShape(height: 1, width: 1, channels: input.count) }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        if !adds { y.update(repeating: 0, count: pass.output.count) }
        let input = pass.input
        Channels.add(x, fromRow: input.row, into: y, toRow: input.channels, pixels: input.pixels, channels: input.channels)
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        let input = pass.input
        Channels.add(dy, fromRow: input.channels, into: dx, toRow: input.row, pixels: input.pixels, channels: input.channels)
    }
}

extension DeclaredLayer { public static let flatten = DeclaredLayer(Flatten()) }
