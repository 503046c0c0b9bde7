import Foundation
import Lang
import NASLib

/// A tensor in the language: a mutable reference, as lists are.
final class TensorObject: HostObject, Elementwise, Summable {
    var tensor: Tensor

    init(_ tensor: Tensor) { self.tensor = tensor }

    override var typeName: String { "tensor" }
    override var description: String { TensorText.literal(tensor) }
    override func display(width: Int) -> String { TensorText.table(tensor, width: width) }
    override var count: Int? { tensor.shape.first }
    override var footprint: Int { tensor.count * 4 }
    override var hashForKey: Int? { nil }
    override func isEqual(to other: HostObject) -> Bool { (other as? TensorObject)?.tensor == tensor }

    func mapped(_ f: (Double) -> Double) -> HostObject { TensorObject(tensor.mapped { Float(f(Double($0))) }) }
    var sum: Double { Tensor.sum(tensor.values) }

    /// A part as a value: a number where no axis is left.
    static func value(_ tensor: Tensor, _ vm: VM) -> Value {
        tensor.rank == 0 ? .float(Double(tensor.values[0])) : .host(vm.heap.host(TensorObject(tensor)))
    }

    override func makeIterator(_ vm: VM) -> HostIterator? { tensor.rank > 0 ? RowIterator(self) : nil }

    private final class RowIterator: HostIterator {
        private let object: TensorObject
        private var position = 0
        init(_ object: TensorObject) { self.object = object }

        override var count: Int? { object.tensor.shape.first }
        override func next(_ vm: VM) throws -> Value? {
            guard position < object.tensor.shape[0] else { return nil }
            position += 1
            return TensorObject.value(object.tensor[[.position(position - 1)]], vm)
        }
    }

    // MARK: - Indexing

    override func element(at indices: [Value], _ vm: VM) throws -> Value? { TensorObject.value(tensor[try selections(indices)], vm) }

    override func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool {
        let selections = try selections(indices)
        if let number = value.number {
            try tensor.assign(Tensor(Float(number)), to: selections)
        } else if value.tag == .host, let source = value.hostObject as? TensorObject {
            try tensor.assign(source.tensor, to: selections)
        } else {
            throw RuntimeError(.type, "an element of a tensor must be a number or a tensor, not \(value.typePhrase)")
        }
        return true
    }

    private func selections(_ indices: [Value]) throws -> [Tensor.Selection] {
        guard indices.count <= tensor.rank else {
            throw RuntimeError(.index, "\(indices.count) indices are too many for a tensor of shape \(Tensor.text(tensor.shape))")
        }
        return try indices.enumerated().map { axis, index in
            let size = tensor.shape[axis]
            switch index.tag {
            case .int:
                let position = index.asInt < 0 ? index.asInt + size : index.asInt
                guard (0..<size).contains(position) else {
                    throw RuntimeError(.index, "index \(index.asInt) is outside axis \(axis) of a tensor of shape \(Tensor.text(tensor.shape))")
                }
                return .position(position)
            case .range:
                let range = index.asRange
                guard range.step == 1 else { throw RuntimeError(.index, "a tensor is sliced in steps of 1") }
                func end(_ x: Int) -> Int { min(size, max(0, x < 0 ? x + size : x)) }
                let lower = range.hasLower ? end(range.lower) : 0
                // -1 at the end of a closed range is the last position, so one more is the size.
                let upper = range.hasUpper ? (range.isClosed && range.upper == 0 ? size : end(range.upper)) : size
                return .range(lower..<max(lower, upper))
            default: throw RuntimeError(.type, "a tensor is indexed by ints and ranges, not by \(index.typePhrase)")
            }
        }
    }

    // MARK: - Arithmetic

    override func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? {
        let operand: Tensor
        if let number = other.number { operand = Tensor(Float(number)) } else {
            guard other.tag == .host, let object = other.hostObject as? TensorObject else { return nil }
            operand = object.tensor
        }
        let (a, b) = isLeft ? (tensor, operand) : (operand, tensor)
        if op == .matmul { return TensorObject.value(try Tensor.product(a, b), vm) }
        let result = switch op {
        case .add: try Tensor.combine(a, b, +)
        case .subtract: try Tensor.combine(a, b, -)
        case .multiply: try Tensor.combine(a, b, *)
        case .divide: try Tensor.combine(a, b, /)
        case .floorDivide: try Tensor.combine(a, b) { ($0 / $1).rounded(.down) }
        case .remainder: try Tensor.combine(a, b) { $0 - ($0 / $1).rounded(.down) * $1 }
        case .power: try Tensor.combine(a, b) { powf($0, $1) }
        case .matmul: try Tensor.product(a, b)
        }
        return .host(vm.heap.host(TensorObject(result)))
    }

    override func negated(_ vm: VM) throws -> Value? { .host(vm.heap.host(TensorObject(tensor.mapped { -$0 }))) }

    override func contains(_ value: Value, _ vm: VM) throws -> Bool? { value.number.map { tensor.values.contains(Float($0)) } ?? false }
}

