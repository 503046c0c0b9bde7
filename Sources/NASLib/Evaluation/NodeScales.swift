import Foundation

/// Powers of two by which the values of a plan's nodes are divided, so that they stay within what floats hold although nothing
/// normalises them: without normalisation deep networks grow by tens of powers of ten.
///
/// What leads from one node to another by a weight may change the scale, as the weight takes up the difference: with
/// v' = v 2^-e a convolution's weights become W 2^(e of its source - e of its node), its bias b 2^-e. Nodes that are joined without
/// weights have one scale. Functions other than max(0, x) need their arguments as they are, but for those that are x itself beyond some
/// number, where all arguments are. Powers of two change no digit.
struct NodeScales {
    /// The logarithms of a node's least and greatest value, where these are numbers above 0.
    typealias Extent = (least: Double, greatest: Double)
    /// Of each node.
    private(set) var exponents: [Int]
    /// By how many powers of two the least value of a node that is not known may lie below its mean.
    private static let likelySpread = 12.0
    /// Whether all is to scale already.
    var isNothing: Bool { exponents.allSatisfy { $0 == 0 } }

    /// All weights must be at least 0. What is not known of a node yet is expected to be as large as the mean of a layer's weights makes it.
    /// `applied` are the powers of two by which the values are divided already.
    init(_ plan: Plan, _ store: ParameterStore, known: [Extent?], applied: [Int]) {
        let unscaled = plan.nodes.count
        var groups = Groups(count: plan.nodes.count + 1)
        // Logarithms of how large the values are.
        var sizes: [Double] = []
        func size(_ source: Int) -> Double { source < 0 ? 0 : sizes[source] }
        // By how much groups may be divided so that functions are still x itself.
        var rooms: [(node: Int, room: Double)] = []
        /// Whether a function commutes with the scale of its argument.
        func isPlain(_ function: Activation?, _ source: Int) -> Bool {
            guard let function, function != .relu else { return true }
            guard source >= 0, let start = function.identityFrom else { return false }
            let least = known[source]?.least ?? (sizes[source] - NodeScales.likelySpread)
            guard least + Double(applied[source]) >= log2(start) else { return false }
            rooms.append((source, least - log2(start)))
            return true
        }
        for (n, node) in plan.nodes.enumerated() {
            var terms: [Double] = []
            func join(_ source: Int, isPlain: Bool = true, bound: Double = .infinity) {
                terms.append(min(size(source), bound))
                groups.join(n, source < 0 || !isPlain ? unscaled : source)
                if !isPlain, source >= 0 { groups.join(source, unscaled) }
            }
            for edge in node.edges {
                let layer = edge.layer, bound = layer.activation?.bound ?? .infinity
                switch layer.scaling {
                case .weights:
                    guard let stored = layer as? any StoredLayer else { continue }
                    if edge.source >= 0, !isPlain(layer.activation, edge.source) { groups.join(edge.source, unscaled) }
                    for (array, start) in stored.arrays {
                        let sum = log2(NodeScales.sum(store, start, array.extent) / Double(array.shape[0]))
                        terms.append(array.role == .weight ? min(size(edge.source), bound) + sum : sum)
                    }
                case .keeps:
                    join(edge.source, isPlain: isPlain(layer.activation, edge.source), bound: bound)
                    if let factor = edge.factor { groups.join(factor, unscaled) }
                case .fixed: join(edge.source, isPlain: false)
                }
            }
            sizes.append(known[n]?.greatest ?? NodeScales.logarithm(ofSum: terms))
        }
        var ends: [Int: (low: Double, high: Double)] = [:]
        for (n, size) in sizes.enumerated() where size.isFinite {
            let known = ends[groups.first(of: n)] ?? (size, size)
            ends[groups.first(of: n)] = (min(known.low, size), max(known.high, size))
        }
        var most: [Int: Double] = [:]
        for (node, room) in rooms { most[groups.first(of: node)] = min(most[groups.first(of: node)] ?? .infinity, room) }
        exponents = plan.nodes.indices.map { n in
            let group = groups.first(of: n)
            if group == groups.first(of: unscaled) { return -applied[n] }
            guard let (low, high) = ends[group] else { return 0 }
            return Int(saturating: min(((low + high) / 2).rounded(), (most[group] ?? .infinity).rounded(.down)))
        }
    }

    /// Puts the weights to scale.
    func apply(to plan: Plan, _ store: ParameterStore) {
        for (n, node) in plan.nodes.enumerated() {
            for edge in node.edges where edge.layer.scaling == .weights {
                guard let layer = edge.layer as? any StoredLayer else { continue }
                for (array, start) in layer.arrays {
                    let exponent = (array.role == .weight && edge.source >= 0 ? exponents[edge.source] : 0) - exponents[n]
                    guard exponent != 0 else { continue }
                    for i in start..<start + array.extent { store.weights[i] = scalbn(store.weights[i], exponent) }
                }
            }
        }
    }

    private static func sum(_ store: ParameterStore, _ offset: Int, _ count: Int) -> Double {
        (offset..<offset + count).reduce(0) { $0 + Double(store.weights[$1]) }
    }

    /// Of numbers that are given by their logarithms; minus infinity for none.
    private static func logarithm(ofSum terms: [Double]) -> Double {
        guard let largest = terms.max(), largest.isFinite else { return -.infinity }
        return largest + log2(terms.reduce(0) { $0 + exp2($1 - largest) })
    }

    /// Numbers that belong together.
    private struct Groups {
        private var parents: [Int]

        init(count: Int) { parents = Array(0..<count) }

        func first(of i: Int) -> Int {
            var i = i
            while parents[i] != i { i = parents[i] }
            return i
        }

        mutating func join(_ i: Int, _ j: Int) {
            let (a, b) = (first(of: i), first(of: j))
            parents[max(a, b)] = min(a, b)
        }
    }
}

extension Activation {
    /// From here on f(x) = x to the last digit.
    fileprivate var identityFrom: Double? {
        switch self {
        case .relu: 0
        case .gelu, .swish: 64
        case .hardSwish: 3
        case .relu6, .sigmoid, .tanh, .hardSigmoid: nil
        }
    }

    /// The logarithm of the greatest value.
    fileprivate var bound: Double {
        switch self {
        case .relu, .gelu, .swish, .hardSwish: .infinity
        case .relu6: log2(6)
        case .sigmoid, .tanh, .hardSigmoid: 0
        }
    }
}
