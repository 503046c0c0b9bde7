import Lang

/// Tab completion: names, members of actual values, map keys, named arguments.
struct Completion {
    let vm: VM
    let scope: GlobalScope

    /// Candidates for the word that ends at `cursor` (a UTF-8 offset), and where the word starts.
    func candidates(_ text: String, _ cursor: Int) -> (start: Int, candidates: [String]) {
        let bytes = Array(text.utf8.prefix(max(0, cursor)))
        var start = bytes.count
        while start > 0, isWordByte(bytes[start - 1]) { start -= 1 }
        let word = String(decoding: bytes[start...], as: UTF8.self)
        var path: [String] = []
        var end = start
        while end > 0, bytes[end - 1] == UInt8(ascii: ".") {
            var first = end - 1
            while first > 0, isWordByte(bytes[first - 1]) { first -= 1 }
            guard first < end - 1 else { return (start, []) }
            path.insert(String(decoding: bytes[first..<end - 1], as: UTF8.self), at: 0)
            end = first
        }
        let names: [String]
        if path.isEmpty {
            let arguments = argumentNames(bytes[..<start]).map { $0 + ":" }
            // Where nothing is typed yet, all names there are would hide the parameters.
            names = word.isEmpty && !arguments.isEmpty ? arguments : arguments + globalNames
        } else {
            names = memberNames(path)
        }
        return (start, Array(Set(names.filter { $0.hasPrefix(word) && (!$0.hasPrefix("_") || word.hasPrefix("_")) })).sorted())
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
    }

    private var globalNames: [String] {
        scope.variables.filter { $0.value.isDeclared }.map(\.key) + vm.registry.globalNames.filter { !$0.contains(".") } + Printer.keywords
    }

    /// Members of the value that a dotted path of plain names leads to; only data is read, nothing is called.
    private func memberNames(_ path: [String]) -> [String] {
        guard let variable = scope.variables[path[0]], variable.isDeclared else {
            let prefix = path.joined(separator: ".") + "."
            return vm.registry.builtins.filter { $0.kind == .function && $0.name.hasPrefix(prefix) }.map { String($0.name.dropFirst(prefix.count)) }
        }
        var value = vm.globals.values[variable.slot]
        for name in path.dropFirst() {
            guard value.tag == .map || value.tag == .host, let next = try? vm.getMember(value, vm.heap.intern(name), isOptional: true) else { return [] }
            value = next
        }
        return value.isMissing ? [] : vm.memberNames(of: value)
    }

    /// The parameters of the function whose argument list is open at the end of `bytes`.
    private func argumentNames(_ bytes: ArraySlice<UInt8>) -> [String] {
        var depth = 0
        for i in bytes.indices.reversed() {
            switch bytes[i] {
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth -= 1
                if depth < 0 { return [] }
            case UInt8(ascii: "("):
                depth -= 1
                guard depth < 0 else { continue }
                var first = i
                while first > 0, isWordByte(bytes[first - 1]) || bytes[first - 1] == UInt8(ascii: ".") { first -= 1 }
                return parameterNames(String(decoding: bytes[first..<i], as: UTF8.self))
            default: break
            }
        }
        return []
    }

    private func parameterNames(_ callee: String) -> [String] {
        if let index = vm.registry.index(of: callee) { return vm.registry.builtins[index].signature.parameters.map(\.name) }
        let parts = callee.split(separator: ".").map(String.init)
        guard let first = parts.first, let variable = scope.variables[first], variable.isDeclared else { return [] }
        let value = vm.globals.values[variable.slot]
        if parts.count == 2, let index = vm.registry.member(parts[1], ofType: value.typeName) {
            return Array(vm.registry.builtins[index].signature.parameters.dropFirst().map(\.name))
        }
        if parts.count == 1, value.tag == .closure { return value.asClosure.prototype.pointee.prototype.parameters.map(\.name) }
        return []
    }
}
