import NASLib
import Runtime

/// A weight-sharing network over a space. It grows when an optimizer begins to remember its weights.
final class SupernetObject: GrowingObject, StatefulObject {
    let net: Supernet
    let space: SpaceObject
    let family: SupernetFamily

    init(_ net: Supernet, space: SpaceObject) {
        self.net = net
        self.space = space
        family = SupernetFamily(net)
    }

    override var typeName: String { "supernet" }
    var state: any Checkpointable { net }
    override var description: String { "<supernet over \(space.description): \(net.parameterCount) parameters>" }
    override var footprint: Int { net.byteCount }
}

extension Library {
    static let supernets: [Builtin] = [
        .fn("supernet", "space, input: [8, 8, 1]",
            """
            A network that holds the weights of every candidate of a space, drawn from the ambient generator. `input` is the shape of an \
            image: height, width, channels (for NAS-Bench-201 the sides must be multiples of 4).
            """,
            """
            let data = digits()
            let space = nasbench201(channels: 8, cells: 1, classes: data.classes)
            let net = supernet(space, input: data.shape)
            net.parameters > 50_000  # => true
            """) { call in
            let space = try call.object(0, as: SpaceObject.self, "a space such as nasbench201()")
            let net = try Supernet(space: space.space, input: try call.imageShape(1), generator: &call.vm.generator.generator)
            net.cancellation = call.vm.interruption
            return call.object(SupernetObject(net, space: space))
        },
        .property("supernet.space", "The space it was made for.") { call in call.object(try call.receiver(SupernetObject.self).space) },
        .property("supernet.parameters", "The number of trained parameters.") { call in
            .int(try call.receiver(SupernetObject.self).net.parameterCount)
        },
        .method("supernet.rank", "paths, data, batch: 512",
            """
            Evaluates each path on a dataset with the shared weights, normalising by each batch's own statistics. Returns a map of lists \
            in the order of the paths: `top1` (accuracy in percent) and `loss`. A single path gives two numbers.
            """) { try rank($0) },
        .method("supernet.recalibrate", "data, batch: 512",
            """
            Sets the running statistics of a stand-alone network from `space.build` to the means over a dataset's batches. Use it before \
            evaluation if the weights come from a supernet. A supernet itself does not need it.
            """) { call in
            let net = try call.receiver(SupernetObject.self).net
            try net.recalibrate(on: try call.dataset(1), batchSize: try call.int(2, atLeast: 2))
            return .nil
        },
        .fn("train_standalone",
            """
            space, paths, data, epochs: 12, batch: 32, lr: 0.1, momentum: 0.9, weight_decay: 5e-4, seed: 0, at: nil, from: nil, test_at: \
            nil, optimizer: nil
            """,
            """
            Trains architectures from scratch, each with its own weights and affine normalisation with running statistics. The learning \
            rate falls from `lr` to 0 along a cosine; if `lr` is a schedule, it is evaluated at each step's progress. Returns, for each \
            path, a list of maps with `epoch`, `valid` and `test` (accuracy in percent) after the epochs in `at` (by default the last). \
            For a large test part, `test_at` lists the only epochs after which it is evaluated; `test` is nil after the others. With \
            `from`, training starts from the weights in a supernet. Images are augmented again in each epoch if the dataset says so. \
            Several architectures train at a time; the result depends on the seed alone. An `optimizer` such as `adam()` replaces \
            `momentum` and `weight_decay`, and its rate replaces `lr` if that is not given. If a training diverges, its scores are nan \
            from then on, with a warning: a lower `lr`, or `warmup(0.1, then: cosine(0.1, 0))`, may help.
            """,
            """
            let space = nasbench201(channels: 8, cells: 1)
            let scores = train_standalone(space, [space[7812]], digits(), epochs: 2, at: [1, 2], test_at: [2])
            [s.test == nil for s in scores[0]]  # => [true, false]
            """) { call in
            let space = try call.object(0, as: SpaceObject.self, "a space such as nasbench201()")
            let (paths, isList) = try call.paths(1, of: space.space)
            let data = try call.data(2)
            let epochs = try call.int(3, atLeast: 1)
            let optimizer = try call.optimizer(12, insteadOf: [6, 7])
            let schedule = call[5].tag == .host ? (call[5].hostObject as? ScheduleObject)?.schedule : nil
            var training = StandaloneTraining(
                epochs: epochs, batchSize: try call.int(4, atLeast: 2),
                learningRate: schedule == nil ? try call.nonNegative(5, default: optimizer?.learningRate ?? 0.1) : 0,
                momentum: try call.nonNegative(6, default: 0.9),
                weightDecay: try call.nonNegative(7, default: 5e-4), seed: try call.seedValue(8))
            training.schedule = schedule
            training.rule = optimizer?.rule
            let evaluated = call.isGiven(9) ? try call.ints(9) : [epochs]
            let tested = call.isGiven(11) ? try call.ints(11) : nil
            if let epoch = tested?.first(where: { !evaluated.contains($0) }) {
                throw call.invalid(11,
                    "epoch \(epoch) is not one of those that 'at' lists: \(evaluated.map(String.init).joined(separator: ", "))")
            }
            let outcomes = try training.run(
                paths, of: space.space, from: call.isGiven(10) ? try call.object(10, as: SupernetObject.self, "a supernet").net : nil,
                train: data.train, valid: data.valid, test: data.test, evaluatedEpochs: evaluated, testedEpochs: tested,
                cancellation: call.vm.interruption)
            let diverged = zip(paths, outcomes).compactMap { path, outcome in outcome.divergence.map { (path, $0) } }
            if let (path, place) = diverged.first {
                let which = diverged.count == 1 ? "the training of" : "\(diverged.count) of \(paths.count) trainings, the first of them of"
                call.vm.emit(.warning(
                    """
                    train_standalone: \(which) \(space.space.format(path)) diverged in step \(place.step) of epoch \(place.epoch), so its \
                    scores are nan; a lower lr, or a warmup, may help
                    """))
            }
            let results = try outcomes.map { outcome in
                try call.list(
                    outcome.scores.map { call.map(
                    ["epoch": .int($0.epoch), "valid": .float($0.valid), "test": $0.test.map(Value.float) ?? .nil]) })
            }
            return try isList ? call.list(results) : results[0]
        },
    ]
}
