import Foundation
import Lang
import NASLib

/// A distribution over numbers.
final class DistributionObject: HostObject, Drawable, Moments {
    let distribution: any Distribution
    /// The call that makes it.
    let recipe: String
    let isDiscrete: Bool

    init(_ distribution: any Distribution, isDiscrete: Bool = false, _ recipe: String) {
        self.distribution = distribution
        self.isDiscrete = isDiscrete
        self.recipe = recipe
    }

    override var typeName: String { "distribution" }
    override var description: String { recipe }
    var mean: Double? { distribution.mean }
    var variance: Double? { distribution.variance }

    func draw(_ vm: VM) throws -> Value {
        let x = distribution.draw(using: &vm.generator.generator)
        return isDiscrete ? .int(Int(x)) : .float(x)
    }
}

/// A distribution over the elements of a list or the keys of a map, with weights: O(1) a draw.
final class CategoricalObject: HostObject, Drawable, Moments {
    let outcomes: [Value]
    let table: AliasTable
    private let recipe: String

    init(outcomes: [Value], table: AliasTable, recipe: String) {
        (self.outcomes, self.table, self.recipe) = (outcomes, table, recipe)
    }

    override var typeName: String { "distribution" }
    override var description: String { recipe }
    override func visitValues(_ visit: (Value) -> Void) { outcomes.forEach(visit) }

    func draw(_ vm: VM) throws -> Value { outcomes[table.draw(using: &vm.generator.generator)] }

    func probability(of value: Value) -> Double {
        zip(outcomes, table.probabilities).reduce(0) { $0 + (Equality.equal($1.0, value) ? $1.1 : 0) }
    }

    var mean: Double? { moment { $0 } }
    var variance: Double? { mean.flatMap { mean in moment { ($0 - mean) * ($0 - mean) } } }

    private func moment(_ f: (Double) -> Double) -> Double? {
        var sum = 0.0
        for (outcome, p) in zip(outcomes, table.probabilities) {
            guard let x = outcome.number else { return nil }
            sum += p * f(x)
        }
        return sum
    }
}

/// True with probability p.
final class BernoulliObject: HostObject, Drawable, Moments {
    let p: Double
    init(_ p: Double) { self.p = p }
    override var typeName: String { "distribution" }
    override var description: String { "bernoulli(\(p))" }
    func draw(_ vm: VM) throws -> Value { .bool(vm.generator.generator.uniform() < p) }
    var mean: Double? { p }
    var variance: Double? { p * (1 - p) }
}

/// A library object with a mean and a variance, nil where its outcomes are not numbers.
protocol Moments: HostObject {
    var mean: Double? { get }
    var variance: Double? { get }
}

