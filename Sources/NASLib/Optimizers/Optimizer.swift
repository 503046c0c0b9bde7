/// Changes parameters by their gradients, step by step, with what it remembers of the steps before.
public final class Optimizer {
    public let rule: any UpdateRule
    public var learningRate: Double
    /// How many steps were taken.
    public private(set) var stepCount = 0
    /// For each parameter its shape and the arrays that the rule keeps, zero before the first step.
    private var memory: [(shape: [Int], slots: [[Float]])] = []

    /// Of what it remembers.
    public var byteCount: Int {
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
            memory = shapes.map { shape in (shape, Array(repeating: Array(repeating: 0, count: shape.reduce(1, *)), count: rule.slotCount)) }
        } else if shapes != memory.map(\.shape) {
            let known = memory.map { Tensor.text($0.shape) }.joined(separator: ", ")
            throw ShapeError("the optimizer was used for parameters of shapes \(known), not \(shapes.map(Tensor.text).joined(separator: ", "))")
        }
        stepCount += 1
    }

    /// Changes the parameter at a position among those of the step.
    public func update(_ parameter: inout Tensor, at position: Int, gradient: Tensor) {
        precondition(parameter.shape == memory[position].shape && gradient.shape == parameter.shape)
        let count = parameter.count
        parameter.values.withUnsafeMutableBufferPointer { w in
            gradient.values.withUnsafeBufferPointer { g in
                guard let w = w.baseAddress, let g = g.baseAddress else { return }
                rule.update(w, g, &memory[position].slots, count: count, step: stepCount, learningRate: learningRate)
            }
        }
    }
}

/// A formula of an optimizer.
public protocol UpdateRule: Sendable {
    /// How many arrays of the parameter's size it keeps from step to step.
    var slotCount: Int { get }
    /// Changes `count` parameters w by their gradients g; steps are counted from 1.
    func update(_ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ slots: inout [[Float]], count: Int, step: Int, learningRate: Double)
}

extension UpdateRule {
    /// Writes to both of two slots.
    @inline(__always) static func change(
        _ slots: inout [[Float]], _ body: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        var (first, second) = (slots[0], slots[1])
        // Moved out and back, so that each is written in place.
        slots = []
        first.withUnsafeMutableBufferPointer { a in second.withUnsafeMutableBufferPointer { b in body(a, b) } }
        slots = [first, second]
    }
}

extension Optimizer: Checkpointable {
    private var ruleName: String { "\(type(of: rule))" }

    public func save(to archive: inout ArchiveWriter) {
        archive.write(ruleName)
        archive.write(learningRate)
        archive.write(stepCount)
        archive.write(memory.count)
        for (shape, slots) in memory {
            archive.write(shape)
            archive.write(slots.count)
            for slot in slots { archive.write(slot) }
        }
    }

    public func restoration(from archive: inout ArchiveReader) throws -> () -> Void {
        let saved = try archive.text()
        let (learningRate, stepCount) = (try archive.double(), try archive.int())
        var memory: [(shape: [Int], slots: [[Float]])] = []
        for _ in 0..<(try archive.count()) {
            let shape = try archive.ints()
            let slots = try (0..<archive.count()).map { _ in try archive.floats() }
            guard let size = try? Tensor.count(of: shape), slots.allSatisfy({ $0.count == size }) else { throw archive.error("expected the state of a parameter") }
            memory.append((shape, slots))
        }
        guard saved == ruleName, memory.allSatisfy({ $0.slots.count == rule.slotCount }) else {
            throw DataError("the saved optimizer is \(saved), this one \(ruleName)\(saved == ruleName ? " without the same momentum" : "")")
        }
        return { [self] in (self.learningRate, self.stepCount, self.memory) = (learningRate, stepCount, memory) }
    }
}
