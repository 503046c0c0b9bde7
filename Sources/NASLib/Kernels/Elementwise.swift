/// The small loops between convolutions, on images in NHWC order whose channels are a multiple of eight.
enum Elementwise {
    /// Adds the moments of some pixels to those of the `before` pixels that are in `mean` and `deviations`.
    ///
    /// Sums are those of the differences from one of the pixels: what all pixels have in common does not take their digits.
    static func accumulateMoments(
        _ x: UnsafePointer<Float>, pixels: Int, before: Int, channels: Int, mean: UnsafeMutablePointer<Double>, deviations: UnsafeMutablePointer<Double>
    ) {
        let stride = channels / 8
        let from = x.vectors
        for block in 0..<stride {
            // Of three pixels the middle one: a corner may have little in common with the rest.
            let a = from[block], b = from[block &+ pixels / 2 &* stride], c = from[block &+ (pixels &- 1) &* stride]
            let low = a.replacing(with: b, where: b .< a), high = a.replacing(with: b, where: b .> a)
            let lower = high.replacing(with: c, where: c .< high)
            let shift = low.replacing(with: lower, where: lower .> low)
            var s0 = Vector.zero, s1 = Vector.zero, q0 = Vector.zero, q1 = Vector.zero
            var p = 0
            var i = block
            while p &+ 2 <= pixels {
                let u = from[i] - shift, v = from[i &+ stride] - shift
                s0 += u
                q0.addProduct(u, u)
                s1 += v
                q1.addProduct(v, v)
                i &+= 2 &* stride
                p &+= 2
            }
            if p < pixels {
                let u = from[i] - shift
                s0 += u
                q0.addProduct(u, u)
            }
            let sum = Doubles(s0 + s1), offset = sum / Double(pixels)
            let moments = Moments(count: Double(pixels), mean: Doubles(shift) + offset, deviations: Doubles(q0 + q1) - sum * offset)
            var all = before == 0 ? Moments() : Moments(count: Double(before), mean: mean.vectors[block], deviations: deviations.vectors[block])
            all.add(moments)
            mean.vectors[block] = all.mean
            deviations.vectors[block] = all.deviations
        }
    }

    /// sums[c] += sum of d[p][c], products[c] += sum of d[p][c] * (x[p][c] - mean[c]).
    static func accumulateDeltaMoments(
        _ delta: UnsafePointer<Float>, _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>, pixels: Int, channels: Int,
        _ sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>
    ) {
        let stride = channels / 8
        for block in 0..<stride {
            let m = mean.vectors[block]
            var s = Vector.zero, q = Vector.zero
            var i = block
            for _ in 0..<pixels {
                let d = delta.vectors[i]
                s += d
                q.addProduct(d, x.vectors[i] - m)
                i &+= stride
            }
            sums.vectors[block] += Doubles(s)
            products.vectors[block] += Doubles(q)
        }
    }

    /// y[p][c] = (adds ? y : 0) + (x[p][c] - mean[c]) * scale[c] + shift[c].
    static func normalize(
        _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, pixels: Int, channels: Int, adds: Bool
    ) {
        let stride = channels / 8
        for block in 0..<stride {
            let m = mean.vectors[block], a = scale.vectors[block], b = shift.vectors[block]
            var i = block
            if adds {
                for _ in 0..<pixels {
                    y.vectors[i] += b.addingProduct(x.vectors[i] - m, a)
                    i &+= stride
                }
            } else {
                for _ in 0..<pixels {
                    y.vectors[i] = b.addingProduct(x.vectors[i] - m, a)
                    i &+= stride
                }
            }
        }
    }

