import NASLib
import Runtime

extension Library {
    /// What a tensor is asked to do: its shape changed, its elements summed up.
    static let tensorMembers: [Builtin] = [
        .method("tensor.reshape", "shape", "The same elements in another shape; one size may be -1 and is computed.",
            "arange(6).reshape([2, -1]).shape  # => [2, 3]") { call in
            call.object(TensorObject(try call.tensorReceiver().reshaped(try call.sizes(1))))
        },
        .method("tensor.permute", "axes", "The axes in another order.",
            "zeros([2, 3, 4]).permute([2, 0, 1]).shape  # => [4, 2, 3]") { call in
            call.object(TensorObject(try call.tensorReceiver().transposed(try call.sizes(1))))
        },
        .method("tensor.transpose", "a: -2, b: -1", "Two axes exchanged.", "zeros([2, 3, 4]).transpose().shape  # => [2, 4, 3]") { call in
            let tensor = try call.tensorReceiver()
            guard tensor.rank >= 2 || call.has(1) else {
                throw RuntimeError(.shape, "transpose: a tensor of shape \(Tensor.text(tensor.shape)) has no two axes to exchange",
                    argument: 0)
            }
            var order = Array(tensor.shape.indices)
            order.swapAt(try call.axis(1, of: tensor.shape), try call.axis(2, of: tensor.shape))
            return call.object(TensorObject(try tensor.transposed(order)))
        },
        .method("tensor.flatten", "", "All elements along one axis.", "ones([2, 2]).flatten().shape  # => [4]") { call in
            call.object(TensorObject(try call.tensorReceiver().reshaped([-1])))
        },
        .method("tensor.squeeze", "axis: nil", "The tensor without its axes of size 1, or without the given one.",
            "zeros([1, 3, 1]).squeeze().shape  # => [3]") { call in
            let tensor = try call.tensorReceiver(), axes = try call.axes(1, of: tensor.shape)
            if let axis = axes?.first(where: { tensor.shape[$0] != 1 }) {
                throw RuntimeError(.shape,
                    "squeeze: axis \(axis) of a tensor of shape \(Tensor.text(tensor.shape)) has size \(tensor.shape[axis]), not 1",
                    argument: 1)
            }
            let dropped = axes ?? tensor.shape.indices.filter { tensor.shape[$0] == 1 }
            let kept = tensor.shape.indices.filter { !dropped.contains($0) }
            return call.value(try tensor.reshaped(kept.map { tensor.shape[$0] }))
        },
        .method("tensor.unsqueeze", "axis", "The tensor with a new axis of size 1.", "ones(3).unsqueeze(0).shape  # => [1, 3]") { call in
            let tensor = try call.tensorReceiver()
            var shape = tensor.shape
            shape.insert(1, at: try call.axis(1, of: shape + [1]))
            return call.object(TensorObject(try tensor.reshaped(shape)))
        },
        .method("tensor.broadcast_to", "shape", "The tensor repeated along axes of size 1 and new leading axes to reach the shape.",
            "ones(2).broadcast_to([3, 2]).sum()  # => 6.0") { call in
            call.object(TensorObject(try call.tensorReceiver().broadcast(to: try call.sizes(1))))
        },
        .method("tensor.flip", "axis: nil", "The elements in reverse along an axis, or along all.",
            "arange(3).flip().to_list()  # => [2.0, 1.0, 0.0]") { call in
            let tensor = try call.tensorReceiver()
            return call.object(TensorObject(try tensor.flipped(try call.axes(1, of: tensor.shape) ?? Array(tensor.shape.indices))))
        },
        .method("tensor.diagonal", "", "The elements whose last two positions are the same.",
            "tensor([[1, 2], [3, 4]]).diagonal().to_list()  # => [1.0, 4.0]") { call in
            let tensor = try call.tensorReceiver()
            guard tensor.rank >= 2 else {
                throw RuntimeError(.shape, "diagonal: a tensor of shape \(Tensor.text(tensor.shape)) is not a matrix", argument: 0)
            }
            let size = min(tensor.shape[tensor.rank - 2], tensor.shape[tensor.rank - 1])
            let whole = tensor.shape.dropLast(2).map { Tensor.Selection.range(0..<$0) }
            return call.object(
                TensorObject(try tensor[whole + [.range(0..<size), .range(0..<size)]].diagonal(tensor.rank - 2, tensor.rank - 1)))
        },
        .method("tensor.split", "sizes, axis: 0",
            "A list of parts along an axis: of equal size (the last may be smaller), or of the sizes in a list.",
            "[x.shape for x in zeros(5).split(2)]  # => [[2], [2], [1]]") { call in
            let tensor = try call.tensorReceiver()
            let axis = try tensor.rank == 0 ? 0 : call.axis(2, of: tensor.shape), size = try size(of: axis, tensor, call)
            var sizes: [Int]
            if call[1].tag == .int {
                let each = try call.int(1, atLeast: 1)
                try Limit.check(elements: size / each + 1)
                sizes = Array(repeating: each, count: size / each) + (size % each > 0 ? [size % each] : [])
            } else {
                sizes = try call.sizes(1)
                guard sizes.allSatisfy({ $0 >= 0 && $0 <= size }), sizes.reduce(0, +) == size else {
                    throw RuntimeError(.shape,
                        "split: sizes \(Tensor.text(sizes)) do not make up axis \(axis) of shape \(Tensor.text(tensor.shape))", argument: 1)
                }
            }
            let whole = tensor.shape[..<axis].map { Tensor.Selection.range(0..<$0) }
            var start = 0
            return try call.list(try sizes.map { size in
                defer { start += size }
                return call.object(TensorObject(try tensor[whole + [.range(start..<start + size)]]))
            })
        },

        reduction("sum", "The sum of all elements, or along an axis or a list of axes.",
            "tensor([[1, 2], [3, 4]]).sum(axis: 0).to_list()  # => [4.0, 6.0]") {
            try $0.sum($1, keepsAxes: $2)
        },
        reduction("mean", "The mean of all elements, or along axes.", "arange(4).mean()  # => 1.5", needs: 1) {
            try $0.mean($1, keepsAxes: $2)
        },
        spread("variance", "The variance: the sum of squared distances from the mean, divided by n - correction.",
            "tensor([1, 3]).variance()  # => 2.0") {
            try $0.variance($1, keepsAxes: $2, correction: $3)
        },
        spread("std", "The standard deviation: the square root of the variance.", "tensor([0, 2]).std(correction: 0)  # => 1.0") {
            try $0.deviation($1, keepsAxes: $2, correction: $3)
        },
        reduction("norm", "The square root of the sum of squares.", "tensor([3, 4]).norm()  # => 5.0") { try $0.norm($1, keepsAxes: $2) },
        reduction("prod", "The product of all elements, or along axes.", "tensor([2, 3]).prod()  # => 6.0") {
            try $0.product($1, keepsAxes: $2)
        },
        reduction("max", "The greatest element; nan if any is nan.", "tensor([2, 3]).max()  # => 3.0", needs: 1) {
            try $0.maximum($1, keepsAxes: $2)
        },
        reduction("min", "The least element; nan if any is nan.", "tensor([2, 3]).min()  # => 2.0", needs: 1) {
            try $0.minimum($1, keepsAxes: $2)
        },
        reduction("logsumexp", "The logarithm of the sum of e^x, without overflow.",
            "tensor([0, 0]).logsumexp() == log(tensor([2]))[0]  # => true") {
            try $0.logSumExp($1, keepsAxes: $2)
        },
        position("argmax", "greatest", least: false),
        position("argmin", "least", least: true),
        truth("any", "Whether any element is not 0; along axes, a tensor of 1 and 0.", all: false),
        truth("all", "Whether every element is not 0; along axes, a tensor of 1 and 0.", all: true),
        .method("tensor.cumsum", "axis: 0", "The sums of the elements up to each one along an axis.",
            "tensor([1, 2, 3]).cumsum().to_list()  # => [1.0, 3.0, 6.0]") { call in
            let tensor = try call.tensorReceiver()
            return call.object(TensorObject(try tensor.cumulativeSum(axis: try existingAxis(1, tensor, call))))
        },
        .method("tensor.softmax", "axis: -1", "e^x divided by its sum along an axis.",
            "tensor([0, 0]).softmax().to_list()  # => [0.5, 0.5]") { call in
            let tensor = try call.tensorReceiver()
            return call.object(TensorObject(try tensor.softmax(axis: try existingAxis(1, tensor, call))))
        },
        .method("tensor.log_softmax", "axis: -1", "The logarithm of the softmax, without overflow.",
            "tensor([5]).log_softmax().to_list()  # => [0.0]") { call in
            let tensor = try call.tensorReceiver()
            return call.object(TensorObject(try tensor.logSoftmax(axis: try existingAxis(1, tensor, call))))
        },
    ]

