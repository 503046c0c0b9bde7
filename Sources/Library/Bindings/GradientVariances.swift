import Lang
import NASLib
import Runtime
import Text

extension Call {
    /// All paths that a sampler can draw, with their probabilities.
    fileprivate func enumeratedPaths(_ index: Int, of space: any NetworkSpace) throws -> [Weighted<Path>] {
        func all() throws -> [Path] {
            guard let size = space.size, size <= 1 << 20 else {
                throw invalid(index, "\(space.name) has too many paths to take each of them", hint: "a list of paths, or exact: false")
            }
            return (0..<size).map(space.path(at:))
        }
        let uniform = { (paths: [Path]) in paths.map { Weighted($0, probability: 1 / Double(paths.count), weight: 1) } }
        guard isGiven(index) else { return uniform(try all()) }
        if self[index].tag == .list { return uniform(try paths(index, of: space).paths) }
        func check(_ other: any NetworkSpace) throws {
            guard other.name.isSame(as: space.name), other.choices == space.choices else {
                throw invalid(index, "the paths are those of another space than the supernet's, \(space.name)")
            }
        }
        switch self[index].tag == .host ? self[index].hostObject : nil {
        case let object as SpaceObject:
            try check(object.space)
            return uniform(try all())
        case let object as PathSamplerObject:
            try check(object.space)
            let sampler = object.sampler
            guard !sampler.probabilities.isEmpty else { throw invalid(index, "\(object.description) knows no probabilities of paths") }
            return try all().map { Weighted($0, probability: sampler.probability(of: $0),
                weight: 1) }.filter { $0.probability > 0 }.map { path in
                Weighted(path.element, probability: path.probability,
                    weight: sampler.weightsSteps ? try sampler.weight(of: path.element) : 1)
            }
        case let object as CategoricalObject:
            return try object.table.probabilities.enumerated().filter { $0.element > 0 }.map { i, probability in
                Weighted(try path(object.outcome(i), of: space, argument: index), probability: probability, weight: 1)
            }
        default: throw wrongType(index,
            expected: "a space, a list of paths, a path sampler or a categorical distribution over paths where all are taken")
        }
    }

    /// All examples that can be drawn.
    fileprivate func enumeratedExamples(_ index: Int, of dataset: Dataset) throws -> [Weighted<Int>] {
        let uniform = 1 / Double(dataset.count)
        guard isGiven(index) else { return (0..<dataset.count).map { Weighted($0, probability: uniform, weight: 1) } }
        if self[index].tag == .host, let object = self[index].hostObject as? ItemSamplerObject {
            guard object.dataset === dataset else {
                throw invalid(index, "the examples of \(object.dataset.name) are drawn, and not of the data that is given")
            }
            guard !object.sampler.probabilities.isEmpty else {
                throw invalid(index, "\(object.description) knows no probabilities of examples")
            }
            return try object.sampler.probabilities.enumerated().filter { $0.element > 0 }.map { i, p in
                Weighted(i, probability: p, weight: object.sampler.weightsSteps ? try object.sampler.weight(of: i) : 1)
            }
        }
        guard self[index].tag == .list else {
            throw wrongType(index, expected: "an item sampler or a list of weights where all examples are taken")
        }
        let weights = try doubles(index)
        guard weights.count == dataset.count, let table = AliasTable(weights: weights) else {
            throw invalid(index,
                "there must be a weight of at least 0 for each of the \(dataset.count) examples, and a positive one among them")
        }
        return table.probabilities.enumerated().filter { $0.element > 0 }.map { Weighted($0.offset, probability: $0.element, weight: 1) }
    }
}

/// The same, with the weights that make the mean that of uniform draws.
private func weighted<Element>(_ elements: [Weighted<Element>]) -> [Weighted<Element>] {
    elements.map { Weighted($0.element, probability: $0.probability, weight: 1 / (Double(elements.count) * $0.probability)) }
}

