import NASLib
import Plots
import Runtime

/// A tensor in the language: a mutable reference, as lists are.
///
/// While a function is being differentiated it holds a variable that the tape knows. Assigning to a part replaces the
/// variable, so what was computed before from the old value keeps it.
final class TensorObject: HostObject {
    var variable: Variable
    /// Its elements; set, it is a constant.
    var tensor: Tensor {
        get { variable.tensor }
        set { variable = Variable(newValue) }
    }

    /// Whether it is what a comparison gave: as an index it says which elements are meant, and not where they are.
    let isMask: Bool

    init(_ variable: Variable, isMask: Bool = false) { (self.variable, self.isMask) = (variable, isMask) }
    convenience init(_ tensor: Tensor) { self.init(Variable(tensor)) }

    override var typeName: String { "tensor" }
    override var description: String { TensorText.literal(tensor) }
    override func display(width: Int) -> String { TensorText.table(tensor, width: width) }
    override var count: Int? { tensor.shape.first }
    override var footprint: Int { tensor.count * 4 }
    override var isLarge: Bool { true }
    override var plainForm: PlainForm? { .elements }
    override var numberSequence: (count: Int, values: () -> [Double])? { (tensor.count, { self.tensor.values.map(Double.init) }) }
    override var hashForKey: Int? { nil }
    override var scalar: Double? { tensor.rank == 0 ? Double(tensor.values[0]) : nil }
    override func isEqual(to other: HostObject) -> Bool { (other as? TensorObject)?.tensor == tensor }

    /// A part or a result as a value: a number where no axis is left, unless a tape knows it.
    static func value(_ variable: Variable, isMask: Bool = false, _ vm: VM) -> Value {
        variable.rank == 0
            && !variable.isTracked ? .float(Double(variable.tensor.values[0])) : .host(vm.heap.host(TensorObject(variable, isMask: isMask)))
    }

    override func makeIterator(_ vm: VM) -> HostIterator? { tensor.rank > 0 ? RowIterator(self) : nil }

    private final class RowIterator: HostIterator {
        private let object: TensorObject
        private var position = 0
        init(_ object: TensorObject) { self.object = object }

        override var count: Int? { object.tensor.shape.first }
        override var footprint: Int { 0 }
        override func next(_ vm: VM) throws -> Value? {
            guard position < object.tensor.shape[0] else { return nil }
            position += 1
            return TensorObject.value(try object.variable[[.position(position - 1)]], vm)
        }
    }

    // MARK: - Indexing

    override func element(at indices: [Value], _ vm: VM) throws -> Value? {
        if let chosen = masked(indices) { return TensorObject.value(try variable.reshaped([-1]).taking(chosen, axis: 0), vm) }
        let (selections, positions) = try selections(indices, vm)
        var part = try variable[selections]
        if let positions { part = try part.taking(positions.list, axis: positions.axis) }
        return TensorObject.value(part, vm)
    }

    override func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool {
        let source: Variable
        if let number = value.number { source = Variable(Float(number)) } else if value.tag == .host,
            let object = value.hostObject as? TensorObject {
            source = object.variable
        } else {
            throw RuntimeError(.type, "an element of a tensor must be a number or a tensor, not \(value.typePhrase)")
        }
        if let chosen = masked(indices) {
            try variable.assign(source, at: chosen)
            return true
        }
        let (selections, positions) = try selections(indices, vm)
        guard positions == nil else {
            throw RuntimeError(.type, "elements at a list of positions cannot be assigned to",
                hint: "assign to one position at a time, or choose with where(condition, a, b)")
        }
        try variable.assign(source, to: selections)
        return true
    }

    /// The places of the elements that a mask of the tensor's own shape chooses, in row-major order; nil for other indices.
    private func masked(_ indices: [Value]) -> [Int]? {
        guard indices.count == 1, indices[0].tag == .host, let mask = indices[0].hostObject as? TensorObject,
            mask.tensor.shape == tensor.shape, tensor.rank > 0,
            mask.isMask || tensor.rank > 1 else { return nil }
        return mask.tensor.values.indices.filter { mask.tensor.values[$0] != 0 }
    }

