import Foundation
import NASLib
import Runtime

/// A distribution that answers for itself what scripts ask of it; what it does not answer it is asked as one over numbers.
protocol Probabilistic: Drawable {
    /// -infinity for what is never drawn. `argument` is the one that errors about the value point at.
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double
    /// Exact where the exponential of the logarithm is not.
    func probability(of value: Value, _ call: Call, argument: Int) throws -> Double
    /// The same over numbers; nil where not all of its outcomes are. False and true count as 0 and 1.
    var overNumbers: DistributionObject? { get }
    /// The least and greatest value that can occur, or the outcomes.
    func support(_ call: Call) throws -> [Value]
    /// In nats; nil where there is no closed form.
    func entropy(_ call: Call) throws -> Double?
    /// Of the other from this one in nats; nil where there is no closed form.
    func divergence(from other: any Probabilistic, _ call: Call) throws -> Double?
    /// The most likely distribution of its kind for draws with weights; nil where there is none.
    func fitted(to draws: ListRef, weights: [Double], _ call: Call) throws -> HostObject?
    /// The value below which a share of all draws lies; nil where outcomes have no order. `rest` is 1 - p, exact where that is small.
    var quantile: ((_ p: Double, _ rest: Double) -> Value)? { get }
}

extension Probabilistic {
    func probability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        exp(try logProbability(of: value, call, argument: argument))
    }

    var overNumbers: DistributionObject? { nil }
    func support(_ call: Call) throws -> [Value] { throw call.wrongType(0, expected: "a distribution over numbers or listed outcomes") }
    func entropy(_ call: Call) throws -> Double? { try call.numbers(of: self, 0).distribution.entropy }
    func divergence(from other: any Probabilistic, _ call: Call) throws -> Double? { try numericDivergence(from: other, call) }

    func numericDivergence(from other: any Probabilistic, _ call: Call) throws -> Double? {
        try call.numbers(of: self, 0).distribution.divergence(from: try call.numbers(of: other, 1).distribution)
    }

    func fitted(to draws: ListRef, weights: [Double], _ call: Call) throws -> HostObject? { nil }
    var quantile: ((_ p: Double, _ rest: Double) -> Value)? { nil }
}

extension SpaceObject: Probabilistic {
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        _ = try call.path(value, of: space, argument: argument)
        return space.choices.reduce(0) { $0 - log(Double($1.candidates.count)) }
    }

    func entropy(_ call: Call) -> Double? { space.choices.reduce(0) { $0 + log(Double($1.candidates.count)) } }
}

extension PathSamplerObject: Probabilistic {
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        let probability = sampler.probability(of: try call.path(value, of: space, argument: argument))
        guard !probability.isNaN else { throw RuntimeError(.value, "\(description) knows no probabilities of paths", argument: 0) }
        return log(probability)
    }

    func entropy(_ call: Call) -> Double? {
        let probabilities = sampler.probabilities.joined()
        return probabilities.isEmpty ? nil : probabilities.entropy
    }

    func divergence(from other: any Probabilistic, _ call: Call) throws -> Double? {
        guard let other = other as? PathSamplerObject else { return try numericDivergence(from: other, call) }
        guard space.choices == other.space.choices else {
            throw call.invalid(1, "the samplers are over different spaces: \(space.name) and \(other.space.name)")
        }
        let (own, others) = (sampler.probabilities.joined(), other.sampler.probabilities.joined())
        if own.isEmpty || others.isEmpty { return nil }
        return zip(own, others).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
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

    func entropy(_ call: Call) -> Double? { sampler.probabilities.isEmpty ? nil : sampler.probabilities.entropy }
}

extension Call {
    func strange(_ value: Value, to distribution: HostObject, over outcomes: String, argument: Int) -> RuntimeError {
        RuntimeError(.type, "\(distribution.description) is over \(outcomes), not \(describe(value))", argument: argument)
    }

    func probabilistic(_ index: Int) throws -> any Probabilistic {
        guard self[index].tag == .host, let object = self[index].hostObject as? any Probabilistic else {
            throw wrongType(index, expected: "a distribution")
        }
        return object
    }

    func numberDistribution(_ index: Int) throws -> DistributionObject { try numbers(of: try probabilistic(index), index) }

    fileprivate func numbers(of distribution: any Probabilistic, _ index: Int) throws -> DistributionObject {
        guard let numbers = distribution.overNumbers else { throw wrongType(index, expected: "a distribution over numbers") }
        return numbers
    }
}

extension Library {
    static let probabilities: [Builtin] = [
        .fn("prob", "distribution, x", "The probability of x; for a continuous distribution, the density at x.",
            "prob(uniform(0, 4), 1)  # => 0.25") { call in
            .float(try call.probabilistic(0).probability(of: call[1], call, argument: 1))
        },
        .fn("logprob", "distribution, x", "The logarithm of `prob`.", "logprob(uniform(0, 1), 0.5)  # => 0.0") { call in
            .float(try call.probabilistic(0).logProbability(of: call[1], call, argument: 1))
        },
        .fn("cdf", "distribution, x", "The probability that a draw is at most x.",
            "cdf(normal(0, 1), 0)  # => 0.5\ncdf(uniform(0, 4), 1)  # => 0.25") { call in
            let (distribution, x) = (try call.numberDistribution(0).distribution, try call.double(1))
            return .float(x.isNaN ? x : distribution.cdf(x))
        },
        .fn("survival", "distribution, x", "The probability that a draw is above x, accurate also where it is small.",
            "survival(exponential(1), 40) == exp(-40)  # => true") { call in
            let (distribution, x) = (try call.numberDistribution(0).distribution, try call.double(1))
            return .float(x.isNaN ? x : distribution.survival(x))
        },
        .fn("support", "distribution", "The least and greatest possible value; for a categorical distribution, its outcomes.",
            "support(beta(1, 2))  # => [0.0, 1.0]") { call in
            try call.list(try call.probabilistic(0).support(call))
        },
        .fn("entropy", "distribution",
            "The entropy in nats, the mean of -logprob; for a continuous distribution, the differential entropy.",
            "entropy(categorical([1, 1])) == log(2)  # => true\nround(entropy(normal(0, 1)), digits: 6)  # => 1.418939") { call in
            guard let entropy = try call.probabilistic(0).entropy(call) else {
                throw call.invalid(0, "there is no closed form for the entropy of \(call[0].hostObject.description)",
                    hint: "mean([-logprob(d, x) for x in draw(d, 10000)]) estimates it")
            }
            return .float(entropy)
        },
        .fn("kl", "p, q",
            """
            The Kullback-Leibler divergence in nats, the mean under p of logprob(p, x) - logprob(q, x): infinite if p draws values that q \
            never draws.
            """,
            "kl(normal(1, 1), normal(0, 1))  # => 0.5\nkl(categorical([1, 1]), categorical([1, 0]))  # => inf") { call in
            guard let divergence = try call.probabilistic(0).divergence(from: try call.probabilistic(1), call) else {
                throw call.invalid(
                    1,
                    """
                    there is no closed form for the divergence of \
                    \(call[0].hostObject.description) from \
                    \(call[1].hostObject.description)
                    """,
                    hint: "mean([logprob(p, x) - logprob(q, x) for x in draw(p, 10000)]) estimates it")
            }
            return .float(divergence)
        },
    ]
}