extension Library {
    static let gradientVariances: [Builtin] = [
        .fn("gradient_variance", "net, data, paths: nil, items: nil, batch: 64, exact: false, weighted: false, draws: 50, batches: 4",
            """
            The variance E||g - E g||² of a step's gradient at the supernet's present weights, and its parts: `path_part`, the variance \
            over paths of their mean gradients, and `data_part`, the mean over paths of the variance over batches; `total` is their sum, \
            `mean_norm` is ||E g||, and `relative` is the total divided by ||E g||². `paths` and `items` are the samplers, as for \
            `train`, with their importance weights. The variance is estimated from `draws` draws of paths with `batches` batches each, \
            with jackknife standard errors and two 95% intervals: `interval` of the total, and `relative_interval`, whose upper end is \
            infinite if the mean gradient may be 0. With fewer than 50 draws the intervals are nil, because a few large gradients \
            dominate the total; with more, they cover it in about 93 to 97% of cases, and less often where a single draw makes more than \
            half of the squared error, which gives a warning. With `exact`, every path is combined with every example of `data` (`paths` \
            may also be a list or categorical over paths, `items` a list of weights; small spaces and data only), and `weighted` gives \
            both the importance weights uniform / probability. The result then also has the least values that any distributions with the \
            same mean gradient can reach: `minimum`, by drawing pairs of path and example in proportion to ||g||, and `path_minimum`, by \
            drawing paths in proportion to `path_norms`, the norms of their mean gradients.
            """,
            """
            let data = digits(train: 0.02)
            let space = mlp(width: 8, depth: 1)
            let net = supernet(space)
            let v = gradient_variance(net, data.train, exact: true, batch: 1)
            is_close(v.total, v.path_part + v.data_part)  # => true
            v.minimum < v.total  # => true
            """) { call in
            let object = try call.object(0, as: SupernetObject.self, "a supernet")
            let dataset =
                if call[1].tag == .host, let parts = call[1].hostObject as? DataObject { parts.train } else { try call.dataset(1) }
            let size = try call.int(4, default: 64, atLeast: 1)
            guard try call.bool(5, default: false) else { return try sampledVariance(object, dataset, batchSize: size, call) }
            try call.refuse(7, 8, unless: "with 'exact' nothing is drawn")
            var (paths, examples) = (try call.enumeratedPaths(2, of: object.space.space), try call.enumeratedExamples(3, of: dataset))
            if try call.bool(6, default: false) { (paths, examples) = (weighted(paths), weighted(examples)) }
            guard !paths.isEmpty else { throw call.invalid(2, "there are no paths to take") }
            let exact = try object.net.gradientVariance(paths: paths, examples: examples, of: dataset, batchSize: size)
            return try call.map([
                "total": .float(exact.variance.total), "path_part": .float(exact.variance.pathPart),
                "data_part": .float(exact.variance.dataPart), "mean_norm": .float(exact.variance.meanNorm),
                "relative": .float(exact.variance.relative), "minimum": .float(exact.minimum), "path_minimum": .float(exact.pathMinimum),
                "path_norms": call.list(exact.pathNorms),
            ])
        },
    ]

    private static func sampledVariance(_ object: SupernetObject, _ dataset: Dataset, batchSize: Int, _ call: Call) throws -> Value {
        guard !(try call.bool(6, default: false)) else {
            throw call.invalid(6, "where steps are drawn, the samplers say what their weights are",
                hint: "importance(…, mode: \"unbiased\")")
        }
        let (draws, batches) = (try call.int(7, default: 50, atLeast: 3), try call.int(8, default: 4, atLeast: 2))
        try Limit.check(times: draws, call, argument: 7)
        try Limit.check(times: batches, call, argument: 8)
        if draws < 10 {
            call.vm.emit(
                .warning(
                """
                gradient_variance: the errors of an estimate from \(draws) draws of paths are themselves off by a quarter or more; take 50 \
                or so
                """))
        }
        try Limit.check(elements: batchSize, argument: 4)
        // Of an example its place, the sampler's number of it, and a weight.
        try MemoryAccount.ask(batchSize * 24)
        let paths = try call.drawnPaths(2, for: object, StepValues(call, dataset))
        let items: any ItemSampler = call.isGiven(3) ? try call.itemSampler(3, of: dataset).sampler : ShuffledItems(count: dataset.count)
        let (protected, generator) = (call.vm.protected.count, call.vm.generator)
        var sampled = SampledGradientVariance(object.net)
        for _ in 0..<draws {
            let parts = try paths.drawPaths(using: &generator.generator)
            guard !parts.isEmpty else { throw NASError(.shape, "there is no path to train") }
            let weights = try paths.weights(of: parts)
            try sampled.add(batches: batches) {
                let indices = try (0..<batchSize).map { _ in
                    try call.vm.checkInterruption()
                    return try items.draw(using: &generator.generator)
                }
                let batch = Batch(dataset: dataset, indices: indices, weights: try items.weights(of: indices))
                return zip(parts, weights).map { PathBatch(path: $0, batch: batch, weight: $1) }
            }
            call.vm.protected.removeSubrange(protected...)
            try call.vm.checkInterruption()
        }
        let estimate = try sampled.estimate()
        let variance = estimate.variance
        func ends(_ interval: ClosedRange<Double>?) throws -> Value {
            try interval.map { try call.list([$0.lowerBound, $0.upperBound]) } ?? .nil
        }
        // Of few draws, one is often far from the others.
        if draws >= 10, estimate.greatestShare > 0.5 + 3 / Double(draws) {
            let percent = Int(saturating: estimate.greatestShare * 100)
            call.vm.emit(.warning(
                """
                gradient_variance: one of \(draws) draws of paths makes \(percent) % of the squared error: neither the error nor the \
                interval is reliable; more draws help
                """))
        }
        return try call.map([
            "total": .float(variance.total), "path_part": .float(variance.pathPart), "data_part": .float(variance.dataPart),
            "mean_norm": .float(variance.meanNorm), "relative": .float(variance.relative),
            "total_error": .float(estimate.totalError), "path_error": .float(estimate.pathError),
            "data_error": .float(estimate.dataError),
            "interval": ends(estimate.interval), "relative_interval": ends(estimate.relativeInterval),
        ])
    }
}
