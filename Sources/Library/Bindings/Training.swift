import Foundation
import Lang
import NASLib
import Runtime

/// A setting that may vary over a training: a number, a schedule or a function of the progress.
private struct Knob {
    let index: Int
    let fallback: Schedule

    /// The value in an epoch, at progress 0 to 1.
    func value(at progress: Double, _ call: Call) throws -> Double {
        let given = call[index]
        guard call.has(index), !given.isNil else { return fallback.value(at: progress) }
        if let number = given.number { return number }
        if given.tag == .host, let object = given.hostObject as? ScheduleObject { return object.schedule.value(at: progress) }
        guard let number = try call.vm.call(try function(call), [.float(progress)]).number else {
            throw call.invalid(index, "'\(call.signature.parameters[index].name)' must give a number")
        }
        return number
    }

    private func function(_ call: Call) throws -> Value {
        do { return try call.function(index) } catch { throw call.wrongType(index, expected: "a number, a schedule or a function of the progress") }
    }

    func nonNegative(at progress: Double, _ call: Call) throws -> Double {
        let value = try value(at: progress, call)
        guard value >= 0, value.isFinite else { throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be at least 0, not \(value)") }
        return value
    }
}

/// A sampler as a training uses it: anything that `~` draws from, with what else it can do.
private struct Sampler {
    let value: Value
    let smoothing: Knob
    let interval: Knob
    let temperature: Knob
    /// Steps since it was refreshed.
    var steps = 0

    /// Whether its probabilities are in proportion to norms, which a temperature flattens.
    var hasTemperature: Bool { value.tag == .host && value.hostObject is any LearningSampler }
    /// Whether it is refreshed with a smoothing, once in an interval.
    var isRefreshed: Bool { hasTemperature || value.function("refresh") != nil }

    func observe(_ drawn: Value, _ step: Value, _ call: Call) throws {
        if let sampler = value.tag == .host ? value.hostObject as? any LearningSampler : nil { return try sampler.observe(drawn, step, call) }
        if let observe = value.function("observe") { _ = try call.vm.call(observe, [drawn, step]) }
    }

    /// One step more is done of an epoch's; refreshes when the interval, in epochs, is over.
    mutating func advance(stepsPerEpoch: Int, progress: Double, _ call: Call) throws {
        steps += 1
        let epochs = try interval.value(at: progress, call)
        guard epochs > 0, epochs.isFinite else { throw call.invalid(interval.index, "an interval must be a positive number of epochs, not \(epochs)") }
        guard Double(steps) >= (epochs * Double(stepsPerEpoch)).rounded() else { return }
        steps = 0
        let smoothing = try smoothing.value(at: progress, call)
        if let sampler = value.tag == .host ? value.hostObject as? any LearningSampler : nil {
            try sampler.refresh(smoothing: smoothing, temperature: try temperature.value(at: progress, call), call.vm)
        } else if let refresh = value.function("refresh") {
            // A function that takes no progress gets none.
            let arguments = [Value.float(smoothing), .float(progress)]
            let count = refresh.tag == .closure ? refresh.asClosure.prototype.pointee.parameterCount : 2
            _ = try call.vm.call(refresh, Array(arguments.prefix(count < 0 ? 2 : count)))
        }
    }

    /// What a checkpoint keeps of it.
    var state: Value { value.tag == .map ? value.entry("state") ?? .nil : value }
}

/// One call of `train`.
private struct Training {
    let call: Call
    let net: any Trainable
    let dataset: Dataset
    let source: any BatchSource
    let epochs: Int
    let size: Int
    var paths: Sampler
    var items: Sampler
    let valid: (dataset: Dataset, paths: [Path])?
    let patience: Int?
    let sharing: StepSharing
    /// Filled epoch by epoch.
    let rows: ListRef
    /// Steps taken in all epochs.
    private var stepCount = 0
    /// Whether a step was not finite, which is said once.
    private var hasDiverged = false

    private enum Parameter: Int {
        case net, data, paths, items, epochs, batch, lr, momentum, weightDecay, clip, smoothing, itemSmoothing, interval, itemInterval, temperature, innerSteps,
            innerLR, valid, validPaths, patience, onStep, onEpoch, log, checkpoint, progress, parallel, normalize
    }

    /// What batch normalisation goes by where ranks share a batch.
    private enum Normalization: String, CaseIterable { case batch, local }

