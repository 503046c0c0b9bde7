import Lang

/// Putting arguments where parameters are: defaults, rest parameters, names and spread. `Callable.places` tells where that is.
extension VM {
    /// Arranges positional arguments of a built-in in place: fills up with `.missing`, and gathers those of a rest parameter in a list.
    package func arrange(_ callable: Callable, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws {
        let signature = callable.signature, plainCount = signature.plainCount
        try match(callable, count)
        try ensureStack(arguments + signature.parameters.count + 1)
        if signature.hasRest {
            arguments[plainCount] = count > plainCount
                ? .list(heap.list(UnsafeMutableBufferPointer(start: arguments + plainCount, count: count - plainCount))) : .missing
        }
        if count < plainCount { (arguments + count).update(repeating: .missing, count: plainCount - count) }
    }

    /// The same for a function of the language.
    func arrange(_ layout: UnsafeMutablePointer<PrototypeLayout>, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws {
        let parameterCount = layout.pointee.parameterCount
        if count < parameterCount, count >= layout.pointee.requiredCount {
            try ensureStack(arguments + layout.pointee.registerCount)
            (arguments + count).update(repeating: .missing, count: parameterCount &- count)
            return
        }
        let callable = layout.pointee.prototype.callable, plainCount = callable.signature.plainCount
        try match(callable, count)
        try ensureStack(arguments + layout.pointee.registerCount)
        if callable.signature.hasRest {
            let rest = try heap.list(askingFor: max(0, count - plainCount))
            if count > plainCount {
                for i in plainCount..<count { heap.append(arguments[i], to: rest) }
            }
            arguments[plainCount] = .list(rest)
        }
        if count < plainCount { (arguments + count).update(repeating: .missing, count: plainCount - count) }
    }

    @discardableResult
    private func match(_ callable: Callable, _ count: Int, names: [String] = [], hasReceiver: Bool = false) throws -> [Int?] {
        do throws(Callable.Mismatch) {
            return try callable.places(of: names, after: count, hasReceiver: hasReceiver)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Unpacks a call with names or spread so that the arguments lie in parameter order from `arguments` on.
    /// Returns how many positional ones that makes. With `receiver`, arguments[0] is a method's value and stays in front.
    @inline(__always) public func unpack(
        _ index: Int, of caller: UnsafeMutablePointer<PrototypeLayout>, for callee: Value, _ arguments: UnsafeMutablePointer<Value>,
        receiver: Bool
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
        _ index: Int, of caller: UnsafeMutablePointer<PrototypeLayout>, for callee: Value, _ arguments: UnsafeMutablePointer<Value>,
        receiver: Bool
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
                .limit, "too many arguments: a call takes at most \(VM.largestSpread), not \(positional.count)",
                hint: "hand over the list as one argument")
        }
        try ensureStack(arguments + positional.count + 300)
        for (i, value) in positional.enumerated() { arguments[i] = value }
        if shape.names.isEmpty { return positional.count }
        let callable = try callable(callee), signature = callable.signature
        let places = try match(callable, positional.count, names: shape.names, hasReceiver: receiver)
        let gathered = signature.parameters.last?.gathersNames == true ? heap.map() : nil
        for i in positional.count..<max(positional.count, signature.plainCount) { arguments[i] = .missing }
        var end = positional.count
        var targets: UInt64 = 0
        for (label, (place, value)) in zip(places, named).enumerated() {
            if let place {
                arguments[place] = value
                end = max(end, place + 1)
                targets |= UInt64(place) << UInt64(8 * label)
            } else if let gathered {
                heap.set(shape.names[label], to: value, in: gathered)
            }
        }
        if let gathered, gathered.count > 0 {
            end = signature.plainCount
            arguments[end - 1] = .map(gathered)
        }
        if callee.tag == .closure { try ensureStack(arguments + callee.asClosure.prototype.pointee.registerCount) }
        // Where names were gathered in a map, the next call needs a map of its own.
        let isPlain = gathered == nil && !signature.hasRest && !shape.hasSpread
        if callee.tag != .host, isPlain, shape.names.count <= 8, signature.parameters.count < 256 {
            caller.pointee.placements[index] = Placement(
                callee: Placement.key(callee, receiver: receiver), firstNamed: firstNamed, nameCount: shape.names.count,
                parameterCount: signature.parameters.count, targets: targets)
        }
        return end
    }

    private func callable(_ callee: Value) throws -> Callable {
        switch callee.tag {
        case .closure: callee.asClosure.prototype.pointee.prototype.callable
        case .builtin: registry.builtins[Int(callee.payload)].callable
        case .host where callee.hostObject.isCallable: callee.hostObject.callable
        default: throw notCallable(callee)
        }
    }
}

extension RuntimeError {
    init(_ mismatch: Callable.Mismatch) {
        self.init(.type, mismatch.message, hint: mismatch.hint)
        switch mismatch.place {
        case .call: break
        case .position(let i): argument = i
        case .name(let i): label = i
        }
    }
}

/// Where the arguments of a call with names go, as found for what it called last: names are looked up once for each callee.
public struct Placement {
    /// The key of the last callee; 0 if nothing was called yet.
    public var callee: UInt64 = 0
    public var firstNamed = 0
    var nameCount = 0
    public var parameterCount = 0
    /// The parameter of each name, eight bits each, from the lowest on.
    public var targets: UInt64 = 0

    /// The key of a callee: the address of a function's code, which is even; or, above a lowest bit of 1, whether there is a receiver and a
    /// built-in's number, counted from 1. 1 is for other callees, whose placement is not kept, and 0 for none.
    @inline(__always) public static func key(_ callee: Value, receiver: Bool) -> UInt64 {
        switch callee.tag {
        case .closure: UInt64(UInt(bitPattern: callee.asClosure.prototype))
        case .builtin: (callee.payload &+ 1) << 2 | (receiver ? 2 : 0) | 1
        default: 1
        }
    }
}
