import Foundation
import NASLib
import Runtime
import Text

extension Library {
    /// Making tensors, and what can be asked of one.
    static let tensors: [Builtin] = [
        .fn("tensor", "values",
            """
            A tensor of 32-bit floats from a number, or from lists nested to any depth. `t[0, 1..3]` copies a part, `t[[2, 0]]` copies \
            rows by position, and `t[0, 1] = x` writes into the tensor.
            """, "tensor([[1, 2], [3, 4]]).shape  # => [2, 2]") { call in
            if let tensor = call.tensorIfGiven(0) { return call.object(TensorObject(tensor)) }
            var reader = NestedNumbers()
            let shape = try reader.read(call[0], at: [], call)
            return call.object(TensorObject(try reader.tensor(shape)))
        },
        .fn("zeros", "shape", "A tensor of zeros.", "zeros([2, 3]).sum()  # => 0.0") { call in
            call.object(TensorObject(try Tensor(repeating: 0, shape: try call.sizes(0))))
        },
        .fn("ones", "shape", "A tensor of ones.", "ones([2, 3]).sum()  # => 6.0") { call in
            call.object(TensorObject(try Tensor(repeating: 1, shape: try call.sizes(0))))
        },
        .fn("full", "shape, value", "A tensor with all elements equal to one number.", "full([2], 7).sum()  # => 14.0") { call in
            call.object(TensorObject(try Tensor(repeating: Float(try call.double(1)), shape: try call.sizes(0))))
        },
        .fn("eye", "n", "The n by n identity matrix.", "eye(3).sum()  # => 3.0") { call in
            let n = try call.int(0, atLeast: 0)
            _ = try Tensor.count(of: [n, n])
            return call.object(TensorObject(try Tensor(ones: (0..<n).lazy.map { $0 * n + $0 }, shape: [n, n])))
        },
        .fn("arange", "start, stop: nil, step: 1",
            "The numbers from `start` up to, but not including, `stop`, `step` apart. With one number, the numbers from 0 up to it.",
            "arange(3).to_list()  # => [0.0, 1.0, 2.0]\narange(1, 2, step: 0.5).to_list()  # => [1.0, 1.5]") { call in
            let hasStop = call.isGiven(1)
            let start = hasStop ? try call.double(0) : 0, stop = try call.double(hasStop ? 1 : 0), step = try call.double(2)
            guard step != 0, start.isFinite, stop.isFinite, step.isFinite else {
                throw call.invalid(2, "arange needs finite numbers and a step that is not 0")
            }
            // Finite ends may be further apart than doubles reach.
            let n = (stop / step - start / step).isFinite ? ((stop - start) / step).rounded(.up) : (stop > start) == (step > 0) ? .infinity
                : 0
            return call.object(TensorObject(try Tensor(count: max(0, Int(saturating: n))) { Float(start + Double($0) * step) }))
        },
        .fn("linspace", "start, stop, n", "n numbers from start to stop, evenly spaced.",
            "linspace(0, 1, 3).to_list()  # => [0.0, 0.5, 1.0]") { call in
            let (start, stop, n) = (try call.double(0), try call.double(1), try call.int(2, atLeast: 1))
            return call.object(TensorObject(try Tensor(count: n) { 
                let share = n == 1 ? 0 : Double($0) / Double(n - 1)
                // The ends may be further apart than doubles reach.
                return Float(share == 0 ? start : (stop - start).isFinite ? start + (stop - start) * share : start * (1 - share)
                    + stop * share)
             }))
        },
        .fn("one_hot", "labels, classes", "For each label a row of zeros with a one at the label's position.",
            "one_hot([1, 0], 2).to_list()  # => [[0.0, 1.0], [1.0, 0.0]]") { call in
            let labels = try call.ints(0), classes = try call.int(1, atLeast: 1)
            if let label = labels.first(where: { !(0..<classes).contains($0) }) {
                throw call.invalid(0, "label \(label) is not one of \(classes) classes, which are 0 to \(classes - 1)")
            }
            _ = try Tensor.count(of: [labels.count, classes])
            return call.object(
                TensorObject(try Tensor(ones: labels.enumerated().lazy.map { $0 * classes + $1 }, shape: [labels.count, classes])))
        },
        .fn("randn", "shape", "A tensor of independent draws from the standard normal distribution.",
            "seed(0)\nrandn([2, 3]).shape  # => [2, 3]") { call in
            try random(call) { Float($0.normal()) }
        },
        .fn("rand", "shape", "A tensor of independent draws, uniform from 0 up to but not including 1.",
            "seed(0)\nrand(4).max() < 1  # => true") { call in
            // 24 bits are what a float can hold below 1.
            try random(call) { Float($0.next() >> 40) * 0x1p-24 }
        },

        .property("tensor.shape", "The size of each axis.") { call in try call.list(try call.tensorReceiver().shape.map(Value.int)) },
        .property("tensor.size", "The number of elements.") { call in .int(try call.tensorReceiver().count) },
        .property("tensor.rank", "The number of axes.") { call in .int(try call.tensorReceiver().rank) },
        .property("tensor.T", "The axes in reverse order: the transpose of a matrix.") { call in
            call.object(TensorObject(try call.tensorReceiver().transposed()))
        },
        .method("tensor.item", "", "The only element as a plain float, through which no gradients flow; `float(x)` does the same.",
            "tensor([[2]]).item()  # => 2.0") { call in
            let tensor = try call.tensorReceiver()
            guard tensor.count == 1 else {
                throw RuntimeError(.shape, "item: a tensor of shape \(Tensor.text(tensor.shape)) has \(tensor.count) elements, not one",
                    argument: 0)
            }
            return .float(Double(tensor.tensor.values[0]))
        },
        .method("tensor.detach", "", "The same numbers as constants: gradients do not flow through them.") { call in
            call.object(TensorObject(try call.tensorReceiver().tensor))
        },
        .method("tensor.to_list", "", "The elements as nested lists of plain floats, through which no gradients flow.") { call in
            let tensor = try call.tensorReceiver().tensor
            try Limit.check(elements: tensor.count)
            return try toList(tensor, axis: 0, offset: 0, call)
        },
    ]

