import NASLib
import Runtime
import Text

/// What can be trained path by path: a supernet, or a family of them.
protocol Trainable: HostObject {
    var space: SpaceObject { get }
    /// The supernet that has the path's weights.
    func net(of path: Path) throws -> Supernet
    /// All of them.
    var nets: [SupernetObject] { get }
}

extension SupernetObject: Trainable {
    func net(of path: Path) -> Supernet { net }
    var nets: [SupernetObject] { [self] }
}

/// How a step goes, as `net.step` and `train` are told.
struct StepSettings {
    /// Those of an inner step where there are inner steps.
    var options: StepOptions
    var innerSteps = 0
    /// The share of the inner steps' mean displacement that is taken.
    var rate: Float = 1
    /// Whether examples' gradient norms are measured exactly.
    var measuresNorms = false

    init(
        lr: Double, momentum: Double, weightDecay: Double, clip: Double?, innerSteps: Int, innerRate: Double, measuresNorms: Bool,
        sharing: StepSharing = StepSharing()
    ) {
        options = StepOptions(
            learningRate: Float(innerSteps > 0 ? innerRate : lr), momentum: Float(momentum), weightDecay: Float(weightDecay), clip: clip.map { Float($0) })
        options.sharing = sharing
        (self.innerSteps, rate, self.measuresNorms) = (innerSteps, Float(lr), measuresNorms)
    }
}

extension Trainable {
    /// The paths by the supernets that have their weights, as positions.
    private func groups(_ paths: [Path]) throws -> [(net: Supernet, positions: [Int])] {
        var groups: [(net: Supernet, positions: [Int])] = []
        for (i, path) in paths.enumerated() {
            let net = try net(of: path)
            if let known = groups.firstIndex(where: { $0.net === net }) { groups[known].positions.append(i) } else { groups.append((net, [i])) }
        }
        return groups
    }

    /// Evaluates each path with the weights that it has.
    func rank(_ paths: [Path], on dataset: Dataset, batchSize: Int) throws -> [Supernet.Evaluation] {
        var scores: [Supernet.Evaluation?] = paths.map { _ in nil }
        for group in try groups(paths) {
            let ranked = try group.net.rank(paths: group.positions.map { paths[$0] }, on: dataset, batchSize: batchSize)
            for (position, score) in zip(group.positions, ranked) { scores[position] = score }
        }
        return scores.compactMap(\.self)
    }

    /// One step along some paths, and the map that tells of it; of several paths (`isList`) it has their mean loss and accuracy.
    func step(_ paths: [Path], isList: Bool, _ batch: Batch, weights: [Double], _ settings: StepSettings, _ vm: VM) throws -> Value {
        var settings = settings
        if nets.contains(where: \.net.hasDropout) { settings.options.seed = vm.generator.generator.next() }
        var norms: [[Double]] = []
        if settings.measuresNorms { norms = try paths.map { try net(of: $0).exampleGradientNorms(path: $0, batch: batch) } }
        var results: [Supernet.StepResult?] = paths.map { _ in nil }
        var square = 0.0
        for group in try groups(paths) {
            let parts = group.positions.map { PathBatch(path: paths[$0], batch: batch, weight: weights[$0]) }
            let step = settings.innerSteps > 0
                ? try group.net.reptileStep(parts, innerSteps: settings.innerSteps, rate: settings.rate, options: settings.options)
                : try group.net.step(parts, options: settings.options)
            for (position, result) in zip(group.positions, step.paths) { results[position] = result }
            square += step.gradientNorm * step.gradientNorm
        }
        let each = results.compactMap(\.self)
        guard !each.isEmpty else { throw ShapeError("there is no path to train") }
        func mean(_ value: KeyPath<Supernet.StepResult, Double>) -> Value { .float(each.reduce(0) { $0 + $1[keyPath: value] } / Double(each.count)) }
        func mean(_ numbers: [[Double]]) -> Value {
            guard numbers.count > 1 else { return vm.heap.list(numbers[0]) }
            return vm.heap.list(numbers[0].indices.map { i in numbers.reduce(0) { $0 + $1[i] } / Double(numbers.count) })
        }
        let candidateNorms = each.map { vm.heap.list($0.candidateGradientNorms) }
        return vm.heap.map([
            "loss": mean(\.loss), "accuracy": mean(\.accuracy), "grad_norm": .float(square.squareRoot()), "clip_scale": mean(\.clipScale),
            "op_grad_norms": isList ? .list(vm.heap.list(candidateNorms)) : candidateNorms[0],
            "sample_grad_norms": mean(settings.measuresNorms ? norms : each.map(\.exampleGradientBounds)), "sample_losses": mean(each.map(\.exampleLosses)),
        ])
    }
}

extension Call {
    /// The receiver of a method that all trainable types have.
    func trainable(_ index: Int = 0) throws -> any Trainable {
        guard self[index].tag == .host, let net = self[index].hostObject as? any Trainable else { throw wrongType(index, expected: "a supernet") }
        return net
    }

