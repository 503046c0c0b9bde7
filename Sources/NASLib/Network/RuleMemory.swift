/// What an optimizer's rule remembers of a network's weights: arrays as long as the store's, and for each range of weights, such as those of
/// a layer, the steps that have changed it. A step changes the ranges of its path alone.
final class RuleMemory: @unchecked Sendable {
    let ruleName: String
    let slots: [AlignedBuffer]
    /// By where a range begins.
    private(set) var steps: [Int: Int]

    /// Throws where there is no memory for it.
    init(ruleName: String, slotCount: Int, count: Int, steps: [Int: Int] = [:]) throws {
        try MemoryAccount.ask(floats: slotCount * count)
        self.ruleName = ruleName
        self.steps = steps
        slots = (0..<slotCount).map { _ in AlignedBuffer() }
        for slot in slots { try slot.ensure(count) }
    }

    var byteCount: Int { slots.reduce(0) { $0 + $1.capacity * 4 } + steps.count * 32 }

    func countStep(of ranges: [ParameterRange]) { for range in ranges { steps[range.offset, default: 0] += 1 } }
}

extension ParameterStore {
    /// What a rule remembers of the steps before; nothing where those were of another rule.
    func memory(of rule: any UpdateRule) throws -> RuleMemory {
        if let memory = ruleMemory, memory.ruleName == rule.name, memory.slots.count == rule.slotCount { return memory }
        let memory = try RuleMemory(ruleName: rule.name, slotCount: rule.slotCount, count: count)
        ruleMemory = memory
        return memory
    }
}