    static let parameters = """
        net, data, paths: nil, items: nil, epochs: 10, batch: 64, lr: cosine(0.05, 0), momentum: 0.9, weight_decay: 2.5e-4, clip: 5.0, \
        smoothing: linear(0, 1), item_smoothing: nil, interval: 1, item_interval: nil, temperature: 1.0, inner_steps: 0, inner_lr: 0.05, valid: nil, \
        valid_paths: 16, patience: nil, on_step: nil, on_epoch: nil, log: nil, checkpoint: nil, progress: false, \
        parallel: "auto", normalize: "batch"
        """

    private static func knob(_ parameter: Parameter, _ fallback: Schedule, _ call: Call, or other: Parameter? = nil) -> Knob {
        let isGiven = call.isGiven(parameter.rawValue)
        return Knob(index: (isGiven ? parameter : other ?? parameter).rawValue, fallback: fallback)
    }

    private static func isGiven(_ parameter: Parameter, _ call: Call) -> Bool { call.isGiven(parameter.rawValue) }

    init(_ call: Call) throws {
        func isGiven(_ parameter: Parameter) -> Bool { Training.isGiven(parameter, call) }
        self.call = call
        net = try call.trainable(Parameter.net.rawValue)
        let data = Parameter.data.rawValue
        dataset = if call[data].tag == .host, let parts = call[data].hostObject as? DataObject { parts.train } else {
            try call.object(data, as: DatasetObject.self, "data such as digits(), or a dataset").dataset
        }
        let pathSource = try call.pathSource(Parameter.paths.rawValue, for: net)
        source = isGiven(.items) ? try call.batchSource(Parameter.items.rawValue, dataset: dataset) : DatasetObject(dataset)
        if !isGiven(.items) { try call.refuse(Parameter.itemSmoothing.rawValue, Parameter.itemInterval.rawValue, unless: "it is for a sampler of 'items'") }
        if try call.int(Parameter.innerSteps.rawValue, default: 0, atLeast: 0) == 0 { try call.refuse(Parameter.innerLR.rawValue, unless: "it is the rate of 'inner_steps'") }
        if !isGiven(.valid) { try call.refuse(Parameter.validPaths.rawValue, unless: "they are evaluated on 'valid'") }
        let temperature = Training.knob(.temperature, .constant(1), call)
        paths = Sampler(value: pathSource, smoothing: Training.knob(.smoothing, .linear(0, 1), call), interval: Training.knob(.interval, .constant(1), call), temperature: temperature)
        items = Sampler(
            value: isGiven(.items) ? call[Parameter.items.rawValue] : .nil, smoothing: Training.knob(.itemSmoothing, .linear(0, 1), call, or: .smoothing),
            interval: Training.knob(.itemInterval, .constant(1), call, or: .interval), temperature: temperature)
        try Training.refuseIdle(paths, items, call)
        epochs = try call.int(Parameter.epochs.rawValue, default: 10, atLeast: 1)
        size = try call.int(Parameter.batch.rawValue, default: 64, atLeast: 1)
        sharing = StepSharing(
            try call.option(Parameter.parallel.rawValue, default: .auto),
            normalizesLocally: try call.option(Parameter.normalize.rawValue, default: Normalization.batch) == .local)
        if sharing.way == .paths || sharing.way == .none {
            try call.refuse(Parameter.normalize.rawValue, unless: "it is for processes that share a batch, and 'parallel' is \"\(sharing.way.rawValue)\"")
        }
        for net in net.nets { try net.net.check(sharing) }
        patience = isGiven(.patience) ? try call.int(Parameter.patience.rawValue, atLeast: 1) : nil
        for callback in [Parameter.onStep, .onEpoch] where isGiven(callback) { _ = try call.function(callback.rawValue) }
        valid = isGiven(.valid) ? (try call.dataset(Parameter.valid.rawValue), try Training.validPaths(net, call)) : nil
        if isGiven(.log) {
            let path = try call.filePath(Parameter.log.rawValue)
            guard path.hasSuffix(".csv") || TrainingLogObject.isJSON(path) else {
                throw call.invalid(Parameter.log.rawValue, "'log' must be the name of a file that ends in .csv or .jsonl, not \(Printer.quoted(path))")
            }
        }
        rows = call.heap.list(capacity: min(epochs, 1 << 16))
        call.protect(.list(rows))
    }

