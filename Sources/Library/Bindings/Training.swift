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
        do { return try call.function(index) } catch {
            throw call.wrongType(index, expected: "a number, a schedule or a function of the progress")
        }
    }

    func setting(_ call: Call) -> Setting { Setting { try value(at: $0, call) } }

    /// One that is at least 0.
    func nonNegative(_ call: Call) -> Setting {
        Setting { progress in
            let value = try value(at: progress, call)
            guard value >= 0, value.isFinite else {
                throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be at least 0, not \(value)")
            }
            return value
        }
    }

    /// A number of epochs.
    func interval(_ call: Call) -> Setting {
        Setting { progress in
            let epochs = try value(at: progress, call)
            guard epochs > 0, epochs.isFinite else {
                throw call.invalid(index, "an interval must be a positive number of epochs, not \(epochs)")
            }
            return epochs
        }
    }
}

/// One call of `train`.
private struct Training {
    let call: Call
    let net: any Trainable
    let dataset: Dataset
    let training: SupernetTraining
    /// What functions are shown of a step.
    private let values: StepValues
    private let paths: DrawnPaths
    /// Filled epoch by epoch.
    private let rows: ListRef

    private enum Parameter: Int {
        case net, data, paths, items, epochs, batch, lr, momentum, weightDecay, clip, smoothing, itemSmoothing, interval, itemInterval,
            temperature, innerSteps,
            innerLR, valid, validPaths, patience, onStep, onEpoch, log, checkpoint, progress, optimizer, parallel, normalize
    }

    /// What batch normalisation goes by where ranks share a batch.
    private enum Normalization: String, CaseIterable { case batch, local }

    static let parameters = """
        net, data, paths: nil, items: nil, epochs: 10, batch: 64, lr: cosine(0.05, 0), momentum: 0.9, weight_decay: 2.5e-4, clip: 5.0, \
        smoothing: linear(0, 1), item_smoothing: nil, interval: 1, item_interval: nil, temperature: 1.0, inner_steps: 0, inner_lr: 0.05, \
        valid: nil, valid_paths: 16, patience: nil, on_step: nil, on_epoch: nil, log: nil, checkpoint: nil, progress: false, optimizer: \
        nil, parallel: "auto", normalize: "batch"
        """

    private static func knob(_ parameter: Parameter, _ fallback: Schedule, _ call: Call, or other: Parameter? = nil) -> Knob {
        let isGiven = call.isGiven(parameter.rawValue)
        return Knob(index: (isGiven ? parameter : other ?? parameter).rawValue, fallback: fallback)
    }

    private static func isGiven(_ parameter: Parameter, _ call: Call) -> Bool { call.isGiven(parameter.rawValue) }

