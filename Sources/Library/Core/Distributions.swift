import Foundation
import NASLib
import Plots
import Runtime
import Text

/// A distribution over numbers.
final class DistributionObject: HostObject, Probabilistic, Moments, Plottable, ConstantObject {
    let distribution: any Distribution
    /// The call that makes it.
    let recipe: String

    init(_ distribution: any Distribution, _ recipe: String) { (self.distribution, self.recipe) = (distribution, recipe) }

    override var typeName: String { "distribution" }
    override var description: String { recipe }
    override var footprint: Int { distribution.byteCount + recipe.utf8.count }
    var mean: Double? { distribution.mean }
    var variance: Double? { distribution.variance }
    var standardDeviation: Double? { distribution.standardDeviation }

    func plot(_ vm: VM) -> PlotDescription { PlotDescription(title: recipe, Chart.density(of: distribution)) }

    func draw(_ vm: VM) throws -> Value { value(distribution.draw(using: &vm.generator.generator)) }

    /// Whole numbers are ints where only they can occur.
    func value(_ x: Double) -> Value { distribution.isDiscrete ? Int(exactly: x).map(Value.int) ?? .float(x) : .float(x) }

    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        guard let x = value.number else { throw call.strange(value, to: self, over: "numbers", argument: argument) }
        return x.isNaN ? x : distribution.logDensity(x)
    }

    var overNumbers: DistributionObject? { self }
    func support(_ call: Call) -> [Value] { [.float(distribution.support.lowerBound), .float(distribution.support.upperBound)] }
    var quantile: ((_ p: Double, _ rest: Double) -> Value)? { { [self] in value(distribution.quantile(at: ($0, $1))) } }

    func fitted(to draws: ListRef, weights: [Double], _ call: Call) throws -> HostObject? {
        let sample = WeightedNumbers(try call.doubles(1), weights: weights)
        return distribution.fitted(to: sample).map { DistributionObject($0, "\(recipe.prefix { $0 != "(" })(\($0.arguments))") }
    }
}

/// A distribution over the elements of a list or the keys of a map, with weights: O(1) a draw.
final class CategoricalObject: HostObject, Probabilistic, Moments, Plottable, ConstantObject {
    /// nil where they are 0, 1, 2…
    private let outcomes: [Value]?
    let table: AliasTable
    private let recipe: String
    /// The same over numbers, where all outcomes are.
    private(set) lazy var numbers: FiniteDistribution? = {
        let numbers = (0..<table.count).compactMap { outcome($0).number }
        return numbers.count == table.count ? FiniteDistribution(values: numbers, weights: table.probabilities) : nil
    }()

    init(outcomes: [Value]?, table: AliasTable, recipe: String) { (self.outcomes, self.table, self.recipe) = (outcomes, table, recipe) }

    /// One of several, drawn by weight; nil where there is not a weight for each.
    convenience init?(mixing parts: [CategoricalObject], weights: [Double], recipe: String) {
        let total = weights.reduce(0, +)
        guard weights.count == parts.count, let table = AliasTable(weights: zip(parts, weights).flatMap { part, weight in
            part.table.probabilities.map { weight < 0 ? -1 : $0 * weight / total }
        }) else { return nil }
        self.init(outcomes: parts.flatMap { part in (0..<part.table.count).map(part.outcome) }, table: table, recipe: recipe)
    }

    override var typeName: String { "distribution" }
    override var description: String { recipe }
    override func visitValues(_ visit: (Value) -> Void) { outcomes?.forEach(visit) }
    /// Outcomes, the table that draws, and the distribution over numbers, which is made when it is asked for.
    override var footprint: Int { table.count * ((outcomes == nil ? 20 : 36) + (outcome(0).number == nil ? 0 : 52)) }

    func outcome(_ i: Int) -> Value { outcomes?[i] ?? .int(i) }
    func draw(_ vm: VM) throws -> Value { outcome(table.draw(using: &vm.generator.generator)) }