/// Tensors as text.
enum TensorText {
    /// As it can be read back: `tensor([[1.0, 2.0], [3.0, 4.0]])`.
    static func literal(_ tensor: Tensor) -> String {
        // Nested lists cannot tell the shape of what has no elements.
        guard tensor.count > 0 || tensor.rank == 1 else { return "zeros(\(Tensor.text(tensor.shape)))" }
        var text = "tensor("
        write(tensor, axis: 0, offset: 0, into: &text)
        return text + ")"
    }

    private static func write(_ tensor: Tensor, axis: Int, offset: Int, into text: inout String) {
        guard axis < tensor.rank else {
            text += number(tensor.values[offset])
            return
        }
        let stride = tensor.shape[(axis + 1)...].reduce(1, *)
        text += "["
        for i in 0..<tensor.shape[axis] {
            if i > 0 { text += ", " }
            if text.utf8.count > 16 << 20 {
                text += "…"
                break
            }
            write(tensor, axis: axis + 1, offset: offset + i * stride, into: &text)
        }
        text += "]"
    }

    private static func number(_ x: Float) -> String { x.isFinite ? "\(x)" : Printer.text(Double(x)) }

    /// As the REPL shows it: the shape, and the rows with their numbers aligned, cut off where there are many.
    static func table(_ tensor: Tensor, width: Int) -> String {
        guard tensor.rank > 0, tensor.count > 0 else { return literal(tensor) }
        let columns = tensor.shape[tensor.rank - 1]
        let rows = tensor.count / columns
        let shownRows = min(rows, 20)
        let cells = (0..<shownRows).map { row in (0..<min(columns, 40)).map { String(format: "%.4g", tensor.values[row * columns + $0]) } }
        let cellWidth = (cells.flatMap(\.self).map(\.count).max() ?? 1) + 2
        let shownColumns = max(1, min(columns, 40, (width - 8) / cellWidth))
        var lines = ["tensor of shape \(Tensor.text(tensor.shape))"]
        for (i, row) in cells.enumerated() {
            // A blank line between matrices.
            if tensor.rank > 2, i > 0, i % tensor.shape[tensor.rank - 2] == 0 { lines.append("") }
            let text = row[..<shownColumns].map { String(repeating: " ", count: cellWidth - $0.count) + $0 }.joined()
            lines.append(text + (shownColumns < columns ? "  … \(columns - shownColumns) more" : ""))
        }
        if shownRows < rows { lines.append("  … \(rows - shownRows) more rows") }
        return lines.joined(separator: "\n")
    }
}

extension Library {
    static let tensors: [Builtin] = [
        .fn("tensor", "values",
            "A tensor of 32-bit floats from a number, or from lists nested to any depth. `t[0, 1..3]` copies a part out; `t[0, 1] = x` writes into it.", "tensor([[1, 2], [3, 4]]).shape  # => [2, 2]") { call in
            if call[0].tag == .host, let object = call[0].hostObject as? TensorObject { return call.object(TensorObject(object.tensor)) }
            var values: [Float] = []
            let shape = try read(call[0], into: &values, at: [], call)
            return call.object(TensorObject(Tensor(shape: shape, values: values)))
        },
        .fn("zeros", "shape", "A tensor of zeros.", "zeros([2, 3]).sum()  # => 0.0") { call in call.object(TensorObject(try Tensor(repeating: 0, shape: try shape(0, call)))) },
        .fn("ones", "shape", "A tensor of ones.", "ones([2, 3]).sum()  # => 6.0") { call in call.object(TensorObject(try Tensor(repeating: 1, shape: try shape(0, call)))) },
        .fn("full", "shape, value", "A tensor that holds one number everywhere.", "full([2], 7).sum()  # => 14.0") { call in
            call.object(TensorObject(try Tensor(repeating: Float(try call.double(1)), shape: try shape(0, call))))
        },
        .fn("eye", "n", "The n by n identity matrix.", "eye(3).sum()  # => 3.0") { call in
            let n = try call.int(0, atLeast: 0)
            var tensor = try Tensor(repeating: 0, shape: [n, n])
            for i in 0..<n { tensor.values[i * n + i] = 1 }
            return call.object(TensorObject(tensor))
        },
        .fn("linspace", "start, stop, n", "n numbers from start to stop, evenly spaced.", "linspace(0, 1, 3).to_list()  # => [0.0, 0.5, 1.0]") { call in
            let (start, stop, n) = (try call.double(0), try call.double(1), try call.int(2, atLeast: 1))
            _ = try Tensor.count(of: [n])
            return call.object(TensorObject(Tensor(shape: [n], values: (0..<n).map { Float(n == 1 ? start : start + (stop - start) * Double($0) / Double(n - 1)) })))
        },
        .property("tensor.shape", "The size of each axis.") { call in call.list(try receiver(call).shape.map(Value.int)) },
        .property("tensor.size", "How many elements it has.") { call in .int(try receiver(call).count) },
        .property("tensor.T", "The axes in reverse order: the transpose of a matrix.") { call in call.object(TensorObject(try receiver(call).transposed())) },
        .method("tensor.reshape", "shape", "The same elements in another shape; one size may be -1 and is worked out.") { call in
            call.object(TensorObject(try receiver(call).reshaped(try shape(1, call))))
        },
        .method("tensor.permute", "axes", "The axes in another order.") { call in call.object(TensorObject(try receiver(call).transposed(try shape(1, call)))) },
        .method("tensor.to_list", "", "The elements as nested lists of floats.") { call in
            let tensor = try receiver(call)
            try Limit.check(elements: tensor.count)
            return toList(tensor, axis: 0, offset: 0, call)
        },
        reduction("sum", "The sum of all elements, or along an axis.") { Tensor.sum($0) },
        reduction("mean", "The mean of all elements, or along an axis.", needs: 1) { Tensor.mean($0) },
        reduction("std", "The standard deviation, with the divisor n - 1.", needs: 2) { Tensor.variance($0).squareRoot() },
        reduction("norm", "The square root of the sum of squares.") { Tensor.norm($0) },
        reduction("max", "The greatest element.", needs: 1) { Tensor.maximum($0) },
        reduction("min", "The least element.", needs: 1) { x in -Tensor.maximum(x.map { -$0 }) },
        .method("tensor.argmax", "", "The position of the greatest element among all, counted in row-major order.") { call in
            let values = try receiver(call).values
            guard let best = values.indices.max(by: { values[$0] < values[$1] }) else { throw RuntimeError(.value, "a tensor without elements has no argmax", argument: 0) }
            return .int(best)
        },
        .method("tensor.softmax", "axis: -1", "exp(x) divided by its sum along an axis.") { call in
            let tensor = try receiver(call)
            return call.object(TensorObject(try tensor.softmax(axis: try axis(1, tensor, call) ?? tensor.rank - 1)))
        },
    ]

