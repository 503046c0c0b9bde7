/// y[r, c] = x[r + 1, c + 1]: one pixel up and to the left, zeros at the end.
struct Shift: LayerKind, ImageLayer {
    var description: String { "\"shift\"" }
    var isLinearWithoutWeights: Bool { true }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        if input.height > 1, input.width > 1 { return input }
        throw NASError(.shape, "\(description) needs images of at least 2x2 pixels, not \(input.text)")
    }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        let (width, row) = (pass.input.width, pass.input.row)
        if !adds { y.update(repeating: 0, count: pass.output.count) }
        for r in 1..<max(1, pass.input.height) {
            let from = x + (r * width + 1) * row, to = y + (r - 1) * width * row
            Channels.add(from, fromRow: row, into: to, toRow: row, pixels: width - 1, channels: row)
        }
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        let (width, row) = (pass.input.width, pass.input.row)
        for r in 1..<max(1, pass.input.height) {
            let from = dy + (r - 1) * width * row, to = dx + (r * width + 1) * row
            Channels.add(from, fromRow: row, into: to, toRow: row, pixels: width - 1, channels: row)
        }
    }
}

extension DeclaredLayer { public static let shift = DeclaredLayer(Shift()) }
