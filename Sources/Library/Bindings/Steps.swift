import NASLib
import Runtime
import Text

/// What can be trained path by path: a supernet, or a family of them.
protocol Trainable: HostObject {
    var space: SpaceObject { get }
    var family: SupernetFamily { get }
    /// Its supernets.
    var nets: [SupernetObject] { get }
}

extension SupernetObject: Trainable {
    var nets: [SupernetObject] { [self] }
}

extension FamilyStepResult {
    /// The map that tells of the step; of several paths (`isList`) it has their mean loss and accuracy.
    func value(isList: Bool, _ heap: Heap) -> Value {
        let candidateNorms = paths.map { heap.list($0.candidateGradientNorms) }
        return heap.map([
            "loss": .float(loss), "accuracy": .float(accuracy), "grad_norm": .float(gradientNorm), "clip_scale": .float(clipScale),
            "op_grad_norms": isList ? .list(heap.list(candidateNorms)) : candidateNorms[0],
            "sample_grad_norms": heap.list(exampleGradientNorms), "sample_losses": heap.list(exampleLosses),
        ])
    }
}

extension Call {
    /// The receiver of a method that all trainable types have.
    func trainable(_ index: Int = 0) throws -> any Trainable {
        guard self[index].tag == .host, let net = self[index].hostObject as? any Trainable else {
            throw wrongType(index, expected: "a supernet")
        }
        return net
    }

    func batch(_ index: Int) throws -> Batch { try object(index, as: BatchObject.self, "a batch from batches(…)").batch }

    /// A number of at least 0.
    func nonNegative(_ index: Int, default fallback: Double) throws -> Double {
        let value = try double(index, default: fallback)
        // The engine computes with floats.
        guard value >= 0, value <= Double(Float.greatestFiniteMagnitude) else {
            throw invalid(index,
                """
                '\(signature.parameters[index].name)' must be a number of at least \
                0\(value > 0 && value.isFinite ? " that floats hold" : ""), not \(value)
                """)
        }
        return value
    }

    /// One importance weight for each path.
    fileprivate func weights(_ index: Int, count: Int) throws -> [Double] {
        guard has(index) else { return Array(repeating: 1, count: count) }
        let weights = self[index].isNumber ? Array(repeating: try double(index), count: count) : try doubles(index)
        guard weights.count == count else { throw invalid(index, "there are \(weights.count) weights for \(count) paths") }
        if let bad = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
            throw invalid(index, "'weight' must be a number of at least 0, not \(bad)")
        }
        if let bad = weights.first(where: { $0 != 0 && !PathBatch.weights.contains($0) }) {
            throw invalid(index,
                "'weight' must be 0, or from \(PathBatch.weights.lowerBound) to \(PathBatch.weights.upperBound), not \(bad)")
        }
        return weights
    }
}