extension Library {
    static let distributions: [Builtin] = [
        .fn("normal", "mean: 0.0, std: 1.0", "The normal distribution with that mean and standard deviation.", "mean(normal(2, 3))  # => 2.0") { call in
            make(Normal(mean: try finite(0, 0, call), deviation: try positive(1, 1, call)), call)
        },
        .fn("uniform", "low: 0.0, high: 1.0", "Every number of an interval equally likely.", "mean(uniform(0, 4))  # => 2.0") { call in
            let (low, high) = (try finite(0, 0, call), try finite(1, 1, call))
            guard low < high else { throw call.invalid(1, "'high' must be above 'low', \(low), not \(high)") }
            guard (high - low).isFinite else { throw call.invalid(1, "the interval from \(low) to \(high) is too wide") }
            return make(Uniform(low: low, high: high), call)
        },
        .fn("bernoulli", "p", "true with probability p, otherwise false.", "mean(bernoulli(0.25))  # => 0.25") { call in
            call.object(BernoulliObject(try probability(0, call)))
        },
        .fn("categorical", "weights", "An index into a list of weights, or a key of a map of weights, drawn in proportion to them.",
            "prob(categorical([1, 3]), 1)  # => 0.75\nprob(categorical({a: 1, b: 3}), \"a\")  # => 0.25") { call in
            let isMap = call[0].tag == .map
            let values = isMap ? call[0].asMap.pairs.map(\.value) : try call.sequence(0)
            let weights = try values.map { value in
                guard let weight = value.number, weight >= 0, weight.isFinite else {
                    throw call.invalid(0, "weights must be numbers of at least 0, not \(call.describe(value))")
                }
                return weight
            }
            guard let table = AliasTable(weights: weights) else { throw call.invalid(0, "at least one weight must be positive") }
            let outcomes = isMap ? call[0].asMap.pairs.map(\.key) : weights.indices.map(Value.int)
            return call.object(CategoricalObject(outcomes: outcomes, table: table, recipe: "categorical(\(Printer.literal(call[0], limit: 60)))"))
        },
        .fn("empirical", "values", "Any of the values of a sequence, each equally likely.", "mean(empirical([1, 2, 6]))  # => 3.0") { call in
            let values = try call.sequence(0)
            guard let table = AliasTable(weights: values.map { _ in 1 }) else { throw call.invalid(0, "there is nothing to draw from") }
            return call.object(CategoricalObject(outcomes: values, table: table, recipe: "empirical(\(Printer.literal(call[0], limit: 60)))"))
        },
        .fn("exponential", "a, b: nil",
            "With one number, the exponential distribution with that rate. With two, a schedule that goes from a to b by equal factors.",
            "mean(exponential(4))  # => 0.25\nexponential(1, 0.01)(1.0)  # => 0.01") { call in
            if call.has(1) {
                let (a, b) = (try positive(0, nil, call), try positive(1, nil, call))
                return call.object(ScheduleObject(.exponential(a, b), ScheduleObject.recipe(call)))
            }
            return make(Exponential(rate: try positive(0, nil, call)), call)
        },
        .fn("gamma", "shape, scale: 1.0", "The gamma distribution; its mean is shape * scale.", "mean(gamma(2, 3))  # => 6.0") { call in
            make(Gamma(shape: try positive(0, nil, call), scale: try positive(1, 1, call)), call)
        },
        .fn("beta", "a, b", "The beta distribution on 0 to 1; its mean is a / (a + b).", "mean(beta(1, 3))  # => 0.25") { call in
            make(Beta(a: try positive(0, nil, call), b: try positive(1, nil, call)), call)
        },
        .fn("poisson", "rate", "How many events there are when `rate` are expected.", "mean(poisson(3))  # => 3.0") { call in
            let rate = try finite(0, nil, call)
            guard rate >= 0, rate <= 1e15 else { throw call.invalid(0, "'rate' must be from 0 to 1e15, not \(rate)") }
            return make(Poisson(rate: rate), isDiscrete: true, call)
        },
        .fn("binomial", "n, p", "How many of n trials succeed, each with probability p.", "mean(binomial(10, 0.5))  # => 5.0") { call in
            let trials = try call.int(0, atLeast: 0)
            guard trials <= 1_000_000_000_000_000 else { throw call.invalid(0, "'n' must be at most 1e15, not \(trials)") }
            return make(Binomial(trials: trials, p: try probability(1, call)), isDiscrete: true, call)
        },
        .fn("mixture", "parts, weights: nil", "One of the distributions, drawn by weight, then a draw from it.", "mean(mixture([normal(0, 1), normal(4, 1)]))  # => 2.0") { call in
            let parts = try call.sequence(0).map { value in
                guard value.tag == .host, let part = value.hostObject as? DistributionObject else { throw call.wrongType(0, expected: "a list of distributions over numbers") }
                return part
            }
            let weights = call.has(1) ? try call.doubles(1) : parts.map { _ in 1 }
            guard let mixture = Mixture(parts.map(\.distribution), weights: weights) else {
                throw call.invalid(1, "a mixture needs a weight of at least 0 for each of its \(parts.count) parts, and a positive one among them")
            }
            return make(mixture, isDiscrete: !parts.isEmpty && parts.allSatisfy(\.isDiscrete), call)
        },
        .fn("truncated", "distribution, low, high", "A distribution kept within an interval.", "support(truncated(normal(0, 1), 0, 2))  # => [0.0, 2.0]") { call in
            let base = try call.object(0, as: DistributionObject.self, "a distribution over numbers")
            let (low, high) = (try call.double(1), try call.double(2))
            if low <= high, base.isDiscrete {
                let bulk = Truncated.bulk(of: base.distribution, within: low...high)
                guard bulk.high - bulk.low <= Double(Truncated.valueLimit) else {
                    throw RuntimeError(
                        .limit, "\(base.description) has more than \(Truncated.valueLimit) values to sum over between \(low) and \(high)",
                        hint: "a normal distribution with the same mean and std is close to it", argument: 0)
                }
            }
            guard low <= high, let result = Truncated(base.distribution, to: low...high, isDiscrete: base.isDiscrete) else {
                throw call.invalid(1, "hardly anything of \(base.description) lies between \(low) and \(high)")
            }
            return make(result, isDiscrete: base.isDiscrete, call)
        },

        .fn("prob", "distribution, x", "The probability of x; the density where the distribution is continuous.", "prob(uniform(0, 4), 1)  # => 0.25") { call in
            .float(try density(call, log: false))
        },
        .fn("logprob", "distribution, x", "The logarithm of `prob`.", "logprob(uniform(0, 1), 0.5)  # => 0.0") { call in .float(try density(call, log: true)) },
        .fn("support", "distribution", "The least and greatest value that can occur, or for a categorical one its outcomes.", "support(beta(1, 2))  # => [0.0, 1.0]") { call in
            switch call[0].tag == .host ? call[0].hostObject : nil {
            case let object as DistributionObject: return call.list([object.distribution.support.lowerBound, object.distribution.support.upperBound])
            case let object as CategoricalObject: return call.list(object.outcomes)
            case is BernoulliObject: return call.list([Value.bool(false), .bool(true)])
            case let object as VectorDistributionObject: throw call.invalid(0, "\(object.description) is over lists, which have no least and greatest")
            default: throw call.wrongType(0, expected: "a distribution")
            }
        },
    ]

