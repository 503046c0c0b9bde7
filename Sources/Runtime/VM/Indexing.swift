import Lang
import Text

/// Members, indices and slices beyond the loop's fast paths.
extension VM {
    // MARK: - Members

    /// `object.key`.
    @inline(never) func getMember(_ object: Value, _ key: StringRef, isOptional: Bool) throws -> Value {
        let name = key.text
        switch object.tag {
        case .map:
            let position = object.asMap.find(string: key, hash: key.hash)
            if position >= 0 { return object.asMap.entries[position].value }
            if isOptional { return .nil }
            throw missingKey(.string(key), in: object.asMap)
        case .builtin:
            let builtin = registry.builtins[Int(object.payload)]
            if let index = registry.index(of: "\(builtin.name).\(name)") { return .builtin(index) }
        case .host:
            if let index = registry.member(name, ofType: object.typeName) {
                if registry.builtins[index].kind == .property {
                    return try call(.builtin(index), [object])
                }
                return .host(heap.host(BoundMethod(receiver: object, builtin: index, registry)))
            }
            if let value = try object.hostObject.member(name, self) { return value }
        case .nil:
            if isOptional { return .nil }
        default:
            if let index = registry.member(name, ofType: object.typeName) {
                return .host(heap.host(BoundMethod(receiver: object, builtin: index, registry)))
            }
        }
        if isOptional { return .nil }
        throw unknownMember(name, of: object)
    }

    /// The built-in that `receiver.key(…)` calls with the receiver as its first argument; nil when the member is a value
    /// to be read and then called.
    @inline(__always) func methodBuiltin(_ receiver: Value, _ key: StringRef) -> Int? {
        if receiver.tag == .map || receiver.tag == .builtin { return nil }
        let type = receiver.tag == .host ? receiver.asHost.classAddress : UInt(receiver.tag.rawValue)
        let slot = Int(truncatingIfNeeded: (UInt64(type) >> 4) ^ (key.address >> 4)) & (VM.methodCacheSize - 1)
        let entry = methodCache[slot]
        if entry.type == type, entry.key == key.address { return entry.builtin >= 0 ? entry.builtin : nil }
        var found = -1
        if let index = registry.member(key.text, ofType: receiver.typeName), registry.builtins[index].kind != .property { found = index }
        methodCache[slot] = MethodCacheEntry(type: type, key: key.address, builtin: found)
        return found >= 0 ? found : nil
    }

    public func memberNames(of object: Value) -> [String] {
        switch object.tag {
        case .map: return object.asMap.pairs.compactMap { $0.key.tag == .string ? $0.key.asString.text : nil }
        case .builtin:
            let prefix = registry.builtins[Int(object.payload)].name + "."
            return registry.builtins.map(\.name).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        case .host: return registry.memberNames(ofType: object.typeName) + object.hostObject.memberNames
        default:
            guard Registry.methodTypes.contains(object.typeName) else { return [] }
            return registry.memberNames(ofType: object.typeName)
                + registry.builtins.filter { $0.kind == .function && !$0.signature.parameters.isEmpty
                    && !$0.name.contains(".") }.map(\.name)
        }
    }

    private func unknownMember(_ name: String, of object: Value) -> RuntimeError {
        let near = Suggestion.nearest(to: name, among: memberNames(of: object))
        if object.isNil {
            return RuntimeError(.type, "nil has no member '\(name)'", hint: "x.\(name) ?? fallback gives a value instead", argument: -1)
        }
        if object.tag == .host, let module = (object.hostObject as? ModuleObject)?.module {
            let isPrivate = name.hasPrefix("_") && module.scope.variables[name]?.isDeclared == true
            return RuntimeError(
                .name,
                isPrivate ? "'\(name)' is private to the module '\(module.name)'" : "the module '\(module.name)' has no member '\(name)'",
                hint: isPrivate ? "names that begin with _ stay in their file" : near.map { "did you mean '\($0)'?" }
                ?? "it has \(module.publicNames.prefix(12).joined(separator: ", "))",
                argument: -1)
        }
        var hint = near.map { "did you mean '\($0)'?" }
        if let use = registry.habits.member(name, object.typeName) {
            hint = use
        } else if let function = registry.function(called: name), !function.signature.parameters.isEmpty {
            hint = "it is a function: \(function.usage)"
        }
        if hint == nil, let member = registry.member(called: name) { hint = "another type has it: \(member)" }
        if hint == nil, object.tag == .host, !memberNames(of: object).isEmpty {
            hint = "it has \(memberNames(of: object).prefix(12).joined(separator: ", "))"
        }
        return RuntimeError(.name, "\(object.typePhrase) has no member '\(name)'", hint: hint, argument: -1)
    }