extension Library {
    /// What a supernet does with a batch.
    static let steps: [Builtin] = [
        .method("supernet.step",
            stepParameters,
            """
            One training step of a path on a batch: forward, backward, the gradient clipped to norm `clip` (nil: no clipping), and \
            stochastic gradient descent on the path's weights. The gradient is multiplied by `weight`, a path's importance weight; `loss` \
            and `op_grad_norms` do not include it. For a list of paths, the gradients are added up for one update (FairNAS); `weight` may \
            then be a list. With `inner_steps`, each path takes that many steps of rate `inner_lr` from the same weights, and these move \
            by `lr` times the mean displacement (SUMNAS). Returns a map: `loss`, `accuracy` (0 to 1), `grad_norm` (before clipping), \
            `clip_scale` (the factor applied by clipping), `op_grad_norms` (for each choice the gradient norm of its candidate before \
            clipping, 0 for one without parameters; for a list of paths a list of these), `sample_losses`, and `sample_grad_norms` (for \
            each example ||softmax(z) - onehot(y)||, a bound on its gradient's norm; with `exact_norms` the norm itself, at the cost of a \
            backward pass for each example). For several paths, the numbers are means.

            An `optimizer` such as `adam()` replaces plain gradient descent, with its own rate (if `lr` is not given), momentum and decay; \
            `clip` is applied before it. Its state stays with the network, as momentum does, and is saved in checkpoints; another kind of \
            optimizer starts fresh. A weight that the path does not use keeps its value, its moments and its own count of steps, as a \
            parameter without a gradient does in PyTorch.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let net = supernet(space)
            for batch in batches(digits().train, size: 901) {
                let one = net.step(space[15], batch)
                let two = net.step([space[15], space[7812]], batch)
                print(len(one.op_grad_norms), len(two.op_grad_norms), len(two.sample_grad_norms))  # prints: 6 2 901
                let optimizer = adamw(lr: 0.002)
                let start = net.step(space[15], batch, optimizer: optimizer).loss
                for i in 0..10 { net.step(space[15], batch, optimizer: optimizer) }
                print(mean(net.sample_losses(space[15], batch)) < start)  # prints: true
            }
            """) { try step($0) },
        .method("supernet.sample_losses", "path, batch",
            "The cross-entropy of each example of a batch, or of a whole dataset as one batch, without a training step.") {
            try sampleLosses($0)
        },
    ]

    static let stepParameters = """
        path, batch, lr: 0.05, momentum: 0.9, weight_decay: 2.5e-4, clip: 5.0, weight: 1.0, inner_steps: 0, inner_lr: 0.05, \
        exact_norms: false, optimizer: nil
        """

    static func step(_ call: Call) throws -> Value {
        let net = try call.trainable()
        let (paths, isList) = try call.paths(1, of: net.space.space)
        let batch = try call.batch(2)
        let innerSteps = try call.int(8, default: 0, atLeast: 0)
        if innerSteps == 0 { try call.refuse(9, unless: "it is the rate of 'inner_steps'") }
        let optimizer = try call.optimizer(11, insteadOf: [4, 5, 8])
        let (rate, innerRate) = (try call.nonNegative(3, default: optimizer?.learningRate ?? 0.05), try call.nonNegative(9, default: 0.05))
        let options = StepOptions(
            learningRate: Float(innerSteps > 0 ? innerRate : rate), momentum: Float(try call.nonNegative(4, default: 0.9)),
            weightDecay: Float(try call.nonNegative(5, default: 2.5e-4)),
            clip: call.has(6) && call[6].isNil ? nil : Float(try call.nonNegative(6, default: 5)), rule: optimizer?.rule)
        let settings = FamilyStepOptions(
            options, innerSteps: innerSteps, rate: Float(rate), measuresNorms: try call.bool(10, default: false))
        let weights = try call.weights(7, count: paths.count)
        return try net.family.step(paths, batch, weights: weights, settings, using: call.vm.generator).value(isList: isList, call.heap)
    }

    static func sampleLosses(_ call: Call) throws -> Value {
        let net = try call.trainable()
        let path = try call.path(call[1], of: net.space.space, argument: 1)
        let batch = if call[2].tag == .host, let object = call[2].hostObject as? DatasetObject {
            Batch(dataset: object.dataset, indices: Array(0..<object.dataset.count))
        } else { try call.batch(2) }
        return try call.list(try net.family.net(of: path).exampleLosses(path: path, batch: batch))
    }

    static func rank(_ call: Call) throws -> Value {
        let net = try call.trainable()
        let (paths, isList) = try call.paths(1, of: net.space.space)
        let scores = try net.family.rank(paths, on: try call.dataset(2), batchSize: try call.int(3, default: 512, atLeast: 2))
        guard isList else { return call.map(["top1": .float(scores[0].top1), "loss": .float(scores[0].loss)]) }
        return try call.map(["top1": call.list(scores.map(\.top1)), "loss": call.list(scores.map(\.loss))])
    }
}
