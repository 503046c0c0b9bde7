/// Structural equality, `==`. Numbers compare by value across int and float; lists and maps by contents
/// (maps regardless of order); functions and most library objects by identity.
public enum Equality {
    public static func equal(_ a: Value, _ b: Value) -> Bool { equal(a, b) {} }

    /// Structural equality with a `check` that is called while comparing containers, and may throw to stop.
    public static func equal(_ a: Value, _ b: Value, check: () throws -> Void) rethrows -> Bool {
        switch (a.tag, b.tag) {
        case (.int, .int): return a.payload == b.payload
        case (.float, .float): return a.asFloat == b.asFloat
        case (.int, .float): return equal(a.asInt, b.asFloat)
        case (.float, .int): return equal(b.asInt, a.asFloat)
        case (.string, .string): return a.asString.equals(b.asString)
        case (.list, .list), (.map, .map):
            var comparison = DeepComparison()
            return try comparison.equal(a, b, check)
        case (.range, .range):
            return a.asRange.hasSameElements(as: b.asRange)
        case (.host, .int), (.host, .float): return a.hostObject.scalar == b.number
        case (.int, .host), (.float, .host): return b.hostObject.scalar == a.number
        case (.host, .host): return a.payload == b.payload || a.hostObject.isEqual(to: b.hostObject)
        default: return a.isIdentical(to: b)
        }
    }

    /// Whether an int equals a double exactly: 2^53 + 1 differs from its nearest double.
    public static func equal(_ a: Int, _ b: Double) -> Bool { Int(exactly: b) == a }
}

/// Compares containers without recursion on the Swift stack and without looping on cycles:
/// a pair of containers already under comparison counts as equal.
private struct DeepComparison {
    private struct Pair: Hashable {
        let a: UInt64
        let b: UInt64
    }

    private var seen: Set<Pair> = []
    private var pending: [(Value, Value)] = []

    mutating func equal(_ a: Value, _ b: Value, _ check: () throws -> Void) rethrows -> Bool {
        pending = [(a, b)]
        while let (a, b) = pending.popLast() {
            try check()
            switch (a.tag, b.tag) {
            case (.list, .list):
                if a.payload == b.payload { continue }
                guard a.asList.count == b.asList.count else { return false }
                guard seen.insert(Pair(a: a.payload, b: b.payload)).inserted else { continue }
                for i in 0..<a.asList.count {
                    if i & 0xffff == 0 { try check() }
                    guard settled(a.asList[i], b.asList[i]) else { return false }
                }
            case (.map, .map):
                if a.payload == b.payload { continue }
                guard a.asMap.count == b.asMap.count else { return false }
                guard seen.insert(Pair(a: a.payload, b: b.payload)).inserted else { continue }
                for i in 0..<a.asMap.entryCount {
                    if i & 0xffff == 0 { try check() }
                    let entry = a.asMap.entries[i]
                    if entry.key.isMissing { continue }
                    let other = b.asMap.find(entry.key, hash: entry.hash)
                    guard other >= 0, settled(entry.value, b.asMap.entries[other].value) else { return false }
                }
            default: return false
            }
        }
        return true
    }

    /// False when the two differ for sure; containers are put off until later.
    private mutating func settled(_ a: Value, _ b: Value) -> Bool {
        if (a.tag == .list && b.tag == .list) || (a.tag == .map && b.tag == .map) {
            pending.append((a, b))
            return true
        }
        return Equality.equal(a, b)
    }
}