    init(_ call: Call) throws {
        func isGiven(_ parameter: Parameter) -> Bool { Training.isGiven(parameter, call) }
        func knob(_ parameter: Parameter, _ fallback: Schedule, or other: Parameter? = nil) -> Knob {
            Training.knob(parameter, fallback, call, or: other)
        }
        self.call = call
        net = try call.trainable(Parameter.net.rawValue)
        let data = Parameter.data.rawValue
        dataset = if call[data].tag == .host, let parts = call[data].hostObject as? DataObject { parts.train } else {
            try call.object(data, as: DatasetObject.self, "data such as digits(), or a dataset").dataset
        }
        values = StepValues(call, dataset)
        paths = try call.drawnPaths(Parameter.paths.rawValue, for: net, values)
        let items = isGiven(.items)
            ? try call.itemSampler(Parameter.items.rawValue, of: dataset, values).sampler : ShuffledItems(count: dataset.count)
        if !isGiven(.items) {
            try call.refuse(Parameter.itemSmoothing.rawValue, Parameter.itemInterval.rawValue, unless: "it is for a sampler of 'items'")
        }
        training = SupernetTraining(net.family, on: dataset, paths: paths, items: items)
        training.innerSteps = try call.int(Parameter.innerSteps.rawValue, default: 0, atLeast: 0)
        if training.innerSteps == 0 { try call.refuse(Parameter.innerLR.rawValue, unless: "it is the rate of 'inner_steps'") }
        if !isGiven(.valid) { try call.refuse(Parameter.validPaths.rawValue, unless: "they are evaluated on 'valid'") }
        try Training.refuseIdle(paths, items, call)
        training.sharing = try Training.sharing(call)
        for net in net.nets { try net.net.check(training.sharing) }
        training.epochs = try call.int(Parameter.epochs.rawValue, default: 10, atLeast: 1)
        training.batchSize = try call.int(Parameter.batch.rawValue, default: 64, atLeast: 1)
        training.patience = isGiven(.patience) ? try call.int(Parameter.patience.rawValue, atLeast: 1) : nil
        let settings = [Parameter.momentum, .weightDecay, .innerSteps].map(\.rawValue)
        let optimizer = try call.optimizer(Parameter.optimizer.rawValue, insteadOf: settings)
        training.rule = optimizer?.rule
        training.learningRate = knob(.lr, optimizer.map { .constant($0.learningRate) } ?? .cosine(0.05, 0)).nonNegative(call)
        training.momentum = knob(.momentum, .constant(0.9)).nonNegative(call)
        training.weightDecay = knob(.weightDecay, .constant(2.5e-4)).nonNegative(call)
        let clips = !call.has(Parameter.clip.rawValue) || !call[Parameter.clip.rawValue].isNil
        training.clip = clips ? knob(.clip, .constant(5)).nonNegative(call) : nil
        training.innerRate = knob(.innerLR, .constant(0.05)).nonNegative(call)
        training.smoothing = knob(.smoothing, .linear(0, 1)).setting(call)
        training.itemSmoothing = knob(.itemSmoothing, .linear(0, 1), or: .smoothing).setting(call)
        training.interval = knob(.interval, .constant(1)).interval(call)
        training.itemInterval = knob(.itemInterval, .constant(1), or: .interval).interval(call)
        training.temperature = knob(.temperature, .constant(1)).setting(call)
        for callback in [Parameter.onStep, .onEpoch] where isGiven(callback) { _ = try call.function(callback.rawValue) }
        if isGiven(.valid) {
            let valid = try call.dataset(Parameter.valid.rawValue)
            training.validation = (try Training.validPaths(net, call), valid)
        }
        if isGiven(.log) {
            let path = try call.filePath(Parameter.log.rawValue)
            guard path.hasSuffix(".csv") || TrainingLogObject.isJSON(path) else {
                throw call.invalid(Parameter.log.rawValue,
                    "'log' must be the name of a file that ends in .csv or .jsonl, not \(Printer.quoted(path))")
            }
        }
        rows = call.heap.list(capacity: min(training.epochs, 1 << 16))
        call.protect(.list(rows))
    }

    /// How ranks share a step.
    private static func sharing(_ call: Call) throws -> StepSharing {
        let sharing = StepSharing(
            try call.option(Parameter.parallel.rawValue),
            normalizesLocally: try call.option(Parameter.normalize.rawValue) == Normalization.local)
        if sharing.way != .batch {
            try call.refuse(Parameter.normalize.rawValue, unless: "it is for processes that share a batch, with parallel: \"batch\"")
        }
        return sharing
    }

