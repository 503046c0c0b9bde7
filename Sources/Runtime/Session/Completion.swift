import Lang
import Text

/// Tab completion: names, members of actual values, map keys, named arguments, modules, and files inside strings. Values,
/// entries and properties are read; no function is called.
package struct Completion {
    package let vm: VM
    package let scope: GlobalScope

    /// Candidates for the word that ends at `cursor` (a UTF-8 offset), and where the word starts.
    package func candidates(_ text: String, _ cursor: Int) -> (start: Int, candidates: [String]) {
        let bytes = Array(text.utf8.prefix(max(0, cursor)))
        let typed = String(decoding: bytes, as: UTF8.self)
        if let last = Highlighting.parts(of: typed).last, last.part == .comment, last.span.end == bytes.count { return (bytes.count, []) }
        if let start = Highlighting.openString(in: typed), start <= bytes.count { return insideString(bytes, from: start) }
        var start = bytes.count
        while start > 0, Completion.isWordByte(bytes[start - 1]) { start -= 1 }
        let word = String(decoding: bytes[start...], as: UTF8.self)
        // Spellings of a variable that are equivalent are one; keys of maps are told apart.
        let found = names(bytes, start, isBlank: word.isEmpty).filter {
            ($0.begins(with: word) || $0.hasPrefix(word)) && (!$0.hasPrefix("_") || word.hasPrefix("_"))
        }
        return (start, Set(found.map { TextKey($0) }).map(\.text).sortedByCodePoints())
    }

    /// What may stand at `start`.
    private func names(_ bytes: [UInt8], _ start: Int, isBlank: Bool) -> [String] {
        if start > 0, bytes[start - 1] == UInt8(ascii: ".") { return chain(bytes, endingAt: start - 1).map(memberNames) ?? [] }
        if follows("import", bytes, start) { return vm.registry.modules.names }
        let declared = scope.variables.filter { $0.value.isDeclared }.map(\.key)
        // Results are named in full or not at all: a blank says nothing of them.
        guard let names = argumentNames(bytes[..<start]) else { return isBlank ? declared.filter { $0 != "Out" } : globalNames }
        let arguments = names.map { $0 + ":" }
        // Where nothing is typed yet, all names there are would hide the parameters.
        return isBlank && !arguments.isEmpty ? arguments : arguments + globalNames
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
    }

    /// Whether `word` and blanks stand right before `end`.
    private func follows(_ word: String, _ bytes: [UInt8], _ end: Int) -> Bool {
        var end = end
        while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
        let start = end - word.utf8.count
        return start >= 0 && bytes[start..<end].elementsEqual(word.utf8) && (start == 0 || !Completion.isWordByte(bytes[start - 1]))
    }

    private var globalNames: [String] {
        scope.variables.filter { $0.value.isDeclared }.map(\.key) + vm.registry.globalNames.filter { !$0.contains(".") } + Keywords.all
    }

    // MARK: - Strings

    /// In a string whose text begins at `start`: a key of the map that it is an index of, or else a file.
    private func insideString(_ bytes: [UInt8], from start: Int) -> (start: Int, candidates: [String]) {
        let content = String(decoding: bytes[start...], as: UTF8.self)
        var opening = start
        while opening > 0, bytes[opening - 1] == UInt8(ascii: "\"") { opening -= 1 }
        if opening > 0, bytes[opening - 1] == UInt8(ascii: "["), let chain = chain(bytes, endingAt: opening - 1),
            let value = value(of: chain), value.tag == .map {
            let keys = value.asMap.pairs.compactMap {
                $0.key.tag == .string ? String(Printer.quoted($0.key.asString.text).dropFirst().dropLast()) : nil
            }
            return (start, keys.filter { $0.begins(with: content) }.sortedByCodePoints())
        }
        let (position, files) = FileCompletion.candidates(content, endingAt: bytes.count,
            suffix: follows("import", bytes, opening) ? ".pada" : "")
        // These would have to be escaped.
        return (position, files.filter { !$0.contains { "\"\\{".contains($0) } })
    }

    // MARK: - Members

    private enum Step {
        case name(String)
        case index(Int)
        case key(String)
    }

    /// The names and plain indices that lead to a value, `Out[3].scores["top1"]`, in front of `end`.
    private func chain(_ bytes: [UInt8], endingAt end: Int) -> [Step]? {
        var steps: [Step] = []
        var end = end
        while end > 0 {
            if bytes[end - 1] == UInt8(ascii: "]") {
                guard let bracket = bytes[..<end].lastIndex(of: UInt8(ascii: "[")) else { return nil }
                let inside = String(decoding: bytes[(bracket + 1)..<(end - 1)], as: UTF8.self)
                if let index = Int(inside) {
                    steps.insert(.index(index), at: 0)
                } else if inside.count >= 2, inside.hasPrefix("\""), inside.hasSuffix("\""), !inside.contains("\\") {
                    steps.insert(.key(String(inside.dropFirst().dropLast())), at: 0)
                } else {
                    return nil
                }
                end = bracket
                continue
            }
            var first = end
            while first > 0, Completion.isWordByte(bytes[first - 1]) { first -= 1 }
            guard first < end else { return nil }
            steps.insert(.name(String(decoding: bytes[first..<end], as: UTF8.self)), at: 0)
            guard first > 0, bytes[first - 1] == UInt8(ascii: ".") else { return steps }
            end = first - 1
        }
        return nil
    }

    private func value(of chain: [Step]) -> Value? {
        guard case .name(let first)? = chain.first, let variable = scope.variables[first], variable.isDeclared else { return nil }
        var value = vm.globals.values[variable.slot]
        for step in chain.dropFirst() {
            switch (step, value.tag) {
            case (.name(let name), .map), (.name(let name), .host):
                guard let next = try? vm.getMember(value, vm.heap.intern(name), isOptional: true) else { return nil }
                value = next
            case (.index(let index), .list):
                let position = index < 0 ? index + value.asList.count : index
                guard (0..<value.asList.count).contains(position) else { return nil }
                value = value.asList[position]
            case (.index(let index), .map):
                guard let next = entry(.int(index), of: value.asMap) else { return nil }
                value = next
            case (.key(let key), .map):
                guard let next = entry(.string(vm.heap.intern(key)), of: value.asMap) else { return nil }
                value = next
            default: return nil
            }
        }
        return value.isMissing ? nil : value
    }

    private func entry(_ key: Value, of map: MapRef) -> Value? {
        guard let hash = hashKey(key) else { return nil }
        let position = map.find(key, hash: hash)
        return position >= 0 ? map.entries[position].value : nil
    }

    private func memberNames(_ chain: [Step]) -> [String] {
        if let value = value(of: chain) {
            let names = vm.memberNames(of: value).filter(Keywords.isName)
            guard let takers = Completion.firstParameters[value.typeName] else { return names }
            return names.filter { name in
                vm.registry.index(of: name).flatMap { vm.registry.builtins[$0].signature.parameters.first }.map { takers.contains($0.name) }
                    ?? true
            }
        }
        guard case .name(let first)? = chain.first, scope.variables[first]?.isDeclared != true else { return [] }
        let prefix = chain.reduce("") { if case .name(let name) = $1 { "\($0)\(name)." } else { $0 } }
        return vm.registry.builtins.filter { $0.kind == .function && $0.name.hasPrefix(prefix) }.map {
            String($0.name.dropFirst(prefix.count))
        }
    }

    /// What functions call their first parameter that are of use on values of these types, written as members.
    private static let firstParameters: [String: Set<String>] = {
        let sequence: Set = ["sequence", "list", "lists", "collection", "xs", "values", "numbers", "points", "parts", "predicted", "value"]
        let number: Set = ["x", "n", "value"]
        return ["string": ["text", "path", "collection", "value"], "list": sequence, "range": sequence, "int": number, "float": number]
    }()

    // MARK: - Arguments

    /// The parameters of the function whose argument list is open at the end of `bytes`; nil where a value is to follow the name of one.
    private func argumentNames(_ bytes: ArraySlice<UInt8>) -> [String]? {
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
                let (positional, named, isValue) = given(bytes[(i + 1)...])
                guard !isValue else { return nil }
                return parameterNames(Array(bytes), endingAt: i).dropFirst(positional).filter { !named.contains($0) }
            default: break
            }
        }
        return []
    }

    /// The whole arguments at the beginning of an open list: how many by position, and the names of the others; and whether a value is to
    /// follow the name of the last.
    private func given(_ bytes: ArraySlice<UInt8>) -> (positional: Int, named: Set<String>, isValue: Bool) {
        var text = Array(bytes)
        for (span, part) in Highlighting.parts(of: String(decoding: text, as: UTF8.self)) where part == .string || part == .comment {
            for i in span.start..<min(span.end, text.count) { text[i] = UInt8(ascii: "x") }
        }
        var (depth, start, positional) = (0, 0, 0)
        var named: Set<String> = []
        for (i, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                if let label = String(decoding: text[start..<i], as: UTF8.self).firstMatch(of: /^\s*(\w+)\s*:/) {
                    named.insert(String(label.1))
                } else {
                    positional += 1
                }
                start = i + 1
            default: break
            }
        }
        return (positional, named, String(decoding: text[start...], as: UTF8.self).firstMatch(of: /^\s*\w+\s*:/) != nil)
    }

    /// All but a parameter that gathers the rest, which no argument can name.
    private func parameterNames(_ bytes: [UInt8], endingAt end: Int) -> [String] {
        guard let callee = chain(bytes, endingAt: end) else { return [] }
        let dotted = callee.map { if case .name(let name) = $0 { name } else { "" } }.joined(separator: ".")
        if case .name(let name)? = callee.last, callee.count > 1, let value = value(of: callee.dropLast()),
            let index = vm.registry.member(name, ofType: value.typeName) {
            return Array(vm.registry.builtins[index].signature.parameterNames.dropFirst())
        }
        if let value = value(of: callee) {
            if value.tag == .closure { return value.asClosure.prototype.pointee.prototype.signature.parameterNames }
            return value.tag == .host && value.hostObject.isCallable ? value.hostObject.signature.parameterNames : []
        }
        return vm.registry.index(of: dotted).map { vm.registry.builtins[$0].signature.parameterNames } ?? []
    }
}
