import Lang
import NASLib

/// A weight-sharing network over a space.
final class SupernetObject: HostObject {
    let net: Supernet
    let space: SpaceObject

    init(_ net: Supernet, space: SpaceObject) {
        self.net = net
        self.space = space
    }

    override var typeName: String { "supernet" }
    override var description: String { "<supernet over \(space.description): \(net.parameterCount) parameters>" }
    override var footprint: Int { net.parameterCount * 12 }
}

extension ShapeError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.shape, message) }
}

extension OpenBLASError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.error, message, hint: hint) }
}

extension SizeError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.limit, message) }
}

extension DataError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint) }
}

extension Interrupted: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.interrupted, "the run was stopped") }
}

extension VM {
    /// Where long computations of NASLib look whether the user wants them to stop.
    var cancellation: UnsafePointer<Int32> {
        UnsafeRawPointer(state).advanced(by: MemoryLayout<State>.offset(of: \State.isInterrupted).unsafelyUnwrapped).assumingMemoryBound(to: Int32.self)
    }
}

extension Call {
    /// A map of columns or results, from names to values.
    func map(_ entries: KeyValuePairs<String, Value>) -> Value {
        let map = heap.map(capacity: entries.count)
        for (name, value) in entries { heap.set(name, to: value, in: map) }
        return .map(map)
    }
}

extension Library {
    static let supernets: [Builtin] = [
        .fn("supernet", "space, input: [8, 8, 1]",
            """
            A network that holds the weights of every candidate of a space, drawn from the ambient generator. `input` is the shape of an image: \
            height, width, channels (for NAS-Bench-201 the sides must be multiples of 4).
            """,
            """
            let data = digits()
            let space = nasbench201(channels: 8, cells: 1, classes: data.classes)
            let net = supernet(space, input: data.shape)
            net.parameters > 50_000  # => true
            """) { call in
            let space = try call.object(0, as: SpaceObject.self, "a space such as nasbench201()")
            let net = try Supernet(space: space.space, input: try call.imageShape(1), generator: &call.vm.generator.generator)
            net.cancellation = call.vm.cancellation
            return call.object(SupernetObject(net, space: space))
        },
        .property("supernet.space", "The space it was made for.") { call in call.object(try call.receiver(SupernetObject.self).space) },
        .property("supernet.parameters", "How many numbers it trains.") { call in .int(try call.receiver(SupernetObject.self).net.parameterCount) },
        .method("supernet.step", "path, batch, lr: 0.05, momentum: 0.9, weight_decay: 2.5e-4, clip: 5.0, weight: 1.0",
            """
            One training step of a path on a batch: forward, backward, the gradient scaled down to norm `clip` (nil: not at all), and stochastic \
            gradient descent on the path's weights. The loss is multiplied by `weight`, a path's importance weight. Gives a map: `loss`, \
            `accuracy` (0 to 1), `grad_norm` (before clipping), `op_grad_norms` (for each choice the gradient norm of its candidate, 0 for one \
            without parameters) and `sample_grad_norms` (for each example ||softmax(z) - onehot(y)||, a bound of its gradient's norm).
            """) { call in
            let supernet = try call.receiver(SupernetObject.self)
            let path = try call.path(call[1], of: supernet.space.space, argument: 1)
            var batch = try call.object(2, as: BatchObject.self, "a batch from batches(…)").batch
            let rate = try call.double(3, default: 0.05)
            guard rate >= 0, rate.isFinite else { throw call.invalid(3, "'lr' must be a number of at least 0, not \(rate)") }
            var options = StepOptions(
                learningRate: Float(rate), momentum: Float(try call.double(4, default: 0.9)), weightDecay: Float(try call.double(5, default: 2.5e-4)))
            if call.has(6) { options.clip = call[6].isNil ? nil : Float(try call.double(6)) }
            if supernet.net.hasDropout { options.seed = call.vm.generator.generator.next() }
            let weight = try call.double(7, default: 1)
            guard weight >= 0, weight.isFinite else { throw call.invalid(7, "'weight' must be a number of at least 0, not \(weight)") }
            if weight != 1 {
                batch = Batch(dataset: batch.dataset, indices: batch.indices, weights: (batch.weights ?? Array(repeating: 1, count: batch.count)).map { $0 * Float(weight) })
            }
            let result = try supernet.net.step(path: path, batch: batch, options: options)
            return call.map([
                "loss": .float(result.loss), "accuracy": .float(result.accuracy), "grad_norm": .float(result.gradientNorm),
                "op_grad_norms": call.list(result.candidateGradientNorms), "sample_grad_norms": call.list(result.exampleGradientBounds),
            ])
        },
        .method("supernet.rank", "paths, data, batch: 512",
            """
            Evaluates each path on a dataset with the shared weights, normalising by each batch's own statistics. Gives a map of lists in the \
            order of the paths: `top1` (percent classified right) and `loss`. For a single path, two numbers.
            """) { call in
            let supernet = try call.receiver(SupernetObject.self)
            let (paths, isList) = try call.paths(1, of: supernet.space.space)
            let scores = try supernet.net.rank(paths: paths, on: try call.dataset(2), batchSize: try call.int(3, default: 512, atLeast: 2))
            guard isList else { return call.map(["top1": .float(scores[0].top1), "loss": .float(scores[0].loss)]) }
            return call.map(["top1": call.list(scores.map(\.top1)), "loss": call.list(scores.map(\.loss))])
        },
        .fn("train_standalone", "space, paths, data, epochs: 12, batch: 32, lr: 0.1, momentum: 0.9, weight_decay: 5e-4, seed: 0, at: nil, from: nil",
            """
            Trains architectures from scratch, each with weights of its own and affine normalisation with running statistics; the learning rate \
            falls to 0 along a cosine. Gives, for each path, a list of maps with `epoch`, `valid` and `test` (percent classified right) after \
            the epochs that `at` lists (the last one, when it is not given). With `from`, they start from the weights in a supernet. Several architectures train at a time; the result depends on the seed alone.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let scores = train_standalone(space, [space[7812]], digits(), epochs: 2, at: [1, 2])
            len(scores[0])  # => 2
            """) { call in
            let space = try call.object(0, as: SpaceObject.self, "a space such as nasbench201()")
            let (paths, isList) = try call.paths(1, of: space.space)
            let data = try call.data(2)
            let epochs = try call.int(3, default: 12, atLeast: 1)
            let training = StandaloneTraining(
                epochs: epochs, batchSize: try call.int(4, default: 32, atLeast: 2),
                learningRate: try call.double(5, default: 0.1), momentum: try call.double(6, default: 0.9), weightDecay: try call.double(7, default: 5e-4),
                seed: try call.seedValue(8))
            let evaluated = call.has(9) && !call[9].isNil ? try call.ints(9) : [epochs]
            let scores = try training.run(
                paths, of: space.space, from: call.has(10) && !call[10].isNil ? try call.object(10, as: SupernetObject.self, "a supernet").net : nil,
                train: data.train, valid: data.valid, test: data.test, evaluatedEpochs: evaluated, cancellation: call.vm.cancellation)
            let results = scores.map { scores in
                call.list(scores.map { call.map(["epoch": .int($0.epoch), "valid": .float($0.valid), "test": .float($0.test)]) })
            }
            return isList ? call.list(results) : results[0]
        },
    ]
}
