import Foundation
import NASLib
import Runtime

/// Indices drawn in proportion to weights that may change.
final class WeightedObject: HostObject, Probabilistic {
    var tree: SumTree

    init(_ tree: SumTree) { self.tree = tree }

    override var typeName: String { "weighted_sampler" }
    override var description: String { "<sampler over \(tree.count) weights with the sum \(tree.total)>" }
    override var count: Int? { tree.count }
    override var footprint: Int { 16 * tree.count }

    func draw(_ vm: VM) throws -> Value {
        guard let index = tree.draw(using: &vm.generator.generator) else {
            throw RuntimeError(.value, "all weights are 0: there is nothing to draw", hint: "w[i] = 1 sets a weight")
        }
        return .int(index)
    }

    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        guard value.tag == .int else { throw call.strange(value, to: self, over: "indices", argument: argument) }
        return (0..<tree.count).contains(value.asInt) ? log(tree[value.asInt] / tree.total) : -.infinity
    }

    override func element(at indices: [Value], _ vm: VM) throws -> Value? { try position(indices).map { .float(tree[$0]) } }

    override func setElement(at indices: [Value], to value: Value, _ vm: VM) throws -> Bool {
        guard let index = try position(indices) else { return false }
        guard let weight = value.number, weight >= 0, weight.isFinite else {
            throw RuntimeError(.value, "a weight must be a finite number of at least 0, not \(Printer.literal(value, limit: 40))")
        }
        guard (tree.total - tree[index] + weight).isFinite else { throw RuntimeError(.value, "the sum of the weights is too large") }
        tree[index] = weight
        return true
    }

    private func position(_ indices: [Value]) throws -> Int? {
        guard indices.count == 1, indices[0].tag == .int else { return nil }
        let index = indices[0].asInt
        guard (-tree.count..<tree.count).contains(index) else {
            throw RuntimeError(.index, "index \(index) is outside the \(tree.count) weights",
                hint: "valid indices are 0 to \(tree.count - 1), or -\(tree.count) to -1")
        }
        return index < 0 ? index + tree.count : index
    }
}

extension Call {
    /// Finite numbers of at least 0, one of them positive, with a finite sum.
    func weights(_ index: Int) throws -> [Double] { try weights(arguments[index], argument: index) }

    func weights(_ value: Value, argument index: Int) throws -> [Double] {
        let weights = try doubles(value, argument: index)
        if let bad = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
            throw invalid(index, "weights must be finite numbers of at least 0, not \(bad)")
        }
        let total = weights.reduce(0, +)
        guard total > 0 else { throw invalid(index, "at least one weight must be positive") }
        guard total.isFinite else { throw invalid(index, "the sum of the weights is too large") }
        return weights
    }
}

