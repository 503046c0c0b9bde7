/// Pooling over windows of any size, on images in NHWC order whose channels are a multiple of eight.
struct Pooling {
    var height: Int
    var width: Int
    var channels: Int
    var kernel: Int
    var stride: Int
    var padding: Int
    /// For averages, whether the padding counts as zeros.
    var countsPadding = false

    /// The average of each window is put into `y`, or added to what is there.
    func average(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool) {
        forEachWindow { index, rows, columns, size in
            let factor = 1 / Float(countsPadding ? size : rows.count * columns.count)
            for block in 0..<channels / 8 {
                var sum = Vector.zero
                for r in rows { for c in columns { sum += x.vectors[(r * width + c) * channels / 8 + block] } }
                let target = index * channels / 8 + block
                y.vectors[target] = adds ? y.vectors[target] + sum * factor : sum * factor
            }
        }
    }

    /// Every input of a window gets its share of the window's delta, added to `dx`.
    func averageDelta(_ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>) {
        forEachWindow { index, rows, columns, size in
            let factor = 1 / Float(countsPadding ? size : rows.count * columns.count)
            for block in 0..<channels / 8 {
                let share = dy.vectors[index * channels / 8 + block] * factor
                for r in rows { for c in columns { dx.vectors[(r * width + c) * channels / 8 + block] += share } }
            }
        }
    }

    /// The largest number of each window, nan where it holds one; padding never counts.
    func maximum(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool) {
        forEachWindow { index, rows, columns, _ in
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

    /// The first of a window's largest numbers gets its delta, added to `dx`.
    func maximumDelta(_ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>) {
        forEachWindow { index, rows, columns, _ in
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
    @inline(__always) private static func isBetter(_ value: Vector, than best: Vector) -> SIMDMask<SIMD8<Int32>> { value .> best .| value .!= value }

    /// Calls `body` with the output pixel's number, the rows and columns of its window that lie inside the image, and the
    /// numbers in the window with its padding.
    @inline(__always) private func forEachWindow(_ body: (Int, Range<Int>, Range<Int>, Int) -> Void) {
        let (rows, columns) = ((height + 2 * padding - kernel) / stride + 1, (width + 2 * padding - kernel) / stride + 1)
        for row in 0..<rows {
            let top = row * stride - padding
            for column in 0..<columns {
                let left = column * stride - padding
                body(
                    row * columns + column, max(0, top)..<min(height, top + kernel), max(0, left)..<min(width, left + kernel), kernel * kernel)
            }
        }
    }
}