    /// What indices select. A list or a tensor of positions takes all of its axis first, and the positions from that; so
    /// does a mask, or a list of true and false, as long as the axis.
    private func selections(_ indices: [Value], _ vm: VM) throws -> (selections: [Tensor.Selection], positions: (list: [Int], axis: Int)?) {
        let shape = tensor.shape
        guard indices.count <= shape.count else {
            throw RuntimeError(.index, "\(indices.count) indices are too many for a tensor of shape \(Tensor.text(shape))")
        }
        var positions: (list: [Int], axis: Int)?
        var axesKept = 0
        let selections: [Tensor.Selection] = try indices.enumerated().map { axis, index in
            let size = shape[axis]
            func position(_ given: Int) throws -> Int {
                let position = given < 0 ? given + size : given
                guard (0..<size).contains(position) else {
                    throw RuntimeError(.index, "index \(given) is outside axis \(axis) of a tensor of shape \(Tensor.text(shape))")
                }
                return position
            }
            if index.tag == .int { return .position(try position(index.asInt)) }
            axesKept += 1
            if index.tag == .range { return try TensorObject.selection(index.asRange, size: size) }
            guard index.tag == .list || (index.tag == .host && (index.hostObject as? TensorObject)?.tensor.rank == 1) else {
                throw RuntimeError(.type, "a tensor is indexed by ints, ranges and lists of ints, not by \(index.typePhrase)")
            }
            guard positions == nil else {
                throw RuntimeError(.index, "only one axis can be indexed by a list", hint: "index again: t[rows][.., columns]")
            }
            let elements = try vm.elements(of: index)
            if let chosen = mask(index, elements) {
                guard elements.count == size else {
                    throw RuntimeError(
                        .index, "a mask of \(elements.count) elements does not fit axis \(axis) of a tensor of shape \(Tensor.text(shape))",
                        hint: "a mask is as long as the axis, or has the shape of the whole tensor")
                }
                positions = (chosen, axesKept - 1)
                return .range(0..<size)
            }
            positions = (
                try elements.map { value in
                    guard let number = value.number, let whole = Int(exactly: number) else {
                        throw RuntimeError(.type, "positions in a tensor are ints, not \(value.typePhrase)")
                    }
                    return try position(whole)
                }, axesKept - 1
            )
            return .range(0..<size)
        }
        return (selections, positions)
    }

    /// The positions that a mask along an axis chooses; nil for what is none.
    private func mask(_ index: Value, _ elements: ListRef) -> [Int]? {
        if index.tag == .host {
            return (index.hostObject as? TensorObject)?.isMask == true ? elements.indices.filter { elements[$0].number != 0 } : nil
        }
        guard !elements.isEmpty, elements.allSatisfy({ $0.tag == .true || $0.tag == .false }) else { return nil }
        return elements.indices.filter { elements[$0].tag == .true }
    }

    /// Ends count from the end when negative, and are cut to what is there.
    private static func selection(_ range: RangeRef, size: Int) throws -> Tensor.Selection {
        guard range.step > 0 else { throw RuntimeError(.index, "a tensor is sliced forwards", hint: "t.flip(axis) reverses one") }
        func end(_ x: Int) -> Int { min(size, max(0, x < 0 ? x + size : x)) }
        let lower = range.hasLower ? end(range.lower) : 0
        // -1 at the end of a closed range is the last position, so one more is the size.
        let upper = range.hasUpper ? (range.isClosed && range.upper == 0 ? size : end(range.upper)) : size
        // A step beyond the axis takes the first position alone.
        return .range(lower..<max(lower, upper), step: min(range.step, max(1, size)))
    }

    // MARK: - Arithmetic

    override func binary(_ op: Arithmetic, _ other: Value, isLeft: Bool, _ vm: VM) throws -> Value? {
        let operand: Variable
        // Where both hold is where the product is not 0.
        var isMask = false
        if let number = other.number { operand = Variable(Float(number)) } else {
            guard other.tag == .host, let object = other.hostObject as? TensorObject else { return nil }
            operand = object.variable
            isMask = op == .multiply && self.isMask && object.isMask
        }
        let (a, b) = isLeft ? (variable, operand) : (operand, variable)
        try MemoryAccount.ask(4 * max(a.count, b.count))
        let result = switch op {
        case .add: try Variable.add(a, b)
        case .subtract: try Variable.subtract(a, b)
        case .multiply: try Variable.multiply(a, b)
        case .divide: try Variable.divide(a, b)
        case .floorDivide: try Variable.floorDivide(a, b)
        case .remainder: try Variable.remainder(a, b)
        case .power: try Variable.power(a, b)
        case .matmul: try Variable.product(a, b)
        }
        return TensorObject.value(result, isMask: isMask, vm)
    }

