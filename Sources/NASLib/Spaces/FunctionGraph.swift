/// What a network computes, as a graph: to tell whether two networks compute the same function, but for the values of their weights.
///
/// A node is an operation and what goes into it; a value is a sum of nodes, each as often as it is added. So sums of sums are one sum, and
/// the order of a sum does not count. An operation without weights that has the same input twice is one node; two layers with weights are
/// two nodes, also where they are alike.
struct FunctionGraph {
    /// A sum of nodes, in their order; without terms it is zero.
    struct Value: Hashable {
        fileprivate var terms: [Term] = []

        static let zero = Value()
        var isZero: Bool { terms.isEmpty }

        static func + (a: Value, b: Value) -> Value {
            var sum = Value()
            var (i, j) = (0, 0)
            while i < a.terms.count || j < b.terms.count {
                if j == b.terms.count || (i < a.terms.count && a.terms[i].node < b.terms[j].node) {
                    sum.terms.append(a.terms[i])
                    i += 1
                } else if i == a.terms.count || b.terms[j].node < a.terms[i].node {
                    sum.terms.append(b.terms[j])
                    j += 1
                } else {
                    sum.terms.append(Term(node: a.terms[i].node, times: (a.terms[i].times + b.terms[j].times) % Term.modulus))
                    (i, j) = (i + 1, j + 1)
                }
            }
            return sum
        }
    }

    fileprivate struct Term: Hashable {
        var node: Int
        /// How often it is added, by a prime modulus: identities can double it again and again.
        var times: UInt64
        static let modulus: UInt64 = (1 << 61) - 1
    }

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
        let key = Key(operation: Digest(operation), inputs: inputs)
        var place = hasWeights ? nil : known[key]
        if place == nil {
            let digest = Digest([key.operation] + inputs.map { value in sum(value) { nodes[$0].digest } })
            nodes.append(Node(inputs: inputs, digest: digest))
            place = nodes.count - 1
            if !hasWeights { known[key] = nodes.count - 1 }
        }
        return Value(terms: [Term(node: place ?? 0, times: 1)])
    }

    /// The value of a linear operation without weights: that of a sum is the sum of the terms' values.
    mutating func linear(_ operation: String, _ value: Value) -> Value {
        value.terms.reduce(.zero) { sum, term in
            var part = node(operation, [Value(terms: [Term(node: term.node, times: 1)])], hasWeights: false)
            part.terms[0].times = term.times
            return sum + part
        }
    }

    /// A text of a value: equal texts mean the same function of the same layers (a chance of 2^-64 aside), and the same function gives the
    /// same text.
    ///
    /// Each node that the value uses gets a colour, at first the digest of what goes in. Nodes of one colour are told apart by who uses
    /// them, then by their users' colours and so on; where that ends with two of a colour, they are alike, and one of them is marked.
    /// When each node has a colour of its own, the colours describe the graph. (Two nodes that are not alike and yet not told apart need
    /// a network of many layers that use each other in rings of different lengths; then one function could have two texts.)
    func text(of output: Value) -> String {
        guard !output.isZero else { return "#" }
        var isUsed = Array(repeating: false, count: nodes.count)
        for term in output.terms { isUsed[term.node] = true }
        // Whoever uses a node comes after it.
        for i in nodes.indices.reversed() where isUsed[i] { for value in nodes[i].inputs { for term in value.terms { isUsed[term.node] = true } } }
        let used = nodes.indices.filter { isUsed[$0] }
        var colors = nodes.map(\.digest)
        if !isDiscrete(colors, used) {
            refine(&colors, used, output)
            while let alike = firstOfOneColor(colors, used) {
                // Marking one or another may make a difference where they only seem alike: the least result counts.
                let marked = alike.map { node in
                    var trial = colors
                    trial[node] = Digest([trial[node], Digest("marked")])
                    refine(&trial, used, output)
                    return (colors: trial, text: Digest(used.map { trial[$0] }.sorted()))
                }
                colors = marked.min { $0.text < $1.text }?.colors ?? colors
            }
        }
        return Digest([sum(output) { colors[$0] }] + used.map { colors[$0] }.sorted()).text
    }

    private func sum(_ value: Value, _ color: (Int) -> Digest) -> Digest {
        Digest(value.terms.map { Digest([color($0.node), Digest(number: $0.times)]) }.sorted())
    }

    private func isDiscrete(_ colors: [Digest], _ used: [Int]) -> Bool { Set(used.map { colors[$0] }).count == used.count }

    /// Nodes of the least colour that several have, but one of those that the same nodes use in the same way with the same inputs.
    private func firstOfOneColor(_ colors: [Digest], _ used: [Int]) -> [Int]? {
        let classes = Dictionary(grouping: used) { colors[$0] }.filter { $0.value.count > 1 }
        guard let least = classes.min(by: { $0.key < $1.key })?.value else { return nil }
        var seen: Set<[[Int]]> = []
        return least.filter { node in
            let users = used.filter { user in nodes[user].inputs.contains { $0.terms.contains { $0.node == node } } }
            return seen.insert([users] + nodes[node].inputs.map { $0.terms.map(\.node) }).inserted
        }
    }

    /// Colours that also tell of a node's users and inputs, until they tell no more nodes apart.
    private func refine(_ colors: inout [Digest], _ used: [Int], _ output: Value) {
        var count = Set(used.map { colors[$0] }).count
        while true {
            var uses = Array(repeating: [Digest](), count: nodes.count)
            for term in output.terms { uses[term.node].append(Digest([Digest("output"), Digest(number: term.times)])) }
            for i in used.reversed() {
                colors[i] = Digest([colors[i]] + uses[i].sorted())
                for (place, value) in nodes[i].inputs.enumerated() {
                    for term in value.terms { uses[term.node].append(Digest([colors[i], Digest(number: UInt64(place)), Digest(number: term.times)])) }
                }
            }
            for i in used { colors[i] = Digest([colors[i]] + nodes[i].inputs.map { value in sum(value) { colors[$0] } }) }
            let next = Set(used.map { colors[$0] }).count
            if next == count || next == used.count { return }
            count = next
        }
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

    init(number: UInt64) { add(number) }

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