    /// Refuses settings of samplers that learn where none does.
    private static func refuseIdle(_ paths: Sampler, _ items: Sampler, _ call: Call) throws {
        func refuse(_ parameter: Parameter, unless reason: String) throws { try call.refuse(parameter.rawValue, unless: reason) }
        if !items.isRefreshed {
            try refuse(.itemSmoothing, unless: "the sampler of 'items' does not learn")
            try refuse(.itemInterval, unless: "the sampler of 'items' does not learn")
        }
        if !paths.isRefreshed {
            for (parameter, own) in [(Parameter.smoothing, Parameter.itemSmoothing), (Parameter.interval, Parameter.itemInterval)] where !items.isRefreshed || isGiven(own, call) {
                try refuse(parameter, unless: "no sampler that learns goes by it")
            }
        }
        if !paths.hasTemperature, !items.hasTemperature { try refuse(.temperature, unless: "it is for the samplers that importance(…) makes") }
    }

    /// Those given, or as many as are asked for, from a stream of their own: other draws are not disturbed.
    private static func validPaths(_ net: any Trainable, _ call: Call) throws -> [Path] {
        let index = Parameter.validPaths.rawValue
        if call.has(index), call[index].tag == .list { return try call.paths(index, of: net.space.space).paths }
        let count = try call.int(index, default: 16, atLeast: 1)
        try Limit.check(elements: count, argument: index)
        var generator = call.vm.generators[0].generator.stream("valid paths")
        return (0..<count).map { _ in net.space.space.uniformPath(using: &generator) }
    }

    /// The whole training.
    mutating func run() throws -> Value {
        let vm = call.vm
        let state = call.heap.map()
        call.protect(.map(state))
        try call.heap.set("nets", to: call.list(net.nets.map { call.object($0) }), in: state)
        call.heap.set("paths", to: paths.state, in: state)
        call.heap.set("items", to: items.state, in: state)
        call.heap.set("rows", to: .list(rows), in: state)
        call.heap.set("data", to: call.object(DatasetObject(dataset)), in: state)
        let extent = [epochs, size]
        call.heap.set("extent", to: .list(call.heap.list(extent.map(Value.int))), in: state)
        func note(_ stopped: String?) {
            call.heap.set("steps", to: .list(call.heap.list([paths.steps, items.steps, stepCount].map(Value.int))), in: state)
            call.heap.set("stopped", to: stopped.map(call.string) ?? .nil, in: state)
        }
        note(nil)
        let checkpoint = Training.isGiven(.checkpoint, call) ? Checkpoint(path: try call.filePath(Parameter.checkpoint.rawValue)) : nil
        let completed = try checkpoint?.begin(.map(state), argument: Parameter.checkpoint.rawValue, vm) ?? 0
        func kept(_ name: String, count: Int) throws -> [Int] {
            let numbers = Value.map(state).entry(name).flatMap { $0.tag == .list ? $0.asList.array : nil }?.compactMap { $0.number.flatMap(Int.init(exactly:)) } ?? []
            guard numbers.count == count, numbers.allSatisfy({ $0 >= 0 }) else {
                throw call.invalid(Parameter.checkpoint.rawValue, "the checkpoint is not of a training", hint: "take another file")
            }
            return numbers
        }
        if completed > 0 {
            let keptExtent = try kept("extent", count: 2)
            guard keptExtent == extent else {
                throw call.invalid(
                    Parameter.checkpoint.rawValue, "the checkpoint is of a training of \(keptExtent[0]) epochs with batches of \(keptExtent[1]), not of \(epochs) with \(size)",
                    hint: "train as before, or take another file")
            }
            let steps = try kept("steps", count: 3)
            (paths.steps, items.steps, stepCount) = (steps[0], steps[1], steps[2])
        }
        var stopped = Value.map(state).entry("stopped").flatMap { $0.tag == .string ? $0.asString.text : nil }
        let log = Training.isGiven(.log, call) ? try call.filePath(Parameter.log.rawValue) : nil
        // A file that cannot be written is an error now.
        if let log { try TrainingLogObject(rows, stopped: nil).write(to: log, vm) }
        let reports = call.has(Parameter.progress.rawValue) ? try call.bool(Parameter.progress.rawValue) : false
        let (loop, start) = (reports ? vm.options.nextLoop() : 0, DispatchTime.now().uptimeNanoseconds)
        func report(_ epoch: Int, isFinished: Bool) {
            guard reports else { return }
            vm.emit(.progress(ProgressReport(
                loop: loop, label: "train", completed: epoch, total: epochs, elapsed: Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9, isFinished: isFinished)))
        }
        for epoch in min(completed, epochs)..<epochs {
            if stopped != nil { break }
            report(epoch, isFinished: false)
            let goesOn = try run(epoch: epoch)
            if try !goesOn || !callBack(.onEpoch, rows.array.last ?? .nil) { stopped = "a callback" } else if isPatienceOver { stopped = "patience" }
            try checkRow()
            if let log { try TrainingLogObject(rows, stopped: stopped).write(to: log, vm) }
            note(stopped)
            try checkpoint?.save(.map(state), completed: epoch + 1, vm)
        }
        report(rows.count, isFinished: true)
        return call.object(TrainingLogObject(rows, stopped: stopped))
    }

