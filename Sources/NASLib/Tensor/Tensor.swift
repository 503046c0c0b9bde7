/// An array of floats with any number of axes, row-major and contiguous. A value: copies are independent.
public struct Tensor: Equatable, Sendable {
    public private(set) var shape: [Int]
    public var values: [Float]

    /// The most elements a tensor may have: 1 GB.
    public static let limit = 1 << 28
    /// The most axes.
    public static let rankLimit = 32

    /// `values.count` must be the product of `shape`.
    public init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count && shape.allSatisfy { $0 >= 0 })
        self.shape = shape
        self.values = values
    }

    public init(_ value: Float) { self.init(shape: [], values: [value]) }

    /// Every element the same.
    public init(repeating value: Float, shape: [Int]) throws {
        let count = try Tensor.count(of: shape)
        self.init(shape: shape, values: Array(repeating: value, count: count))
    }

    public var count: Int { values.count }
    public var rank: Int { shape.count }

    /// How many elements a shape has; throws for one that cannot be.
    public static func count(of shape: [Int]) throws -> Int {
        guard shape.count <= rankLimit else { throw ShapeError("a tensor has at most \(rankLimit) axes, not \(shape.count)") }
        // An axis of size 0 counts as 1 here, so that strides fit an int too.
        var product = 1
        for size in shape {
            guard size >= 0 else { throw ShapeError("a shape has no negative sizes: \(text(shape))") }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(1, size))
            guard !overflow, next <= limit else {
                throw SizeError(message: "a tensor of shape \(text(shape)) is too large: the most is \(limit) elements")
            }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }

    /// `[2, 3]`.
    public static func text(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }

    /// The same elements in another shape; one size may be -1 and is then worked out.
    public func reshaped(_ sizes: [Int]) throws -> Tensor {
        var sizes = sizes
        let unknown = sizes.indices.filter { sizes[$0] == -1 }
        guard unknown.count <= 1 else { throw ShapeError("only one size may be -1 in \(Tensor.text(sizes))") }
        if let axis = unknown.first {
            let known = try Tensor.count(of: sizes.filter { $0 != -1 })
            guard known > 0, count % known == 0 else { throw ShapeError("\(Tensor.text(shape)) does not fit \(Tensor.text(sizes))") }
            sizes[axis] = count / known
        }
        guard try Tensor.count(of: sizes) == count else {
            throw ShapeError("a tensor of shape \(Tensor.text(shape)) has \(count) elements, and \(Tensor.text(sizes)) has another number")
        }
        return Tensor(shape: sizes, values: values)
    }

    /// The axes in another order; without one, the reverse.
    public func transposed(_ order: [Int]? = nil) throws -> Tensor {
        let order = order ?? shape.indices.reversed()
        guard order.sorted() == Array(shape.indices) else {
            throw ShapeError("\(Tensor.text(order)) does not name each of the axes 0 to \(rank - 1) once")
        }
        let strides = Tensor.strides(shape)
        return gathered(shape: order.map { shape[$0] }, strides: order.map { strides[$0] }, start: 0)
    }

    static func strides(_ shape: [Int]) -> [Int] {
        var strides = Array(repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }

    // MARK: - Parts

    /// What an index takes from one axis.
    public enum Selection: Sendable {
        /// One position; the axis goes away.
        case position(Int)
        case range(Range<Int>)
    }

    /// A part: one selection for each of the first axes, the others whole. Positions and ranges must lie within the axes.
    public subscript(selections: [Selection]) -> Tensor {
        let (sizes, strides, start) = layout(of: selections)
        return gathered(shape: sizes, strides: strides, start: start)
    }

    /// Writes a tensor, broadcast to the part's shape, into the part.
    public mutating func assign(_ source: Tensor, to selections: [Selection]) throws {
        let (sizes, strides, start) = layout(of: selections)
        let source = try source.broadcast(to: sizes)
        var i = 0
        Tensor.walk(sizes, strides, start) { offset in
            values[offset] = source.values[i]
            i += 1
        }
    }

    private func layout(of selections: [Selection]) -> (shape: [Int], strides: [Int], start: Int) {
        let all = Tensor.strides(shape)
        var (sizes, strides, start): ([Int], [Int], Int) = ([], [], 0)
        for axis in shape.indices {
            switch axis < selections.count ? selections[axis] : .range(0..<shape[axis]) {
            case .position(let position): start += position * all[axis]
            case .range(let range):
                sizes.append(range.count)
                strides.append(all[axis])
                start += range.lowerBound * all[axis]
            }
        }
        return (sizes, strides, start)
    }

    private func gathered(shape: [Int], strides: [Int], start: Int) -> Tensor {
        var result: [Float] = []
        result.reserveCapacity(shape.reduce(1, *))
        Tensor.walk(shape, strides, start) { result.append(values[$0]) }
        return Tensor(shape: shape, values: result)
    }

    /// The offsets of all elements of a strided part, last axis fastest.
    static func walk(_ shape: [Int], _ strides: [Int], _ start: Int, _ body: (Int) -> Void) {
        guard !shape.contains(0) else { return }
        guard let size = shape.last, let stride = strides.last else { return body(start) }
        var position = Array(repeating: 0, count: shape.count - 1)
        var offset = start
        while true {
            for i in 0..<size { body(offset + i * stride) }
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

    /// Repeated along axes of size 1 and new leading axes, so that it has a shape.
    func broadcast(to target: [Int]) throws -> Tensor {
        if shape == target { return self }
        guard try Tensor.broadcastShape(shape, target) == target else {
            throw ShapeError("shape \(Tensor.text(shape)) does not fit into \(Tensor.text(target))")
        }
        return gathered(shape: target, strides: broadcastStrides(to: target), start: 0)
    }

    /// The strides with which this tensor is read as one of a larger shape: 0 along repeated axes.
    func broadcastStrides(to target: [Int]) -> [Int] {
        let own = Tensor.strides(shape)
        let missing = target.count - shape.count
        return target.indices.map { $0 < missing || shape[$0 - missing] == 1 ? 0 : own[$0 - missing] }
    }

    /// The shape of an operation on two tensors: axes are matched from the last, sizes must be equal or 1.
    static func broadcastShape(_ a: [Int], _ b: [Int]) throws -> [Int] {
        let rank = max(a.count, b.count)
        return try (0..<rank).map { axis in
            let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
            let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
            guard x == y || x == 1 || y == 1 else {
                throw ShapeError("shapes \(text(a)) and \(text(b)) do not fit: \(x) against \(y), counted from the last axis")
            }
            return x == 1 ? y : x
        }
    }
}
