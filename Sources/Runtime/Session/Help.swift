/// `help(name)`: the documentation of built-ins, of modules, of the user's own functions and variables.
package struct Help {
    package let vm: VM
    package let scope: GlobalScope?

    package init(vm: VM, scope: GlobalScope?) { (self.vm, self.scope) = (vm, scope) }

    /// The documentation of a name, or nil.
    package func text(for name: String) -> String? {
        if let variable = scope?.variables[name], variable.isDeclared {
            let value = vm.globals.values[variable.slot]
            if value.tag == .closure || value.tag == .builtin || module(value) != nil { return text(for: value) }
            let line = "\(name) is \(value.typePhrase): \(ValueLayout.line(value, room: 80))"
            return [line, variable.documentation, members(of: value)].compactMap(\.self).joined(separator: "\n\n")
        }
        if let index = vm.registry.index(of: name) { return text(for: vm.registry.builtins[index]) }
        let parts = name.split(separator: ".").map(String.init)
        if parts.count == 2, let variable = scope?.variables[parts[0]] {
            let value = vm.globals.values[variable.slot]
            if let module = module(value) { return (try? module.member(parts[1], vm)).flatMap { $0 }.map(text) }
            if let index = vm.registry.member(parts[1], ofType: value.typeName) { return text(for: vm.registry.builtins[index]) }
        }
        guard let first = parts.first else { return nil }
        return vm.registry.modules.documentation[first].flatMap { module in
            parts.count == 1 ? text(for: module) : module.functions.first { parts[1...] == [$0.name] }.map {
                text(usage: $0.usage, $0.text)
            }
        }
    }

    /// All names with documentation in `text(for:)`, for suggestions.
    package var topics: [String] {
        let modules = vm.registry.modules.documentation.flatMap { name, module in [name] + module.functions.map { "\(name).\($0.name)" } }
        return vm.registry.builtins.map(\.name) + (scope?.variables.keys.map { $0 } ?? []) + modules
    }

    private func module(_ value: Value) -> ModuleObject? { value.tag == .host ? value.hostObject as? ModuleObject : nil }

    private func text(for module: ModuleDocumentation) -> String {
        let lines = module.functions.map { "  \($0.usage)" }
        return ([module.name, "", module.text] + (lines.isEmpty ? [] : ["", "functions:"] + lines)).joined(separator: "\n")
    }

    /// The documentation of a value: what a function does, or what a type's members are.
    package func text(for value: Value) -> String {
        switch value.tag {
        case .builtin: return text(for: vm.registry.builtins[Int(value.payload)])
        case .closure:
            let prototype = value.asClosure.prototype.pointee.prototype
            return text(usage: prototype.callable.usage, prototype.documentation ?? "")
        case .host:
            if let source = module(value)?.source {
                return text(for: ModuleDocumentation(of: source, named: module(value)?.module.name ?? ""))
            }
            if let method = value.hostObject as? BoundMethod { return text(for: vm.registry.builtins[method.builtin]) }
            return [value.typePhrase, members(of: value)].compactMap(\.self).joined(separator: "\n\n")
        default: return value.typePhrase
        }
    }

    /// A list of what a library object's type has; nil for other values.
    private func members(of value: Value) -> String? {
        let members = vm.registry.memberNames(ofType: value.typeName).compactMap { vm.registry.index(of: "\(value.typeName).\($0)") }
        return members.isEmpty ? nil : (["members:"] + members.map { "  \(vm.registry.builtins[$0].usage)" }).joined(separator: "\n")
    }

    /// Of a function written in Pada.
    private func text(usage: String, _ documentation: String) -> String { documentation.isEmpty ? usage : "\(usage)\n\n\(documentation)" }

    package func text(for builtin: Builtin) -> String {
        var parts = [builtin.usage, builtin.doc]
        if !builtin.example.isEmpty {
            parts.append("Example:\n"
                + builtin.example.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}
