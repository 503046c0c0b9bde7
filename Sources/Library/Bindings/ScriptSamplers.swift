import NASLib
import Runtime

/// What functions of the language are shown of a training's step. Each value is made when it is first asked for, and is one for all.
final class StepValues {
    private let call: Call
    private let dataset: Dataset
    /// What the path sampler drew: a path, or a list of paths.
    var drawn = Value.nil
    private var batch, step: Value?

    init(_ call: Call, _ dataset: Dataset) { (self.call, self.dataset) = (call, dataset) }

    /// Another step begins.
    func clear() { (drawn, batch, step) = (.nil, nil, nil) }

    func value(of batch: Batch) -> Value {
        if let known = self.batch { return known }
        let value = call.object(BatchObject(batch, from: dataset))
        call.protect(value)
        self.batch = value
        return value
    }

    func value(of result: FamilyStepResult) -> Value {
        if let known = step { return known }
        let value = result.value(isList: drawn.tag == .list, call.heap)
        call.protect(value)
        step = value
        return value
    }
}

extension VM {
    /// Refreshes a sampler that is a map of functions; one whose function takes no progress gets none.
    fileprivate func refresh(_ sampler: Value, smoothing: Double, progress: Double) throws {
        guard let refresh = sampler.function("refresh") else { return }
        let count = refresh.tag == .closure ? refresh.asClosure.prototype.pointee.parameterCount : 2
        _ = try call(refresh, Array([Value.float(smoothing), .float(progress)].prefix(count < 0 ? 2 : count)))
    }

    /// An importance weight that a function of the user's gave.
    fileprivate func weight(_ value: Value) throws -> Double {
        guard let weight = value.number, weight >= 0, weight.isFinite else {
            throw RuntimeError(.value, "a sampler's 'weight' must give a number of at least 0, not \(Printer.literal(value, limit: 60))")
        }
        return weight
    }
}

extension Value {
    fileprivate var isPath: Bool { tag == .host && hostObject is PathObject }
}

/// Whatever paths are drawn from in the language, for the engine: a sampler of the library, or anything that `~` draws paths from. It draws
/// from the ambient generator, which is the one that it is handed.
final class DrawnPaths: PathSampler {
    /// A path alone is drawn every time.
    let value: Value
    private let object: PathSamplerObject?
    private let space: any NetworkSpace
    private let call: Call
    private let index: Int
    private let values: StepValues

    /// - Parameter index: that of the call's argument, which errors point at.
    fileprivate init(_ value: Value, of space: any NetworkSpace, _ call: Call, _ index: Int, _ values: StepValues) {
        object = value.tag == .host ? value.hostObject as? PathSamplerObject : nil
        (self.value, self.space, self.call, self.index, self.values) = (value, space, call, index, values)
    }

    var isRefreshed: Bool { object?.sampler.isRefreshed ?? (value.function("refresh") != nil) }
    var hasTemperature: Bool { object?.sampler.hasTemperature ?? false }

    func drawPaths(using generator: inout Generator) throws -> [Path] {
        let drawn = value.isPath ? value : try call.vm.draw(from: value)
        call.protect(drawn)
        values.drawn = drawn
        return try (drawn.tag == .list ? drawn.asList.array : [drawn]).map { element in
            guard element.tag == .host, let object = element.hostObject as? PathObject, object.belongs(to: space) else {
                let what = "paths of \(space.name) or lists of them, and drew \(Printer.literal(drawn, limit: 80))"
                throw call.invalid(index, "'\(call.signature.parameters[index].name)' must draw \(what)")
            }
            return object.path
        }
    }

    func weights(of drawn: [Path]) throws -> [Double] {
        if let object { return try object.sampler.weights(of: drawn) }
        guard let weight = value.function("weight") else { return Array(repeating: 1, count: drawn.count) }
        // The function may change the list, and the map that it is in.
        call.protect(weight)
        let elements = values.drawn.tag == .list ? try call.vm.copy(values.drawn.asList) : call.heap.list([values.drawn])
        call.protect(.list(elements))
        return try elements.map { try call.vm.weight(try call.vm.call(weight, $0)) }
    }

    func observe(_ drawn: [Path], _ step: FamilyStepResult) throws {
        if let object { return try object.sampler.observe(drawn, step) }
        if let observe = value.function("observe") { _ = try call.vm.call(observe, [values.drawn, values.value(of: step)]) }
    }

    func refresh(smoothing: Double, temperature: Double, progress: Double) throws {
        if let object { return try object.refresh(smoothing: smoothing, temperature: temperature, progress: progress, call.vm) }
        try call.vm.refresh(value, smoothing: smoothing, progress: progress)
    }
}

