import Lang
import NASLib
import Runtime

/// A derivative of a function, itself a function: what `grad(f)` and its like give.
final class Derivative: HostObject {
    enum Kind: String { case grad, value_and_grad, jacobian, per_sample_grad }

    let kind: Kind
    let function: Value
    /// The positions of the parameters to differentiate by; `isSingle` when one was given by itself and not in a list.
    let parameters: [Int]
    let isSingle: Bool
    private let registry: Registry

    init(_ kind: Kind, of function: Value, parameters: [Int] = [0], isSingle: Bool = true, _ registry: Registry) {
        (self.kind, self.function, self.parameters, self.isSingle, self.registry) = (kind, function, parameters, isSingle, registry)
    }

    override var typeName: String { "function" }
    override var description: String { "<function \(kind.rawValue)>" }
    override var footprint: Int { parameters.count * 8 }
    override var isCallable: Bool { true }
    override func visitValues(_ visit: (Value) -> Void) { visit(function) }

    /// That of the function itself.
    override var signature: Signature { Signature(of: function, registry) }

    override func call(_ call: Call) throws -> Value {
        let protectedCount = call.vm.protected.count
        defer { call.vm.protected.removeSubrange(protectedCount...) }
        var arguments: [Value] = []
        for (i, parameter) in signature.parameters.enumerated() {
            if parameter.isRest { arguments += call.rest(i) } else { arguments.append(call[i]) }
        }
        while arguments.last?.isMissing == true { arguments.removeLast() }
        if let beyond = parameters.first(where: { $0 >= arguments.count || arguments[$0].isMissing }) {
            throw RuntimeError(.type, "\(kind.rawValue): the call has no argument \(beyond) to differentiate by, it has \(arguments.count)")
        }
        if kind == .per_sample_grad { return try perSample(arguments, call) }
        let application = try Application(function, arguments, by: parameters, name: kind.rawValue, call.vm)
        if kind == .jacobian { return try application.jacobian() }
        let (value, gradients) = try application.gradient()
        let trees = application.value(gradients)
        let gradient = try isSingle ? trees[0] : call.list(trees)
        return try kind == .grad ? gradient : call.list([call.value(value), gradient])
    }

    /// The gradients of f(parameters, x[i], y[i], …), each stacked along a new first axis.
    private func perSample(_ arguments: [Value], _ call: Call) throws -> Value {
        let vm = call.vm
        let columns = try arguments.dropFirst().enumerated().map { i, argument in
            do {
                let column = try vm.copy(try vm.elements(of: argument))
                // Rows taken from tensors are objects that nothing else holds.
                call.protect(.list(column))
                return column
            } catch let error as RuntimeError where error.kind == .type {
                throw RuntimeError(.type,
                    "per_sample_grad: argument \(i + 1) must hold one value for each example, not be \(argument.typePhrase)")
            }
        }
        let counts = columns.map(\.count)
        guard let count = counts.first, count > 0, counts.allSatisfy({ $0 == count }) else {
            throw RuntimeError(.shape, "per_sample_grad: the arguments after the first need one value for each example, and hold \(counts)")
        }
        var gradients: [[Variable]] = []
        var template: Application?
        for i in 0..<count {
            let application = try Application(function, [arguments[0]] + columns.map { $0[i] }, by: [0], name: kind.rawValue, vm)
            for (leaf, gradient) in try application.gradient().gradients.enumerated() {
                if gradients.count == leaf { gradients.append([]) }
                gradients[leaf].append(gradient)
            }
            template = template ?? application
        }
        return template?.value(try gradients.map { try Variable.stacked($0, axis: 0) })[0] ?? .nil
    }
}

/// A call of a function with a tape running.
final class Application {
    private let function: Value
    private let name: String
    private let vm: VM
    private let trees: [(parameter: Int, tree: TensorTree)]
    private let arguments: [Value]
    private let leaves: [Variable]

    /// `parameters` are positions among the arguments, which is where the tensors to differentiate by are.
    init(_ function: Value, _ arguments: [Value], by parameters: [Int], name: String, _ vm: VM) throws {
        var values: [Value] = []
        trees = try parameters.map { ($0, try TensorTree(arguments[$0], leaves: &values)) }
        guard !values.isEmpty else {
            throw RuntimeError(.type,
                """
                \(name): a function is differentiated by numbers, tensors, and lists and maps of them, not by \
                \(arguments[parameters[0]].typePhrase)
                """)
        }
        for (_, tree) in trees { tree.visitValues { vm.protected.append($0) } }
        leaves = values.map(\.leafVariable)
        (self.function, self.arguments, self.name, self.vm) = (function, arguments, name, vm)
    }

