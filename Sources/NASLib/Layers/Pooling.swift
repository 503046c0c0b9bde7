/// y[p, c] = mean or maximum of x[q, c] over the pixels q of p's window that lie inside the image.
struct Pooling: LayerKind, ImageLayer {
    enum Kind { case average, maximum }
    var kind: Kind
    var kernel: Int
    var stride: Int
    var padding: Int
    /// For averages, whether the padding counts as zeros.
    var countsPadding = false

    var description: String {
        call(
            kind == .average ? "avg_pool" : "max_pool", "\(kernel)", "stride: \(stride)", "padding: \(padding)",
            countsPadding ? "count_padding: true" : nil)
    }
    var isLinearWithoutWeights: Bool { kind == .average }

    func outputShape(for input: ImageShape) throws -> ImageShape {
        guard (1...256).contains(kernel), (1...256).contains(stride), (0...kernel / 2).contains(padding) else {
            throw failure("kernel and stride must be from 1 to 256, the padding at most half the kernel")
        }
        guard input.height + 2 * padding >= kernel, input.width + 2 * padding >= kernel else {
            throw failure("images of \(input.text) are smaller than the window")
        }
        return ImageShape(
            height: (input.height + 2 * padding - kernel) / stride + 1, width: (input.width + 2 * padding - kernel) / stride + 1,
            channels: input.channels)
    }

    func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        if kind == .average { average(x, into: y, adds: adds, pass) } else { maximum(x, into: y, adds: adds, pass) }
    }

    func backward(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        if kind == .average { averageDelta(dy, into: dx, pass) } else { maximumDelta(dy, at: x, into: dx, pass) }
    }

    private func average(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        let (width, channels) = (pass.input.width, pass.input.row)
        forEachWindow(pass) { index, rows, columns in
            let factor = 1 / Float(countsPadding ? kernel * kernel : rows.count * columns.count)
            for block in 0..<channels / 8 {
                var sum = Vector.zero
                for r in rows { for c in columns { sum += x.vectors[(r * width + c) * channels / 8 + block] } }
                let target = index * channels / 8 + block
                y.vectors[target] = adds ? y.vectors[target] + sum * factor : sum * factor
            }
        }
    }

    /// Every input of a window gets its share of the window's delta.
    private func averageDelta(_ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass) {
        let (width, channels) = (pass.input.width, pass.input.row)
        forEachWindow(pass) { index, rows, columns in
            let factor = 1 / Float(countsPadding ? kernel * kernel : rows.count * columns.count)
            for block in 0..<channels / 8 {
                let share = dy.vectors[index * channels / 8 + block] * factor
                for r in rows { for c in columns { dx.vectors[(r * width + c) * channels / 8 + block] += share } }
            }
        }
    }

    /// The largest number of each window, nan where it holds one; padding never counts.
    private func maximum(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool, _ pass: ImagePass) {
        let (width, channels) = (pass.input.width, pass.input.row)
        forEachWindow(pass) { index, rows, columns in
            for block in 0..<channels / 8 {
                var best = Vector(repeating: -.infinity)
                for r in rows {
                    for c in columns {
                        let value = x.vectors[(r * width + c) * channels / 8 + block]
                        best = best.replacing(with: value, where: Pooling.isBetter(value, than: best))
                    }
                }
                let target = index * channels / 8 + block
                y.vectors[target] = adds ? y.vectors[target] + best : best
            }
        }
    }

    /// The first of a window's largest numbers gets its delta.
    private func maximumDelta(
        _ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ pass: ImagePass
    ) {
        let (width, channels) = (pass.input.width, pass.input.row)
        forEachWindow(pass) { index, rows, columns in
            for block in 0..<channels / 8 {
                var best = Vector(repeating: -.infinity)
                var place = SIMD8<Int32>(repeating: Int32(rows.lowerBound * width + columns.lowerBound))
                for r in rows {
                    for c in columns {
                        let value = x.vectors[(r * width + c) * channels / 8 + block]
                        let isBetter = Pooling.isBetter(value, than: best)
                        best.replace(with: value, where: isBetter)
                        place.replace(with: Int32(r * width + c), where: isBetter)
                    }
                }
                let d = dy.vectors[index * channels / 8 + block]
                for lane in 0..<8 { dx[Int(place[lane]) * channels + block * 8 + lane] += d[lane] }
            }
        }
    }

    /// Nothing is better than nan, so that it is not lost.
    @inline(__always) private static func isBetter(_ value: Vector, than best: Vector) -> SIMDMask<SIMD8<Int32>> {
        value .> best .| value .!= value
    }

    /// Calls `body` with the output pixel's number, and the rows and columns of its window that lie inside the image.
    @inline(__always) private func forEachWindow(_ pass: ImagePass, _ body: (Int, Range<Int>, Range<Int>) -> Void) {
        for row in 0..<pass.output.height {
            let top = row * stride - padding
            for column in 0..<pass.output.width {
                let left = column * stride - padding
                body(
                    row * pass.output.width + column, max(0, top)..<min(pass.input.height, top + kernel),
                    max(0, left)..<min(pass.input.width, left + kernel))
            }
        }
    }
}

extension DeclaredLayer {
    public static func maximumPool(kernel: Int, stride: Int, padding: Int) -> DeclaredLayer {
        DeclaredLayer(Pooling(kind: .maximum, kernel: kernel, stride: stride, padding: padding))
    }

    public static func averagePool(kernel: Int, stride: Int, padding: Int, countsPadding: Bool) -> DeclaredLayer {
        DeclaredLayer(Pooling(kind: .average, kernel: kernel, stride: stride, padding: padding, countsPadding: countsPadding))
    }
}
