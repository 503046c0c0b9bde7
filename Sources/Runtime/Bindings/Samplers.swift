import Lang
import NASLib

/// A distribution over paths that learns from gradient norms.
final class PathSamplerObject: HostObject, Drawable, Plottable {
    let sampler: PathImportance
    let space: any NetworkSpace

    init(_ sampler: PathImportance, space: any NetworkSpace) { (self.sampler, self.space) = (sampler, space) }

    override var typeName: String { "path_sampler" }
    override var description: String { "<importance sampler over the paths of \(space.name), \(sampler.mode.rawValue)>" }

    func draw(_ vm: VM) throws -> Value { .host(vm.heap.host(PathObject(sampler.draw(using: &vm.generator.generator), in: space))) }

    func plot(_ vm: VM) throws -> PlotDescription {
        let flat = sampler.probabilities.flatMap(\.self)
        return PlotDescription(
            series: [.init(kind: .bars, label: "", xs: flat.indices.map(Double.init), ys: flat)], title: "probability of each candidate, choice by choice")
    }
}

/// A distribution over the examples of a dataset that learns from gradient norms.
final class ItemSamplerObject: HostObject, Drawable, BatchSource, Plottable {
    let sampler: ItemImportance
    let dataset: Dataset

    init(_ sampler: ItemImportance, dataset: Dataset) { (self.sampler, self.dataset) = (sampler, dataset) }

    override var typeName: String { "item_sampler" }
    override var description: String { "<importance sampler over the \(dataset.count) examples of \(dataset.name), \(sampler.mode.rawValue)>" }
    override var count: Int? { dataset.count }

    func draw(_ vm: VM) throws -> Value { .int(sampler.draw(using: &vm.generator.generator)) }
    func epoch(using generator: inout Generator) -> [Int] { sampler.epoch(using: &generator) }
    func weights(of indices: [Int]) throws -> [Float]? { sampler.weightsSteps ? try indices.map { Float(try sampler.weight(of: $0)) } : nil }

    func plot(_ vm: VM) throws -> PlotDescription {
        let sorted = sampler.probabilities.sorted(by: >)
        return PlotDescription(
            series: [.init(kind: .line, label: "", xs: sorted.indices.map(Double.init), ys: sorted)], title: "probability of each example, most likely first")
    }
}

extension SamplingError: UserFacingError {
    var runtimeError: RuntimeError { RuntimeError(.value, message, hint: hint) }
}

extension Library {
    static let samplers: [Builtin] = [
        .fn("importance", "over, mode: \"stable\", per: \"choice\", parameter_free: \"mean\"",
            """
            An importance sampler: a distribution over the paths of a space, or over the examples of a dataset, that learns from gradient \
            norms. `observe` feeds it, `refresh` makes its probabilities anew. Modes: `"stable"` takes mean norms and remembers the last ones; \
            `"unbiased"` also has steps weighted by uniform / probability (batches carry their weights, for paths pass \
            `weight: paths.weight(path)` to `step`); `"reference"` does as PA&DA's released code does. For paths, `per` is `"choice"` or \
            `"type"` (one distribution over operation types), and candidates without parameters count as the `"mean"` of the known norms or \
            live from the `"uniform"` part alone, as in the reference; a candidate with parameters that was never drawn counts as the mean.
            """,
            """
            let paths = importance(nasbench201())
            let path ~ paths
            prob(paths, path) == 0.2 ** 6  # => true
            len(importance(digits().train))  # => 901
            """) { call in
            let mode = try call.option(1, default: SamplingMode.stable)
            if call[0].tag == .host, let object = call[0].hostObject as? DatasetObject {
                return call.object(ItemSamplerObject(try ItemImportance(count: object.dataset.count, mode: mode), dataset: object.dataset))
            }
            let space = try call.object(0, as: SpaceObject.self, "a space or a dataset")
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
        .method("path_sampler.observe", "path, norms", "Takes in a step's gradient norms, one for each choice: `step.op_grad_norms`.") { call in
            let object = try call.receiver(PathSamplerObject.self)
            try object.sampler.observe(try call.path(call[1], of: object.space, argument: 1), norms: try call.doubles(2))
            return .nil
        },
        .method("path_sampler.refresh", "smoothing: 1.0", "Makes the probabilities anew from what was observed; `smoothing` is the weight of the learnt part against uniform.") { call in
            try call.receiver(PathSamplerObject.self).sampler.refresh(smoothing: try call.double(1, default: 1))
            return .nil
        },
        .property("path_sampler.probabilities", "For each choice, the probabilities of its candidates.") { call in
            call.list(try call.receiver(PathSamplerObject.self).sampler.probabilities.map { call.list($0) })
        },
        .method("path_sampler.weight", "path", "What a step on the path is to be multiplied by: uniform / probability when unbiased, otherwise 1.") { call in
            let object = try call.receiver(PathSamplerObject.self)
            let path = try call.path(call[1], of: object.space, argument: 1)
            return .float(object.sampler.weightsSteps ? try object.sampler.weight(of: path) : 1)
        },
        .method("item_sampler.observe", "indices, norms", "Takes in the gradient norms of a batch's examples: `batch.indices, step.sample_grad_norms`.") { call in
            try call.receiver(ItemSamplerObject.self).sampler.observe(try call.ints(1), norms: try call.doubles(2))
            return .nil
        },
        .method("item_sampler.refresh", "smoothing: 1.0", "Makes the probabilities anew from what was observed; `smoothing` is the weight of the learnt part against uniform.") { call in
            try call.receiver(ItemSamplerObject.self).sampler.refresh(smoothing: try call.double(1, default: 1))
            return .nil
        },
        .property("item_sampler.probabilities", "The probability of each example.") { call in
            call.list(try call.receiver(ItemSamplerObject.self).sampler.probabilities)
        },
    ]
}
