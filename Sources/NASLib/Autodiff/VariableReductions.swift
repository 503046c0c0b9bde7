/// Summaries of all elements (`axes` nil) or along axes. d is the gradient of the result y; both are repeated along the
/// axes where they meet the elements.
extension Variable {
    /// The shape with the reduced axes of size 1, to which a result is reshaped before it is repeated.
    private func ones(_ axes: [Int]?) -> [Int] { tensor.reducedShape(axes, keepsAxes: true) }

    public func sum(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable {
        let (shape, ones) = (shape, ones(axes))
        return try Variable.record(tensor.sum(axes, keepsAxes: keepsAxes), self) { d, _ in try d.reshaped(ones).broadcast(to: shape) }
    }

    /// d / n.
    public func mean(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable {
        let (shape, ones, n) = (shape, ones(axes), tensor.reducedCount(axes))
        return try Variable.record(tensor.mean(axes, keepsAxes: keepsAxes), self) { d, _ in
            try Variable.multiply(d.reshaped(ones), Variable(1 / Float(n))).broadcast(to: shape)
        }
    }

    /// sum of (x - mean)^2 / (n - correction): d 2 (x - mean) / (n - correction).
    public func variance(_ axes: [Int]? = nil, keepsAxes: Bool = false, correction: Int = 1) throws -> Variable {
        let (ones, n) = (ones(axes), tensor.reducedCount(axes))
        return try Variable.record(tensor.variance(axes, keepsAxes: keepsAxes, correction: correction), self) { d, _ in
            let slope = try Variable.multiply(d.reshaped(ones), Variable(2 / Float(n - correction)))
            return try Variable.multiply(slope, Variable.subtract(self, mean(axes, keepsAxes: true)))
        }
    }

    /// The square root of the variance: d (x - mean) / ((n - correction) y), 0 where y is.
    public func deviation(_ axes: [Int]? = nil, keepsAxes: Bool = false, correction: Int = 1) throws -> Variable {
        let (ones, n) = (ones(axes), tensor.reducedCount(axes))
        return try Variable.record(tensor.deviation(axes, keepsAxes: keepsAxes, correction: correction), self) { d, y in
            let slope = try Variable.divide(d, Variable.multiply(y.nonzero(), Variable(Float(n - correction))))
            return try Variable.multiply(slope.reshaped(ones), Variable.subtract(self, mean(axes, keepsAxes: true)))
        }
    }

    /// sqrt(sum of x^2): d x / y, 0 where y is.
    public func norm(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable {
        let ones = ones(axes)
        return try Variable.record(tensor.norm(axes, keepsAxes: keepsAxes), self) { d, y in
            try Variable.multiply(Variable.divide(d, y.nonzero()).reshaped(ones), self)
        }
    }

    /// With ones in place of zeros.
    private func nonzero() throws -> Variable { try Variable.choose(try Tensor.compare(tensor, Tensor(0), .equal), Variable(1), self) }

    /// The greatest elements; equal ones share the gradient.
    public func maximum(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable { try extreme(tensor.maximum(axes, keepsAxes: keepsAxes), axes) }
    public func minimum(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable { try extreme(tensor.minimum(axes, keepsAxes: keepsAxes), axes) }

    private func extreme(_ result: Tensor, _ axes: [Int]?) throws -> Variable {
        let (x, ones) = (tensor, ones(axes))
        return try Variable.record(result, self) { d, y in
            let winners = try Tensor.compare(x, try y.tensor.reshaped(ones), .equal)
            return try Variable.multiply(d.reshaped(ones), Variable(try Tensor.divide(winners, winners.sum(axes, keepsAxes: true))))
        }
    }

    /// d y / x, and the product of the others where there are zeros.
    public func product(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable {
        let ones = ones(axes)
        return try Variable.record(tensor.product(axes, keepsAxes: keepsAxes), self) { d, y in
            if !tensor.values.contains(0) { return try Variable.divide(Variable.multiply(d, y).reshaped(ones), self) }
            return try Variable.multiply(d.reshaped(ones), productOfOthers(axes))
        }
    }

    /// For each element, the product of the others on its line: of those before it and those after it, each made by doubling steps.
    private func productOfOthers(_ axes: [Int]?) throws -> Variable {
        let axes = axes ?? Array(shape.indices)
        let kept = shape.indices.filter { !axes.contains($0) }
        let order = kept + axes
        let size = tensor.reducedCount(axes)
        let lines = try transposed(order).reshaped([kept.reduce(1) { $0 * shape[$1] }, size])
        let one = Variable(try Tensor(repeating: 1, shape: [lines.shape[0], 1]))
        func before(_ x: Variable) throws -> Variable {
            var products = try Variable.concatenated([one, try x[[.range(0..<x.shape[0]), .range(0..<size - 1)]]], axis: 1)
            var step = 1
            while step < size {
                let shifted = try products[[.range(0..<x.shape[0]), .range(0..<size - step)]]
                let ahead = Variable(try Tensor(repeating: 1, shape: [x.shape[0], step]))
                products = try Variable.multiply(products, Variable.concatenated([ahead, shifted], axis: 1))
                step *= 2
            }
            return products
        }
        let others = try Variable.multiply(before(lines), before(lines.flipped([1])).flipped([1]))
        let back = order.indices.map { axis in order.firstIndex(of: axis) ?? axis }
        return try others.reshaped(order.map { shape[$0] }).transposed(back)
    }

    /// y[i] = x[0] + … + x[i]: the gradients are summed from the other end.
    public func cumulativeSum(axis: Int, reversed: Bool = false) throws -> Variable {
        try Variable.record(tensor.cumulativeSum(axis: axis, reversed: reversed), self) { d, _ in try d.cumulativeSum(axis: axis, reversed: !reversed) }
    }

    /// y (d - sum of d y).
    public func softmax(axis: Int) throws -> Variable {
        try Variable.record(tensor.softmax(axis: axis), self) { d, y in
            try Variable.multiply(y, Variable.subtract(d, Variable.multiply(d, y).sum([axis], keepsAxes: true)))
        }
    }

    /// d - e^y sum of d.
    public func logSoftmax(axis: Int) throws -> Variable {
        try Variable.record(tensor.logSoftmax(axis: axis), self) { d, y in
            try Variable.subtract(d, Variable.multiply(y.exp(), d.sum([axis], keepsAxes: true)))
        }
    }

    /// log sum of e^x: d e^(x - y).
    public func logSumExp(_ axes: [Int]? = nil, keepsAxes: Bool = false) throws -> Variable {
        let ones = ones(axes)
        return try Variable.record(tensor.logSumExp(axes, keepsAxes: keepsAxes), self) { d, y in
            try Variable.multiply(d.reshaped(ones), Variable.subtract(self, y.reshaped(ones)).exp())
        }
    }
}
