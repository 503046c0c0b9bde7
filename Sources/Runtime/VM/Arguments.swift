import Lang
import Text

/// Putting arguments where parameters are: defaults, rest parameters, names and spread.
extension VM {
    /// Arranges positional arguments of a built-in in place: fills up with `.missing`, gathers a rest parameter's in a list
    /// where there are any.
    /// `skipped` arguments at the front (a method's receiver) do not count in messages.
    public func arrange(_ signature: Signature, _ usage: String, _ arguments: UnsafeMutablePointer<Value>, _ count: Int, skipped: Int) throws {
        let parameters = signature.parameters
        let plainCount = signature.hasRest ? parameters.count - 1 : parameters.count
        if count > plainCount && !signature.hasRest {
            throw RuntimeError(
                .type, "too many arguments: \(usage.prefix { $0 != "(" }) takes \(VM.counted(plainCount - skipped, signature.requiredCount - skipped)), not \(count - skipped)",
                hint: "the call is \(usage)", argument: plainCount)
        }
        if count < signature.requiredCount {
            let missing = parameters[count..<plainCount].filter { $0.defaultText == nil }.map { "'\($0.name)'" }
            throw RuntimeError(
                .type, "missing \(missing.count == 1 ? "argument" : "arguments") \(missing.joined(separator: " and "))", hint: Callable.hint(missingIn: usage))
        }
        try ensureStack(arguments + parameters.count + 1)
        if signature.hasRest {
            arguments[plainCount] = count > plainCount
                ? .list(heap.list(UnsafeMutableBufferPointer(start: arguments + plainCount, count: count - plainCount))) : .missing
        }
        if count < plainCount {
            for i in count..<plainCount { arguments[i] = .missing }
        }
    }

    public static func counted(_ most: Int, _ least: Int) -> String {
        if most == least { return most == 1 ? "1 argument" : "\(most) arguments" }
        return "\(least) to \(most) arguments"
    }

    /// The same for a function of the language.
    public func arrange(_ layout: UnsafeMutablePointer<PrototypeLayout>, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws {
        let parameterCount = layout.pointee.parameterCount
        if count < parameterCount, count >= layout.pointee.requiredCount {
            try ensureStack(arguments + layout.pointee.registerCount)
            (arguments + count).update(repeating: .missing, count: parameterCount &- count)
            return
        }
        let prototype = layout.pointee.prototype
        let parameters = prototype.parameters
        let hasRest = parameters.last?.isRest ?? false
        let plainCount = hasRest ? parameters.count - 1 : parameters.count
        let requiredCount = parameters.count(where: \.isRequired)
        let usage = "\(prototype.name)\(prototype.signature)"
        if count > plainCount && !hasRest {
            throw RuntimeError(
                .type, "too many arguments: \(prototype.name) takes \(VM.counted(plainCount, requiredCount)), not \(count)", hint: "the call is \(usage)",
                argument: plainCount)
        }
        try ensureStack(arguments + prototype.layout.pointee.registerCount)
        if hasRest {
            let rest = try heap.list(askingFor: max(0, count - plainCount))
            if count > plainCount {
                for i in plainCount..<count { heap.append(arguments[i], to: rest) }
            }
            arguments[plainCount] = .list(rest)
        }
        if count < plainCount {
            for i in count..<plainCount { arguments[i] = .missing }
            try checkRequired(prototype, arguments)
        }
    }

    private func checkRequired(_ prototype: Prototype, _ arguments: UnsafeMutablePointer<Value>) throws {
        let missing = prototype.parameters.enumerated().filter { $1.isRequired && arguments[$0].isMissing }.map { "'\($1.name)'" }
        guard missing.isEmpty else {
            throw RuntimeError(
                .type, "missing \(missing.count == 1 ? "argument" : "arguments") \(missing.joined(separator: " and "))",
                hint: "the call is \(prototype.name)\(prototype.signature)")
        }
    }

    /// Unpacks a call with names or spread so that the arguments lie in parameter order from `arguments` on.
    /// Returns how many positional ones that makes. With `receiver`, arguments[0] is a method's value and stays in front.
    @inline(__always) public func unpack(
        _ index: Int, of caller: UnsafeMutablePointer<PrototypeLayout>, for callee: Value, _ arguments: UnsafeMutablePointer<Value>, receiver: Bool
    ) throws -> Int {
        let known = caller.pointee.placements[index]
        guard known.callee == Placement.key(callee, receiver: receiver) else {
            return try unpackAnew(index, of: caller, for: callee, arguments, receiver: receiver)
        }
        // Everything was checked when the placement was made. The named values step aside, behind the parameters.
        let aside = arguments + max(known.parameterCount, known.firstNamed &+ known.nameCount)
        try ensureStack(aside + (known.nameCount &+ 1))
        aside.update(from: arguments + known.firstNamed, count: known.nameCount)
        (arguments + known.firstNamed).update(repeating: .missing, count: known.parameterCount &- known.firstNamed)
        var targets = known.targets
        var i = 0
        while i < known.nameCount {
            arguments[Int(targets & 0xff)] = aside[i]
            targets >>= 8
            i &+= 1
        }
        return known.parameterCount
    }

    @inline(never) private func unpackAnew(
        _ index: Int, of caller: UnsafeMutablePointer<PrototypeLayout>, for callee: Value, _ arguments: UnsafeMutablePointer<Value>, receiver: Bool
    ) throws -> Int {
        let shape = caller.pointee.prototype.callShapes[index]
        let offset = receiver ? 1 : 0
        var positional: [Value] = receiver ? [arguments[0]] : []
        if shape.hasSpread {
            positional += arguments[offset].asList.array
        } else {
            for i in 0..<shape.positionalCount { positional.append(arguments[offset + i]) }
        }
        let firstNamed = offset + (shape.hasSpread ? 1 : shape.positionalCount)
        let named = shape.names.indices.map { arguments[firstNamed + $0] }
        guard positional.count <= VM.largestSpread else {
            throw RuntimeError(
                .limit, "too many arguments: a call takes at most \(VM.largestSpread), not \(positional.count)", hint: "hand over the list as one argument")
        }
        try ensureStack(arguments + positional.count + 300)
        var (names, usage, hasRest) = try parameterNames(of: callee)
        let gathered = gathersNames(callee) ? heap.map() : nil
        // Its own name is a name like any other.
        if gathered != nil { names[names.count - 1] = "" }
        for (i, value) in positional.enumerated() { arguments[i] = value }
        if shape.names.isEmpty { return positional.count }
        let plainCount = hasRest ? names.count - 1 : names.count
        func misnamed(_ label: Int) -> RuntimeError {
            let name = shape.names[label]
            let isTaken = names.prefix(plainCount).dropFirst(offset).contains(name)
            let near = isTaken ? nil : Suggestion.nearest(to: name, among: Array(names.prefix(plainCount).dropFirst(offset)))
            var error = RuntimeError(
                .type, isTaken ? "'\(name)' is given twice, by position and by name" : "there is no parameter '\(name)'",
                hint: (near.map { "did you mean '\($0)'? " } ?? "") + "the call is \(usage)")
            error.label = label
            return error
        }
        guard positional.count <= plainCount else {
            if hasRest { throw misnamed(0) }
            throw RuntimeError(.type, "too many arguments", hint: "the call is \(usage)")
        }
        for i in positional.count..<max(positional.count, plainCount) { arguments[i] = .missing }
        var end = positional.count
        var targets: UInt64 = 0
        for (label, (name, value)) in zip(shape.names, named).enumerated() {
            guard let index = names.firstIndex(of: name), index >= offset, index < plainCount else {
                if let gathered {
                    heap.set(name, to: value, in: gathered)
                    continue
                }
                throw misnamed(label)
            }
            guard arguments[index].isMissing || index >= positional.count else { throw misnamed(label) }
            arguments[index] = value
            end = max(end, index + 1)
            targets |= UInt64(index) << UInt64(8 * label)
        }
        if let gathered, gathered.count > 0 {
            guard positional.count < plainCount else { throw RuntimeError(.type, "too many arguments", hint: "the call is \(usage)") }
            arguments[plainCount - 1] = .map(gathered)
            end = plainCount
        }
        if callee.tag == .closure {
            let prototype = callee.asClosure.prototype.pointee.prototype
            try ensureStack(arguments + prototype.layout.pointee.registerCount)
            try checkRequired(prototype, arguments)
        } else {
            try checkRequired(names, callee, arguments, usage)
        }
        // Where names were gathered in a map, the next call needs a map of its own.
        if callee.tag != .host, gathered == nil, !hasRest, !shape.hasSpread, shape.names.count <= 8, names.count < 256 {
            caller.pointee.placements[index] = Placement(
                callee: Placement.key(callee, receiver: receiver), firstNamed: firstNamed, nameCount: shape.names.count,
                parameterCount: names.count, targets: targets)
        }
        return end
    }

    private func checkRequired(_ names: [String], _ callee: Value, _ arguments: UnsafeMutablePointer<Value>, _ usage: String) throws {
        let signature = callee.tag == .builtin ? registry.builtins[Int(callee.payload)].signature : callee.hostObject.signature
        let missing = signature.parameters.enumerated().filter { $1.defaultText == nil && !$1.isRest && arguments[$0].isMissing }.map { "'\($1.name)'" }
        guard missing.isEmpty else {
            throw RuntimeError(
                .type, "missing \(missing.count == 1 ? "argument" : "arguments") \(missing.joined(separator: " and "))", hint: Callable.hint(missingIn: usage))
        }
    }

    private func gathersNames(_ callee: Value) -> Bool {
        switch callee.tag {
        case .builtin: registry.builtins[Int(callee.payload)].signature.parameters.last?.gathersNames ?? false
        case .host: callee.hostObject.signature.parameters.last?.gathersNames ?? false
        default: false
        }
    }

    private func parameterNames(of callee: Value) throws -> (names: [String], usage: String, hasRest: Bool) {
        switch callee.tag {
        case .closure:
            let prototype = callee.asClosure.prototype.pointee.prototype
            return (prototype.parameters.map(\.name), "\(prototype.name)\(prototype.signature)", prototype.parameters.last?.isRest ?? false)
        case .builtin:
            let builtin = registry.builtins[Int(callee.payload)]
            return (builtin.signature.parameters.map(\.name), builtin.usage, builtin.signature.hasRest)
        case .host where callee.hostObject.isCallable:
            let signature = callee.hostObject.signature
            return (signature.parameters.map(\.name), "\(callee.hostObject.calledName)(\(signature.text))", signature.hasRest)
        default: throw notCallable(callee)
        }
    }
}

/// Where the arguments of a call with names go, as found for what it called last: names are looked up once for each callee.
public struct Placement {
    /// 0 when nothing was called yet.
    public var callee: UInt64 = 0
    public var firstNamed = 0
    public var nameCount = 0
    public var parameterCount = 0
    /// The parameter of each name, eight bits each, from the lowest on.
    public var targets: UInt64 = 0

    /// What stands for a callee: the address of a function's code, which is even; or above a lowest bit of 1 whether there is a receiver, and
    /// a built-in's number, counted from 1. 1 is for others, whose placement is not kept, and 0 for none.
    @inline(__always) public static func key(_ callee: Value, receiver: Bool) -> UInt64 {
        switch callee.tag {
        case .closure: UInt64(UInt(bitPattern: callee.asClosure.prototype))
        case .builtin: (callee.payload &+ 1) << 2 | (receiver ? 2 : 0) | 1
        default: 1
        }
    }
}