    /// False where a callback stops.
    private func callBack(_ parameter: Parameter, _ argument: Value) throws -> Bool {
        guard Training.isGiven(parameter, call) else { return true }
        return try call.vm.call(call[parameter.rawValue], [argument]).tag != .false
    }

    /// Refuses a last row that a callback gave other entries than the first one: a log is a table.
    private func checkRow() throws {
        guard Training.isGiven(.onEpoch, call), let first = rows.array.first, let last = rows.array.last else { return }
        let keys = last.asMap.pairs.map(\.key)
        if let odd = keys.first(where: { $0.tag != .string }) {
            throw call.invalid(Parameter.onEpoch.rawValue, "the row of epoch \(rows.count) has the key \(Printer.literal(odd, limit: 40)), which is no name of a column")
        }
        func names(_ row: Value, notIn other: Value) -> [String] {
            row.asMap.pairs.compactMap { $0.key.tag == .string && other.entry($0.key.asString.text) == nil ? Printer.quoted($0.key.asString.text) : nil }
        }
        let (new, missing) = (names(last, notIn: first), names(first, notIn: last))
        guard new.isEmpty, missing.isEmpty else {
            let parts = [new.isEmpty ? nil : "has \(new.joined(separator: ", "))", missing.isEmpty ? nil : "lacks \(missing.joined(separator: ", "))"]
            throw call.invalid(
                Parameter.onEpoch.rawValue, "the row of epoch \(rows.count) \(parts.compactMap { $0 }.joined(separator: " and ")), unlike the first one",
                hint: "give every row the same entries, nil where there is no value")
        }
    }

    /// Whether the loss, on the validation data where there are any, was lowest at least `patience` epochs ago. One that is no number is
    /// not lower than any other.
    private var isPatienceOver: Bool {
        guard let patience else { return false }
        let losses = rows.array.map { ($0.entry("valid_loss") ?? $0.entry("loss"))?.number ?? .nan }
        let best = losses.indices.filter { !losses[$0].isNaN }.min { losses[$0] < losses[$1] } ?? 0
        return losses.count - 1 - best >= patience
    }

    /// Takes note of the first step that is not finite. Nothing can be learnt from it, and weights that are not finite never are again.
    private mutating func notice(_ step: Value, epoch: Int, number: Int, rates: [(name: String, value: Double)], _ observe: () throws -> Void) throws {
        let (loss, norm) = (step.entry("loss")?.number ?? 0, step.entry("grad_norm")?.number ?? 0)
        guard !loss.isFinite || !norm.isFinite else { return try observe() }
        func text(_ x: Double) -> String { x.isNaN ? "nan" : x > 0 ? "inf" : "-inf" }
        let what = loss.isFinite ? "the gradient's norm is \(text(norm))" : "the loss is \(text(loss))"
        let settings = rates.map { "\($0.name) \(Printer.literal(.float($0.value), limit: 20))" }.joined(separator: " and ")
        let sentence = "the training has diverged: \(what) in step \(number) of epoch \(epoch), at \(settings)"
        let advice = "a lower \(rates.map(\.name).joined(separator: " or ")), a warmup, or clip, may help"
        func warn() {
            if !hasDiverged { call.vm.emit(.warning("train: \(sentence); \(advice)")) }
            hasDiverged = true
        }
        do { try observe() } catch is SamplingError {
            throw RuntimeError(.value, "\(sentence), and a sampler cannot learn from that", hint: advice)
        } catch {
            warn()
            throw error
        }
        warn()
    }