    override func negated(_ vm: VM) throws -> Value? {
        try MemoryAccount.ask(footprint)
        return TensorObject.value(try variable.negated(), vm)
    }

    override func contains(_ value: Value, _ vm: VM) throws -> Bool? { value.number.map { tensor.values.contains(Float($0)) } ?? false }
}

extension TensorObject: Plottable, FileForm {
    /// A matrix as a heat map, fewer dimensions as a line.
    func plot(_ vm: VM) throws -> PlotDescription {
        guard tensor.rank <= 2 else {
            throw RuntimeError(
                .value, "a tensor of \(tensor.rank) dimensions is not plotted as a whole", hint: "plot a part of it: plot(t[0])",
                argument: 0)
        }
        if let rows = try plotRows() { return PlotDescription(try Chart.made(of: tensor.count, summed: true) { Chart.heatMap(rows) }) }
        try Limit.askForWork(on: tensor.count)
        let numbers = tensor.values.map(Double.init)
        return PlotDescription(try Chart.made(of: numbers.count) { Chart.line(numbers) })
    }

    /// The rows of a matrix; nil of any other shape.
    func plotRows() throws -> [[Double]]? {
        guard tensor.rank == 2 else { return nil }
        try MemoryAccount.ask(tensor.count * 2 * MemoryLayout<Double>.stride + tensor.shape[0] * 48)
        let values = tensor.values.map(Double.init)
        return (0..<tensor.shape[0]).map { Array(values[$0 * tensor.shape[1]..<($0 + 1) * tensor.shape[1]]) }
    }

    func file(_ vm: VM) throws -> (bytes: [UInt8], ending: String) { (try NPY.write(tensor), ".npy") }
}

extension Call {
    /// The tensor that an argument is, nil for anything else.
    func tensorIfGiven(_ index: Int) -> Variable? {
        arguments[index].tag == .host ? (arguments[index].hostObject as? TensorObject)?.variable : nil
    }

    /// The tensor that a method or property belongs to.
    func tensorReceiver() throws -> Variable { try receiver(TensorObject.self).variable }

    /// A tensor, or a number as one without axes.
    func tensor(_ index: Int) throws -> Variable {
        if let tensor = tensorIfGiven(index) { return tensor }
        guard let number = arguments[index].number else { throw wrongType(index, expected: "a tensor") }
        return Variable(Float(number))
    }

    /// A number where no axis is left, unless a tape knows it.
    func value(_ variable: Variable) -> Value { TensorObject.value(variable, vm) }

    /// One axis, counted from the end when negative.
    func axis(_ index: Int, of shape: [Int]) throws -> Int {
        let given = try int(index)
        let axis = given < 0 ? given + shape.count : given
        guard shape.indices.contains(axis) else {
            throw RuntimeError(.shape, "\(name): a tensor of shape \(Tensor.text(shape)) has no axis \(given)", argument: index)
        }
        return axis
    }

    /// One axis or a list of them; nil when none is given.
    func axes(_ index: Int, of shape: [Int]) throws -> [Int]? {
        guard isGiven(index) else { return nil }
        if self[index].isNumber { return [try axis(index, of: shape)] }
        let axes = try sizes(index).map { given in
            let axis = given < 0 ? given + shape.count : given
            guard shape.indices.contains(axis) else {
                throw RuntimeError(.shape, "\(name): a tensor of shape \(Tensor.text(shape)) has no axis \(given)", argument: index)
            }
            return axis
        }
        guard Set(axes).count == axes.count else { throw invalid(index, "\(name): \(Tensor.text(axes)) names an axis twice") }
        return axes.sorted()
    }

    /// A shape, or axes: a list of ints, or a single int.
    func sizes(_ index: Int) throws -> [Int] {
        if arguments[index].tag == .int { return [arguments[index].asInt] }
        return try sequence(index).map { size in
            guard size.tag == .int else { throw invalid(index, "sizes and axes are ints, not \(describe(size))") }
            return size.asInt
        }
    }
}
