import NASLib
import Runtime

/// An optimizer in the language: `adam()`.
final class OptimizerObject: GrowingObject, StatefulObject {
    let optimizer: Optimizer
    private let name: String

    init(_ rule: any UpdateRule, learningRate: Double, name: String) {
        optimizer = Optimizer(rule, learningRate: learningRate)
        self.name = name
    }

    override var typeName: String { "optimizer" }
    var state: any Checkpointable { optimizer }
    override var description: String { "<optimizer \(name), \(optimizer.stepCount) steps>" }
    override var footprint: Int { optimizer.byteCount }
}

extension Call {
    /// The optimizer of a network's steps, where one is given.
    ///
    /// - Parameter settings: those of the call's that an optimizer has itself.
    func optimizer(_ index: Int, insteadOf settings: [Int]) throws -> Optimizer? {
        guard isGiven(index) else { return nil }
        let optimizer = try object(index, as: OptimizerObject.self, "an optimizer such as adam()").optimizer
        if let setting = settings.first(where: isGiven) {
            throw RuntimeError(
                .value, "'\(signature.parameters[setting].name)' cannot be given together with 'optimizer', which has its own settings",
                hint: "give it to the optimizer, as in rmsprop(momentum: 0.9, weight_decay: 1e-4), or leave it out", argument: setting)
        }
        return optimizer
    }
}

extension Library {
    static let optimizers: [Builtin] = [
        .fn("sgd", "lr, momentum: 0, nesterov: false, weight_decay: 0",
            "Stochastic gradient descent. `opt.step(params, grads)` changes tensors, or a list or map of them, in place.",
            "let w = tensor([1, 2])\nsgd(0.5).step(w, tensor([1, 1])).to_list()  # => [0.5, 1.5]") { call in
            let (momentum, isNesterov) = (try share(1, call), try call.bool(2))
            guard !isNesterov || momentum > 0 else { throw call.invalid(2, "Nesterov's momentum needs a momentum that is not 0") }
            return try optimizer(SGD(momentum: momentum, isNesterov: isNesterov, weightDecay: try nonNegative(3, call)), call)
        },
        .fn("adam", "lr: 0.001, betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0",
            """
            Adam (Kingma and Ba, 2015). `opt.step(params, grads)` changes tensors, or a list or map of them, in place. Weight decay is \
            added to the gradient.
            """,
            "let w = tensor([1, 2])\nadam(lr: 0.5).step(w, tensor([1, -1])).to_list()  # => [0.5, 2.5]") { call in
            try adam(isDecoupled: false, call)
        },
        .fn("adamw", "lr: 0.001, betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0.01",
            """
            AdamW (Loshchilov and Hutter, 2019): Adam with decoupled weight decay: it is subtracted from the weights instead of added to \
            the gradient.
            """,
            "let w = tensor([1, 2])\nadamw(lr: 0.5, weight_decay: 0).step(w, tensor([1, -1])).to_list()  # => [0.5, 2.5]") { call in
            try adam(isDecoupled: true, call)
        },
        .fn("rmsprop", "lr: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0, weight_decay: 0",
            "RMSprop (Hinton, 2012). `opt.step(params, grads)` changes tensors, or a list or map of them, in place.",
            "let w = tensor([1, 2])\nrmsprop(lr: 0.5, alpha: 0).step(w, tensor([1, -1])).to_list()  # => [0.5, 2.5]") { call in
            try optimizer(
                RMSprop(
                    alpha: try share(1, call), epsilon: try nonNegative(2, call), momentum: try share(3, call),
                    weightDecay: try nonNegative(4, call)), call)
        },
        .property("optimizer.lr", "The learning rate.") { call in .float(try call.receiver(OptimizerObject.self).optimizer.learningRate) },
        .property("optimizer.steps", "The number of steps taken.") { call in
            .int(try call.receiver(OptimizerObject.self).optimizer.stepCount)
        },
        .method("optimizer.step", "params, grads, lr: nil",
            """
            Updates the parameters (a tensor, or tensors in lists and maps) by their gradients, which have the same structure, and returns \
            the parameters. `lr` sets the learning rate from this step on.
            """) { call in
            let optimizer = try call.receiver(OptimizerObject.self).optimizer
            guard call.vm.tape == nil else {
                throw RuntimeError(.value, "parameters cannot be changed while a function of them is being differentiated")
            }
            var (parameters, gradients): ([Value], [Value]) = ([], [])
            let (tree, gradientTree) = (try TensorTree(call[1], leaves: &parameters), try TensorTree(call[2], leaves: &gradients))
            var places: [Int] = []
            let difference = tree.match(gradientTree, into: &places)
            let objects = try parameters.map { value in
                guard value.tag == .host, let object = value.hostObject as? TensorObject else {
                    throw RuntimeError(.type, "a parameter must be a tensor to be changed in place, not \(call.describe(value))",
                        hint: "tensor(x) makes one", argument: 1)
                }
                return object
            }
            guard !objects.isEmpty else { throw call.wrongType(1, expected: "a tensor, or a list or map of tensors") }
            if let difference {
                throw RuntimeError(.shape, "step: the gradients are not built as the parameters are: \(difference)",
                    hint: "grad(f)(params) gives them in the same build", argument: 2)
            }
            gradients = places.map { gradients[$0] }
            let shapes = objects.map(\.variable.shape), given = gradients.map(\.leafVariable.shape)
            guard shapes == given else {
                func text(_ shapes: [[Int]]) -> String { shapes.map(Tensor.text).joined(separator: ", ") }
                throw RuntimeError(.shape, "step: the parameters have shapes \(text(shapes)), the gradients \(text(given))", argument: 2)
            }
            if call.isGiven(3) { optimizer.learningRate = try nonNegative(3, call) }
            try optimizer.beginStep(shapes)
            for (i, object) in objects.enumerated() {
                // Read first: a tensor may be its own gradient.
                let gradient = gradients[i].leafVariable.tensor
                object.variable.update { optimizer.update(&$0, at: i, gradient: gradient) }
            }
            return call[1]
        },
    ]

    private static func adam(isDecoupled: Bool, _ call: Call) throws -> Value {
        let betas = try call.doubles(1)
        guard betas.count == 2, betas.allSatisfy({ $0 >= 0 && $0 < 1 }) else {
            throw call.invalid(1, "'betas' must be two numbers from 0 to below 1")
        }
        let (epsilon, decay) = (try nonNegative(2, call), try nonNegative(3, call))
        return try optimizer(Adam(betas: (betas[0], betas[1]), epsilon: epsilon, weightDecay: decay, isDecoupled: isDecoupled), call)
    }

    private static func optimizer(_ rule: any UpdateRule, _ call: Call) throws -> Value {
        call.object(OptimizerObject(rule, learningRate: try nonNegative(0, call), name: call.name))
    }

    private static func nonNegative(_ index: Int, _ call: Call) throws -> Double {
        let value = try call.double(index)
        guard value >= 0, value.isFinite else {
            throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be at least 0, not \(value)")
        }
        return value
    }

    private static func share(_ index: Int, _ call: Call) throws -> Double {
        let value = try call.double(index)
        guard value >= 0, value < 1 else {
            throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be from 0 to below 1, not \(value)")
        }
        return value
    }
}
