import NASLib
import Plots
import Runtime
import Text

/// A library object that learns from what was drawn from it and refreshes its probabilities.
protocol LearningSampler: HostObject {
    /// Takes in a step on a drawn path, paths or batch: the map that `net.step` gives, or the numbers it learns from themselves.
    func observe(_ drawn: Value, _ step: Value, _ call: Call) throws
    func refresh(smoothing: Double, temperature: Double, _ vm: VM) throws
}

/// A distribution over paths that learns from gradient norms.
final class PathSamplerObject: HostObject, Drawable, LearningSampler, Plottable {
    let sampler: PathImportance
    let space: any NetworkSpace
    private var hasWarned = false

    init(_ sampler: PathImportance, space: any NetworkSpace) { (self.sampler, self.space) = (sampler, space) }

    override var typeName: String { "path_sampler" }
    override var description: String { "<importance sampler over the paths of \(space.name), \(sampler.mode.rawValue)>" }
    override var footprint: Int { sampler.byteCount }

    func draw(_ vm: VM) throws -> Value { .host(vm.heap.host(PathObject(sampler.draw(using: &vm.generator.generator), in: space))) }

    func observe(_ drawn: Value, _ step: Value, _ call: Call) throws {
        guard let norms = step.tag == .map ? step.entry("op_grad_norms") : step else { throw RuntimeError(.key, "the step has no 'op_grad_norms'", argument: 2) }
        // As released, norms are those of the gradient that clipping left.
        let scale = sampler.mode == .reference ? step.entry("clip_scale")?.number ?? 1 : 1
        func observe(_ path: Value, _ norms: Value) throws {
            let norms = try call.doubles(norms, argument: 2)
            try sampler.observe(try call.path(path, of: space, argument: 1), norms: scale == 1 ? norms : norms.map { $0 * scale })
        }
        guard drawn.tag == .list, drawn.asList.array.allSatisfy({ $0.tag != .int }) else { return try observe(drawn, norms) }
        guard norms.tag == .list, norms.asList.count == drawn.asList.count else { throw call.invalid(2, "there must be a list of norms for each of the \(drawn.asList.count) paths") }
        for (path, norms) in zip(drawn.asList.array, norms.asList.array) { try observe(path, norms) }
    }

    func refresh(smoothing: Double, temperature: Double, _ vm: VM) throws {
        let draws = sampler.drawsPerCandidate ?? .infinity
        try sampler.refresh(smoothing: smoothing, temperature: temperature)
        guard draws > 0, draws < 3, smoothing > 0, !hasWarned else { return }
        hasWarned = true
        let often = Numbers.fixed(draws, 1)
        vm.emit(.warning(
            "importance: a candidate was drawn \(often) times between refreshes, and a norm of so few draws is noise: refresh it after more steps, as with interval: in train"))
    }

    func plot(_ vm: VM) throws -> PlotDescription {
        // A row for each choice; a column for each candidate's name, empty where a choice has it not.
        var names: [String] = []
        for name in space.choices.flatMap(\.candidates) where !names.contains(same: name) { names.append(name) }
        let rows = zip(space.choices, sampler.probabilities).map { choice, probabilities in
            names.map { name in choice.candidates.firstIndex(same: name).map { probabilities[$0] } ?? .nan }
        }
        let chart = Chart.heatMap(rows, columns: names, names: space.choices.map(\.name), label: "probability")
        return PlotDescription(title: "probability of each candidate", chart)
    }
}

/// A distribution over the examples of a dataset that learns from gradient norms or losses.
final class ItemSamplerObject: GrowingObject, Drawable, BatchSource, LearningSampler, Plottable {
    let sampler: ItemImportance
    let dataset: Dataset

    init(_ sampler: ItemImportance, dataset: Dataset) { (self.sampler, self.dataset) = (sampler, dataset) }

    override var typeName: String { "item_sampler" }
    override var description: String { "<importance sampler over the \(dataset.count) examples of \(dataset.name), \(sampler.mode.rawValue)>" }
    override var count: Int? { dataset.count }
    override var footprint: Int { sampler.byteCount }

    func draw(_ vm: VM) -> Value { .int(draw(vm)) }
    func draw(_ vm: VM) -> Int { sampler.draw(using: &vm.generator.generator) }
    func epoch(_ vm: VM) -> [Int] { sampler.epoch(using: &vm.generator.generator) }
    func weights(of indices: [Int], _ vm: VM) throws -> [Float]? { sampler.weightsSteps ? try indices.map { Float(try sampler.weight(of: $0)) } : nil }

    func observe(_ drawn: Value, _ step: Value, _ call: Call) throws {
        let indices = drawn.tag == .host ? (drawn.hostObject as? BatchObject)?.batch.items : nil
        let name = sampler.score == .loss ? "sample_losses" : "sample_grad_norms"
        guard let scores = step.tag == .map ? step.entry(name) : step else { throw RuntimeError(.key, "the step has no '\(name)'", argument: 2) }
        try sampler.observe(try indices ?? call.ints(drawn, argument: 1), norms: try call.doubles(scores, argument: 2))
    }

    func refresh(smoothing: Double, temperature: Double, _ vm: VM) throws { try sampler.refresh(smoothing: smoothing, temperature: temperature) }

    func plot(_ vm: VM) throws -> PlotDescription {
        let sorted = sampler.probabilities.sorted(by: >)
        return PlotDescription(title: "probability of each example, most likely first", Chart.line(sorted))
    }
}

