import Lang
import NASLib
import Text

/// One call of a built-in: its arguments, and ways to read them that fail with an error a user understands. Plain data of
/// four words, so that it is passed in the processor's registers.
public struct Call {
    public unowned(unsafe) let vm: VM
    /// The arguments in parameter order; a rest parameter is a list, or missing if it got nothing.
    public let arguments: UnsafeMutablePointer<Value>
    public let count: Int
    /// The number of the built-in; -1 where a library object is called, which lies in front of its arguments.
    private let builtin: Int

    @inline(__always) public init(vm: VM, arguments: UnsafeMutablePointer<Value>, count: Int, builtin: Int = -1) {
        self.vm = vm
        self.arguments = arguments
        self.count = count
        self.builtin = builtin
    }

    @inline(__always) public subscript(index: Int) -> Value {
        assert(index >= 0 && index < count)
        return arguments[index]
    }
    public var heap: Heap { vm.heap }

    /// Whether the user gave this argument.
    @inline(__always) public func has(_ index: Int) -> Bool { !self[index].isMissing }

    /// Whether the user gave this argument, and not as nil, which is the same as leaving it out.
    @inline(__always) public func isGiven(_ index: Int) -> Bool { has(index) && !self[index].isNil }

    public var signature: Signature {
        builtin >= 0 ? vm.registry.builtins[builtin].signature : arguments[-1].hostObject.signature
    }

    public var name: String {
        builtin >= 0 ? vm.registry.builtins[builtin].name : arguments[-1].hostObject.typeName
    }

    /// Keeps a new object alive while the built-in calls back into the VM.
    public func protect(_ value: Value) { vm.protected.append(value) }

    // MARK: - Making values

    public func string(_ text: String) -> Value { .string(heap.string(text)) }
    public func list(_ values: some Collection<Value>) throws -> Value { .list(try vm.list(values) { $0 }) }
    public func list(_ numbers: some Collection<Int>) throws -> Value { .list(try vm.list(numbers, Value.int)) }
    public func list(_ numbers: some Collection<Double>) throws -> Value { .list(try vm.list(numbers, Value.float)) }
    public func list(_ texts: some Collection<String>) throws -> Value { .list(try vm.list(texts) { .string(heap.string($0)) }) }
    public func map(_ entries: KeyValuePairs<String, Value>) -> Value { heap.map(entries) }
    public func object(_ object: HostObject) -> Value { .host(heap.host(object)) }

    // MARK: - Errors

    public func wrongType(_ index: Int, expected: String) -> RuntimeError {
        let parameter = signature.parameters[min(index, signature.parameters.count - 1)].name
        let subject = parameter == "self" ? "'\(name)' is a member of \(expected)" : "'\(parameter)' must be \(expected)"
        return RuntimeError(.type, "\(subject), not \(describe(arguments[index]))", hint: usageHint, argument: index)
    }

    public func invalid(_ index: Int, _ message: String, hint: String? = nil) -> RuntimeError {
        RuntimeError(.value, message, hint: hint ?? usageHint, argument: index)
    }

    /// Throws if an argument was given that has no effect with the others; `reason` says when it would have one.
    public func refuse(_ indices: Int..., unless reason: String) throws { try refuse(indices, unless: reason) }

    public func refuse(_ indices: [Int], unless reason: String) throws {
        guard let index = indices.first(where: isGiven) else { return }
        throw RuntimeError(.value, "'\(signature.parameters[index].name)' has no effect here: \(reason)", hint: "leave it out",
            argument: index)
    }

    private var usageHint: String? {
        builtin >= 0 ? "the call is \(vm.registry.builtins[builtin].usage)" : nil
    }

    /// A value's type, with the value itself if it is short: `string "abc"`.
    public func describe(_ value: Value) -> String {
        switch value.tag {
        case .nil, .missing: return "nil"
        case .true, .false, .int, .float: return "\(value.typeName) \(Printer.literal(value, limit: 40))"
        case .string where value.asString.byteCount <= 40: return "string \(Printer.literal(value, limit: 60))"
        default: return value.typePhrase
        }
    }

    // MARK: - Reading arguments

    /// The argument, or the default in the signature if it was not given, so that defaults stand in signatures alone. The other readers of
    /// arguments use this one, after a fast check for the wanted type. A default that depends on other arguments is passed to them. The
    /// value is missing if the default is not a literal.
    @inline(never) public func value(_ index: Int) -> Value {
        has(index) ? self[index] : signature.parameters[index].literal.map(value) ?? .missing
    }

