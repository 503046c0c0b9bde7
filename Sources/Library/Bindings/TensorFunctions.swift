import Foundation
import NASLib
import Runtime

extension Library {
    /// Functions of several tensors.
    static let tensorFunctions: [Builtin] = [
        elementwise("maximum", "The greater of two tensors or numbers, element by element.",
            "maximum(tensor([1, 5]), 3).to_list()  # => [3.0, 5.0]") {
            try Variable.maximum($0, $1)
        },
        elementwise("minimum", "The lesser of two tensors or numbers, element by element.",
            "minimum(tensor([1, 5]), 3).to_list()  # => [1.0, 3.0]") {
            try Variable.minimum($0, $1)
        },
        comparison(.less, "[0.0, 0.0]"), comparison(.less_equal, "[1.0, 0.0]"), comparison(.greater, "[0.0, 1.0]"),
        comparison(.greater_equal, "[1.0, 1.0]"), comparison(.equal, "[1.0, 0.0]"), comparison(.not_equal, "[0.0, 1.0]"),
        .fn("where", "condition, a, b",
            "The elements of `a` where the condition is not 0, and those of `b` elsewhere; all are broadcast to one shape.",
            "let t = tensor([-1, 2])\nwhere(greater(t, 0), t, 0).to_list()  # => [0.0, 2.0]") { call in
            call.value(try Variable.choose(try call.tensor(0).tensor, try call.tensor(1), try call.tensor(2)))
        },
        .fn("concat", "tensors, axis: 0", "Joins a list of tensors along an axis.",
            "concat([ones(2), zeros(1)]).to_list()  # => [1.0, 1.0, 0.0]") { call in
            let parts = try tensors(0, call)
            return call.object(TensorObject(try Variable.concatenated(parts, axis: try call.axis(1, of: parts[0].shape))))
        },
        .fn("stack", "tensors, axis: 0", "Stacks a list of tensors of one shape along a new axis.",
            "stack([ones(3), zeros(3)]).shape  # => [2, 3]") { call in
            let parts = try tensors(0, call)
            return call.object(TensorObject(try Variable.stacked(parts, axis: try call.axis(1, of: parts[0].shape + [parts.count]))))
        },
        .fn("einsum", "notation, ...tensors",
            """
            Sums of products in Einstein notation: a letter names an axis, and letters that are missing in the result are summed over. \
            `...` stands for the axes without letters, which are broadcast.
            """,
            "einsum(\"ij,j->i\", tensor([[1, 2], [3, 4]]), tensor([1, 1])).to_list()  # => [3.0, 7.0]") { call in
            let operands = try call.rest(1).enumerated().map { i, value in
                guard value.tag == .host, let object = value.hostObject as? TensorObject else {
                    throw RuntimeError(.type, "einsum multiplies tensors, not \(call.describe(value))", argument: i + 1)
                }
                return object.variable
            }
            return call.value(try Variable.einsum(try call.text(0), operands))
        },
        .fn("conv2d", "images, kernels, stride: 1, padding: 0",
            """
            The convolution of images [batch, channels, height, width] with kernels [outputs, channels, height, width], with the given \
            stride and zero padding.
            """,
            "conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2])).to_list()  # => [[[[4.0, 4.0], [4.0, 4.0]]]]") { call in
            let (stride, padding) = (try call.int(2, atLeast: 1), try call.int(3, atLeast: 0))
            return call.object(
                TensorObject(try Variable.convolution(try call.tensor(0), try call.tensor(1), stride: stride, padding: padding)))
        },
        pooling("max_pool2d", "greatest element", "4.0") { try $0.maximum([2]) },
        pooling("avg_pool2d", "mean", "2.5") { try $0.mean([2]) },
        .fn("cross_entropy", "logits, labels",
            """
            The mean cross-entropy over the rows of the logits: -log of the softmax at the row's label, which is an int or a row of \
            probabilities.
            """,
            "cross_entropy(tensor([[0, 0]]), [1]) == log(tensor([2]))[0]  # => true") { call in
            let logits = try call.tensor(0)
            guard logits.rank == 2, logits.count > 0 else {
                throw RuntimeError(.shape, "cross_entropy: the logits need shape [examples, classes], not \(Tensor.text(logits.shape))",
                    argument: 0)
            }
            if let targets = call.tensorIfGiven(1), targets.rank == 2 {
                guard targets.shape == logits.shape else {
                    throw RuntimeError(.shape,
                        """
                        cross_entropy: logits of shape \(Tensor.text(logits.shape)) and probabilities of shape \
                        \(Tensor.text(targets.shape)) differ
                        """, argument: 1)
                }
                return call.value(try Variable.multiply(logits.logSoftmax(axis: 1), targets).sum([1]).mean().negated())
            }
            let labels = try call.ints(1)
            guard labels.count == logits.shape[0] else {
                throw RuntimeError(.shape,
                    "cross_entropy: logits of shape \(Tensor.text(logits.shape)) need \(logits.shape[0]) labels, not \(labels.count)",
                    argument: 1)
            }
            let classes = logits.shape[1]
            let places = try labels.enumerated().map { row, label in
                guard (0..<classes).contains(label) else {
                    throw call.invalid(1, "label \(label) is not one of \(classes) classes, which are 0 to \(classes - 1)")
                }
                return row * classes + label
            }
            return call.value(try logits.logSoftmax(axis: 1).reshaped([-1]).taking(places, axis: 0).mean().negated())
        },
    ]

