import Foundation
import Lang

/// A top-level variable: its place among the globals and what the compiler knows of it.
public struct GlobalVariable {
    public var slot: Int
    public var isMutable: Bool
    /// False for a name that was used but nowhere declared yet.
    public var isDeclared: Bool
    /// Whether it is another file's.
    public var isImported = false
    /// Set when the name stands for a module.
    public var module: Module?
    public var documentation: String?
    /// Where it was declared; nil for names that no source declares.
    public var place: Diagnostic.Place?
}

/// The names at the top level of one file, or of a REPL session.
public final class GlobalScope {
    public var variables: [String: GlobalVariable] = [:]
}

/// A loaded file or library module.
public final class Module {
    public let name: String
    public let index: Int
    public let scope = GlobalScope()
    public var prototype: Prototype?
    public var hasRun = false

    public init(name: String, index: Int) {
        self.name = name
        self.index = index
    }

    /// What an importer sees: everything declared at top level whose name does not start with `_`.
    public var publicNames: [String] {
        scope.variables.filter { $0.value.isDeclared && !$0.key.hasPrefix("_") }.map(\.key).sorted()
    }
}

/// The values of all top-level variables, of all modules, at addresses that never change.
public final class GlobalTable {
    public let values: UnsafeMutablePointer<Value>
    public private(set) var count = 0
    public private(set) var names: [String] = []
    public static let capacity = Reservation.globals

    public init() {
        values = Reservation.map(Value.self, GlobalTable.capacity)
    }

    /// A new slot without a value; nil when there is no room left.
    public func addSlot(name: String) -> Int? {
        guard count < GlobalTable.capacity else { return nil }
        values[count] = .missing
        names.append(name)
        count += 1
        return count - 1
    }

    deinit { munmap(values, GlobalTable.capacity * MemoryLayout<Value>.stride) }
}