    private static func make(_ distribution: any Distribution, isDiscrete: Bool = false, _ call: Call) -> Value {
        call.object(DistributionObject(distribution, isDiscrete: isDiscrete, ScheduleObject.recipe(call)))
    }

    private static func density(_ call: Call, log wantsLog: Bool) throws -> Double {
        switch call[0].tag == .host ? call[0].hostObject : nil {
        case let object as DistributionObject:
            let value = object.distribution.logDensity(try call.double(1))
            return wantsLog ? value : exp(value)
        case let object as VectorDistributionObject:
            let (x, n) = (try call.doubles(1), object.distribution.mean.count)
            guard x.count == n else { throw RuntimeError(.shape, "\(object.description) is over lists of \(n) numbers, not of \(x.count)", argument: 1) }
            let value = object.distribution.logDensity(x)
            return wantsLog ? value : exp(value)
        case let object as CategoricalObject:
            let p = object.probability(of: call[1])
            return wantsLog ? log(p) : p
        case let object as BernoulliObject:
            let p = try call.bool(1) ? object.p : 1 - object.p
            return wantsLog ? log(p) : p
        case let object as PathSamplerObject:
            let p = object.sampler.probability(of: try call.path(call[1], of: object.space, argument: 1))
            return wantsLog ? log(p) : p
        default: throw call.wrongType(0, expected: "a distribution")
        }
    }

    private static func finite(_ index: Int, _ fallback: Double?, _ call: Call) throws -> Double {
        if let fallback, !call.has(index) { return fallback }
        let x = try call.double(index)
        guard x.isFinite else { throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be a finite number, not \(x)") }
        return x
    }

    static func positive(_ index: Int, _ fallback: Double?, _ call: Call) throws -> Double {
        let x = try finite(index, fallback, call)
        guard x > 0 else { throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be positive, not \(try Printer.text(call[index]))") }
        return x
    }

    private static func probability(_ index: Int, _ call: Call) throws -> Double {
        let p = try call.double(index)
        guard (0...1).contains(p) else { throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be from 0 to 1, not \(try Printer.text(call[index]))") }
        return p
    }
}
