import NASLib

extension Session {
    /// The state of a session between two cells: the declared names, their values, and the ambient generator. Objects that are changed in
    /// place are not copied.
    package struct Mark: @unchecked Sendable {
        fileprivate var variables: [String: GlobalVariable]
        fileprivate var slots: [Int]
        /// The slots' values.
        fileprivate var values: ListRef
        fileprivate var generator: Generator
        /// How many objects the session kept alive before.
        fileprivate var protectedCount: Int
    }

    /// Marks the current state. The mark keeps its values alive until an earlier one is restored.
    package func mark() -> Mark {
        thread.perform {
            let slots = self.scope.variables.values.map(\.slot)
            let values = self.vm.heap.list(slots.map { self.vm.globals.values[$0] })
            let mark = Mark(
                variables: self.scope.variables, slots: slots, values: values, generator: self.vm.generators[0].generator,
                protectedCount: self.vm.protected.count)
            self.vm.protected.append(.list(values))
            return mark
        }
    }

    /// Goes back to a mark; those made after it are void.
    package func restore(_ mark: Mark) {
        thread.perform {
            for variable in self.scope.variables.values { self.vm.globals.values[variable.slot] = .missing }
            self.scope.variables = mark.variables
            for (slot, value) in zip(mark.slots, mark.values.array) { self.vm.globals.values[slot] = value }
            self.vm.generators[0].generator = mark.generator
            self.vm.protected.removeSubrange(min(mark.protectedCount, self.vm.protected.count)...)
        }
    }

    /// The seed that the ambient generator was started with.
    package var seed: Int { thread.perform { Int(truncatingIfNeeded: self.vm.generators[0].generator.seed) } }
}