    private static func size(of axis: Int, _ tensor: Variable, _ call: Call) throws -> Int {
        guard tensor.shape.indices.contains(axis) else {
            throw RuntimeError(.shape, "\(call.name): a tensor without axes has no parts", argument: 0)
        }
        return tensor.shape[axis]
    }

    private static func existingAxis(_ index: Int, _ tensor: Variable, _ call: Call) throws -> Int {
        guard tensor.rank > 0 else { throw RuntimeError(.shape, "\(call.name): a tensor without axes has none to go along", argument: 0) }
        return try call.axis(index, of: tensor.shape)
    }

    private static func reduction(
        _ name: String, _ doc: String, _ example: String, needs least: Int = 0,
        _ f: @escaping @Sendable (Variable, [Int]?, Bool) throws -> Variable
    ) -> Builtin {
        .method("tensor.\(name)", "axis: nil, keepdims: false", doc, example) { call in
            let tensor = try call.tensorReceiver(), axes = try call.axes(1, of: tensor.shape)
            try require(least, of: tensor, axes, call)
            return call.value(try f(tensor, axes, try call.bool(2)))
        }
    }

    private static func spread(
        _ name: String, _ doc: String, _ example: String, _ f: @escaping @Sendable (Variable, [Int]?, Bool, Int) throws -> Variable
    ) -> Builtin {
        .method("tensor.\(name)", "axis: nil, keepdims: false, correction: 1", doc, example) { call in
            let tensor = try call.tensorReceiver(), axes = try call.axes(1, of: tensor.shape), correction = try call.int(3, atLeast: 0)
            try require(correction < .max ? correction + 1 : .max, of: tensor, axes, call)
            return call.value(try f(tensor, axes, try call.bool(2), correction))
        }
    }