extension Library {
    static let weightedSampling: [Builtin] = [
        .fn("weighted", "weights",
            """
            A sampler of indices in proportion to weights that may change: a draw and a change `w[i] = weight` take O(log n). \
            `categorical` draws in O(1) from fixed weights.
            """,
            """
            let w = weighted([1, 3])
            prob(w, 1)  # => 0.75
            w[1] = 0
            draw(w, 3)  # => [0, 0, 0]
            """) { call in call.object(WeightedObject(SumTree(weights: try call.weights(0)))) },
        .property("weighted_sampler.total", "The sum of the weights.", "weighted([1, 3]).total  # => 4.0") { call in
            .float(try call.receiver(WeightedObject.self).tree.total)
        },
        .property("weighted_sampler.weights", "The current weights.", "weighted([1, 3]).weights  # => [1.0, 3.0]") { call in
            let tree = try call.receiver(WeightedObject.self).tree
            return try call.list((0..<tree.count).map { tree[$0] })
        },
        .fn("sample", "sequence, n, weights: nil, replace: false",
            """
            A list of n elements drawn from a sequence without replacement. With weights, each draw is in proportion to the weights of the \
            elements that are left. `replace: true` draws with replacement.
            """,
            """
            len(sample(0..10, 4))  # => 4
            sort(sample(["a", "b", "c"], 2, weights: [1, 0, 5]))  # => ["a", "c"]
            sample([7], 3, replace: true)  # => [7, 7, 7]
            """) { call in
            var elements = try call.sequence(0).array
            let n = try call.int(1, atLeast: 0)
            try Limit.check(elements: n, argument: 1)
            let weights = call.isGiven(2) ? try call.weights(2) : nil
            if let weights, weights.count != elements.count {
                throw RuntimeError(.shape, "there are \(elements.count) elements and \(weights.count) weights", argument: 2)
            }
            let replaces = try call.bool(3)
            let most = replaces ? (elements.isEmpty ? 0 : n) : weights.map { $0.count { $0 > 0 } } ?? elements.count
            guard n <= most else {
                throw call.invalid(
                    1, replaces ? "there is nothing to draw from"
                    : "\(n) elements cannot be drawn from \(most)\(weights == nil ? "" : " of positive weight") without replacement",
                    hint: replaces ? nil : "replace: true puts each element back")
            }
            let generator = call.vm.generator
            switch (weights, replaces) {
            case (nil, false):
                for i in 0..<n {
                    try call.vm.checkInterruption()
                    elements.swapAt(i, i + generator.generator.below(elements.count - i))
                }
                return try call.list(elements[..<n])
            case (nil, true): return .list(try call.vm.list(0..<n) { _ in elements[generator.generator.below(elements.count)] })
            case (let weights?, true):
                guard let table = try AliasTable(weights: weights, check: call.vm.checkInterruption) else {
                    throw call.invalid(2, "the weights cannot be probabilities")
                }
                return .list(try call.vm.list(0..<n) { _ in elements[table.draw(using: &generator.generator)] })
            case (let weights?, false):
                var tree = SumTree(weights: weights)
                return try call.list(try (0..<n).compactMap { _ -> Value? in
                    try call.vm.checkInterruption()
                    guard let index = tree.draw(using: &generator.generator) else { return nil }
                    tree[index] = 0
                    return elements[index]
                })
            }
        },
        .fn("sobol", "n, dims: 1, seed: nil",
            """
            The first n points of Sobol's sequence in the unit cube, each as a list: they fill it more evenly than independent draws, best \
            when n is a power of two. With a seed they are scrambled, so that each point is uniform.
            """,
            "sobol(4, 2)  # => [[0.0, 0.0], [0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]") { call in
            try lowDiscrepancy(call, most: Sobol.dimensionLimit) { Sobol(dimensions: $0, scrambledBy: &$1) }
        },
        .fn("halton", "n, dims: 1, seed: nil",
            """
            The first n points of Halton's sequence in the unit cube, each as a list: evenly spread for any n. With a seed they are \
            scrambled.
            """,
            "halton(3, 2)[1]  # => [0.5, 0.3333333333333333]") { call in
            try lowDiscrepancy(call, most: Halton.dimensionLimit) { Halton(dimensions: $0, scrambledBy: &$1) }
        },
    ]

    private static func lowDiscrepancy(_ call: Call, most: Int,
        _ sequence: (_ dimensions: Int, _ generator: inout Generator?) -> any LowDiscrepancySequence) throws -> Value {
        let (n, dimensions) = (try call.int(0, atLeast: 0), try call.int(1, atLeast: 1))
        guard dimensions <= most else { throw call.invalid(1, "'dims' goes up to \(most)") }
        try Limit.check(elements: n.multipliedReportingOverflow(by: dimensions).overflow ? .max : n * dimensions, argument: 0)
        var generator = call.isGiven(2) ? Generator(seed: try call.seedValue(2)) : nil
        let points = try call.heap.list(askingFor: n)
        try sequence(dimensions, &generator).forEachPoint(n) { point in
            try call.vm.checkInterruption()
            call.heap.append(try call.list(point), to: points)
        }
        return .list(points)
    }
}
