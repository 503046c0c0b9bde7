/// What an interactive session remembers of its cells: `_` is the last value, `Out[n]` that of cell n.
final class CellMemory {
    private let vm: VM
    private let values: MapRef
    private let lastSlot: Int
    private let valuesSlot: Int

    /// Declares the two names; nil when there is no room for them.
    init?(vm: VM, scope: GlobalScope) {
        guard let lastSlot = CellMemory.slot("_", vm, scope), let valuesSlot = CellMemory.slot("Out", vm, scope) else { return nil }
        self.vm = vm
        self.lastSlot = lastSlot
        self.valuesSlot = valuesSlot
        values = vm.heap.map()
        // Kept even where a program declares an `Out` of its own, so that the comparison below stays meaningful.
        vm.protected.append(.map(values))
        vm.globals.values[valuesSlot] = .map(values)
    }

    private static func slot(_ name: String, _ vm: VM, _ scope: GlobalScope) -> Int? {
        guard let slot = scope.variables[name]?.slot ?? vm.globals.addSlot(name: name) else { return nil }
        let documentation = name == "_" ? "The value of the last cell that had one."
            : "The values of the cells by their numbers: Out[3] is that of In [3]."
        scope.variables[name] = GlobalVariable(slot: slot, isMutable: false, isDeclared: true, module: nil, documentation: documentation)
        return slot
    }

    func remember(_ value: Value, of number: Int) {
        vm.globals.values[lastSlot] = value
        let key = Value.int(number)
        let current = vm.globals.values[valuesSlot]
        guard current.tag == .map, current.asMap.pointer == values.pointer, let hash = hashKey(key) else { return }
        vm.heap.set(key, hash: hash, to: value, in: values)
    }
}