    public func missingKey(_ key: Value, in map: MapRef) -> RuntimeError {
        let text = Printer.literal(key, limit: 60)
        if key.tag == .string {
            let keys = map.pairs.compactMap { $0.key.tag == .string ? $0.key.asString.text : nil }
            let name = key.asString.text
            if let near = Suggestion.nearest(to: name, among: keys) {
                return RuntimeError(.key, "the map has no key \(text)", hint: "did you mean '\(near)'?")
            }
            if let use = registry.habits.member(name, "map") { return RuntimeError(.key, "the map has no key \(text)", hint: use) }
            if registry.function(called: name) != nil {
                return RuntimeError(.key, "the map has no key \(text)",
                    hint: "a map's members are its keys; the function is called as \(name)(m)")
            }
            if keys.isEmpty { return RuntimeError(.key, "the map has no key \(text)", hint: map.count == 0 ? "the map is empty" : nil) }
            return RuntimeError(.key, "the map has no key \(text)",
                hint: "its keys are \(keys.prefix(8).joined(separator: ", "))\(keys.count > 8 ? ", …" : "")")
        }
        return RuntimeError(.key, "the map has no key \(text)", hint: "m[k] ?? fallback gives a value instead")
    }

    func unhashable(_ key: Value) -> RuntimeError {
        RuntimeError(.type, "\(key.typePhrase) cannot be a map key",
            hint: key.tag == .list ? "a string can stand for it: \"{a},{b}\"" : nil)
    }

    func cannotSetMember(_ object: Value, _ key: StringRef) -> RuntimeError {
        RuntimeError(.type, "members of \(object.typePhrase) cannot be assigned to",
            hint: object.isNil ? "is the value nil by mistake?" : nil)
    }

    // MARK: - Indices

    @inline(never) func getIndex(_ object: Value, _ key: Value) throws -> Value {
        switch object.tag {
        case .list:
            if key.tag == .range {
                let (lower, upper) = try bounds(key.asRange, count: object.asList.count)
                return .list(try copy(object.asList, lower..<upper))
            }
            let index = try position(key, count: object.asList.count, of: "list")
            return object.asList[index]
        case .string:
            let text = object.asString
            if key.tag == .range {
                let (lower, upper) = try bounds(key.asRange, count: try characterCount(text))
                if text.isASCII {
                    return .string(heap.string(ascii: UnsafeBufferPointer(rebasing: text.buffer[lower..<upper])))
                }
                let full = text.text
                let start = try index(in: full, full.startIndex, offsetBy: lower)
                return .string(heap.string(String(try full[start..<index(in: full, start, offsetBy: upper - lower)])))
            }
            let index = try position(key, count: try characterCount(text), of: "string")
            if text.isASCII { return .string(heap.string(ascii: UnsafeBufferPointer(rebasing: text.buffer[index..<index + 1]))) }
            let full = text.text
            return .string(heap.string(String(full[try self.index(in: full, full.startIndex, offsetBy: index)])))
        case .map:
            guard let hash = hashKey(key) else { throw unhashable(key) }
            let position = object.asMap.find(key, hash: hash)
            guard position >= 0 else { throw missingKey(key, in: object.asMap) }
            return object.asMap.entries[position].value
        case .range:
            let range = object.asRange
            if key.tag == .range {
                let (lower, upper) = try bounds(key.asRange, size: range.size)
                return .range(heap.range(range.bound(lower), range.bound(upper), step: range.step))
            }
            return .int(range.element(try position(key, size: range.size, of: "range")))
        case .host:
            if let value = try object.hostObject.element(at: [key], self) { return try finished(value) }
        default: break
        }
        throw RuntimeError(.type, "\(object.typePhrase) cannot be indexed", hint: object.isNil ? "is the value nil by mistake?" : nil)
    }