/// The examples of a dataset whose positions are drawn from a distribution, or from a map of the functions of a sampler, for the engine.
/// They are drawn from the ambient generator, which is the one that is handed.
final class DrawnItems: ItemSampler {
    private let value: Value
    private let dataset: Dataset
    private unowned let vm: VM
    private let values: StepValues?

    /// - Parameter values: those of a training's step, from which alone it learns.
    fileprivate init(_ value: Value, of dataset: Dataset, _ vm: VM, _ values: StepValues?) {
        (self.value, self.dataset, self.vm, self.values) = (value, dataset, vm, values)
    }

    var count: Int { dataset.count }
    var isRefreshed: Bool { value.function("refresh") != nil }

    func epoch(using generator: inout Generator) throws -> [Int] {
        try (0..<count).map { _ in
            try vm.checkInterruption()
            return try draw(using: &generator)
        }
    }

    func draw(using generator: inout Generator) throws -> Int { try position(try vm.draw(from: value)) }

    private func position(_ value: Value) throws -> Int {
        guard value.tag == .int, (0..<count).contains(value.asInt) else {
            let drawn = Printer.literal(value, limit: 60)
            throw RuntimeError(
                .value, "the sampler of examples must draw positions in \(dataset.name), 0 to \(count - 1), and drew \(drawn)")
        }
        return value.asInt
    }

    func weights(of items: [Int]) throws -> [Float]? {
        guard let weight = value.function("weight") else { return nil }
        // It may change the map that it is in.
        return try vm.protecting(weight) { try items.map { Float(try vm.weight(try vm.call(weight, [.int($0)]))) } }
    }

    func poolSize(batchSize: Int) throws -> Int {
        guard let pool = value.entry("pool") else { return batchSize }
        guard pool.tag == .int, pool.asInt >= batchSize else {
            let found = Printer.literal(pool, limit: 60)
            throw RuntimeError(.value, "the sampler's 'pool' must be an int of at least the batch's size, \(batchSize), not \(found)")
        }
        return pool.asInt
    }

    func select(_ batchSize: Int, outOf pool: [Int]) throws -> [Int] {
        guard let select = value.function("select") else { return pool }
        let chosen = try vm.call(select, [.list(vm.heap.list(pool.map(Value.int))), .int(batchSize)])
        let positions = try vm.elements(of: chosen).map(position)
        guard !positions.isEmpty else { throw RuntimeError(.value, "the sampler's 'select' gave no examples") }
        return positions
    }

    func observe(_ batch: Batch, _ step: FamilyStepResult) throws {
        guard let values, let observe = value.function("observe") else { return }
        _ = try vm.call(observe, [values.value(of: batch), values.value(of: step)])
    }

    func refresh(smoothing: Double, temperature: Double, progress: Double) throws {
        try vm.refresh(value, smoothing: smoothing, progress: progress)
    }
}

/// A library object that knows examples to draw, and how.
protocol ItemSource: HostObject {
    var dataset: Dataset { get }
    var items: any ItemSampler { get }
}

extension DatasetObject: ItemSource {
    var items: any ItemSampler { ShuffledItems(count: dataset.count) }
}

extension Call {
    /// What paths are drawn from: where nothing is given, a stand-alone network's own, else every path of the space is equally likely.
    func drawnPaths(_ index: Int, for net: any Trainable, _ values: StepValues) throws -> DrawnPaths {
        var source = self[index]
        if !isGiven(index) {
            let own = net.nets.count == 1 ? net.nets[0].net.path : nil
            source = own.map { object(PathObject($0, in: net.space.space)) } ?? object(net.space)
            protect(source)
        } else if !source.isDrawable, !source.isPath {
            throw wrongType(index, expected: "something that draws paths: a space, a sampler or a map with a function 'draw', or a path")
        }
        return DrawnPaths(source, of: net.space.space, self, index, values)
    }

    /// What examples are drawn from: a dataset, an item sampler, or with a dataset anything that draws positions in it.
    func itemSampler(
        _ index: Int, of dataset: Dataset?, _ values: StepValues? = nil
    ) throws -> (sampler: any ItemSampler, dataset: Dataset) {
        if self[index].tag == .host, let source = self[index].hostObject as? any ItemSource {
            guard dataset == nil || source.dataset === dataset else {
                throw invalid(index, "the examples of \(source.dataset.name) are drawn, and not of the data that is given")
            }
            return (source.items, source.dataset)
        }
        guard self[index].isDrawable else { throw wrongType(index, expected: "a dataset or a sampler of its examples") }
        guard let dataset else {
            throw invalid(
                index, "a distribution over positions needs the dataset that they are positions in",
                hint: "batches(\(signature.parameters[index].name), data: dataset)")
        }
        return (DrawnItems(self[index], of: dataset, vm, values), dataset)
    }
}