    private func value(_ literal: Literal) -> Value {
        switch literal {
        case .nil: return .nil
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .float(let value): return .float(value)
        case .text(let value): return .string(heap.intern(value))
        case .list(let elements):
            let list = Value.list(heap.list(elements.map(value)))
            protect(list)
            return list
        }
    }

    public func int(_ index: Int) throws -> Int {
        if self[index].tag == .int { return self[index].asInt }
        let value = value(index)
        if value.tag == .int { return value.asInt }
        if value.tag == .float, let whole = Int(exactly: value.asFloat) { return whole }
        throw wrongType(index, expected: "an int")
    }

    public func int(_ index: Int, default fallback: Int) throws -> Int { has(index) ? try int(index) : fallback }

    /// An argument that is the seed of a generator: any int.
    public func seedValue(_ index: Int) throws -> UInt64 { UInt64(bitPattern: Int64(try int(index))) }

    /// An argument that is an int of at least `minimum`.
    public func int(_ index: Int, default fallback: Int? = nil, atLeast minimum: Int) throws -> Int {
        if let fallback, !has(index) { return fallback }
        let value = try int(index)
        guard value >= minimum else {
            throw invalid(index, "'\(signature.parameters[index].name)' must be at least \(minimum), not \(value)")
        }
        return value
    }

    public func double(_ index: Int) throws -> Double {
        guard let number = self[index].number ?? value(index).number else { throw wrongType(index, expected: "a number") }
        return number
    }

    public func double(_ index: Int, default fallback: Double) throws -> Double { has(index) ? try double(index) : fallback }

    public func bool(_ index: Int) throws -> Bool {
        switch value(index).tag {
        case .true: return true
        case .false: return false
        default: throw wrongType(index, expected: "true or false")
        }
    }

    public func bool(_ index: Int, default fallback: Bool) throws -> Bool { has(index) ? try bool(index) : fallback }

    public func string(_ index: Int) throws -> StringRef {
        if self[index].tag == .string { return self[index].asString }
        let value = value(index)
        guard value.tag == .string else { throw wrongType(index, expected: "a string") }
        return value.asString
    }

    public func text(_ index: Int) throws -> String {
        let string = try string(index)
        // The text of its own, and what is made of it.
        try MemoryAccount.ask(4 * string.byteCount)
        return string.text
    }

    /// An argument that is the path of a file: a string without a NUL character.
    public func filePath(_ index: Int) throws -> String {
        let path = try text(index)
        guard !path.utf8.contains(0) else {
            throw invalid(index, "'\(signature.parameters[index].name)' has a NUL character, which no path can have")
        }
        return path
    }

    public func option<Option: RawRepresentable & CaseIterable>(_ index: Int,
        default fallback: Option) throws -> Option where Option.RawValue == String {
        has(index) ? try option(index) : fallback
    }