    @inline(never) func getIndexOptional(_ object: Value, _ key: Value) throws -> Value {
        if object.isNil { return .nil }
        do {
            return try getIndex(object, key)
        } catch let error as RuntimeError where error.kind == .index || error.kind == .key {
            return .nil
        }
    }

    func getIndex(_ object: Value, many: UnsafeMutablePointer<Value>, count: Int) throws -> Value {
        if object.tag == .host, let value = try object.hostObject.element(at: (0..<count).map { many[$0] }, self) {
            return try finished(value)
        }
        throw RuntimeError(.type, "\(object.typePhrase) takes one index, not \(count)",
            hint: object.tag == .list ? "write xs[i][j] for a list of lists" : nil)
    }

    @inline(never) func setIndex(_ object: Value, _ key: Value, to value: Value) throws {
        switch object.tag {
        case .list:
            guard key.tag != .range else {
                throw RuntimeError(.type, "a slice of a list cannot be assigned to",
                    hint: "assign element by element, or build a new list: [...xs[..i], …]")
            }
            object.asList[try position(key, count: object.asList.count, of: "list")] = value
        case .map:
            throw unhashable(key)
        case .string:
            throw RuntimeError(.type, "a string cannot be changed", hint: "make a new one, for example with replace(s, a, b)")
        case .host:
            if try object.hostObject.setElement(at: [key], to: value, self) { return }
            fallthrough
        default: throw RuntimeError(.type, "elements of \(object.typePhrase) cannot be assigned to")
        }
    }

    func setIndex(_ object: Value, many: UnsafeMutablePointer<Value>, count: Int, to value: Value) throws {
        if object.tag == .host, try object.hostObject.setElement(at: (0..<count).map { many[$0] }, to: value, self) { return }
        if count == 1 { return try setIndex(object, many[0], to: value) }
        throw RuntimeError(.type, "\(object.typePhrase) takes one index, not \(count)")
    }

    /// A checked index, which may count from the end.
    public func position(_ key: Value, count: Int, of type: String) throws -> Int {
        Int(bitPattern: try position(key, size: UInt(bitPattern: count), of: type))
    }

    /// A checked index into a range, which may have more elements than an int can count.
    @inline(never) public func position(_ key: Value, size: UInt, of type: String) throws -> UInt {
        guard key.tag == .int else {
            throw RuntimeError(.type, "a \(type) is indexed by an int or a range, not by \(key.typePhrase)")
        }
        let (index, distance) = (key.asInt, key.asInt.magnitude)
        guard index < 0 ? distance <= size : distance < size else {
            let valid = size == 0 ? "the \(type) is empty" : size == 1 ? "the only one is 0"
                : "valid are 0 to \(size - 1), or -\(size) to -1 from the end"
            throw RuntimeError(.index, "index \(index) is out of range for a \(type) of length \(size)", hint: valid)
        }
        return index < 0 ? size - distance : distance
    }

    /// A slice's bounds: ends may count from the end, and are cut to what is there, as in Python.
    public func bounds(_ range: RangeRef, count: Int) throws -> (lower: Int, upper: Int) {
        let (lower, upper) = try bounds(range, size: UInt(bitPattern: count))
        return (Int(bitPattern: lower), Int(bitPattern: upper))
    }

    @inline(never) public func bounds(_ range: RangeRef, size: UInt) throws -> (lower: UInt, upper: UInt) {
        guard range.step == 1 else { throw RuntimeError(.value, "a slice has steps of 1") }
        func clamped(_ x: Int) -> UInt { x < 0 ? size - min(size, x.magnitude) : min(size, x.magnitude) }
        let lower = range.hasLower ? clamped(range.lower) : 0
        guard range.hasUpper else { return (lower, size) }
        // `..=-1` includes the last element, so its end is the count and not 0.
        if range.isClosed, range.upper == 0 { return (lower, max(lower, size)) }
        return (lower, max(lower, clamped(range.upper)))
    }

    func makeRange(_ lower: Value, _ upper: Value, _ flags: UInt32) throws -> Value {
        let hasLower = flags & 2 == 0, hasUpper = flags & 4 == 0, isClosed = flags & 1 != 0
        guard !hasLower || lower.tag == .int, !hasUpper || upper.tag == .int else {
            throw notRangeEnds(hasLower ? lower : .int(0), hasUpper ? upper : .int(0))
        }
        var end = hasUpper ? upper.asInt : .max
        if isClosed {
            guard end != .max else { throw RuntimeError(.arithmetic, "the range's end is too large") }
            end += 1
        }
        return .range(heap.range(hasLower ? lower.asInt : 0, end, hasLower: hasLower, hasUpper: hasUpper, isClosed: isClosed))
    }

