/// Changes parameters by their gradients, step by step, with what it remembers of the steps before.
public final class Optimizer {
    public let rule: any UpdateRule
    public var learningRate: Double
    /// How many steps were taken.
    public private(set) var stepCount = 0
    /// For each parameter its shape and the arrays that the rule keeps, one after the other, zero before the first step.
    private var memory: [(shape: [Int], slots: [Float])] = []

    /// Of what it remembers.
    package var byteCount: Int {
        let count = memory.reduce(0) { $0 + $1.shape.reduce(1, *) }
        return memory.count * 128 + count * rule.slotCount * 4
    }

    public init(_ rule: any UpdateRule, learningRate: Double) {
        self.rule = rule
        self.learningRate = learningRate
    }

    /// Begins a step for parameters of these shapes; they must be the same at every step.
    public func beginStep(_ shapes: [[Int]]) throws {
        if stepCount == 0 {
            try MemoryAccount.ask(floats: rule.slotCount * shapes.reduce(0) { $0 + $1.reduce(1, *) })
            memory = shapes.map { ($0, Array(repeating: 0, count: rule.slotCount * $0.reduce(1, *))) }
        } else if shapes != memory.map(\.shape) {
            let known = memory.map { Tensor.text($0.shape) }.joined(separator: ", ")
            throw NASError(
                .shape, "the optimizer was used for parameters of shapes \(known), not \(shapes.map(Tensor.text).joined(separator: ", "))")
        }
        stepCount += 1
    }

    /// Changes the parameter at a position among those of the step.
    public func update(_ parameter: inout Tensor, at position: Int, gradient: Tensor) {
        require(
            parameter.shape == memory[position].shape && gradient.shape == parameter.shape,
            "parameter \(position) has shape \(Tensor.text(memory[position].shape)), and is updated as \(Tensor.text(parameter.shape)) by a gradient of \(Tensor.text(gradient.shape))")
        let count = parameter.count
        parameter.values.withUnsafeMutableBufferPointer { w in
            gradient.values.withUnsafeBufferPointer { g in
                memory[position].slots.withUnsafeMutableBufferPointer { slots in
                    guard let w = w.baseAddress, let g = g.baseAddress else { return }
                    let first = slots.baseAddress ?? w
                    let span = ParameterSpan(
                        weights: w, gradients: g, gradientScale: 1, first: first, second: rule.slotCount > 1 ? first + count : first,
                        count: count, step: stepCount)
                    rule.update(span, learningRate: learningRate)
                }
            }
        }
    }
}

extension Optimizer: Checkpointable {
    public func save(to archive: inout ArchiveWriter) {
        archive.write(rule.name)
        archive.write(learningRate)
        archive.write(stepCount)
        archive.write(memory.count)
        for (shape, slots) in memory {
            archive.write(shape)
            archive.write(rule.slotCount)
            let count = shape.reduce(1, *)
            for slot in 0..<rule.slotCount { archive.write(slots[slot * count..<(slot + 1) * count]) }
        }
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let saved = try archive.text()
        let (learningRate, stepCount) = (try archive.double(), try archive.int())
        var memory: [(shape: [Int], slots: [Float])] = []
        var hasSlots = true
        for _ in 0..<(try archive.count()) {
            let shape = try archive.ints()
            let slots = try (0..<archive.count()).map { _ in try archive.floats() }
            guard let size = try? Tensor.count(of: shape), slots.allSatisfy({ $0.count == size }) else {
                throw archive.error("expected the state of a parameter")
            }
            hasSlots = hasSlots && slots.count == rule.slotCount
            memory.append((shape, Array(slots.joined())))
        }
        guard saved == rule.name, hasSlots else {
            let difference = saved == rule.name ? " without the same momentum" : ""
            throw NASError(.value, "the saved optimizer is \(saved), this one \(rule.name)\(difference)")
        }
        return { [self] in (self.learningRate, self.stepCount, self.memory) = (learningRate, stepCount, memory) }
    }
}
