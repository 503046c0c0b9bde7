import Foundation

/// Operators on anything but the pairs of ints and floats that the loop handles itself.
extension VM {
    @inline(never) public func arithmetic(_ op: Arithmetic, _ a: Value, _ b: Value) throws -> Value {
        switch (a.tag, b.tag) {
        case (.int, .int): return try intArithmetic(op, a.asInt, b.asInt)
        case (.int, .float): return try floatArithmetic(op, Double(a.asInt), b.asFloat, a, b)
        case (.float, .int): return try floatArithmetic(op, a.asFloat, Double(b.asInt), a, b)
        case (.float, .float): return try floatArithmetic(op, a.asFloat, b.asFloat, a, b)
        case (.string, .string) where op == .add:
            try Limit.check(bytes: a.asString.byteCount + b.asString.byteCount)
            return .string(heap.concatenation(a.asString, b.asString))
        case (.string, .int) where op == .multiply:
            return .string(try repeated(a.asString, b.asInt))
        case (.int, .string) where op == .multiply:
            return .string(try repeated(b.asString, a.asInt))
        case (.host, _):
            if let result = try a.hostObject.binary(op, b, isLeft: true, self) { return try finished(result) }
            if b.tag == .host, let result = try b.hostObject.binary(op, a, isLeft: false, self) { return try finished(result) }
        case (_, .host):
            if let result = try b.hostObject.binary(op, a, isLeft: false, self) { return try finished(result) }
        default: break
        }
        throw undefined(op, a, b)
    }

    private func intArithmetic(_ op: Arithmetic, _ a: Int, _ b: Int) throws -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch op {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide:
            guard b != 0 else { throw divisionByZero() }
            return .float(Double(a) / Double(b))
        case .floorDivide:
            guard b != 0 else { throw divisionByZero() }
            result = a.dividedReportingOverflow(by: b)
            if !result.overflow, a % b != 0, (a < 0) != (b < 0) { return .int(result.partialValue - 1) }
        case .remainder:
            guard b != 0 else { throw divisionByZero() }
            if b == -1 { return .int(0) }
            let remainder = a % b
            return .int(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
        case .power:
            if b < 0 {
                guard a != 0 else { throw divisionByZero() }
                return .float(pow(Double(a), Double(b)))
            }
            return .int(try power(a, b))
        case .matmul: throw undefined(op, .int(a), .int(b))
        }
        guard !result.overflow else { throw overflow(op, a, b) }
        return .int(result.partialValue)
    }