    func notRangeEnds(_ lower: Value, _ upper: Value) -> RuntimeError {
        let culprit = lower.tag == .int ? upper : lower
        return RuntimeError(
            .type,
            """
            a range goes from int to int, not \
            \(culprit.tag == .float ? "to or from the float \(Printer.literal(culprit, limit: 40))" : "to or from \(culprit.typePhrase)")
            """,
            hint: culprit.tag == .float ? "int(x) rounds towards zero; linspace(a, b, n) gives n floats" : nil)
    }

    // MARK: - Taking apart and putting together

    /// Spreads the elements of registers[0] over the registers after it.
    public func destructure(_ registers: UnsafeMutablePointer<Value>, count: Int, hasRest: Bool) throws {
        let source = registers[0]
        guard source.tag != .map, source.tag != .nil, source.tag != .string, !source.isNumber else {
            throw RuntimeError(.type, "\(source.typePhrase) cannot be taken apart as a list",
                hint: source.tag == .map ? "use a map pattern: let {a, b} = m" : nil)
        }
        let elements = try elements(of: source)
        guard hasRest ? elements.count >= count : elements.count == count else {
            let expected = hasRest ? "at least \(count)" : "\(count)"
            throw RuntimeError(
                .value, "the pattern takes \(expected) \(count == 1 ? "element" : "elements"), the value has \(elements.count)",
                hint: elements.count > count ? "'...rest' takes the others" : nil)
        }
        for i in 0..<count { registers[1 + i] = elements[i] }
        if hasRest { registers[1 + count] = .list(try copy(elements, count..<elements.count)) }
    }

    public func appendAll(_ source: Value, to list: ListRef) throws {
        let values = try elements(of: source)
        try Limit.check(elements: list.count + values.count)
        try append(values, 0..<values.count, to: list)
    }

    public func setAll(_ source: Value, in map: MapRef) throws {
        guard source.tag == .map else { throw RuntimeError(.type, "only a map can be spread into a map, not \(source.typePhrase)") }
        try setAll(source.asMap, in: map)
    }

    /// A value formatted as in `{value:spec}`; the spec is a constant.
    public func formatted(_ value: Value, _ spec: StringRef) throws -> Value {
        let format: Format
        if let known = formats[spec.address] { format = known } else {
            format = try Format(spec.text)
            formats[spec.address] = format
        }
        return .string(try format.plainlyFixed(value) { heap.string(ascii: $0) } ?? heap.string(format.apply(to: value)))
    }

    func interpolate(_ parts: UnsafeMutablePointer<Value>, _ count: Int) throws -> Value {
        textBuffer.removeAll()
        for i in 0..<count {
            let before = textBuffer.count
            try textBuffer.append(parts[i])
            try Limit.check(bytes: textBuffer.count, from: before)
        }
        return .string(textBuffer.string(in: heap))
    }
}

/// A method read as a value: `let step = net.step`.
public final class BoundMethod: HostObject {
    public let receiver: Value
    public let builtin: Int
    private let registry: Registry

    package init(receiver: Value, builtin: Int, _ registry: Registry) {
        self.receiver = receiver
        self.builtin = builtin
        self.registry = registry
    }

    public override var typeName: String { "function" }
    public override var description: String { "<function \(registry.builtins[builtin].name)>" }
    public override var footprint: Int { 0 }
    public override var isCallable: Bool { true }
    public override var calledName: String { String(registry.builtins[builtin].name.split(separator: ".").last ?? "") }
    public override var signature: Signature { registry.builtins[builtin].signature.droppingFirst }
    public override func visitValues(_ visit: (Value) -> Void) { visit(receiver) }

    public override func call(_ call: Call) throws -> Value {
        var arguments = [receiver]
        for (i, parameter) in signature.parameters.enumerated() {
            if parameter.isRest { arguments += call.rest(i) } else { arguments.append(call[i]) }
        }
        while arguments.last?.isMissing == true { arguments.removeLast() }
        return try call.vm.call(.builtin(builtin), arguments)
    }
}