    private static func receiver(_ call: Call) throws -> Tensor { try call.receiver(TensorObject.self).tensor }

    private static func reduction(_ name: String, _ doc: String, needs least: Int = 0, _ f: @escaping @Sendable ([Float]) -> Double) -> Builtin {
        .method("tensor.\(name)", "axis: nil", doc) { call in
            let tensor = try receiver(call)
            let axis = try axis(1, tensor, call)
            guard (axis.map { tensor.shape[$0] } ?? tensor.count) >= least else {
                throw RuntimeError(.value, "\(name) needs at least \(least) element\(least == 1 ? "" : "s"), the tensor has shape \(Tensor.text(tensor.shape))", argument: 0)
            }
            return TensorObject.value(try tensor.reduced(axis: axis, f), call.vm)
        }
    }

    /// An axis, counted from the end when negative; nil when none is given.
    private static func axis(_ index: Int, _ tensor: Tensor, _ call: Call) throws -> Int? {
        guard call.has(index), !call[index].isNil else { return nil }
        let given = try call.int(index)
        let axis = given < 0 ? given + tensor.rank : given
        guard tensor.shape.indices.contains(axis) else {
            throw RuntimeError(.shape, "a tensor of shape \(Tensor.text(tensor.shape)) has no axis \(given)", argument: index)
        }
        return axis
    }

    private static func shape(_ index: Int, _ call: Call) throws -> [Int] {
        if call[index].tag == .int { return [call[index].asInt] }
        return try call.sequence(index).map { size in
            guard size.tag == .int else { throw call.invalid(index, "sizes and axes are ints, not \(call.describe(size))") }
            return size.asInt
        }
    }

    /// Appends the numbers of nested lists, and gives their shape.
    private static func read(_ value: Value, into values: inout [Float], at place: [Int], _ call: Call) throws -> [Int] {
        if let number = value.number {
            values.append(Float(number))
            return []
        }
        if value.tag == .host, let object = value.hostObject as? TensorObject {
            values += object.tensor.values
            return object.tensor.shape
        }
        let path = place.map { "[\($0)]" }.joined()
        guard value.tag == .list || value.tag == .range, place.count < 32 else {
            throw RuntimeError(.type, "a tensor is made of numbers and lists of them; element \(path) is \(call.describe(value))", argument: 0)
        }
        let elements = try call.vm.elements(of: value)
        var inner: [Int]?
        for (i, element) in elements.enumerated() {
            let shape = try read(element, into: &values, at: place + [i], call)
            guard inner == nil || inner == shape else {
                throw RuntimeError(
                    .shape, "the lists are not all of one shape: element \(path)[\(i)] has shape \(Tensor.text(shape)), those before \(Tensor.text(inner ?? []))", argument: 0)
            }
            inner = shape
        }
        return [elements.count] + (inner ?? [])
    }

    private static func toList(_ tensor: Tensor, axis: Int, offset: Int, _ call: Call) -> Value {
        guard axis < tensor.rank else { return .float(Double(tensor.values[offset])) }
        let stride = tensor.shape[(axis + 1)...].reduce(1, *)
        return call.list((0..<tensor.shape[axis]).map { toList(tensor, axis: axis + 1, offset: offset + $0 * stride, call) })
    }
}
