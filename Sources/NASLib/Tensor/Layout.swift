/// Where the elements of a part, a rearrangement or a repetition of a tensor lie in it: element (i, j, …) at
/// `start + i * strides[0] + j * strides[1] + …`. A stride may be 0 (repeated) or negative (reversed).
struct Layout: Sendable {
    var shape: [Int]
    var strides: [Int]
    var start = 0

    init(shape: [Int], strides: [Int], start: Int = 0) {
        (self.shape, self.strides, self.start) = (shape, strides, start)
    }

    /// Row-major and contiguous.
    init(_ shape: [Int]) {
        self.shape = shape
        strides = Array(repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    }

    var count: Int { shape.reduce(1, *) }

    /// Whether the last axis but one steps by 1 and the last one does not, as in a transposed matrix.
    var swapsLastAxes: Bool { shape.count > 1 && strides[shape.count - 2] == 1 && strides[shape.count - 1] != 1 && !shape.contains(0) }

    /// Repeated along axes of size 1 and new leading axes. The shapes must fit, see `Tensor.broadcastShape`.
    func broadcast(to target: [Int]) -> Layout {
        let missing = target.count - shape.count
        return Layout(
            shape: target, strides: target.indices.map { $0 < missing || shape[$0 - missing] == 1 ? 0 : strides[$0 - missing] },
            start: start)
    }

    func permuted(_ order: [Int]) -> Layout { Layout(shape: order.map { shape[$0] }, strides: order.map { strides[$0] }, start: start) }

    /// One selection for each of the first axes, the others whole.
    func selecting(_ selections: [Tensor.Selection]) -> Layout {
        require(selections.count <= shape.count, "a tensor of shape \(Tensor.text(shape)) has no \(selections.count) axes")
        var part = Layout(shape: [], strides: [], start: start)
        for axis in shape.indices {
            switch axis < selections.count ? selections[axis] : .range(0..<shape[axis]) {
            case .position(let position):
                require((0..<shape[axis]).contains(position), "axis \(axis) of shape \(Tensor.text(shape)) has no position \(position)")
                part.start += position * strides[axis]
            case .range(let range, let step):
                require(
                    range.lowerBound >= 0 && range.upperBound <= shape[axis] && step > 0,
                    "axis \(axis) of shape \(Tensor.text(shape)) has no range \(range) in steps of \(step)")
                part.shape.append((range.count + step - 1) / step)
                part.strides.append(strides[axis] * step)
                part.start += range.lowerBound * strides[axis]
            }
        }
        return part
    }

    /// The runs along the last axis: `body(offset)` for the first element of each, in order.
    @inline(__always) func forEachRun(_ body: (Int) -> Void) {
        guard !shape.contains(0) else { return }
        guard shape.count > 1 else { return body(start) }
        var position = Array(repeating: 0, count: shape.count - 1)
        var offset = start
        while true {
            body(offset)
            var axis = position.count - 1
            while axis >= 0 {
                position[axis] += 1
                offset += strides[axis]
                if position[axis] < shape[axis] { break }
                offset -= strides[axis] * shape[axis]
                position[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }

    /// Layouts of one shape as few axes: neighbours that all of them step through as one are merged, axes of size 1 dropped.
    static func merged(_ layouts: [Layout]) -> [Layout] {
        var result = layouts.map { Layout(shape: [], strides: [], start: $0.start) }
        for axis in layouts[0].shape.indices where layouts[0].shape[axis] != 1 {
            let size = layouts[0].shape[axis]
            let last = result[0].shape.count - 1
            if last >= 0, layouts.indices.allSatisfy({ result[$0].strides[last] == layouts[$0].strides[axis] * size }) {
                for i in result.indices {
                    result[i].shape[last] *= size
                    result[i].strides[last] = layouts[i].strides[axis]
                }
            } else {
                for i in result.indices {
                    result[i].shape.append(size)
                    result[i].strides.append(layouts[i].strides[axis])
                }
            }
        }
        return result
    }
}

extension Tensor {
    /// What an index takes from one axis.
    public enum Selection: Sendable {
        /// One position; the axis goes away.
        case position(Int)
        /// Every `step`-th position of a range, step > 0.
        case range(Range<Int>, step: Int = 1)
    }

    /// A part: one selection for each of the first axes, the others whole. Positions and ranges must lie within the axes.
    public subscript(selections: [Selection]) -> Tensor { gathered(Layout(shape).selecting(selections)) }

    /// Writes a tensor, broadcast to the part's shape, into the part.
    public mutating func assign(_ source: Tensor, to selections: [Selection]) throws {
        let part = Layout(shape).selecting(selections)
        guard try Tensor.broadcastShape(source.shape, part.shape, "assignment") == part.shape else {
            throw NASError(
                .shape, "assignment: shape \(Tensor.text(source.shape)) does not fit into a part of shape \(Tensor.text(part.shape))")
        }
        let layouts = Layout.merged([part, Layout(source.shape).broadcast(to: part.shape)])
        values.withUnsafeMutableBufferPointer { target in
            source.values.withUnsafeBufferPointer { source in
                Tensor.forEachPair(layouts) { target[$0] = source[$1] }
            }
        }
    }

    /// The elements of a layout.
    func gathered(_ layout: Layout) -> Tensor {
        let merged = Layout.merged([layout])[0]
        let size = merged.shape.last ?? 1, stride = merged.strides.last ?? 1
        return Tensor(shape: layout.shape) { target in
            values.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                if merged.swapsLastAxes { return Tensor.transpose(source, merged, target) }
                var to = target
                var untilCheck = 0
                merged.forEachRun { offset in
                    untilCheck -= size
                    if untilCheck < 0 {
                        if Cancellation.isRequested { return }
                        untilCheck = 1 << 16
                    }
                    if stride == 1 { to.update(from: source + offset, count: size) } else {
                        for i in 0..<size { to[i] = source[offset &+ i &* stride] }
                    }
                    to += size
                }
            }
        }
    }

    /// The elements of a layout whose last axis but one is the one that steps by 1, in squares of which both sides stay in the cache.
    private static func transpose(_ source: UnsafePointer<Float>, _ layout: Layout, _ target: UnsafeMutablePointer<Float>) {
        let side = 32
        let (rows, columns, stride) = (
            layout.shape[layout.shape.count - 2], layout.shape[layout.shape.count - 1], layout.strides[layout.shape.count - 1]
        )
        var to = target
        for offset in Layout(shape: layout.shape.dropLast(2), strides: layout.strides.dropLast(2), start: layout.start).offsets {
            Cancellation.inParts((rows + side - 1) / side, itemSize: side * columns) { part in
                for top in part.lazy.map({ $0 * side }) {
                    for left in Swift.stride(from: 0, to: columns, by: side) {
                        for i in top..<min(rows, top + side) {
                            for j in left..<min(columns, left + side) { to[i &* columns &+ j] = source[offset &+ i &+ j &* stride] }
                        }
                    }
                }
            }
            to += rows * columns
        }
    }

    /// The adjoint of `gathered`: zeros of a shape, with each element of this tensor added where the layout says it came from.
    func scattered(_ layout: Layout, into shape: [Int]) -> Tensor {
        var result = Tensor(shape: shape) { $0.update(repeating: 0, count: shape.reduce(1, *)) }
        let layouts = Layout.merged([layout, Layout(layout.shape)])
        result.values.withUnsafeMutableBufferPointer { target in
            values.withUnsafeBufferPointer { source in
                Tensor.forEachPair(layouts) { target[$0] += source[$1] }
            }
        }
        return result
    }

    /// The offsets of corresponding elements of two layouts of one shape.
    @inline(__always) private static func forEachPair(_ layouts: [Layout], _ body: (Int, Int) -> Void) {
        let size = layouts[0].shape.last ?? 1
        let (a, b) = (layouts[0].strides.last ?? 0, layouts[1].strides.last ?? 0)
        var starts: [Int] = []
        layouts[1].forEachRun { starts.append($0) }
        var run = 0
        layouts[0].forEachRun { offset in
            let other = starts[run]
            run += 1
            for i in 0..<size { body(offset &+ i &* a, other &+ i &* b) }
        }
    }

    /// The axes in another order; without one, the reverse.
    public func transposed(_ order: [Int]? = nil) throws -> Tensor {
        try gathered(Layout(shape).permuted(try order.map { try Tensor.check(order: $0, rank: rank) } ?? shape.indices.reversed()))
            .complete()
    }

    /// Each of the axes once, negative ones counted from the end.
    static func check(order: [Int], rank: Int) throws -> [Int] {
        let axes = order.map { $0 < 0 ? $0 + rank : $0 }
        guard axes.sorted() == Array(0..<rank) else {
            throw NASError(.shape, "\(text(order)) does not name each of the \(rank) axes once")
        }
        return axes
    }

    /// Repeated along axes of size 1 and new leading axes, so that it has a shape.
    public func broadcast(to target: [Int]) throws -> Tensor {
        if shape == target { return self }
        _ = try Tensor.count(of: target)
        guard try Tensor.broadcastShape(shape, target, "broadcast_to") == target else {
            throw NASError(.shape, "broadcast_to: shape \(Tensor.text(shape)) does not fit into \(Tensor.text(target))")
        }
        return try gathered(Layout(shape).broadcast(to: target)).complete()
    }

    /// The shape of an operation on two tensors: axes are matched from the last, sizes must be equal or 1.
    static func broadcastShape(_ a: [Int], _ b: [Int], _ operation: String) throws -> [Int] {
        if a == b { return a }
        let rank = max(a.count, b.count)
        return try (0..<rank).map { axis in
            let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
            let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
            guard x == y || x == 1 || y == 1 else {
                throw NASError(.shape, "\(operation): shapes \(text(a)) and \(text(b)) do not fit: \(x) against \(y) in \(axis == rank - 1 ? "the last axis" : "axis \(axis - rank)")")
            }
            return x == 1 ? y : x
        }
    }
}