    func batch(_ index: Int) throws -> Batch { try object(index, as: BatchObject.self, "a batch from batches(…)").batch }

    /// A number of at least 0.
    func nonNegative(_ index: Int, default fallback: Double) throws -> Double {
        let value = try double(index, default: fallback)
        // The engine computes with floats.
        guard value >= 0, value <= Double(Float.greatestFiniteMagnitude) else { throw invalid(index, "'\(signature.parameters[index].name)' must be a number of at least 0\(value > 0 && value.isFinite ? " that floats hold" : ""), not \(value)") }
        return value
    }

    /// One importance weight for each path.
    fileprivate func weights(_ index: Int, count: Int) throws -> [Double] {
        guard has(index) else { return Array(repeating: 1, count: count) }
        let weights = self[index].isNumber ? Array(repeating: try double(index), count: count) : try doubles(index)
        guard weights.count == count else { throw invalid(index, "there are \(weights.count) weights for \(count) paths") }
        if let bad = weights.first(where: { !($0 >= 0 && $0.isFinite) }) { throw invalid(index, "'weight' must be a number of at least 0, not \(bad)") }
        if let bad = weights.first(where: { $0 != 0 && !PathBatch.weights.contains($0) }) {
            throw invalid(index, "'weight' must be 0, or from \(PathBatch.weights.lowerBound) to \(PathBatch.weights.upperBound), not \(bad)")
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
            One training step of a path on a batch: forward, backward, the gradient scaled down to norm `clip` (nil: not at all), and stochastic \
            gradient descent on the path's weights. The gradient is multiplied by `weight`, a path's importance weight, which `loss` and \
            `op_grad_norms` are without. Of a list of paths the gradients are added up for one update (FairNAS); `weight` may then be a list. With `inner_steps`, each path takes so many steps of \
            rate `inner_lr` from the same weights, and these move by `lr` times the mean displacement (SUMNAS). Gives a map: `loss`, `accuracy` (0 to \
            1), `grad_norm` (before clipping), `clip_scale` (what clipping multiplied by), `op_grad_norms` (for each choice the gradient norm of its \
            candidate before clipping, 0 for one without parameters; for a list of paths a list of these), `sample_losses`, and `sample_grad_norms` (for each \
            example ||softmax(z) - onehot(y)||, a bound of its gradient's norm; with `exact_norms` that norm itself, at the cost of a backward pass \
            for each example). Numbers of several paths are their means.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let net = supernet(space)
            for batch in batches(digits().train, size: 901) {
                let one = net.step(space[15], batch)
                let two = net.step([space[15], space[7812]], batch)
                print(len(one.op_grad_norms), len(two.op_grad_norms), len(two.sample_grad_norms))  # prints: 6 2 901
            }
            """) { try step($0) },
        .method("supernet.sample_losses", "path, batch", "The cross-entropy of each example of a batch, or of a whole dataset taken as one, without a step.") { try sampleLosses($0) },
    ]

    static let stepParameters =
        "path, batch, lr: 0.05, momentum: 0.9, weight_decay: 2.5e-4, clip: 5.0, weight: 1.0, inner_steps: 0, inner_lr: 0.05, exact_norms: false"

    static func step(_ call: Call) throws -> Value {
        let net = try call.trainable()
        let (paths, isList) = try call.paths(1, of: net.space.space)
        let batch = try call.batch(2)
        let innerSteps = try call.int(8, default: 0, atLeast: 0)
        if innerSteps == 0 { try call.refuse(9, unless: "it is the rate of 'inner_steps'") }
        let settings = StepSettings(
            lr: try call.nonNegative(3, default: 0.05), momentum: try call.nonNegative(4, default: 0.9), weightDecay: try call.nonNegative(5, default: 2.5e-4),
            clip: call.has(6) && call[6].isNil ? nil : try call.nonNegative(6, default: 5), innerSteps: innerSteps,
            innerRate: try call.nonNegative(9, default: 0.05), measuresNorms: try call.bool(10, default: false))
        return try net.step(paths, isList: isList, batch, weights: try call.weights(7, count: paths.count), settings, call.vm)
    }

    static func sampleLosses(_ call: Call) throws -> Value {
        let net = try call.trainable()
        let path = try call.path(call[1], of: net.space.space, argument: 1)
        let batch = if call[2].tag == .host, let object = call[2].hostObject as? DatasetObject {
            Batch(dataset: object.dataset, indices: Array(0..<object.dataset.count))
        } else { try call.batch(2) }
        return try call.list(try net.net(of: path).exampleLosses(path: path, batch: batch))
    }

    static func rank(_ call: Call) throws -> Value {
        let net = try call.trainable()
        let (paths, isList) = try call.paths(1, of: net.space.space)
        let scores = try net.rank(paths, on: try call.dataset(2), batchSize: try call.int(3, default: 512, atLeast: 2))
        guard isList else { return call.map(["top1": .float(scores[0].top1), "loss": .float(scores[0].loss)]) }
        return try call.map(["top1": call.list(scores.map(\.top1)), "loss": call.list(scores.map(\.loss))])
    }
}