    /// Refuses settings of samplers that learn where none does.
    private static func refuseIdle(_ paths: any PathSampler, _ items: any ItemSampler, _ call: Call) throws {
        func refuse(_ parameter: Parameter, unless reason: String) throws { try call.refuse(parameter.rawValue, unless: reason) }
        if !items.isRefreshed {
            try refuse(.itemSmoothing, unless: "the sampler of 'items' does not learn")
            try refuse(.itemInterval, unless: "the sampler of 'items' does not learn")
        }
        if !paths.isRefreshed {
            for (parameter, own) in [(Parameter.smoothing, Parameter.itemSmoothing),
                (Parameter.interval, Parameter.itemInterval)] where !items.isRefreshed || isGiven(own, call) {
                try refuse(parameter, unless: "no sampler that learns goes by it")
            }
        }
        if !paths.hasTemperature, !items.hasTemperature {
            try refuse(.temperature, unless: "it is for the samplers that importance(…) makes")
        }
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
    func run() throws -> Value {
        let vm = call.vm
        let state = call.heap.map()
        call.protect(.map(state))
        try call.heap.set("nets", to: call.list(net.nets.map { call.object($0) }), in: state)
        call.heap.set("paths", to: Training.state(of: paths.value), in: state)
        call.heap.set("items", to: Training.isGiven(.items, call) ? Training.state(of: call[Parameter.items.rawValue]) : .nil, in: state)
        call.heap.set("rows", to: .list(rows), in: state)
        call.heap.set("data", to: call.object(DatasetObject(dataset)), in: state)
        let extent = [training.epochs, training.batchSize]
        call.heap.set("extent", to: .list(call.heap.list(extent.map(Value.int))), in: state)
        func note(_ stopped: String?) {
            let done = training.state
            call.heap.set("steps", to: .list(call.heap.list([done.pathSteps, done.itemSteps, done.steps].map(Value.int))), in: state)
            call.heap.set("stopped", to: stopped.map(call.string) ?? .nil, in: state)
        }
        note(nil)
        let checkpoint = Training.isGiven(.checkpoint, call) ? Checkpoint(path: try call.filePath(Parameter.checkpoint.rawValue)) : nil
        let completed = try checkpoint?.begin(.map(state), argument: Parameter.checkpoint.rawValue, vm) ?? 0
        func kept(_ name: String, count: Int) throws -> [Int] {
            let numbers = Value.map(state).entry(name).flatMap { $0.tag == .list ? $0.asList.array
                : nil }?.compactMap { $0.number.flatMap(Int.init(exactly:)) } ?? []
            guard numbers.count == count, numbers.allSatisfy({ $0 >= 0 }) else {
                throw call.invalid(Parameter.checkpoint.rawValue, "the checkpoint is not of a training", hint: "take another file")
            }
            return numbers
        }
        if completed > 0 {
            let keptExtent = try kept("extent", count: 2)
            guard keptExtent == extent else {
                let own = "\(training.epochs) with \(training.batchSize)"
                throw call.invalid(
                    Parameter.checkpoint.rawValue,
                    "the checkpoint is of a training of \(keptExtent[0]) epochs with batches of \(keptExtent[1]), not of \(own)",
                    hint: "train as before, or take another file")
            }
            let steps = try kept("steps", count: 3)
            training.state = .init(epochs: completed, steps: steps[2], pathSteps: steps[0], itemSteps: steps[1])
        }
        var stopped = Value.map(state).entry("stopped").flatMap { $0.tag == .string ? $0.asString.text : nil }
        let log = Training.isGiven(.log, call) ? try call.filePath(Parameter.log.rawValue) : nil
        // A file that cannot be written is an error now.
        if let log { try TrainingLogObject(rows, stopped: nil).write(to: log, vm) }
        let reports = call.has(Parameter.progress.rawValue) ? try call.bool(Parameter.progress.rawValue) : false
        let (loop, start) = (reports ? vm.options.nextLoop() : 0, DispatchTime.now().uptimeNanoseconds)
        func report(_ epoch: Int, isFinished: Bool) {
            guard reports else { return }
            let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            vm.emit(.progress(ProgressReport(
                loop: loop, label: "train", completed: epoch, total: training.epochs, elapsed: elapsed, isFinished: isFinished)))
        }
        follow()
        while training.state.epochs < training.epochs, stopped == nil {
            report(training.state.epochs, isFinished: false)
            let epoch = try training.runEpoch(using: vm.generator)
            call.heap.append(row(epoch), to: rows)
            if try epoch.isStopped || !Training.callBack(.onEpoch, rows.array.last ?? .nil, call) {
                stopped = "a callback"
            } else if isPatienceOver {
                stopped = "patience"
            }
            try checkRow()
            if let log { try TrainingLogObject(rows, stopped: stopped).write(to: log, vm) }
            note(stopped)
            try checkpoint?.save(.map(state), completed: epoch.number, vm)
        }
        report(rows.count, isFinished: true)
        return call.object(TrainingLogObject(rows, stopped: stopped))
    }

    /// Has the training tell what the language wants to know of it.
    private func follow() {
        let (call, vm, values) = (call, call.vm, values)
        let protected = vm.protected.count
        training.beforeStep = {
            vm.protected.removeSubrange(protected...)
            values.clear()
            if vm.heap.needsCollection { try vm.collect(top: vm.state.pointee.top) }
            try vm.checkInterruption()
        }
        training.warn = { vm.emit(.warning("train: \($0)")) }
        guard Training.isGiven(.onStep, call) else { return }
        training.onStep = { step in
            let map = values.value(of: step.result)
            let (epoch, number, batch) = (Value.int(step.epoch), Value.int(step.number), values.value(of: step.batch))
            let entries = [("epoch", epoch), ("step", number), ("path", values.drawn), ("batch", batch)]
            for (name, value) in entries { call.heap.set(name, to: value, in: map.asMap) }
            return try Training.callBack(.onStep, map, call)
        }
    }

    /// What a checkpoint keeps of a sampler.
    private static func state(of sampler: Value) -> Value { sampler.tag == .map ? sampler.entry("state") ?? .nil : sampler }

    private func row(_ epoch: SupernetTraining.Epoch) -> Value {
        let row = call.heap.map([
            "epoch": .int(epoch.number), "steps": .int(epoch.steps), "lr": .float(epoch.learningRate), "loss": .float(epoch.loss),
            "accuracy": .float(epoch.accuracy),
        ])
        for (name, value) in [("valid_loss", epoch.validLoss), ("valid_top1", epoch.validTop1)] {
            if let value { call.heap.set(name, to: .float(value), in: row.asMap) }
        }
        return row
    }

    /// False where a callback stops.
    private static func callBack(_ parameter: Parameter, _ argument: Value, _ call: Call) throws -> Bool {
        guard Training.isGiven(parameter, call) else { return true }
        return try call.vm.call(call[parameter.rawValue], [argument]).tag != .false
    }

    /// Refuses a last row that a callback gave other entries than the first one: a log is a table.
    private func checkRow() throws {
        guard Training.isGiven(.onEpoch, call), let first = rows.array.first, let last = rows.array.last else { return }
        let keys = last.asMap.pairs.map(\.key)
        if let odd = keys.first(where: { $0.tag != .string }) {
            throw call.invalid(Parameter.onEpoch.rawValue,
                "the row of epoch \(rows.count) has the key \(Printer.literal(odd, limit: 40)), which is not a column name")
        }
        func names(_ row: Value, notIn other: Value) -> [String] {
            row.asMap.pairs.compactMap {
                $0.key.tag == .string && other.entry($0.key.asString.text) == nil ? Printer.quoted($0.key.asString.text) : nil
            }
        }
        let (new, missing) = (names(last, notIn: first), names(first, notIn: last))
        guard new.isEmpty, missing.isEmpty else {
            let parts = [new.isEmpty ? nil : "has \(new.joined(separator: ", "))",
                missing.isEmpty ? nil : "lacks \(missing.joined(separator: ", "))"]
            throw call.invalid(
                Parameter.onEpoch.rawValue,
                "the row of epoch \(rows.count) \(parts.compactMap { $0 }.joined(separator: " and ")), unlike the first one",
                hint: "give every row the same entries, nil where there is no value")
        }
    }

    /// By the losses on the validation data where there are any, as the rows have them.
    private var isPatienceOver: Bool {
        guard training.patience != nil else { return false }
        let losses = rows.array.map { ($0.entry("valid_loss") ?? $0.entry("loss"))?.number ?? .nan }
        return SupernetTraining.isOver(training.patience, losses: losses)
    }
}

extension Library {
    static let training: [Builtin] = [
        .fn("train", Training.parameters,
            """
            Trains a supernet. Each step draws a batch from `items` and a path from `paths`, and does the same, to the bit, as a loop over \
            `batches` with `net.step`, `observe` and `refresh`. `paths` is anything that `~` draws paths or lists of paths from: a space \
            (all paths equally likely, the default), a sampler such as `importance(space)`, or a map of functions: `draw()` and optionally \
            `observe(path, step)`, `refresh(smoothing, progress)` and `weight(path)`; checkpoints save its entry `state`. A single path is \
            trained in every step; for a stand-alone network, its own path is the default. `items` is the same for examples, see \
            `batches`. `lr`, `momentum`, `weight_decay`, `clip`, `smoothing`, `interval` (epochs between refreshes), `temperature` and \
            `inner_lr` are numbers, schedules or functions of progress, evaluated at epoch / epochs; `item_smoothing` and `item_interval` \
            override `smoothing` and `interval` for the items. With `valid`, a dataset, each epoch ends with a ranking of `valid_paths` \
            (paths, or how many to draw). An `optimizer` such as `adam()` replaces `momentum` and `weight_decay`, see `supernet.step`; it \
            keeps its own rate if `lr` is not given. `patience` ends training that many epochs after the lowest loss. The first step with \
            a loss or gradient that is not finite gives a warning; with samplers that learn, training ends there. `on_step` gets the \
            step's map with `epoch`, `step`, `path` and `batch`, `on_epoch` the epoch's row; returning false ends training. `log` is a CSV \
            or JSONL file that receives the rows after each epoch. `checkpoint` is a file from which a killed training resumes with the \
            same bits, on the same data. With several processes, see `ranks`, each does a part of a step: `parallel` is "batch" (a part of \
            the batch), "paths" (some paths of a step on several), "none", or "auto": the paths of a step on several, otherwise the batch \
            if that saves time. The results are the same, unless `normalize` is "local" (with "batch", for slow networks): then each \
            process normalises by its own part of the batch. Returns the log, whose members are its columns.
            """,
            """
            let data = digits()
            let space = nasbench201(channels: 8, cells: 1)
            let net = supernet(space)
            let log = train(net, data, paths: importance(space), items: importance(data.train), epochs: 2)
            log.epoch  # => [1, 2]
            log.loss[1] < log.loss[0]  # => true
            train(net, data, epochs: 2, optimizer: adam(), lr: cosine(0.002, 0)).lr  # => [0.002, 0.001]
            """) { call in
            try Training(call).run()
        },
        .property("training_log.table", "The rows as a table.") { call in
            call.object(TableObject(try call.receiver(TrainingLogObject.self).table))
        },
        .property("training_log.stopped", "What ended training early, \"patience\" or \"a callback\"; nil if nothing did.") { call in
            try call.receiver(TrainingLogObject.self).stopped.map(call.string) ?? .nil
        },
    ]
}
