import Foundation
import NASLib
import Runtime

/// A distribution that knows the probability or the density of what it draws.
protocol Probabilistic: Drawable {
    /// -infinity for what is never drawn. `argument` is the one that errors about the value point at.
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double
}

extension SpaceObject: Probabilistic {
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        _ = try call.path(value, of: space, argument: argument)
        return space.choices.reduce(0) { $0 - log(Double($1.candidates.count)) }
    }
}

extension PathSamplerObject: Probabilistic {
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        let probability = sampler.probability(of: try call.path(value, of: space, argument: argument))
        guard !probability.isNaN else { throw RuntimeError(.value, "\(description) knows no probabilities of paths", argument: 0) }
        return log(probability)
    }
}

extension ItemSamplerObject: Probabilistic {
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        guard value.tag == .int else { throw call.strange(value, to: self, over: "indices of examples", argument: argument) }
        guard !sampler.probabilities.isEmpty else {
            throw RuntimeError(.value, "\(description) knows no probabilities of examples", argument: 0)
        }
        return sampler.probabilities.indices.contains(value.asInt) ? log(sampler.probabilities[value.asInt]) : -.infinity
    }
}

extension Call {
    func strange(_ value: Value, to distribution: HostObject, over outcomes: String, argument: Int) -> RuntimeError {
        RuntimeError(.type, "\(distribution.description) is over \(outcomes), not \(describe(value))", argument: argument)
    }

    func probabilistic(_ index: Int) throws -> any Probabilistic {
        guard self[index].tag == .host, let object = self[index].hostObject as? any Probabilistic else { throw wrongType(index, expected: "a distribution") }
        return object
    }

    /// A distribution over numbers, which that over any outcomes is when all of them are numbers; false and true count as 0 and 1.
    func numberDistribution(_ index: Int) throws -> DistributionObject {
        switch try probabilistic(index) {
        case let object as DistributionObject: return object
        case let object as BernoulliObject:
            if let numbers = FiniteDistribution(values: [0, 1], weights: [1 - object.p, object.p]) { return DistributionObject(numbers, object.description) }
        case let object as CategoricalObject:
            if let numbers = object.numbers { return DistributionObject(numbers, object.description) }
        default: break
        }
        throw wrongType(index, expected: "a distribution over numbers")
    }
}