    /// Values of the builds of the arguments, one for each parameter.
    func value(_ leaves: [Variable]) -> [Value] {
        trees.map { $0.tree.value(vm.heap, leaf: { TensorObject.value(leaves[$0], vm) }, other: { _ in .nil }) }
    }

    /// Calls the function with tracked arguments, and `body` with its result and the inputs, before the tape closes.
    private func run<Result>(_ body: (Tape, _ result: Variable, _ inputs: [Variable], _ isNested: Bool) throws -> Result) throws -> Result {
        let enclosing = vm.tape
        let tape = enclosing ?? Tape(limit: Limit.memory / MemoryLayout<Float>.stride)
        vm.tape = tape
        defer {
            vm.tape = enclosing
            if enclosing == nil { tape.close() }
        }
        let inputs = try leaves.map(tape.input)
        var arguments = arguments
        for (parameter, tree) in trees {
            arguments[parameter] = tree.value(vm.heap, leaf: { .host(vm.heap.host(TensorObject(inputs[$0]))) }, other: { $0 })
        }
        let value = try vm.call(function, arguments)
        guard value.isNumber || (value.tag == .host && value.hostObject is TensorObject) else {
            throw RuntimeError(.type, "\(name): the function must give a number or a tensor, not \(value.typePhrase)",
                hint: value.isNil ? "its last expression is its value" : nil)
        }
        tape.poll = { [unowned vm] in try vm.checkInterruption() }
        return try body(tape, value.leafVariable, inputs, enclosing != nil)
    }

    private func orZero(_ gradients: [Variable?]) throws -> [Variable] {
        try zip(gradients, leaves).map { try $0 ?? Variable(try Tensor(repeating: 0, shape: $1.shape)) }
    }

    /// The function's value, a single number, and its gradients by the leaves.
    func gradient() throws -> (value: Variable, gradients: [Variable]) {
        try run { tape, result, inputs, isNested in
            guard result.count == 1 else {
                throw RuntimeError(
                    .shape, "\(name): the function must give one number, not a tensor of shape \(Tensor.text(result.shape))",
                    hint: "sum or average it; jacobian(f), jvp and vjp are for functions that give tensors")
            }
            let seed = Variable(try Tensor(repeating: 1, shape: result.shape))
            return (try result.reshaped([]), try orZero(try tape.gradients(of: result, seed: seed, at: inputs, isRecorded: isNested)))
        }
    }

    /// The gradients with the result's elements weighted.
    func pullback(_ weights: Value) throws -> Value {
        let (value, gradients) = try run { tape, result, inputs, isNested in
            var given: [Value] = []
            _ = try TensorTree(weights, leaves: &given)
            guard given.count == 1, given[0].leafVariable.shape == result.shape else {
                throw RuntimeError(
                    .shape,
                    """
                    vjp: the function's value has shape \(Tensor.text(result.shape)), the weights have \
                    \(given.map { Tensor.text($0.leafVariable.shape) }.joined(separator: ", "))
                    """)
            }
            return (result, try orZero(try tape.gradients(of: result, seed: given[0].leafVariable, at: inputs, isRecorded: isNested)))
        }
        return .list(vm.heap.list([TensorObject.value(value, vm), self.value(gradients)[0]]))
    }

    /// The derivative along a direction, of the build of the argument.
    func pushforward(_ direction: Value) throws -> Value {
        var values: [Value] = []
        _ = try TensorTree(direction, leaves: &values)
        let directions = values.map { $0.leafVariable.tensor }
        guard directions.map(\.shape) == leaves.map(\.shape) else {
            func text(_ shapes: [[Int]]) -> String { shapes.map(Tensor.text).joined(separator: ", ") }
            throw RuntimeError(.shape,
                "jvp: the argument has shape \(text(leaves.map(\.shape))), the direction has \(text(directions.map(\.shape)))")
        }
        let (value, derivative) = try run { tape, result, inputs, isNested in
            (result, try tape.derivative(of: result, at: inputs, along: directions, isRecorded: isNested))
        }
        return .list(vm.heap.list([TensorObject.value(value, vm), TensorObject.value(derivative, vm)]))
    }

