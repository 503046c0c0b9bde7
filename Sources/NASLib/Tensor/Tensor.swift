/// An array of floats with any number of axes, row-major and contiguous. A value: copies are independent.
public struct Tensor: Equatable, Sendable {
    public private(set) var shape: [Int]
    /// The elements in row-major order, as many as the shape says.
    public internal(set) var values: [Float]

    /// The most elements a tensor may have: 1 GB.
    public static let limit = 1 << 28
    /// The most axes.
    public static let rankLimit = 32

    /// A tensor of elements in row-major order; `values.count` is the product of `shape`.
    public init(shape: [Int], values: [Float]) {
        require(shape.allSatisfy { $0 >= 0 }, "a shape has no negative sizes: \(Tensor.text(shape))")
        require(shape.reduce(1, *) == values.count, "a tensor of shape \(Tensor.text(shape)) has not \(values.count) elements")
        self.shape = shape
        self.values = values
    }

    /// Elements that `fill` writes, all of them, at the address it gets.
    @inline(__always) init(shape: [Int], filling fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        let count = shape.reduce(1, *)
        values = try Array(unsafeUninitializedCapacity: count) { buffer, written in
            if let start = buffer.baseAddress, count > 0 { try fill(start) }
            written = count
        }
        self.shape = shape
    }

    public init(_ value: Float) { self.init(shape: [], values: [value]) }

    /// Every element the same.
    public init(repeating value: Float, shape: [Int]) throws {
        let count = try Tensor.count(of: shape)
        self.init(shape: shape) { target in
            Cancellation.inParts(count) { part in (target + part.lowerBound).update(repeating: value, count: part.count) }
        }
        try Cancellation.check()
    }

    /// Ones at some places of the row-major order, which must lie within the shape, and zeros elsewhere.
    public init(ones places: some Sequence<Int>, shape: [Int]) throws {
        try self.init(repeating: 0, shape: shape)
        for place in places {
            require(values.indices.contains(place), "a tensor of shape \(Tensor.text(shape)) has no element \(place)")
            values[place] = 1
        }
    }

    /// This tensor; throws `NASError.interrupted` where the operation that made it was stopped, see `Cancellation.inParts`.
    func complete() throws -> Tensor {
        try Cancellation.check()
        return self
    }

    public var count: Int { values.count }
    public var rank: Int { shape.count }

    /// The numbers that `value` gives for 0, 1, 2….
    public init(count: Int, _ value: (Int) -> Float) throws {
        self.init(shape: [try Tensor.count(of: [count])]) { target in
            Cancellation.inParts(count) { part in for i in part { target[i] = value(i) } }
        }
        try Cancellation.check()
    }

    /// How many elements a shape has; throws for one that cannot be.
    public static func count(of shape: [Int]) throws -> Int {
        guard shape.count <= rankLimit else { throw NASError(.shape, "a tensor has at most \(rankLimit) axes, not \(shape.count)") }
        // An axis of size 0 counts as 1 here, so that strides fit an int too.
        var product = 1
        for size in shape {
            guard size >= 0 else { throw NASError(.shape, "a shape has no negative sizes: \(text(shape))") }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(1, size))
            guard !overflow, next <= limit else {
                throw NASError(.limit, "a tensor of shape \(text(shape)) is too large: the most is \(limit) elements")
            }
            product = next
        }
        guard !shape.contains(0) else { return 0 }
        try MemoryAccount.ask(floats: product)
        return product
    }

    /// A shape as text, such as `[2, 3]`.
    public static func text(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }

    /// The same elements in another shape; one size may be -1 and is then worked out.
    public func reshaped(_ sizes: [Int]) throws -> Tensor {
        var sizes = sizes
        let unknown = sizes.indices.filter { sizes[$0] == -1 }
        guard unknown.count <= 1 else { throw NASError(.shape, "only one size may be -1 in \(Tensor.text(sizes))") }
        if let axis = unknown.first {
            let known = try Tensor.count(of: sizes.filter { $0 != -1 })
            guard known > 0, count % known == 0 else { throw NASError(.shape, "\(Tensor.text(shape)) does not fit \(Tensor.text(sizes))") }
            sizes[axis] = count / known
        }
        guard try Tensor.count(of: sizes) == count else {
            throw NASError(
                .shape, "a tensor of shape \(Tensor.text(shape)) has \(count) elements, and \(Tensor.text(sizes)) has another number")
        }
        return Tensor(shape: sizes, values: values)
    }
}