    /// Of masks the result is a mask, too; of a comparison it always is.
    private static func elementwise(
        _ name: String, _ doc: String, _ example: String, compares: Bool = false,
        _ f: @escaping @Sendable (Variable, Variable) throws -> Variable
    ) -> Builtin {
        .fn(name, "a, b", doc, example) { call in
            let isMask = compares || [0, 1].allSatisfy { call[$0].tag == .host && (call[$0].hostObject as? TensorObject)?.isMask == true }
            return TensorObject.value(try f(try call.tensor(0), try call.tensor(1)), isMask: isMask, call.vm)
        }
    }

    private static func comparison(_ comparison: Tensor.Comparison, _ result: String) -> Builtin {
        let words = comparison.rawValue.split(separator: "_").joined(separator: " or ")
        return elementwise(comparison.rawValue,
            """
            1 where an element of `a` is \(words == "not or equal" ? "not equal" : words)\(words.hasSuffix("equal") ? " to" : " than") \
            that of `b`, 0 elsewhere. As an index, such a mask chooses elements: `t[\(comparison.rawValue)(t, 0)]`; a product of masks is \
            where both hold.
            """,
            "\(comparison.rawValue)(tensor([1, 5]), 1).to_list()  # => \(result)", compares: true) {
                Variable(try Tensor.compare($0.tensor, $1.tensor, comparison))
            }
    }

    private static func pooling(_ name: String, _ what: String, _ result: String,
        _ f: @escaping @Sendable (Variable) throws -> Variable) -> Builtin {
        .fn(name, "images, size, stride: nil",
            """
            The \(what) of every window of `size` by `size` pixels of images [batch, channels, height, width]; windows are `stride` apart, \
            `size` unless given.
            """,
            "\(name)(tensor([[[[1, 2], [3, 4]]]]), 2).to_list()  # => [[[[\(result)]]]]") { call in
            let size = try call.int(1, atLeast: 1)
            let stride = call.isGiven(2) ? try call.int(2, atLeast: 1) : size
            return call.object(TensorObject(try f(try call.tensor(0).pooled(name, size: size, stride: stride))))
        }
    }

    /// A list of tensors (or numbers), or a tensor as its slices; one at least.
    private static func tensors(_ index: Int, _ call: Call) throws -> [Variable] {
        let parts = try call.sequence(index).enumerated().map { i, value in
            if let number = value.number { return Variable(Float(number)) }
            guard value.tag == .host, let object = value.hostObject as? TensorObject else {
                throw RuntimeError(.type, "\(call.name): element \(i) is \(call.describe(value)), not a tensor", argument: index)
            }
            return object.variable
        }
        guard !parts.isEmpty else { throw call.invalid(index, "\(call.name) needs one tensor at least") }
        return parts
    }
}

extension Library {
    /// Activation functions of networks, of numbers and tensors.
    static let activations: [Builtin] = [
        function("relu", "x if it is positive, else 0.", "relu(tensor([-1, 2])).to_list()  # => [0.0, 2.0]", tensor: { try $0.relu() }) {
            $0 < 0 ? 0 : $0
        },
        function("sigmoid", "1 / (1 + e^-x).", "sigmoid(0)  # => 0.5", tensor: { try $0.sigmoid() }) { 1 / (1 + exp(-$0)) },
        function("gelu", "x times the probability that a standard normal variable is below x.", "gelu(0)  # => 0.0",
            tensor: { try $0.gelu() }) {
            $0 * 0.5 * erfc(-$0 / 2.0.squareRoot())
        },
    ]
}
