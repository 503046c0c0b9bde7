import NASLib
import Plots
import Runtime
import Text

/// How a sampler is shown.
private func text(of sampler: any Sampler, _ name: String, over what: String) -> String {
    guard let importance = sampler as? any ImportanceSampler else { return "<\(name) sampler over \(what)>" }
    return "<\(name) sampler over \(what), \(importance.mode.rawValue)>"
}

/// A distribution over paths that is written in Swift. It may learn from steps.
final class PathSamplerObject: HostObject, Drawable, Plottable {
    let sampler: any PathSampler & Checkpointable
    let space: any NetworkSpace
    /// What it is called by in the language.
    private let name: String
    private var hasWarned = false

    init(_ sampler: any PathSampler & Checkpointable, space: any NetworkSpace, name: String) {
        (self.sampler, self.space, self.name) = (sampler, space, name)
    }

    override var typeName: String { "path_sampler" }
    override var description: String { text(of: sampler, name, over: "the paths of \(space.name)") }
    override var footprint: Int { sampler.byteCount }

    /// A path, or a list of paths where a step takes several.
    func draw(_ vm: VM) throws -> Value {
        let paths = try sampler.drawPaths(using: &vm.generator.generator).map { Value.host(vm.heap.host(PathObject($0, in: space))) }
        return paths.count == 1 ? paths[0] : .list(vm.heap.list(paths))
    }

    /// Takes in a step on a drawn path or paths: the map that `net.step` gives, or the gradient norms themselves.
    func observe(_ drawn: Value, _ step: Value, _ call: Call) throws {
        guard let norms = step.tag == .map ? step.entry("op_grad_norms") : step else {
            throw RuntimeError(.key, "the step has no 'op_grad_norms'", argument: 2)
        }
        let (scale, loss) = (step.entry("clip_scale")?.number ?? 1, step.entry("loss")?.number ?? .nan)
        func observe(_ path: Value, _ norms: Value) throws {
            let seen = PathObservation(candidateGradientNorms: try call.doubles(norms, argument: 2), clipScale: scale, loss: loss)
            try sampler.observe(try call.path(path, of: space, argument: 1), seen)
        }
        guard drawn.tag == .list, drawn.asList.array.allSatisfy({ $0.tag != .int }) else { return try observe(drawn, norms) }
        guard norms.tag == .list, norms.asList.count == drawn.asList.count else {
            throw call.invalid(2, "there must be a list of norms for each of the \(drawn.asList.count) paths")
        }
        for (path, norms) in zip(drawn.asList.array, norms.asList.array) { try observe(path, norms) }
    }

    func refresh(smoothing: Double, temperature: Double, progress: Double, _ vm: VM) throws {
        let draws = sampler.drawsPerCandidate
        try sampler.refresh(smoothing: smoothing, temperature: temperature, progress: progress)
        guard let draws, draws > 0, draws < 3, smoothing > 0, !hasWarned else { return }
        hasWarned = true
        let often = Numbers.fixed(draws, 1)
        vm.emit(.warning(
            """
            \(name): a candidate was drawn \(often) times between refreshes, and a norm of so few draws is noise: refresh it after more \
            steps, as with interval: in train
            """))
    }

