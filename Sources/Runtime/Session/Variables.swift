/// A name that the session's cells declared, in brief.
package struct VariableSummary: Sendable {
    package var name: String
    package var type: String
    /// The variable's value on one line, or a function's parameters.
    package var text: String
}

extension Session {
    /// Removes a name that the cells declared, with its value; a built-in with that name is visible again. False if there is no such name,
    /// or it belongs to the prompt.
    package func forget(_ name: String) -> Bool {
        thread.perform {
            guard name != "_", name != "Out", let variable = self.scope.variables[name], variable.isDeclared else { return false }
            self.scope.variables[name] = nil
            // A module's slot is that of its own code. What was compiled while the name hid a built-in sees that from now on, too.
            if variable.module == nil { self.vm.globals.values[variable.slot] = self.builtin(called: name) ?? .missing }
            return true
        }
    }

    /// What a name stands for by itself.
    private func builtin(called name: String) -> Value? {
        vm.registry.index(of: name).map { index in
            if case .constant(let value) = vm.registry.builtins[index].kind { .float(value) } else { .builtin(index) }
        }
    }

    /// The variables that the cells declared, sorted by name; `width` is the space for a value.
    package func variables(width: Int) -> [VariableSummary] {
        thread.perform {
            self.scope.variables.compactMap { name, variable in
                let value = self.vm.globals.values[variable.slot]
                guard variable.isDeclared, !value.isMissing, name != "_", name != "Out" else { return nil }
                let signature = value.tag == .closure ? "(\(value.asClosure.prototype.pointee.prototype.signature.text))" : nil
                return VariableSummary(name: name, type: value.typeName, text: signature ?? ValueLayout.line(value, room: width))
            }.sorted { $0.name < $1.name }
        }
    }
}