    func plot(_ vm: VM) -> PlotDescription {
        var names: [String] = []
        var shares: [TextKey: Double] = [:]
        for (i, share) in table.probabilities.enumerated() {
            let outcome = outcome(i)
            let name = outcome.tag == .string ? outcome.asString.text : Printer.literal(outcome, limit: 40)
            if shares[TextKey(name)] == nil { names.append(name) }
            shares[TextKey(name), default: 0] += share
        }
        return .probabilities(recipe, names, names.map { shares[TextKey($0)] ?? 0 })
    }

    func probability(of value: Value) -> Double {
        if outcomes == nil {
            guard value.isNumber, let i = Int(exactly: value.number ?? .nan), table.probabilities.indices.contains(i) else { return 0 }
            return table.probabilities[i]
        }
        if let numbers, let x = value.number { return exp(numbers.logDensity(x)) }
        return table.probabilities.indices.reduce(0) { $0 + (Equality.equal(outcome($1), value) ? table.probabilities[$1] : 0) }
    }

    func probability(of value: Value, _ call: Call, argument: Int) -> Double { probability(of: value) }
    func logProbability(of value: Value, _ call: Call, argument: Int) -> Double { log(probability(of: value)) }
    var overNumbers: DistributionObject? { numbers.map { DistributionObject($0, recipe) } }
    func support(_ call: Call) -> [Value] { (0..<table.count).map(outcome) }
    func entropy(_ call: Call) throws -> Double? { try distinct(call).map(\.p).entropy }

    func divergence(from other: any Probabilistic, _ call: Call) throws -> Double? {
        guard let other = other as? CategoricalObject else { return try numericDivergence(from: other, call) }
        return try distinct(call).reduce(0) { $0 + ($1.p > 0 ? $1.p * log($1.p / other.probability(of: $1.outcome)) : 0) }
    }

    func fitted(to draws: ListRef, weights: [Double], _ call: Call) throws -> HostObject? {
        let (outcomes, total) = (support(call), weights.reduce(0, +))
        var shares = outcomes.map { _ in 0.0 }
        for (x, weight) in zip(draws, weights) {
            guard let i = outcomes.firstIndex(where: { Equality.equal($0, x) }) else {
                throw call.invalid(1, "\(call.describe(x)) is not an outcome of \(description)")
            }
            shares[i] += weight / total
        }
        return try AliasTable(weights: shares).map { try replacing(table: $0, call) }
    }

    /// In the order of the list.
    var quantile: ((_ p: Double, _ rest: Double) -> Value)? {
        FiniteDistribution(values: (0..<table.count).map(Double.init), weights: table.probabilities).map { positions in
            { [self] in outcome(Int(saturating: positions.quantile(at: ($0, $1)))) }
        }
    }