extension Library {
    static let probabilities: [Builtin] = [
        .fn("prob", "distribution, x", "The probability of x; the density where the distribution is continuous.", "prob(uniform(0, 4), 1)  # => 0.25") { call in
            // A probability itself is exact where the exponential of its logarithm is not.
            if let object = call[0].tag == .host ? call[0].hostObject as? CategoricalObject : nil { return .float(object.probability(of: call[1])) }
            return .float(exp(try call.probabilistic(0).logProbability(of: call[1], call, argument: 1)))
        },
        .fn("logprob", "distribution, x", "The logarithm of `prob`.", "logprob(uniform(0, 1), 0.5)  # => 0.0") { call in
            .float(try call.probabilistic(0).logProbability(of: call[1], call, argument: 1))
        },
        .fn("cdf", "distribution, x", "The probability that a draw is at most x.", "cdf(normal(0, 1), 0)  # => 0.5\ncdf(uniform(0, 4), 1)  # => 0.25") { call in
            let (distribution, x) = (try call.numberDistribution(0).distribution, try call.double(1))
            return .float(x.isNaN ? x : distribution.cdf(x))
        },
        .fn("survival", "distribution, x", "The probability that a draw is above x, exact also where it is small.", "survival(exponential(1), 40) == exp(-40)  # => true") { call in
            let (distribution, x) = (try call.numberDistribution(0).distribution, try call.double(1))
            return .float(x.isNaN ? x : distribution.survival(x))
        },
        .fn("support", "distribution", "The least and greatest value that can occur, or for a categorical one its outcomes.", "support(beta(1, 2))  # => [0.0, 1.0]") { call in
            switch try call.probabilistic(0) {
            case let object as DistributionObject: return try call.list([object.distribution.support.lowerBound, object.distribution.support.upperBound])
            case let object as CategoricalObject: return try call.list((0..<object.table.count).map(object.outcome))
            case is BernoulliObject: return try call.list([Value.bool(false), .bool(true)])
            case let object as VectorDistributionObject: throw call.invalid(0, "\(object.description) is over lists, which have no least and greatest")
            default: throw call.wrongType(0, expected: "a distribution over numbers or listed outcomes")
            }
        },
        .fn("entropy", "distribution", "The entropy in nats, of a continuous distribution the differential one: the mean of -logprob.",
            "entropy(categorical([1, 1])) == log(2)  # => true\nround(entropy(normal(0, 1)), digits: 6)  # => 1.418939") { call in
            let entropy: Double?
            switch try call.probabilistic(0) {
            case let object as VectorDistributionObject: entropy = object.distribution.entropy
            case let object as CategoricalObject: entropy = try distinct(object, call).reduce(0) { $0 - ($1.p > 0 ? $1.p * log($1.p) : 0) }
            case let object as PathSamplerObject: entropy = Library.entropy(of: object.sampler.probabilities.joined())
            case let object as ItemSamplerObject: entropy = Library.entropy(of: object.sampler.probabilities)
            case let object as SpaceObject: entropy = object.space.choices.reduce(0) { $0 + log(Double($1.candidates.count)) }
            default: entropy = try call.numberDistribution(0).distribution.entropy
            }
            guard let entropy else {
                throw call.invalid(0, "there is no closed form for the entropy of \(call[0].hostObject.description)", hint: "mean([-logprob(d, x) for x in draw(d, 10000)]) estimates it")
            }
            return .float(entropy)
        },
        .fn("kl", "p, q", "The Kullback-Leibler divergence in nats, the mean under p of logprob(p, x) - logprob(q, x): infinite where p draws what q never does.",
            "kl(normal(1, 1), normal(0, 1))  # => 0.5\nkl(categorical([1, 1]), categorical([1, 0]))  # => inf") { call in
            let divergence: Double?
            switch (try call.probabilistic(0), try call.probabilistic(1)) {
            case (let p as VectorDistributionObject, let q as VectorDistributionObject):
                let (n, m) = (p.distribution.mean.count, q.distribution.mean.count)
                guard n == m else { throw RuntimeError(.shape, "\(p.description) is over lists of \(n) numbers, \(q.description) of \(m)", argument: 1) }
                divergence = NASLib.divergence(of: p.distribution, from: q.distribution)
            case (let p as CategoricalObject, let q as CategoricalObject):
                divergence = try distinct(p, call).reduce(0) { $0 + ($1.p > 0 ? $1.p * log($1.p / q.probability(of: $1.outcome)) : 0) }
            case (let p as PathSamplerObject, let q as PathSamplerObject):
                guard p.space.choices == q.space.choices else { throw call.invalid(1, "the samplers are over different spaces: \(p.space.name) and \(q.space.name)") }
                let (ofP, ofQ) = (Array(p.sampler.probabilities.joined()), Array(q.sampler.probabilities.joined()))
                divergence = ofP.isEmpty || ofQ.isEmpty ? nil : zip(ofP, ofQ).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
            default: divergence = NASLib.divergence(of: try call.numberDistribution(0).distribution, from: try call.numberDistribution(1).distribution)
            }
            guard let divergence else {
                throw call.invalid(
                    1, "there is no closed form for the divergence of \(call[0].hostObject.description) from \(call[1].hostObject.description)",
                    hint: "mean([logprob(p, x) - logprob(q, x) for x in draw(p, 10000)]) estimates it")
            }
            return .float(divergence)
        },
    ]

    /// -sum p log p; nil where there are no probabilities.
    private static func entropy(of probabilities: some Collection<Double>) -> Double? {
        probabilities.isEmpty ? nil : probabilities.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
    }

    /// Equal outcomes put together.
    private static func distinct(_ object: CategoricalObject, _ call: Call) throws -> [(outcome: Value, p: Double)] {
        let sums = call.heap.map()
        for (i, p) in object.table.probabilities.enumerated() {
            try call.vm.checkInterruption()
            let outcome = object.outcome(i)
            guard let hash = hashKey(outcome) else { throw RuntimeError(.type, "\(outcome.typePhrase) cannot be told apart by a key", argument: 0) }
            let found = sums.find(outcome, hash: hash)
            if found >= 0 { sums.entries[found].value = .float(sums.entries[found].value.asFloat + p) } else {
                call.heap.set(outcome, hash: hash, to: .float(p), in: sums)
            }
        }
        var result: [(outcome: Value, p: Double)] = []
        result.reserveCapacity(sums.count)
        try call.vm.inParts(sums.entryCount) { part in
            for i in part { result.append((sums.entries[i].key, sums.entries[i].value.asFloat)) }
        }
        return result
    }
}
