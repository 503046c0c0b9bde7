import Foundation
import Lang

/// A top-level variable: its place among the globals and what the compiler knows of it.
package struct GlobalVariable {
    package var slot: Int
    package var isMutable: Bool
    /// Whether the name is declared; false for a name that was only used so far.
    package var isDeclared: Bool
    /// Whether it is another file's.
    var isImported = false
    /// The module that the name stands for; nil for any other name.
    package var module: Module?
    package var documentation: String?
    /// The place of the declaration; nil for names that no source declares.
    package var place: Diagnostic.Place?
}

/// The names at the top level of one file, or of a REPL session.
package final class GlobalScope {
    package var variables: [String: GlobalVariable] = [:]
}

/// A loaded file or library module.
package final class Module {
    package let name: String
    package let index: Int
    package let scope = GlobalScope()
    package var prototype: Prototype?
    var hasRun = false

    package init(name: String, index: Int) {
        self.name = name
        self.index = index
    }

    /// What an importer sees: everything declared at top level whose name does not start with `_`.
    var publicNames: [String] {
        scope.variables.filter { $0.value.isDeclared && !$0.key.hasPrefix("_") }.map(\.key).sorted()
    }
}

/// The values of all top-level variables, of all modules, at addresses that never change.
package final class GlobalTable {
    package let values: UnsafeMutablePointer<Value>
    package private(set) var count = 0
    package private(set) var names: [String] = []
    package static let capacity = Reservation.globals

    package init() {
        values = Reservation.map(Value.self, GlobalTable.capacity)
    }

    /// A new slot without a value; nil when there is no room left.
    func addSlot(name: String) -> Int? {
        guard count < GlobalTable.capacity else { return nil }
        values[count] = .missing
        names.append(name)
        count += 1
        return count - 1
    }

    deinit { munmap(values, GlobalTable.capacity * MemoryLayout<Value>.stride) }
}