    private static func random(_ call: Call, _ draw: (inout Generator) -> Float) throws -> Value {
        let shape = try call.sizes(0)
        let count = try Tensor.count(of: shape)
        let generator = call.vm.generator
        let values = try [Float](unsafeUninitializedCapacity: count) { values, written in
            try call.vm.inParts(count) { part in for i in part { values[i] = draw(&generator.generator) } }
            written = count
        }
        return call.object(TensorObject(Tensor(shape: shape, values: values)))
    }

    private static func toList(_ tensor: Tensor, axis: Int, offset: Int, _ call: Call) throws -> Value {
        guard axis < tensor.rank else { return .float(Double(tensor.values[offset])) }
        let stride = tensor.shape[(axis + 1)...].reduce(1, *)
        return .list(try call.vm.list(0..<tensor.shape[axis]) { try toList(tensor, axis: axis + 1, offset: offset + $0 * stride, call) })
    }
}

/// Reads lists of numbers and tensors, nested to any depth.
private struct NestedNumbers {
    private var values: [Float] = []
    /// The tensors that a tape knows, if any, are put together by recorded operations.
    private var parts: [Variable] = []
    private var isTracked = false

    /// Appends the numbers of a value, and gives their shape.
    mutating func read(_ value: Value, at place: [Int], _ call: Call) throws -> [Int] {
        if let number = value.number {
            values.append(Float(number))
            return []
        }
        if value.tag == .host, let object = value.hostObject as? TensorObject {
            if !values.isEmpty { parts.append(Variable(Tensor(shape: [values.count], values: values))) }
            values = []
            parts.append(try object.variable.reshaped([object.tensor.count]))
            if object.variable.isTracked { isTracked = true }
            return object.tensor.shape
        }
        let path = place.map { "[\($0)]" }.joined()
        guard value.tag == .list || value.tag == .range, place.count < Tensor.rankLimit else {
            throw RuntimeError(.type,
                "a tensor is made of numbers and lists of them; \(path.isEmpty ? "this" : "element \(path)") is \(call.describe(value))",
                argument: 0)
        }
        let elements = try call.vm.elements(of: value)
        var inner: [Int]?
        for (i, element) in elements.enumerated() {
            try call.vm.checkInterruption()
            let shape = try read(element, at: place + [i], call)
            guard inner == nil || inner == shape else {
                throw RuntimeError(
                    .shape,
                    """
                    the lists are not all of one shape: element \(path)[\(i)] has shape \(Tensor.text(shape)), those before \
                    \(Tensor.text(inner ?? []))
                    """, argument: 0)
            }
            inner = shape
        }
        return [elements.count] + (inner ?? [])
    }

    mutating func tensor(_ shape: [Int]) throws -> Variable {
        if parts.isEmpty { return Variable(Tensor(shape: shape, values: values)) }
        if !values.isEmpty { parts.append(Variable(Tensor(shape: [values.count], values: values))) }
        if !isTracked { return Variable(Tensor(shape: shape, values: parts.flatMap { $0.tensor.values })) }
        return try Variable.concatenated(parts, axis: 0).reshaped(shape)
    }
}
