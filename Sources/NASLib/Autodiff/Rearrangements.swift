/// Operations that move elements about. Each is linear, and its gradient is the adjoint, which undoes the move and adds up
/// what was repeated.
extension Variable {
    /// The elements of a layout; `gathered` and `scattered` are each other's gradients.
    private func gathered(_ layout: Layout) throws -> Variable {
        let shape = shape
        return try Variable.record(tensor.gathered(layout), self) { d, _ in try d.scattered(layout, into: shape) }
    }

    private func scattered(_ layout: Layout, into shape: [Int]) throws -> Variable {
        try Variable.record(tensor.scattered(layout, into: shape), self) { d, _ in try d.gathered(layout) }
    }

    public subscript(selections: [Tensor.Selection]) -> Variable {
        get throws { try gathered(Layout(shape).selecting(selections)) }
    }

    /// Replaces a part of the tensor by `source`, which is broadcast to the part's shape.
    public mutating func assign(_ source: Variable, to selections: [Tensor.Selection]) throws {
        guard isTracked || source.isTracked else { return try update { try $0.assign(source.tensor, to: selections) } }
        let target = self
        var result = tensor
        try result.assign(source.tensor, to: selections)
        let sourceShape = source.shape
        self = try Variable.record(
            result, target, { d, _ in
                var rest = d
                try rest.assign(Variable(0), to: selections)
                return rest
            },
            source, { d, _ in try d[selections].summed(to: sourceShape) })
    }

    /// Replaces the elements at `places`, positions in row-major order that all differ, by those of `source`, or all by its one.
    public mutating func assign(_ source: Variable, at places: [Int]) throws {
        guard source.rank == 0 || source.shape == [places.count] else {
            throw NASError(.shape, "assignment: shape \(Tensor.text(source.shape)) does not fit \(places.count) chosen elements")
        }
        let isChosen = try Tensor(ones: places, shape: shape)
        let size = count
        self = try .choose(isChosen, source.broadcast(to: [places.count]).putting(at: places, axis: 0, size: size).reshaped(shape), self)
    }

    /// The same elements in another shape; one size may be -1 and is then worked out.
    public func reshaped(_ sizes: [Int]) throws -> Variable {
        let shape = shape
        return try Variable.record(try tensor.reshaped(sizes), self) { d, _ in try d.reshaped(shape) }
    }

    /// The axes in another order; without one, the reverse.
    public func transposed(_ order: [Int]? = nil) throws -> Variable {
        try gathered(Layout(shape).permuted(try order.map { try Tensor.check(order: $0, rank: rank) } ?? shape.indices.reversed()))
    }

    /// Repeated along axes of size 1 and new leading axes.
    public func broadcast(to target: [Int]) throws -> Variable {
        let shape = shape
        if shape == target { return self }
        return try Variable.record(try tensor.broadcast(to: target), self) { d, _ in try d.summed(to: shape) }
    }

    /// The adjoint of `broadcast`: the sum over the axes along which a shape was repeated to become this one.
    func summed(to target: [Int]) throws -> Variable {
        let shape = shape
        if shape == target { return self }
        let missing = shape.count - target.count
        let axes = shape.indices.filter { $0 < missing || (target[$0 - missing] == 1 && shape[$0] != 1) }
        return try Variable.record(try tensor.sum(axes).reshaped(target), self) { d, _ in try d.broadcast(to: shape) }
    }

    /// The elements along axes in reverse.
    public func flipped(_ axes: [Int]) throws -> Variable {
        var layout = Layout(shape)
        guard count > 0 else { return self }
        require(axes.allSatisfy(shape.indices.contains), "the axes of a tensor of shape \(Tensor.text(shape))")
        for axis in axes {
            layout.start += (shape[axis] - 1) * layout.strides[axis]
            layout.strides[axis] *= -1
        }
        return try gathered(layout)
    }

    /// The diagonal of two axes of one size, as a new last axis.
    public func diagonal(_ first: Int, _ second: Int) throws -> Variable {
        require(
            shape.indices.contains(first) && shape.indices.contains(second) && first != second && shape[first] == shape[second],
            "a diagonal of two axes of one size")
        let all = Layout(shape)
        let rest = shape.indices.filter { $0 != first && $0 != second }
        return try gathered(
            Layout(
                shape: rest.map { shape[$0] } + [shape[first]],
                strides: rest.map { all.strides[$0] } + [all.strides[first] + all.strides[second]]))
    }

    /// The slices at positions along an axis, which must lie within it.
    public func taking(_ positions: [Int], axis: Int) throws -> Variable {
        require(shape.indices.contains(axis), "a tensor of shape \(Tensor.text(shape)) has no axis \(axis)")
        let size = shape[axis]
        return try Variable.record(try tensor.taking(positions, axis: axis), self) { d, _ in
            try d.putting(at: positions, axis: axis, size: size)
        }
    }

    private func putting(at positions: [Int], axis: Int, size: Int) throws -> Variable {
        try Variable.record(tensor.putting(at: positions, axis: axis, size: size), self) { d, _ in try d.taking(positions, axis: axis) }
    }

    /// The tensors one after the other along an axis; there must be one at least.
    public static func concatenated(_ parts: [Variable], axis: Int) throws -> Variable {
        require(!parts.isEmpty, "there is at least one tensor to concatenate")
        require(parts[0].shape.indices.contains(axis), "a tensor of shape \(Tensor.text(parts[0].shape)) has no axis \(axis)")
        var ends: [Int] = [0]
        for part in parts where part.shape.indices.contains(axis) { ends.append(ends[ends.count - 1] + part.shape[axis]) }
        return try record(try Tensor.concatenated(parts.map(\.tensor), axis: axis), parts) { position, d in
            try d[(0..<axis).map { .range(0..<d.shape[$0]) } + [.range(ends[position]..<ends[position + 1])]]
        }
    }

    /// The tensors, all of one shape, along a new axis.
    public static func stacked(_ parts: [Variable], axis: Int) throws -> Variable {
        require(!parts.isEmpty, "there is at least one tensor to stack")
        require((0...parts[0].rank).contains(axis), "a stack of tensors of shape \(Tensor.text(parts[0].shape)) has no axis \(axis)")
        return try concatenated(
            try parts.map { part in
                guard part.shape == parts[0].shape else {
                    throw NASError(.shape, "stack: shapes \(Tensor.text(parts[0].shape)) and \(Tensor.text(part.shape)) differ")
                }
                var shape = part.shape
                shape.insert(1, at: axis)
                return try part.reshaped(shape)
            }, axis: axis)
    }

    /// See `Windows`; `unfolded` and `folded` are each other's gradients.
    func unfolded(_ windows: Windows) throws -> Variable {
        try Variable.record(windows.unfolded(tensor), self) { d, _ in try d.folded(windows) }
    }

    private func folded(_ windows: Windows) throws -> Variable {
        try Variable.record(windows.folded(tensor), self) { d, _ in try d.unfolded(windows) }
    }
}