    private func power(_ base: Int, _ exponent: Int) throws -> Int {
        var result = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 {
                let (product, overflows) = result.multipliedReportingOverflow(by: square)
                guard !overflows else { throw overflow(.power, base, exponent) }
                result = product
            }
            rest >>= 1
            if rest > 0 {
                let (product, overflows) = square.multipliedReportingOverflow(by: square)
                guard !overflows else { throw overflow(.power, base, exponent) }
                square = product
            }
        }
        return result
    }

    private func floatArithmetic(_ op: Arithmetic, _ a: Double, _ b: Double, _ left: Value, _ right: Value) throws -> Value {
        switch op {
        case .add: return .float(a + b)
        case .subtract: return .float(a - b)
        case .multiply: return .float(a * b)
        case .divide:
            guard b != 0 else { throw divisionByZero() }
            return .float(a / b)
        case .floorDivide:
            guard b != 0 else { throw divisionByZero() }
            return .float(a.floorQuotient(dividingBy: b))
        case .remainder:
            guard b != 0 else { throw divisionByZero() }
            return .float(a.floorRemainder(dividingBy: b))
        case .power:
            if a == 0, b < 0 { throw divisionByZero() }
            let result = pow(a, b)
            if result.isNaN, !a.isNaN, !b.isNaN {
                throw RuntimeError(.arithmetic, "a negative number has no real power with a fraction", hint: "take abs(x) first")
            }
            return .float(result)
        case .matmul: throw undefined(op, left, right)
        }
    }

    public func repeated(_ text: StringRef, _ count: Int) throws -> StringRef {
        guard count >= 0 else { throw RuntimeError(.value, "a string cannot be repeated \(count) times") }
        let (bytes, overflow) = text.byteCount.multipliedReportingOverflow(by: count)
        try Limit.check(bytes: overflow ? .max : bytes)
        let result = heap.string(uninitializedCount: bytes)
        if text.byteCount > 0 {
            try inParts(count) { part in for i in part { memcpy(result.bytes + i * text.byteCount, text.bytes, text.byteCount) } }
        }
        result.pointer.pointee.header.isASCII = text.isASCII
            && !(text.byteCount > 1 && text.bytes[0] == 10 && text.bytes[text.byteCount - 1] == 13)
        return result
    }

    @inline(never) public func negated(_ value: Value) throws -> Value {
        switch value.tag {
        case .int:
            guard value.asInt != .min else { throw RuntimeError(.arithmetic, "int overflow: -(\(value.asInt)) does not fit 64 bits") }
            return .int(-value.asInt)
        case .float: return .float(-value.asFloat)
        case .host:
            if let result = try value.hostObject.negated(self) { return try finished(result) }
        default: break
        }
        throw RuntimeError(.type, "\(value.typePhrase) has no negative")
    }

    // MARK: - Comparison

    /// `a == b` for what is compared most often; nil for the rest.
    @inline(__always) func quicklyEqual(_ a: Value, _ b: Value) -> Bool? {
        if a.tag == .int, b.tag == .int { return a.payload == b.payload }
        if a.tag == .string, b.tag == .string { return a.asString.equals(b.asString) }
        return nil
    }

    @inline(never) public func areEqual(_ a: Value, _ b: Value) throws -> Bool { try Equality.equal(a, b, check: checkInterruption) }

    @inline(never) public func isLess(_ a: Value, _ b: Value) throws -> Bool { try order(a, b) == .orderedAscending }

    @inline(never) public func isLessOrEqual(_ a: Value, _ b: Value) throws -> Bool {
        let order = try order(a, b)
        return order == .orderedAscending || order == .orderedSame
    }

    @inline(never) func isGreater(_ a: Value, _ b: Value) throws -> Bool { try order(a, b) == .orderedDescending }

    @inline(never) func isGreaterOrEqual(_ a: Value, _ b: Value) throws -> Bool {
        let order = try order(a, b)
        return order == .orderedDescending || order == .orderedSame
    }

    /// The order of two values; nil when one is nan. Numbers by value, strings by code points, lists element by element.
    public func order(_ a: Value, _ b: Value) throws -> ComparisonResult? {
        switch (a.tag, b.tag) {
        case (.int, .int): return a.asInt < b.asInt ? .orderedAscending : a.asInt == b.asInt ? .orderedSame : .orderedDescending
        case (.float, .float): return VM.order(a.asFloat, b.asFloat)
        case (.int, .float): return VM.order(a.asInt, b.asFloat)
        case (.float, .int):
            switch VM.order(b.asInt, a.asFloat) {
            case .orderedAscending: return .orderedDescending
            case .orderedDescending: return .orderedAscending
            case let other: return other
            }
        case (.string, .string):
            let x = a.asString, y = b.asString
            let common = memcmp(x.bytes, y.bytes, min(x.byteCount, y.byteCount))
            let difference = common != 0 ? Int(common) : x.byteCount - y.byteCount
            return difference < 0 ? .orderedAscending : difference == 0 ? .orderedSame : .orderedDescending
        case (.list, .list): return try order(a.asList, b.asList)
        default:
            if let x = a.scalar, let y = b.scalar { return VM.order(x, y) }
            throw RuntimeError(.type, "\(described(a)) and \(described(b)) have no order", hint: orderHint(a, b))
        }
    }

    /// The first elements that differ decide. `Equality` finds them in bounded time also where lists are shared or cyclic.
    private func order(_ a: ListRef, _ b: ListRef) throws -> ComparisonResult? {
        var (a, b) = (a, b)
        for _ in 0..<VM.nestingLimit {
            try checkInterruption()
            guard let i = try (0..<min(a.count, b.count)).first(where: { !(try areEqual(a[$0], b[$0])) }) else {
                return VM.order(Double(a.count), Double(b.count))
            }
            guard a[i].tag == .list, b[i].tag == .list else { return try order(a[i], b[i]) }
            (a, b) = (a[i].asList, b[i].asList)
        }
        throw RuntimeError(.limit, "the lists are nested too deeply to compare")
    }

    private static func order(_ a: Double, _ b: Double) -> ComparisonResult? {
        a < b ? .orderedAscending : a == b ? .orderedSame : a > b ? .orderedDescending : nil
    }

    /// Exact, also where the int is too large for a double.
    private static func order(_ a: Int, _ b: Double) -> ComparisonResult? {
        if let whole = Int(exactly: b) { return a < whole ? .orderedAscending : a == whole ? .orderedSame : .orderedDescending }
        return order(Double(a), b)
    }

    @inline(never) public func contains(_ value: Value, in collection: Value) throws -> Bool {
        switch collection.tag {
        case .list: return try contains(value, among: collection.asList)
        case .map:
            guard let hash = hashKey(value) else { return false }
            return collection.asMap.find(value, hash: hash) >= 0
        case .range:
            guard let number = value.scalar, let whole = value.tag == .int ? value.asInt : Int(exactly: number) else { return false }
            return collection.asRange.contains(whole)
        case .string:
            guard value.tag == .string else {
                throw RuntimeError(.type, "only a string can be in a string, not \(value.typePhrase)")
            }
            return try value.asString.byteCount == 0 || search(for: value.asString, in: collection.asString).first() != nil
        case .host:
            if let result = try collection.hostObject.contains(value, self) { return result }
            fallthrough
        default:
            return try contains(value, among: try elements(of: collection))
        }
    }

    private func contains(_ value: Value, among elements: ListRef) throws -> Bool {
        var found = false
        try inParts(elements.count) { part in found = try found || part.contains { try areEqual(elements[$0], value) } }
        return found
    }

    // MARK: - Errors

    private func divisionByZero() -> RuntimeError { RuntimeError(.arithmetic, "division by zero") }

    private func overflow(_ op: Arithmetic, _ a: Int, _ b: Int) -> RuntimeError {
        RuntimeError(.arithmetic, "int overflow: \(a) \(op.symbol) \(b) does not fit 64 bits",
            hint: "make one of them a float: float(x) \(op.symbol) y")
    }

    private func undefined(_ op: Arithmetic, _ a: Value, _ b: Value) -> RuntimeError {
        RuntimeError(.type, "'\(op.symbol)' is not defined between \(a.typePhrase) and \(b.typePhrase)", hint: hint(op, a, b))
    }

    /// `the string "n/a"`, `nil`: where values come out of a list, their types alone would not tell which they are.
    private func described(_ value: Value) -> String {
        switch value.tag {
        case .int, .float, .string: "the \(value.typeName) \(Printer.brief(value))"
        default: value.typePhrase
        }
    }

    private func hint(_ op: Arithmetic, _ a: Value, _ b: Value) -> String? {
        if a.tag == .list || b.tag == .list {
            if op == .add, a.tag == .list, b.tag == .list {
                return "[...a, ...b] joins lists; tensor(a) + tensor(b) adds them element by element"
            }
            return "for arithmetic use tensor(xs), or a comprehension: [x \(op.symbol) y for x in xs]"
        }
        return mixedHint(a, b)
            ?? (op == .add && (a.tag == .string || b.tag == .string) ? "\"{x}\" or str(x) makes a string of a value" : nil)
    }

    private func orderHint(_ a: Value, _ b: Value) -> String? {
        a.typeName == "tensor"
            || b.typeName == "tensor" ? "less(a, b) and greater(a, b) compare element by element; t.all() and t.any() sum up"
            : mixedHint(a, b)
    }

    private func mixedHint(_ a: Value, _ b: Value) -> String? {
        if a.isNil || b.isNil { return "\(a.isNil ? "the left" : "the right") side is nil; x ?? 0 gives it a value" }
        for value in [a, b] where value.tag == .string && value.asString.byteCount <= 40 {
            if Double(value.asString.text) != nil { return "float(s) or int(s) reads the number in the string \(Printer.brief(value))" }
        }
        return nil
    }
}
