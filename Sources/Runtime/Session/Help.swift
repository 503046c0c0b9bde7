import Lang

/// `help(name)`: the documentation of built-ins, of the user's own functions and variables.
struct Help {
    let vm: VM
    let scope: GlobalScope?

    /// The documentation of a name, or nil.
    func text(for name: String) -> String? {
        if let variable = scope?.variables[name], variable.isDeclared {
            let value = vm.globals.values[variable.slot]
            if value.tag == .closure || value.tag == .builtin { return text(for: value) }
            return "\(name) is \(value.typePhrase)\(variable.documentation.map { "\n\n" + $0 } ?? "")"
        }
        if let index = vm.registry.index(of: name) { return text(for: vm.registry.builtins[index]) }
        let parts = name.split(separator: ".").map(String.init)
        if parts.count == 2, let variable = scope?.variables[parts[0]],
            let index = vm.registry.member(parts[1], ofType: vm.globals.values[variable.slot].typeName) {
            return text(for: vm.registry.builtins[index])
        }
        return nil
    }

    /// The documentation of a value: what a function does, or what a type's members are.
    func text(for value: Value) -> String {
        switch value.tag {
        case .builtin: return text(for: vm.registry.builtins[Int(value.payload)])
        case .closure:
            let prototype = value.asClosure.prototype.pointee.prototype
            return "\(prototype.name)\(prototype.signature)" + (prototype.documentation.map { "\n\n" + $0 } ?? "")
        case .host:
            if let method = value.hostObject as? BoundMethod { return text(for: vm.registry.builtins[method.builtin]) }
            let members = vm.registry.memberNames(ofType: value.typeName).compactMap { vm.registry.index(of: "\(value.typeName).\($0)") }
            let lines = members.map { "  \(vm.registry.builtins[$0].usage)" }
            return (["\(value.typePhrase)"] + (lines.isEmpty ? [] : ["", "members:"] + lines)).joined(separator: "\n")
        default: return "\(value.typePhrase)"
        }
    }

    func text(for builtin: Builtin) -> String {
        var parts = [builtin.usage, builtin.doc]
        if !builtin.example.isEmpty {
            parts.append("Example:\n" + builtin.example.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}