    /// The derivative of each element of the result by each element of the one argument: [result's axes, argument's axes].
    func jacobian() throws -> Value {
        guard leaves.count == 1 else { throw RuntimeError(.type, "jacobian: the function must be of one tensor, not of \(leaves.count)") }
        let rows = try run { tape, result, inputs, isNested in
            _ = try Tensor.count(of: result.shape + leaves[0].shape)
            let rows = try (0..<result.count).map { i in
                let seed = Variable(try Tensor(ones: [i], shape: result.shape))
                return try orZero(try tape.gradients(of: result, seed: seed, at: inputs, isRecorded: isNested))[0]
            }
            let shape = result.shape + leaves[0].shape
            return rows.isEmpty ? Variable(try Tensor(repeating: 0, shape: shape)) : try Variable.stacked(rows, axis: 0).reshaped(shape)
        }
        return TensorObject.value(rows, vm)
    }
}

extension VM {
    /// Records what is done with tensors while a function is being differentiated.
    var tape: Tape? {
        get { recorder.map { unsafeDowncast($0, to: Tape.self) } }
        set { recorder = newValue }
    }
}

extension Library {
    /// Derivatives of functions written in the language. What they compute on tensors is recorded while they run, so loops,
    /// conditions and calls need no care.
    static let derivatives: [Builtin] = [
        .fn("grad", "f, wrt: 0",
            """
            The gradient of `f` as a function of the same arguments. `f` must give one number. It is taken with respect to the argument at \
            position `wrt`: a number, a tensor, or a list or map of them. The gradient has the same structure; for a list of positions it \
            is a list. Strings and other values that are not numbers get the gradient nil.
            """,
            """
            grad(x => x ** 2)(3)  # => 6.0
            grad((w, x) => (w * x).sum())(tensor([1, 2]), tensor([3, 4])).to_list()  # => [3.0, 4.0]
            """) { call in
            try derivative(.grad, call)
        },
        .fn("value_and_grad", "f, wrt: 0", "Like `grad(f)`, but the function returns a list of the value of `f` and its gradient.",
            "value_and_grad(x => x ** 2)(3)  # => [9.0, 6.0]") { call in try derivative(.value_and_grad, call) },
        .fn("per_sample_grad", "f",
            """
            A function of the parameters and of one tensor or list for each further argument of `f`. It gives the gradient of \
            `f(parameters, x[i], …)` with respect to the parameters for each i, stacked along a new first axis.
            """,
            "per_sample_grad((w, x) => w * x)(2, tensor([3, 4])).to_list()  # => [3.0, 4.0]") { call in
            call.object(Derivative(.per_sample_grad, of: try call.function(0), call.vm.registry))
        },
        .fn("jacobian", "f",
            """
            The Jacobian of `f` as a function: the derivatives of every element of the result with respect to every element of the \
            argument. Its first axes are those of the result.
            """,
            "jacobian(x => x * x)(tensor([1, 2])).to_list()  # => [[2.0, 0.0], [0.0, 4.0]]") { call in
            call.object(Derivative(.jacobian, of: try call.function(0), call.vm.registry))
        },
        .fn("hessian", "f", "The second derivatives of `f`, which gives one number, as a function of a tensor.",
            "hessian(x => (x ** 3).sum())(tensor([1, 2])).to_list()  # => [[6.0, 0.0], [0.0, 12.0]]") { call in
            let gradient = call.object(Derivative(.grad, of: try call.function(0), call.vm.registry))
            return call.object(Derivative(.jacobian, of: gradient, call.vm.registry))
        },
        .fn("jvp", "f, x, direction",
            "A list of f(x) and its derivative along a direction with the structure of x: the Jacobian times a vector.",
            "jvp(x => x * x, tensor([1, 2]), tensor([1, 10]))[1].to_list()  # => [2.0, 40.0]") { call in
            try application(call) { try $0.pushforward(call[2]) }
        },
        .fn("vjp", "f, x, weights", "A list of f(x) and the gradient of the weighted sum of its elements: a vector times the Jacobian.",
            "vjp(x => x * x, tensor([1, 2]), tensor([1, 10]))[1].to_list()  # => [2.0, 40.0]") { call in
            try application(call) { try $0.pullback(call[2]) }
        },
    ]

    private static func derivative(_ kind: Derivative.Kind, _ call: Call) throws -> Value {
        let isSingle = !call.has(1) || call[1].isNumber
        let parameters = isSingle ? [try call.int(1)] : try call.ints(1)
        guard !parameters.isEmpty, parameters.allSatisfy({ $0 >= 0 }), Set(parameters).count == parameters.count else {
            throw call.invalid(1, "'wrt' must be the position of an argument, or a list of several, from 0 on")
        }
        return call.object(Derivative(kind, of: try call.function(0), parameters: parameters, isSingle: isSingle, call.vm.registry))
    }

    private static func application(_ call: Call, _ body: (Application) throws -> Value) throws -> Value {
        try body(try Application(try call.function(0), [call[1]], by: [0], name: call.name, call.vm))
    }
}
