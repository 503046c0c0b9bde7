/// What a network computes, as a graph: to tell whether two networks compute the same function, but for the values of their weights.
///
/// A node is an operation and what goes into it, a value is the list of the nodes that are added up to make it; the empty list is zero.
/// So sums of sums are one sum, and the order of a sum does not count. An operation without weights that has the same input twice is one
/// node; two layers with weights are two nodes, also where they are alike.
struct FunctionGraph {
    typealias Value = [Int]

    private var nodes: [Node] = []
    /// Nodes without weights, by what they are.
    private var known: [Key: Int] = [:]

    private struct Node {
        var inputs: [Value]
        /// Of the operation and all that goes in.
        var digest: Digest
    }

    private struct Key: Hashable {
        var operation: Digest
        var inputs: [Value]
    }

    /// The value of an operation on values whose order counts.
    ///
    /// - Parameter hasWeights: whether it has weights of its own, by which it differs from others of its kind.
    mutating func node(_ operation: String, _ inputs: [Value], hasWeights: Bool) -> Value {
        let inputs = inputs.map { $0.sorted() }
        let key = Key(operation: Digest(operation), inputs: inputs)
        if !hasWeights, let node = known[key] { return [node] }
        let digest = Digest([key.operation] + inputs.map { value in Digest(value.map { nodes[$0].digest }.sorted()) })
        nodes.append(Node(inputs: inputs, digest: digest))
        if !hasWeights { known[key] = nodes.count - 1 }
        return [nodes.count - 1]
    }

    /// A text that is equal for two values exactly when they are the same function of the same layers (a chance of 2^-64 aside).
    ///
    /// What goes into a node does not tell whether two uses share it. So each node gets a second digest, of all ways in which the output
    /// uses it, and the nodes' pairs of digests are what is compared.
    func text(of output: Value) -> String {
        guard !output.isEmpty else { return "#" }
        var uses = Array(repeating: [Digest](), count: nodes.count)
        for node in output { uses[node].append(Digest("output")) }
        var pairs: [Digest] = []
        // Whoever uses a node comes after it.
        for i in nodes.indices.reversed() where !uses[i].isEmpty {
            let pair = Digest([nodes[i].digest, Digest(uses[i].sorted())])
            pairs.append(pair)
            for (place, value) in nodes[i].inputs.enumerated() {
                for input in value { uses[input].append(Digest([pair, Digest(number: place)])) }
            }
        }
        return Digest(pairs.sorted()).text
    }
}

/// 128 bits that stand for what was put in.
private struct Digest: Hashable, Comparable {
    private var a: UInt64 = 0xcbf2_9ce4_8422_2325
    private var b: UInt64 = 0x9ae1_6a3b_2f90_404f

    init(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(0x1ff)
    }

    init(number: Int) { add(UInt64(bitPattern: Int64(number))) }

    init(_ parts: [Digest]) {
        for part in parts {
            add(part.a)
            add(part.b)
        }
        add(0x2ff)
    }

    /// Two sums that are mixed in different ways.
    private mutating func add(_ word: UInt64) {
        var (first, second) = (SplitMix64(state: a ^ word), SplitMix64(state: b &+ (word &* 0x100_0000_01b3)))
        (a, b) = (first.next(), second.next())
    }

    static func < (x: Digest, y: Digest) -> Bool { (x.a, x.b) < (y.a, y.b) }

    /// In hexadecimal.
    var text: String {
        [a, b].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