    private static func position(_ name: String, _ which: String, least: Bool) -> Builtin {
        .method("tensor.\(name)", "axis: nil, keepdims: false",
            """
            The position of the \(which) element among all, counted in row-major order; along an axis, a tensor of positions. The first \
            where several are equal, that of the first nan where there is one.
            """,
            "tensor([[1, 5], [7, 2]]).\(name)(axis: 1).to_list()  # => \(least ? "[0.0, 1.0]" : "[1.0, 0.0]")") { call in
            let tensor = try call.tensorReceiver(), axes = try call.axes(1, of: tensor.shape)
            try require(1, of: tensor, axes, call)
            let keepsAxes = try call.bool(2)
            guard axes != nil || keepsAxes else { return .int(tensor.tensor.extremePosition(least: least)) }
            if let axes, axes.count != 1 { throw call.invalid(1, "\(name) goes along one axis") }
            return call.object(TensorObject(try tensor.tensor.extremePosition(axes, keepsAxes: keepsAxes, least: least)))
        }
    }

    private static func truth(_ name: String, _ doc: String, all: Bool) -> Builtin {
        .method("tensor.\(name)", "axis: nil, keepdims: false", doc, "tensor([0, 1]).\(name)()  # => \(all ? "false" : "true")") { call in
            let tensor = try call.tensorReceiver(), axes = try call.axes(1, of: tensor.shape)
            let result = try tensor.tensor.truth(axes, keepsAxes: try call.bool(2), all: all)
            return axes == nil
                && result.rank == 0 ? .bool(result.values[0] != 0) : call.object(TensorObject(Variable(result), isMask: true))
        }
    }

    private static func require(_ least: Int, of tensor: Variable, _ axes: [Int]?, _ call: Call) throws {
        guard least == 0 || (axes?.reduce(1) { $0 * tensor.shape[$1] } ?? tensor.count) >= least else {
            throw RuntimeError(
                .value,
                """
                \(call.name.dropFirst("tensor.".count)) needs at least \(least) element\(least == 1 ? "" : "s"), the tensor has shape \
                \(Tensor.text(tensor.shape))
                """,
                argument: 0)
        }
    }
}