    func plot(_ vm: VM) throws -> PlotDescription {
        guard !sampler.probabilities.isEmpty else { throw RuntimeError(.value, "\(description) has no probabilities to show") }
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

/// A distribution over the examples of a dataset that is written in Swift. It may learn from steps.
final class ItemSamplerObject: GrowingObject, Drawable, ItemSource, Plottable {
    let sampler: any ItemSampler & Checkpointable
    let dataset: Dataset
    /// What it is called by in the language.
    private let name: String

    init(_ sampler: any ItemSampler & Checkpointable, dataset: Dataset, name: String) {
        (self.sampler, self.dataset, self.name) = (sampler, dataset, name)
    }

    override var typeName: String { "item_sampler" }
    override var description: String { text(of: sampler, name, over: "the \(dataset.count) examples of \(dataset.name)") }
    override var count: Int? { dataset.count }
    override var footprint: Int { sampler.byteCount }
    var items: any ItemSampler { sampler }

    func draw(_ vm: VM) throws -> Value { .int(try sampler.draw(using: &vm.generator.generator)) }

    /// Takes in a step on a drawn batch: the map that `net.step` gives, or the scores themselves.
    func observe(_ drawn: Value, _ step: Value, _ call: Call) throws {
        let indices = drawn.tag == .host ? (drawn.hostObject as? BatchObject)?.batch.items : nil
        let name = sampler.score == .loss ? "sample_losses" : "sample_grad_norms"
        guard let scores = step.tag == .map ? step.entry(name) : step else {
            throw RuntimeError(.key, "the step has no '\(name)'", argument: 2)
        }
        try sampler.observe(try indices ?? call.ints(drawn, argument: 1), norms: try call.doubles(scores, argument: 2))
    }

    func plot(_ vm: VM) throws -> PlotDescription {
        guard !sampler.probabilities.isEmpty else { throw RuntimeError(.value, "\(description) has no probabilities to show") }
        let sorted = sampler.probabilities.sorted(by: >)
        return PlotDescription(title: "probability of each example, most likely first", Chart.line(sorted))
    }
}

extension Library {
    static let samplers: [Builtin] = [
        .fn("importance", "over, mode: \"stable\", per: \"choice\", parameter_free: \"mean\", score: \"bound\"",
            """
            An importance sampler: a distribution over the paths of a space, or over the examples of a dataset, that learns from gradient \
            norms. `observe` feeds it, and `refresh` updates its probabilities. Modes: `"stable"` uses mean norms and remembers the last \
            known ones; `"unbiased"` also weights steps by uniform / probability (batches carry their weights; for paths, pass \
            `weight: paths.weight(path)` to `step`); `"reference"` follows PA&DA's released code. For paths, `per` is `"choice"` or \
            `"type"` (one distribution over operation types). `parameter_free` says how candidates without parameters count: as the \
            `"mean"` of the known norms, or in the `"uniform"` part alone, as in the reference. A candidate with parameters that was never \
            drawn counts as the mean. Examples are scored by the `"bound"` on their gradient norm, by the `"norm"` itself (expensive; the \
            step needs `exact_norms: true`) or by their `"loss"`.
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
                let items = try ItemImportance(count: object.dataset.count, mode: mode, score: try call.option(4, default: .bound))
                return call.object(ItemSamplerObject(items, dataset: object.dataset, name: call.name))
            }
            let space = try call.object(0, as: SpaceObject.self, "a space or a dataset")
            try call.refuse(4, unless: "it is for the examples of a dataset")
            let scope = try call.option(2, default: mode == .reference ? PathImportance.Scope.type : .choice)
            let free = try call.option(3, default: mode == .reference ? PathImportance.ParameterFree.uniformShare : .meanNorm)
            let choices = space.space.choices
            guard scope == .choice || choices.allSatisfy({ $0.candidates == choices[0].candidates }) else {
                throw call.invalid(2, "the choices of \(space.space.name) have different candidates: there are no probabilities by type")
            }
            let sampler = try PathImportance(space.space, mode: mode, scope: scope, parameterFree: free)
            return call.object(PathSamplerObject(sampler, space: space.space, name: call.name))
        },
        .method("path_sampler.observe", "path, norms",
            """
            Observes a step: the map that `net.step` gave for the path or paths, or its gradient norms, one for each choice: \
            `step.op_grad_norms`, the norms before clipping. In reference mode, norms from a map, and only those, are taken after \
            clipping. Norms of 0 (a candidate without parameters, or one whose output does not reach the loss) are left out of the means.
            """) { call in
            try call.receiver(PathSamplerObject.self).observe(call[1], call[2], call)
            return .nil
        },
        .method("path_sampler.refresh", "smoothing: 1.0, temperature: 1.0",
            """
            Recomputes the probabilities from the observations. `smoothing` is the weight of the learnt part against the uniform one; the \
            learnt part is in proportion to norm ** (1 / temperature).
            """) { call in
            let object = try call.receiver(PathSamplerObject.self)
            try object.refresh(smoothing: try call.double(1, default: 1), temperature: try call.double(2, default: 1), progress: 1, call.vm)
            return .nil
        },
        .property("path_sampler.mode", "The mode of the sampler: \"stable\", \"unbiased\" or \"reference\".") { call in
            mode(of: try call.receiver(PathSamplerObject.self).sampler, call)
        },
        .property("path_sampler.probabilities", "For each choice, the probabilities of its candidates.") { call in
            try call.list(try call.receiver(PathSamplerObject.self).sampler.probabilities.map { try call.list($0) })
        },
        .method("path_sampler.weight", "path",
            "The importance weight of a step on the path: uniform / probability in mode `unbiased`, otherwise 1.") { call in
            let object = try call.receiver(PathSamplerObject.self)
            let path = try call.path(call[1], of: object.space, argument: 1)
            return .float(object.sampler.weightsSteps ? try object.sampler.weight(of: path) : 1)
        },
        .method("item_sampler.observe", "indices, norms",
            """
            Observes a step: the batch and the map that `net.step` gave, or the examples' positions and scores: \
            `batch.indices, step.sample_grad_norms`.
            """) { call in
            try call.receiver(ItemSamplerObject.self).observe(call[1], call[2], call)
            return .nil
        },
        .method("item_sampler.refresh", "smoothing: 1.0, temperature: 1.0",
            """
            Recomputes the probabilities from the observations. `smoothing` is the weight of the learnt part against the uniform one; the \
            learnt part is in proportion to score ** (1 / temperature).
            """) { call in
            let sampler = try call.receiver(ItemSamplerObject.self).sampler
            try sampler.refresh(smoothing: try call.double(1, default: 1), temperature: try call.double(2, default: 1), progress: 1)
            return .nil
        },
        .property("item_sampler.mode", "The mode of the sampler: \"stable\", \"unbiased\" or \"reference\".") { call in
            mode(of: try call.receiver(ItemSamplerObject.self).sampler, call)
        },
        .property("item_sampler.probabilities", "The probability of each example.") { call in
            try call.list(try call.receiver(ItemSamplerObject.self).sampler.probabilities)
        },
    ]

    private static func mode(of sampler: any Sampler, _ call: Call) -> Value {
        guard let importance = sampler as? any ImportanceSampler else { return .nil }
        return call.string(importance.mode.rawValue)
    }
}