    /// One epoch, counted from 0; false where a callback stopped it. Schedules are taken at epoch / epochs.
    private mutating func run(epoch: Int) throws -> Bool {
        let vm = call.vm
        let progress = Double(epoch) / Double(epochs)
        let rate = try Training.knob(.lr, .cosine(0.05, 0), call).nonNegative(at: progress, call)
        let innerSteps = try call.int(Parameter.innerSteps.rawValue, default: 0, atLeast: 0)
        let hasClip = !call.has(Parameter.clip.rawValue) || !call[Parameter.clip.rawValue].isNil
        let momentum = try Training.knob(.momentum, .constant(0.9), call).nonNegative(at: progress, call)
        let weightDecay = try Training.knob(.weightDecay, .constant(2.5e-4), call).nonNegative(at: progress, call)
        let clip = hasClip ? try Training.knob(.clip, .constant(5), call).nonNegative(at: progress, call) : nil
        let innerRate = try Training.knob(.innerLR, .constant(0.05), call).nonNegative(at: progress, call)
        // Of steps of several inner ones, `lr` is the share that is taken of where these lead.
        let rates: [(name: String, value: Double)] = innerSteps > 0 ? [("inner_lr", innerRate), ("lr", rate)] : [("lr", rate)]
        let settings = StepSettings(
            lr: rate, momentum: momentum, weightDecay: weightDecay, clip: clip,
            innerSteps: innerSteps, innerRate: innerRate,
            measuresNorms: (source as? ItemSamplerObject)?.sampler.score == .norm, sharing: sharing)
        let batches = try BatchIterator(source, size: size, vm)
        var (loss, accuracy, examples) = (0.0, 0.0, 0)
        let stepsBefore = stepCount
        var goesOn = true
        let protected = vm.protected.count
        defer { vm.protected.removeSubrange(protected...) }
        while goesOn, let batch = try batches.nextBatch(vm) {
            vm.protected.removeSubrange(protected...)
            if vm.heap.needsCollection { try vm.collect(top: vm.state.pointee.top) }
            try vm.checkInterruption()
            let batchValue = call.object(batch)
            call.protect(batchValue)
            let drawn = try vm.drawPaths(from: paths.value)
            call.protect(drawn)
            let step = try self.step(drawn, batch.batch, settings)
            call.protect(step)
            stepCount += 1
            let (paths, items, call) = (paths, items, call)
            try notice(step, epoch: epoch + 1, number: stepCount - stepsBefore, rates: rates) {
                try paths.observe(drawn, step, call)
                try items.observe(batchValue, step, call)
            }
            examples += batch.batch.count
            loss += (step.entry("loss")?.number ?? 0) * Double(batch.batch.count)
            accuracy += (step.entry("accuracy")?.number ?? 0) * Double(batch.batch.count)
            let stepsPerEpoch = batches.count ?? 1
            try self.paths.advance(stepsPerEpoch: stepsPerEpoch, progress: progress, call)
            try self.items.advance(stepsPerEpoch: stepsPerEpoch, progress: progress, call)
            if Training.isGiven(.onStep, call) {
                for (name, value) in [("epoch", Value.int(epoch + 1)), ("step", .int(stepCount)), ("path", drawn), ("batch", batchValue)] { call.heap.set(name, to: value, in: step.asMap) }
                goesOn = try callBack(.onStep, step)
            }
        }
        let row = call.heap.map(["epoch": .int(epoch + 1), "steps": .int(stepCount), "lr": .float(rate), "loss": .float(loss / Double(max(1, examples))), "accuracy": .float(accuracy / Double(max(1, examples)))])
        call.heap.append(row, to: rows)
        if let valid {
            let scores = try net.rank(valid.paths, on: valid.dataset, batchSize: 512)
            call.heap.set("valid_loss", to: .float(scores.reduce(0) { $0 + $1.loss } / Double(scores.count)), in: row.asMap)
            call.heap.set("valid_top1", to: .float(scores.reduce(0) { $0 + $1.top1 } / Double(scores.count)), in: row.asMap)
        }
        return goesOn
    }

    private func step(_ drawn: Value, _ batch: Batch, _ settings: StepSettings) throws -> Value {
        let (trained, isList) = try call.drawnPaths(drawn, of: net.space.space, argument: Parameter.paths.rawValue)
        let weights = try call.pathWeights(drawn, trained, from: paths.value)
        return try net.step(trained, isList: isList, batch, weights: weights, settings, call.vm)
    }
}

extension Value {
    fileprivate var isPath: Bool { tag == .host && hostObject is PathObject }
}

extension VM {
    /// What `Call.pathSource` gave draws next.
    func drawPaths(from source: Value) throws -> Value { source.isPath ? source : try draw(from: source) }
}

extension Call {
    /// What paths are drawn from, or the one path: where nothing is given, a stand-alone network's own, else every path of the space is
    /// equally likely.
    func pathSource(_ index: Int, for net: any Trainable) throws -> Value {
        guard isGiven(index) else {
            let space = net.space
            let own = net.nets.count == 1 ? net.nets[0].net.path : nil
            let source = own.map { object(PathObject($0, in: space.space)) } ?? object(space)
            protect(source)
            return source
        }
        guard self[index].isDrawable || self[index].isPath else { throw wrongType(index, expected: "something that draws paths: a space, a sampler or a map with a function 'draw', or a path") }
        return self[index]
    }

