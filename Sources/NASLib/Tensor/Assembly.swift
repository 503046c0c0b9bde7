/// Tensors put together from others, and picked out by lists of positions.
extension Tensor {
    /// The tensors one after the other along an axis; their other axes must agree.
    static func concatenated(_ parts: [Tensor], axis: Int) throws -> Tensor {
        var shape = parts[0].shape
        for part in parts.dropFirst() {
            guard part.rank == shape.count, shape.indices.allSatisfy({ $0 == axis || part.shape[$0] == shape[$0] }) else {
                throw NASError(.shape, "concat: shapes \(text(parts[0].shape)) and \(text(part.shape)) do not fit along axis \(axis)")
            }
        }
        shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
        _ = try count(of: shape)
        let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *)
        return Tensor(shape: shape) { target in
            var to = target
            for o in 0..<outer {
                if o & 0xffff == 0xffff, Cancellation.isRequested { return }
                for part in parts {
                    let run = part.shape[axis] * inner
                    part.values.withUnsafeBufferPointer { source in
                        if let source = source.baseAddress { to.update(from: source + o * run, count: run) }
                    }
                    to += run
                }
            }
        }
    }

    /// The slices at positions along an axis, which must lie within it.
    func taking(_ positions: [Int], axis: Int) throws -> Tensor {
        var shape = self.shape
        let (outer, size, inner) = (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
        require(positions.allSatisfy((0..<size).contains), "positions along axis \(axis) are from 0 to \(size - 1)")
        shape[axis] = positions.count
        _ = try Tensor.count(of: shape)
        return Tensor(shape: shape) { target in
            values.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                var to = target
                for o in 0..<outer {
                    for position in positions {
                        to.update(from: source + (o * size + position) * inner, count: inner)
                        to += inner
                    }
                }
            }
        }
    }

    /// The adjoint of `taking`: zeros with `size` positions along the axis, the slices added at theirs.
    func putting(at positions: [Int], axis: Int, size: Int) -> Tensor {
        var shape = self.shape
        shape[axis] = size
        let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *)
        return Tensor(shape: shape) { target in
            target.update(repeating: 0, count: shape.reduce(1, *))
            values.withUnsafeBufferPointer { source in
                guard var from = source.baseAddress else { return }
                for o in 0..<outer {
                    for position in positions {
                        let to = target + (o * size + position) * inner
                        for i in 0..<inner { to[i] += from[i] }
                        from += inner
                    }
                }
            }
        }
    }
}

/// The windows that a convolution or a pooling over images [batch, channels, height, width] looks through.
struct Windows: Sendable {
    let images: [Int]
    let kernel: (height: Int, width: Int)
    let stride: Int
    let padding: Int

    init(_ images: [Int], kernel: (height: Int, width: Int), stride: Int, padding: Int) {
        (self.images, self.kernel, self.stride, self.padding) = (images, kernel, stride, padding)
    }

    var height: Int { (images[2] + 2 * padding - kernel.height) / stride + 1 }
    var width: Int { (images[3] + 2 * padding - kernel.width) / stride + 1 }
    /// [batch, channels * kernel height * kernel width, windows].
    var shape: [Int] { [images[0], images[1] * kernel.height * kernel.width, height * width] }

    /// `body(offset in the windows, offset in the images, how many, step in the images)` for runs of elements that lie inside.
    @inline(__always) private func forEachRun(_ body: (Int, Int, Int) -> Void) {
        let (height, width) = (height, width)
        var line = 0
        for plane in 0..<images[0] * images[1] {
            for ky in 0..<kernel.height {
                for kx in 0..<kernel.width {
                    // Columns x of windows with 0 <= x * stride + kx - padding < image width.
                    let first = max(0, (padding - kx + stride - 1) / stride)
                    let last = min(width - 1, (images[3] - 1 + padding - kx) / stride)
                    if images[3] - 1 + padding - kx >= 0, first <= last {
                        for y in 0..<height {
                            let row = y * stride + ky - padding
                            guard row >= 0, row < images[2] else { continue }
                            body(
                                line + y * width + first, (plane * images[2] + row) * images[3] + first * stride + kx - padding,
                                last - first + 1)
                        }
                    }
                    line += height * width
                }
            }
        }
    }

    /// What each window sees, zeros beyond the images.
    func unfolded(_ x: Tensor) -> Tensor {
        Tensor(shape: shape) { target in
            target.update(repeating: 0, count: shape.reduce(1, *))
            x.values.withUnsafeBufferPointer { source in
                forEachRun { to, from, count in for i in 0..<count { target[to &+ i] = source[from &+ i &* stride] } }
            }
        }
    }

    /// The adjoint of `unfolded`: what the windows hold added where they saw it.
    func folded(_ x: Tensor) -> Tensor {
        Tensor(shape: images) { target in
            target.update(repeating: 0, count: images.reduce(1, *))
            x.values.withUnsafeBufferPointer { source in
                forEachRun { from, to, count in for i in 0..<count { target[to &+ i &* stride] += source[from &+ i] } }
            }
        }
    }
}