extension Library {
    static let samplers: [Builtin] = [
        .fn("importance", "over, mode: \"stable\", per: \"choice\", parameter_free: \"mean\", score: \"bound\"",
            """
            An importance sampler: a distribution over the paths of a space, or over the examples of a dataset, that learns from gradient \
            norms. `observe` feeds it, `refresh` makes its probabilities anew. Modes: `"stable"` takes mean norms and remembers the last ones; \
            `"unbiased"` also has steps weighted by uniform / probability (batches carry their weights, for paths pass \
            `weight: paths.weight(path)` to `step`); `"reference"` does as PA&DA's released code does. For paths, `per` is `"choice"` or \
            `"type"` (one distribution over operation types), and candidates without parameters count as the `"mean"` of the known norms or \
            live from the `"uniform"` part alone, as in the reference; a candidate with parameters that was never drawn counts as the mean. Examples \
            are scored by the `"bound"` of their gradient norm, by the `"norm"` itself (dear; the step needs `exact_norms: true`) or by their `"loss"`.
            """,
            """
            let paths = importance(nasbench201())
            let path ~ paths
            is_close(prob(paths, path), 0.2 ** 6)  # => true
            len(importance(digits().train))  # => 901
            """) { call in
            let mode = try call.option(1, default: SamplingMode.stable)
            if call[0].tag == .host, let object = call[0].hostObject as? DatasetObject {
                try call.refuse(2, 3, unless: "it is for the paths of a space")
                return call.object(ItemSamplerObject(try ItemImportance(count: object.dataset.count, mode: mode, score: try call.option(4, default: .bound)), dataset: object.dataset))
            }
            let space = try call.object(0, as: SpaceObject.self, "a space or a dataset")
            try call.refuse(4, unless: "it is for the examples of a dataset")
            let scope = try call.option(2, default: mode == .reference ? PathImportance.Scope.type : .choice)
            let free = try call.option(3, default: mode == .reference ? PathImportance.ParameterFree.uniformShare : .meanNorm)
            let choices = space.space.choices
            guard scope == .choice || choices.allSatisfy({ $0.candidates == choices[0].candidates }) else {
                throw call.invalid(2, "the choices of \(space.space.name) have different candidates: there are no probabilities by type")
            }
            let sampler = try PathImportance(
                candidates: choices.map(\.candidates.count), hasParameters: choices.map(\.hasParameters), mode: mode, scope: scope, parameterFree: free)
            return call.object(PathSamplerObject(sampler, space: space.space))
        },
        .method("path_sampler.observe", "path, norms", "Takes in a step: the map that `net.step` gave for the path or paths, or its gradient norms, one for each choice: `step.op_grad_norms`, which are those before clipping. In reference mode the norms of a map, and only those, are taken as clipping left them. A norm of 0, that of a candidate without parameters or of one whose output reaches no loss, is passed over: the means are of the others.") { call in
            try call.receiver(PathSamplerObject.self).observe(call[1], call[2], call)
            return .nil
        },
        .method("path_sampler.refresh", "smoothing: 1.0, temperature: 1.0", "Makes the probabilities anew from what was observed; `smoothing` is the weight of the learnt part against uniform, and the learnt part is in proportion to norm ** (1 / temperature).") { call in
            try call.receiver(PathSamplerObject.self).refresh(smoothing: try call.double(1, default: 1), temperature: try call.double(2, default: 1), call.vm)
            return .nil
        },
        .property("path_sampler.mode", "How it samples: \"stable\", \"unbiased\" or \"reference\".") { call in
            call.string(try call.receiver(PathSamplerObject.self).sampler.mode.rawValue)
        },
        .property("path_sampler.probabilities", "For each choice, the probabilities of its candidates.") { call in
            try call.list(try call.receiver(PathSamplerObject.self).sampler.probabilities.map { try call.list($0) })
        },
        .method("path_sampler.weight", "path", "What a step on the path is to be multiplied by: uniform / probability when unbiased, otherwise 1.") { call in
            let object = try call.receiver(PathSamplerObject.self)
            let path = try call.path(call[1], of: object.space, argument: 1)
            return .float(object.sampler.weightsSteps ? try object.sampler.weight(of: path) : 1)
        },
        .method("item_sampler.observe", "indices, norms", "Takes in a step: the batch and the map that `net.step` gave, or the examples' positions and scores: `batch.indices, step.sample_grad_norms`.") { call in
            try call.receiver(ItemSamplerObject.self).observe(call[1], call[2], call)
            return .nil
        },
        .method("item_sampler.refresh", "smoothing: 1.0, temperature: 1.0", "Makes the probabilities anew from what was observed; `smoothing` is the weight of the learnt part against uniform, and the learnt part is in proportion to score ** (1 / temperature).") { call in
            try call.receiver(ItemSamplerObject.self).refresh(smoothing: try call.double(1, default: 1), temperature: try call.double(2, default: 1), call.vm)
            return .nil
        },
        .property("item_sampler.mode", "How it samples: \"stable\", \"unbiased\" or \"reference\".") { call in
            call.string(try call.receiver(ItemSamplerObject.self).sampler.mode.rawValue)
        },
        .property("item_sampler.probabilities", "The probability of each example.") { call in
            try call.list(try call.receiver(ItemSamplerObject.self).sampler.probabilities)
        },
    ]
}