    /// Equal outcomes put together.
    private func distinct(_ call: Call) throws -> [(outcome: Value, p: Double)] {
        let sums = call.heap.map()
        for (i, p) in table.probabilities.enumerated() {
            try call.vm.checkInterruption()
            let outcome = outcome(i)
            guard let hash = hashKey(outcome) else {
                throw RuntimeError(.type, "\(outcome.typePhrase) cannot be told apart by a key", argument: 0)
            }
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

    /// The same outcomes with other probabilities.
    func replacing(table: AliasTable, _ call: Call) throws -> CategoricalObject {
        let weights: Value
        if let outcomes {
            let map = call.heap.map(capacity: outcomes.count)
            for (outcome, p) in zip(outcomes, table.probabilities) {
                if let hash = hashKey(outcome) { call.heap.set(outcome, hash: hash, to: .float(p), in: map) }
            }
            weights = .map(map)
        } else {
            weights = try call.list(table.probabilities)
        }
        return CategoricalObject(outcomes: outcomes, table: table, recipe: "categorical(\(Printer.literal(weights, limit: 60)))")
    }

    var mean: Double? { numbers?.mean }
    var variance: Double? { numbers?.variance }
    var standardDeviation: Double? { numbers?.standardDeviation }
}

/// True with probability p.
final class BernoulliObject: HostObject, Probabilistic, Moments, Plottable, ConstantObject {
    let p: Double
    init(_ p: Double) { self.p = p }
    override var typeName: String { "distribution" }
    override var description: String { "bernoulli(\(p))" }
    override var footprint: Int { 0 }
    func plot(_ vm: VM) -> PlotDescription { .probabilities(description, ["false", "true"], [1 - p, p]) }
    func draw(_ vm: VM) throws -> Value { .bool(vm.generator.generator.uniform() < p) }
    func logProbability(of value: Value, _ call: Call, argument: Int) throws -> Double {
        guard value.tag == .true || value.tag == .false else {
            throw call.strange(value, to: self, over: "true and false", argument: argument)
        }
        return value.tag == .true ? log(p) : log1p(-p)
    }
    var overNumbers: DistributionObject? {
        FiniteDistribution(values: [0, 1], weights: [1 - p, p]).map { DistributionObject($0, description) }
    }
    func support(_ call: Call) -> [Value] { [.bool(false), .bool(true)] }
    var quantile: ((_ p: Double, _ rest: Double) -> Value)? { { [p] in .bool($1 <= p) } }
    func fitted(to draws: ListRef, weights: [Double], _ call: Call) throws -> HostObject? {
        let total = weights.reduce(0, +)
        return BernoulliObject(try zip(draws, weights).reduce(0) { sum, pair in
            guard pair.0.tag == .true || pair.0.tag == .false else {
                throw call.strange(pair.0, to: self, over: "true and false", argument: 1)
            }
            return sum + (pair.0.tag == .true ? pair.1 / total : 0)
        })
    }
    var mean: Double? { p }
    var variance: Double? { p * (1 - p) }
}

/// A library object with a mean and a variance, nil where its outcomes are not numbers.
protocol Moments: HostObject {
    var mean: Double? { get }
    var variance: Double? { get }
    var standardDeviation: Double? { get }
}

extension Moments {
    var standardDeviation: Double? { variance?.squareRoot() }
}

extension Library {
    static let distributions: [Builtin] = [
        .fn("normal", "mean: 0.0, std: 1.0", "The normal distribution with the given mean and standard deviation.",
            "mean(normal(2, 3))  # => 2.0") { call in
            make(Normal(mean: try finite(0, call), deviation: try positive(1, call)), call)
        },
        .fn("uniform", "low: 0.0, high: 1.0", "The uniform distribution on an interval.", "mean(uniform(0, 4))  # => 2.0") { call in
            let (low, high) = (try finite(0, call), try finite(1, call))
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
            let weights = isMap ? try call.weights(.list(call.heap.list(call[0].asMap.pairs.map(\.value))), argument: 0)
                : try call.weights(0)
            guard let table = try AliasTable(weights: weights, check: call.vm.checkInterruption) else {
                throw RuntimeError(.limit, "\(weights.count) outcomes are too many", argument: 0)
            }
            let outcomes = isMap ? call[0].asMap.pairs.map(\.key) : nil
            return call.object(
                CategoricalObject(outcomes: outcomes, table: table, recipe: "categorical(\(Printer.literal(call[0], limit: 60)))"))
        },
        .fn("empirical", "values", "The values of a sequence, all equally likely.",
            "mean(empirical([1, 2, 6]))  # => 3.0") { call in
            let values = try call.sequence(0)
            guard let table = try AliasTable(weights: values.map { _ in 1 }, check: call.vm.checkInterruption) else {
                throw call.invalid(0, "there is nothing to draw from")
            }
            return call.object(
                CategoricalObject(outcomes: values.array, table: table, recipe: "empirical(\(Printer.literal(call[0], limit: 60)))"))
        },
        .fn("exponential", "a, b: nil",
            "With one number, the exponential distribution with that rate. With two, a schedule that changes from a to b geometrically.",
            "mean(exponential(4))  # => 0.25\nexponential(1, 0.01)(1.0)  # => 0.01") { call in
            if call.has(1) {
                let (a, b) = (try positive(0, call), try positive(1, call))
                return call.object(ScheduleObject(.exponential(a, b), ScheduleObject.recipe(call)))
            }
            return make(Exponential(rate: try positive(0, call)), call)
        },
        .fn("gamma", "shape, scale: 1.0", "The gamma distribution; its mean is shape * scale.", "mean(gamma(2, 3))  # => 6.0") { call in
            make(Gamma(shape: try positive(0, call), scale: try positive(1, call)), call)
        },
        .fn("beta", "a, b", "The beta distribution on 0 to 1; its mean is a / (a + b).", "mean(beta(1, 3))  # => 0.25") { call in
            make(Beta(a: try positive(0, call), b: try positive(1, call)), call)
        },
        .fn("poisson", "rate", "The number of events when `rate` are expected: the Poisson distribution.",
            "mean(poisson(3))  # => 3.0") { call in
            let rate = try finite(0, call)
            guard rate >= 0, rate <= 1e15 else { throw call.invalid(0, "'rate' must be from 0 to 1e15, not \(rate)") }
            return make(Poisson(rate: rate), call)
        },
        .fn("binomial", "n, p", "The number of successes in n trials with probability p each.",
            "mean(binomial(10, 0.5))  # => 5.0") { call in
            let trials = try call.int(0, atLeast: 0)
            guard trials <= 1_000_000_000_000_000 else { throw call.invalid(0, "'n' must be at most 1e15, not \(trials)") }
            return make(Binomial(trials: trials, p: try probability(1, call)), call)
        },
        .fn("student_t", "df, location: 0.0, scale: 1.0",
            "Student's t distribution with `df` degrees of freedom: like a normal one, with heavier tails the smaller `df` is.",
            "variance(student_t(4))  # => 2.0") { call in
            make(StudentT(freedom: try positive(0, call), location: try finite(1, call), scale: try positive(2, call)), call)
        },
        .fn("cauchy", "location: 0.0, scale: 1.0", "The Cauchy distribution, whose tails are so heavy that it has no mean.",
            "quantile(cauchy(2, 3), 0.5)  # => 2.0") { call in
            make(Cauchy(location: try finite(0, call), scale: try positive(1, call)), call)
        },
        .fn("laplace", "mean: 0.0, scale: 1.0", "The Laplace distribution: an exponential one on both sides of the mean.",
            "variance(laplace(0, 2))  # => 8.0") { call in
            make(Laplace(mean: try finite(0, call), scale: try positive(1, call)), call)
        },
        .fn("lognormal", "mean: 0.0, std: 1.0", "The distribution of exp(x) for x normal with the given mean and standard deviation.",
            "quantile(lognormal(0, 2), 0.5)  # => 1.0") { call in
            make(LogNormal(Normal(mean: try finite(0, call), deviation: try positive(1, call))), call)
        },
        .fn("gumbel", "location: 0.0, scale: 1.0",
            "The Gumbel distribution. Add a draw to each of some logits: the position of the greatest is a draw from their softmax.",
            "round(mean(gumbel()), digits: 6)  # => 0.577216") { call in
            make(Gumbel(location: try finite(0, call), scale: try positive(1, call)), call)
        },
        .fn("geometric", "p", "The number of trials up to and including the first success, each with probability p.",
            "mean(geometric(0.25))  # => 4.0") { call in
            let p = try probability(0, call)
            guard p >= 1e-15 else { throw call.invalid(0, "'p' must be at least 1e-15, not \(try Printer.text(call[0]))") }
            return make(Geometric(p: p), call)
        },
        .fn("mixture", "parts, weights: nil", "A mixture: one of the distributions is drawn by weight, and then a value from it.",
            "mean(mixture([normal(0, 1), normal(4, 1)]))  # => 2.0") { call in
            let parts = try call.sequence(0).map { $0.tag == .host ? $0.hostObject : nil }
            guard !parts.isEmpty else { throw call.invalid(0, "a mixture needs at least one distribution") }
            let weights = call.isGiven(1) ? try call.doubles(1) : parts.map { _ in 1 }
            let (numbers, vectors) = (parts.compactMap { ($0 as? DistributionObject)?.distribution },
                parts.compactMap { ($0 as? VectorDistributionObject)?.distribution })
            let tables = parts.compactMap { $0 as? CategoricalObject }
            guard numbers.map(\.size).reduce(0, +) < largestMixture, vectors.map(\.size).reduce(0, +) < largestMixture else {
                throw RuntimeError(
                    .limit, "the mixture has more than \(largestMixture) distributions in it",
                    hint: "a mixture counts as often as it is a part of others", argument: 0)
            }
            try Limit.check(elements: tables.map(\.table.count).reduce(0, +), argument: 0)
            var made: HostObject?
            if numbers.count == parts.count, !numbers.allSatisfy({ $0.isDiscrete == numbers[0].isDiscrete }) {
                throw call.invalid(0, "the parts of a mixture must all have densities or all be discrete: a probability is not a density")
            }
            if tables.count == parts.count {
                made = CategoricalObject(mixing: tables, weights: weights, recipe: ScheduleObject.recipe(call))
            } else if !numbers.isEmpty, numbers.count == parts.count {
                made = Mixture(numbers, weights: weights).map { DistributionObject($0, ScheduleObject.recipe(call)) }
            } else if !vectors.isEmpty, vectors.count == parts.count {
                guard vectors.allSatisfy({ $0.mean.count == vectors[0].mean.count }) else {
                    throw RuntimeError(.shape, "the parts of a mixture must be over lists of one length, not \(vectors.map(\.mean.count))",
                        argument: 0)
                }
                made = VectorMixture(vectors, weights: weights).map { VectorDistributionObject($0, ScheduleObject.recipe(call)) }
            } else {
                throw call.wrongType(0, expected: "a list of distributions over numbers, of categorical ones, or of ones over lists")
            }
            guard let made else {
                throw call.invalid(1,
                    "a mixture needs a weight of at least 0 for each of its \(parts.count) parts, and a positive one among them")
            }
            return call.object(made)
        },
        .fn("truncated", "distribution, low, high", "A distribution restricted to an interval.",
            "support(truncated(normal(0, 1), 0, 2))  # => [0.0, 2.0]") { call in
            let base = try call.object(0, as: DistributionObject.self, "a distribution over numbers")
            let (low, high) = (try call.double(1), try call.double(2))
            guard base.distribution.size < largestMixture else {
                throw RuntimeError(.limit, "the distribution is made of more than \(largestMixture) others", argument: 0)
            }
            guard low <= high, let result = Truncated(base.distribution, to: low...high) else {
                throw call.invalid(1, "nothing of \(base.description) lies between \(low) and \(high)")
            }
            return make(result, call)
        },
    ]

    private static func make(_ distribution: any Distribution, _ call: Call) -> Value {
        call.object(DistributionObject(distribution, ScheduleObject.recipe(call)))
    }

    private static func finite(_ index: Int, _ call: Call) throws -> Double {
        let x = try call.double(index)
        guard x.isFinite else { throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be a finite number, not \(x)") }
        return x
    }

    static func positive(_ index: Int, _ call: Call) throws -> Double {
        let x = try finite(index, call)
        guard x > 0 else {
            throw call.invalid(index, "'\(call.signature.parameters[index].name)' must be positive, not \(try Printer.text(call[index]))")
        }
        return x
    }

    private static func probability(_ index: Int, _ call: Call) throws -> Double {
        let p = try call.double(index)
        guard (0...1).contains(p) else {
            throw call.invalid(index,
                "'\(call.signature.parameters[index].name)' must be from 0 to 1, not \(try Printer.text(call[index]))")
        }
        return p
    }
}