    /// The path or paths that a sampler drew.
    func drawnPaths(_ drawn: Value, of space: any NetworkSpace, argument index: Int) throws -> (paths: [Path], isList: Bool) {
        let paths = try (drawn.tag == .list ? drawn.asList.array : [drawn]).map { value in
            guard value.tag == .host, let object = value.hostObject as? PathObject, object.belongs(to: space) else {
                throw invalid(
                    index, "'\(signature.parameters[index].name)' must draw paths of \(space.name) or lists of them, and drew \(Printer.literal(drawn, limit: 80))")
            }
            return object.path
        }
        return (paths, drawn.tag == .list)
    }

    /// What the steps on drawn paths are multiplied by, as their sampler says.
    func pathWeights(_ drawn: Value, _ paths: [Path], from sampler: Value) throws -> [Double] {
        if let sampler = sampler.tag == .host ? sampler.hostObject as? PathSamplerObject : nil {
            return try paths.map { sampler.sampler.weightsSteps ? try sampler.sampler.weight(of: $0) : 1 }
        }
        guard let weight = sampler.function("weight") else { return Array(repeating: 1, count: paths.count) }
        // The function may change the list, and the map that it is in.
        protect(weight)
        let elements = drawn.tag == .list ? try vm.copy(drawn.asList) : heap.list([drawn])
        protect(.list(elements))
        return try elements.map { try vm.weight(try vm.call(weight, $0)) }
    }
}

extension Library {
    static let training: [Builtin] = [
        .fn("train", Training.parameters,
            """
            Trains a supernet: each step draws a batch of `items` and a path of `paths`, and does what the loop over `batches` with `net.step`, `observe` \
            and `refresh` would do, to the same bits. `paths` is anything that `~` draws paths or lists of paths from: a space (every path equally \
            likely, the default), a sampler such as `importance(space)`, or a map of functions: `draw()`, and as far as there are any \
            `observe(path, step)`, `refresh(smoothing, progress)` and `weight(path)`; its entry `state` is what a checkpoint keeps of it. A path \
            alone is trained in every step, by itself that of a stand-alone network. `items` is the like for examples, see `batches`. `lr`, `momentum`, `weight_decay`, `clip`, `smoothing`, `interval` (epochs between refreshes), `temperature` and \
            `inner_lr` are numbers, schedules or functions of the progress, taken at epoch / epochs; `item_smoothing` and `item_interval` are those of the \
            items where they differ. With `valid`, a dataset, each epoch ends with a ranking of `valid_paths` (paths, or how many to draw). \
            `patience` ends the training that many epochs after the lowest loss. The first step whose loss or gradient is not finite is \
            warned about; with samplers that learn, such a training ends there. `on_step` gets the step's map with `epoch`, `step`, `path` and `batch`, \
            `on_epoch` the epoch's row; one that gives false ends the training. `log` is a CSV or JSONL file that has the rows after each epoch, \
            `checkpoint` a file from which a training that was killed goes on to the same bits, on the same data. Of several processes, see `ranks`, each does a \
            part of a step: `parallel` is "batch" (a part of the batch), "paths" (of a step on several paths, some of them), "none", or "auto", whichever saves \
            time. The results are the same, unless `normalize` is "local": then batch normalisation in each process goes by its own part of the batch, for slow \
            networks. Gives the log, whose members are its columns.
            """,
            """
            let data = digits()
            let space = nasbench201(channels: 8, cells: 1)
            let net = supernet(space)
            let log = train(net, data, paths: importance(space), items: importance(data.train), epochs: 2)
            log.epoch  # => [1, 2]
            log.loss[1] < log.loss[0]  # => true
            """) { call in
            var training = try Training(call)
            return try training.run()
        },
        .property("training_log.table", "The rows as a table.") { call in call.object(TableObject(try call.receiver(TrainingLogObject.self).table)) },
        .property("training_log.stopped", "What ended the training early, \"patience\" or \"a callback\"; nil where nothing did.") { call in
            try call.receiver(TrainingLogObject.self).stopped.map(call.string) ?? .nil
        },
    ]
}