    /// One of the names that an enumeration's raw values list.
    public func option<Option: RawRepresentable & CaseIterable>(_ index: Int) throws -> Option where Option.RawValue == String {
        let given = try text(index)
        if let option = Option(rawValue: given) { return option }
        let names = Option.allCases.map(\.rawValue)
        let hint = Suggestion.nearest(to: given, among: names).map { "did you mean \"\($0)\"?" }
        throw invalid(
            index,
            "'\(signature.parameters[index].name)' must be one of \(names.map { "\"\($0)\"" }.joined(separator: ", ")), not \"\(given)\"",
            hint: hint)
    }

    public func list(_ index: Int) throws -> ListRef {
        if self[index].tag == .list { return self[index].asList }
        let value = value(index)
        guard value.tag == .list else { throw wrongType(index, expected: "a list") }
        return value.asList
    }

    public func map(_ index: Int) throws -> MapRef {
        guard self[index].tag == .map else { throw wrongType(index, expected: "a map") }
        return self[index].asMap
    }

    /// An argument that is a library object of one class.
    public func object<Object: HostObject>(_ index: Int, as type: Object.Type, _ expected: String) throws -> Object {
        if self[index].tag == .host {
            let object = self[index].hostObject
            // Nearly always it is exactly that class, which is much cheaper to see than to cast.
            if Swift.type(of: object) == type { return unsafeDowncast(object, to: type) }
            if let object = object as? Object { return object }
        }
        throw wrongType(index, expected: expected)
    }

    /// The receiver of a method or property. The registry only finds members by type, so it always fits.
    public func receiver<Object: HostObject>(_ type: Object.Type) throws -> Object { try object(0, as: type, "a value of another type") }

    public func function(_ index: Int) throws -> Value {
        let value = self[index]
        switch value.tag {
        case .closure, .builtin: return value
        case .host where value.hostObject.isCallable: return value
        default: throw wrongType(index, expected: "a function")
        }
    }

    /// The elements of anything that can be iterated: a list, range, map (as pairs), string (as characters), tensor…. Those of
    /// a list are its own: to be copied before code of the language runs, which may change the list.
    ///
    /// - Parameter copies: whether the built-in makes something of each element on its way to a result; false where it only reads them.
    public func sequence(_ index: Int, copies: Bool = true) throws -> ListRef {
        try sequence(value(index), argument: index, copies: copies)
    }

    private func sequence(_ value: Value, argument index: Int, copies: Bool = true) throws -> ListRef {
        do {
            let elements = try vm.elements(of: value)
            if value.tag != .list { protect(.list(elements)) }
            if copies { try Limit.askForWork(on: elements.count) }
            return elements
        } catch let error as RuntimeError where error.kind == .type {
            throw wrongType(index, expected: "a list or something else to iterate over")
        }
    }

    /// The elements of each of the sequences given for a rest parameter. An iterator among them may run code of the language.
    public func sequences(_ index: Int) throws -> [ListRef] {
        try rest(index).map { sequence in
            let elements = try vm.elements(of: sequence)
            protect(.list(elements))
            try Limit.askForWork(on: elements.count)
            return elements
        }
    }

    /// The numbers of a list, range or tensor (all of its elements).
    public func doubles(_ index: Int) throws -> [Double] { try doubles(value(index), argument: index) }

    /// The numbers of a value that belongs to an argument.
    public func doubles(_ value: Value, argument index: Int) throws -> [Double] {
        if value.tag == .host, let numbers = value.hostObject.numberSequence {
            try Limit.askForWork(on: numbers.count)
            return numbers.values()
        }
        let elements = try sequence(value, argument: index)
        return try [Double](unsafeUninitializedCapacity: elements.count) { numbers, count in
            try vm.inParts(elements.count) { part in
                for i in part {
                    guard let number = elements[i].number else {
                        throw RuntimeError(
                            .type,
                            "'\(signature.parameters[index].name)' must hold numbers only, but element \(i) is \(describe(elements[i]))",
                            argument: index)
                    }
                    numbers[i] = number
                }
            }
            count = elements.count
        }
    }

    /// Numbers in the same order as those of a list, range or tensor. Ints that doubles cannot distinguish are replaced by their ranks.
    public func ordered(_ index: Int) throws -> [Double] {
        let doubles = try doubles(index)
        guard self[index].tag == .list || self[index].tag == .range, doubles.contains(where: { abs($0) >= 0x1p53 && $0.isFinite }) else {
            return doubles
        }
        let elements = try sequence(index)
        let positions = try doubles.indices.filter { !doubles[$0].isNaN }.sorted {
            try vm.checkInterruption()
            return try vm.isLess(elements[$0], elements[$1])
        }
        var places = doubles
        var place = 0.0
        for (i, position) in positions.enumerated() {
            if i > 0, try vm.isLess(elements[positions[i - 1]], elements[position]) { place += 1 }
            places[position] = place
        }
        return places
    }

    /// The ints of a list, range or tensor.
    public func ints(_ index: Int) throws -> [Int] { try ints(self[index], argument: index) }

    public func ints(_ value: Value, argument index: Int) throws -> [Int] {
        // As doubles the ints near the greatest are none any more.
        if value.tag == .list {
            let elements = try sequence(value, argument: index).array
            if elements.allSatisfy({ $0.tag == .int }) { return elements.map(\.asInt) }
        }
        return try doubles(value, argument: index).map { x in
            guard let int = Int(exactly: x) else {
                throw invalid(index, "'\(signature.parameters[index].name)' must hold ints only, not \(x)")
            }
            return int
        }
    }

    /// The values given for a rest parameter.
    public func rest(_ index: Int) -> [Value] { has(index) ? self[index].asList.array : [] }
}
