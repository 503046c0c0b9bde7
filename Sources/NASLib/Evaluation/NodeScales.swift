import Foundation

/// Powers of two by which the values of a plan's nodes are divided, so that they stay within what floats hold although nothing
/// normalises them: without normalisation deep networks grow by tens of powers of ten.
///
/// What leads from one node to another by a weight may change the scale, as the weight takes up the difference: with
/// v' = v 2^-e a convolution's weights become W 2^(e of its source - e of its node), its bias b 2^-e. Nodes that are joined without
/// weights have one scale. Functions other than max(0, x) need their arguments as they are. Powers of two change no digit.
struct NodeScales {
    /// Of each node.
    private var exponents: [Int]
    private var output = 0

    /// All weights must be at least 0. It expects of each node that its values are about as large as the mean of a layer's weights makes them.
    init(_ plan: Plan, _ store: ParameterStore) {
        let unscaled = plan.nodes.count
        var groups = Groups(count: plan.nodes.count + 1)
        // Logarithms of how large the values are.
        var sizes: [Double] = []
        func size(_ source: Int) -> Double { source < 0 ? 0 : sizes[source] }
        for (n, node) in plan.nodes.enumerated() {
            var terms: [Double] = []
            func join(_ source: Int, isPlain: Bool = true) {
                terms.append(size(source))
                groups.join(n, source < 0 || !isPlain ? unscaled : source)
                if !isPlain, source >= 0 { groups.join(source, unscaled) }
            }
            for edge in node.edges {
                switch edge.operation {
                case .convolution(let layer):
                    if edge.source >= 0, layer.activation != nil, layer.activation != .relu { groups.join(edge.source, unscaled) }
                    let sum = NodeScales.sum(store, layer.weightOffset, layer.weightCount) / Double(layer.outputs)
                    terms.append(size(edge.source) + log2(sum))
                    if layer.hasBias { terms.append(log2(NodeScales.sum(store, layer.biasOffset, layer.outputs) / Double(layer.outputs))) }
                case .activation(let function): join(edge.source, isPlain: function == .relu)
                case .globalPool(let function): join(edge.source, isPlain: function == nil || function == .relu)
                case .gate(let factor):
                    join(edge.source, isPlain: false)
                    groups.join(factor, unscaled)
                case .custom, .batchNormalization, .layerNormalization: join(edge.source, isPlain: false)
                case .identity, .averagePool, .pool, .dropout, .flatten, .load, .shift, .concatenation: join(edge.source)
                }
            }
            sizes.append(NodeScales.logarithm(ofSum: terms))
        }
        var ends: [Int: (low: Double, high: Double)] = [:]
        for (n, size) in sizes.enumerated() where size.isFinite {
            let known = ends[groups.first(of: n)] ?? (size, size)
            ends[groups.first(of: n)] = (min(known.low, size), max(known.high, size))
        }
        ends[groups.first(of: unscaled)] = (0, 0)
        exponents = plan.nodes.indices.map { n in ends[groups.first(of: n)].map { Int(saturating: (($0.low + $0.high) / 2).rounded()) } ?? 0 }
        if let last = sizes.last, last.isFinite {
            let weights = plan.classifier.inputs * plan.classifier.outputs
            let sum = NodeScales.sum(store, plan.classifier.weightOffset, weights) / Double(plan.classifier.outputs)
            output = sum > 0 ? Int(saturating: (last + log2(sum)).rounded()) : 0
        }
    }

    /// Puts the weights to scale, and tells by which power of two the outputs are then divided.
    func apply(to plan: Plan, _ store: ParameterStore) -> Int {
        func scale(_ offset: Int, _ count: Int, _ exponent: Int) {
            guard exponent != 0 else { return }
            for i in offset..<offset + count { store.weights[i] = scalbn(store.weights[i], exponent) }
        }
        for (n, node) in plan.nodes.enumerated() {
            for edge in node.edges {
                guard case .convolution(let layer) = edge.operation else { continue }
                scale(layer.weightOffset, layer.weightCount, (edge.source < 0 ? 0 : exponents[edge.source]) - exponents[n])
                if layer.hasBias { scale(layer.biasOffset, layer.outputs, -exponents[n]) }
            }
        }
        let weights = plan.classifier.inputs * plan.classifier.outputs
        scale(plan.classifier.weightOffset, weights, (exponents.last ?? 0) - output)
        scale(plan.classifier.weightOffset + weights, plan.classifier.outputs, -output)
        return output
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