    /// The derivative of a normalisation, dx = dy * scale - (x - mean) * product - offset (see `BatchStatistics`), written row by
    /// row into a padded image.
    static func normalizationDelta(
        _ delta: UnsafePointer<Float>, _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>, scale: UnsafePointer<Float>,
        product: UnsafePointer<Float>, offset: UnsafePointer<Float>,
        into target: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int, border: Int
    ) {
        let stride = channels / 8
        let paddedRow = (width + 2 * border) * channels
        for block in 0..<stride {
            let m = mean.vectors[block], s = scale.vectors[block], k = -product.vectors[block], c = offset.vectors[block]
            for y in 0..<height {
                var i = y * width * stride + block
                let row = (target + (y + border) * paddedRow + border * channels).vectors
                var o = block
                for _ in 0..<width {
                    row[o] = (delta.vectors[i] * s).addingProduct(x.vectors[i] - m, k) - c
                    i &+= stride
                    o &+= stride
                }
            }
        }
    }

    /// y[i] += x[i], of whole vectors.
    static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        for i in 0..<(count + 7) / 8 { y.vectors[i] += x.vectors[i] }
    }

    /// target = (adds ? target : 0) + dx, where the mask's values are positive (the derivative of ReLU); no mask: everywhere.
    static func accumulate(_ dx: UnsafePointer<Float>, mask: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>, count: Int, adds: Bool) {
        let d = dx.vectors, t = target.vectors
        if let mask = mask?.vectors {
            if adds {
                for i in 0..<count / 8 { t[i] += d[i].replacing(with: 0, where: mask[i] .<= 0) }
            } else {
                for i in 0..<count / 8 { t[i] = d[i].replacing(with: 0, where: mask[i] .<= 0) }
            }
        } else if adds {
            for i in 0..<count / 8 { t[i] += d[i] }
        } else {
            for i in 0..<count / 8 { t[i] = d[i] }
        }
    }

    /// 3x3 average with stride 1 and padding 1, padding not counted: y += or = the average of what lies inside.
    static func averagePool(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int, adds: Bool) {
        poolWindows(height, width) { row, column, rows, columns in
            let factor = 1 / Float(rows.count * columns.count)
            for block in 0..<channels / 8 {
                var sum = Vector.zero
                for r in rows { for c in columns { sum += x.vectors[((r * width + c) * channels) / 8 + block] } }
                let target = (row * width + column) * channels / 8 + block
                y.vectors[target] = adds ? y.vectors[target] + sum * factor : sum * factor
            }
        }
    }

    /// Its derivative: every input of a window gets its share of the window's delta. `dx` must hold something to add to.
    static func averagePoolDelta(_ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int) {
        poolWindows(height, width) { row, column, rows, columns in
            let factor = 1 / Float(rows.count * columns.count)
            for block in 0..<channels / 8 {
                let share = dy.vectors[(row * width + column) * channels / 8 + block] * factor
                for r in rows { for c in columns { dx.vectors[(r * width + c) * channels / 8 + block] += share } }
            }
        }
    }

    @inline(__always) private static func poolWindows(_ height: Int, _ width: Int, _ body: (Int, Int, Range<Int>, Range<Int>) -> Void) {
        for row in 0..<height {
            for column in 0..<width {
                body(row, column, max(0, row - 1)..<min(height, row + 2), max(0, column - 1)..<min(width, column + 2))
            }
        }
    }

    /// 2x2 average with stride 2.
    static func halve(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int) {
        let stride = channels / 8
        for row in 0..<height / 2 {
            for column in 0..<width / 2 {
                for block in 0..<stride {
                    let i = (2 * row * width + 2 * column) * stride + block
                    let below = i + width * stride
                    y.vectors[(row * (width / 2) + column) * stride + block] =
                        (x.vectors[i] + x.vectors[i + stride] + x.vectors[below] + x.vectors[below + stride]) * 0.25
                }
            }
        }
    }

    /// Its derivative, added to `dx`.
    static func halveDelta(_ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int) {
        let stride = channels / 8
        for row in 0..<height / 2 {
            for column in 0..<width / 2 {
                for block in 0..<stride {
                    let i = (2 * row * width + 2 * column) * stride + block
                    let below = i + width * stride
                    let share = dy.vectors[(row * (width / 2) + column) * stride + block] * 0.25
                    dx.vectors[i] += share
                    dx.vectors[i + stride] += share
                    dx.vectors[below] += share
                    dx.vectors[below + stride] += share
                }
            }
        }
    }
}
