import Foundation
import NASLib
import Runtime

extension Library {
    static let statistics: [Builtin] = [
        .fn("mean", "x",
            "The mean of a distribution or of a sequence of numbers; for a distribution over lists, the mean of each component.",
            "mean([1, 2, 6])  # => 3.0") { call in
            if let tensor = call.tensorIfGiven(0), tensor.count > 0 { return call.value(try tensor.mean()) }
            if let vectors = vectors(call) { return try call.list(vectors.mean) }
            if let moments = try moments(call) { return try moment(moments.mean, call) }
            return .float(try mean(try numbers(0, call), call))
        },
        .fn("variance", "x", "The variance of a distribution, or of a sequence of numbers, with the divisor n - 1.",
            "variance([1, 2, 3])  # => 1.0") { call in
            if let tensor = call.tensorIfGiven(0), tensor.count > 1 { return call.value(try tensor.variance()) }
            if let vectors = vectors(call) { return try call.list(vectors.variance) }
            if let moments = try moments(call) { return try moment(moments.variance, call) }
            return .float(Sample(try numbers(0, call, atLeast: 2)).variance)
        },
        .fn("std", "x", "The square root of the variance.", "std(normal(0, 2))  # => 2.0") { call in
            if let tensor = call.tensorIfGiven(0), tensor.count > 1 { return call.value(try tensor.deviation()) }
            if let vectors = vectors(call) { return try call.list(vectors.variance.map { $0.squareRoot() }) }
            if let moments = try moments(call) { return try moment(moments.standardDeviation, call) }
            return .float(Sample(try numbers(0, call, atLeast: 2)).standardDeviation)
        },
        .fn("standard_error", "sequence",
            "The standard error of the mean: the standard deviation of the numbers divided by the square root of their count.",
            "standard_error([1, 3])  # => 1.0") { call in
            .float(Sample(try numbers(0, call, atLeast: 2)).standardError)
        },
        .fn("median", "sequence", "The median of the numbers.", "median([3, 1, 2])  # => 2.0") { call in
            .float(try Sample(try numbers(0, call)).quantiles([0.5], check: call.vm.checkInterruption)[0])
        },
        .fn("quantile", "x, p",
            """
            The number below which the share p of a sequence lies, interpolated linearly; for a distribution, the least number that it \
            does not exceed with probability p. A list of shares gives a list.
            """,
            """
            quantile([0, 10], 0.25)  # => 2.5
            quantile(0..=4, [0.25, 0.75])  # => [1.0, 3.0]
            quantile(exponential(1), 0.5) == log(2)  # => true
            """) { call in
            let shares = call[1].tag == .list ? try call.doubles(1) : [try call.double(1)]
            if let odd = shares.first(where: { !(0...1).contains($0) }) { throw call.invalid(1, "'p' must be from 0 to 1, not \(odd)") }
            let quantiles: [Value]
            if call[0].tag == .host, call[0].hostObject is any Probabilistic {
                let distribution = try call.numberDistribution(0)
                quantiles = shares.map { distribution.value(distribution.distribution.quantile($0)) }
            } else {
                quantiles = try Sample(try numbers(0, call)).quantiles(shares, check: call.vm.checkInterruption).map(Value.float)
            }
            return try call[1].tag == .list ? call.list(quantiles) : quantiles[0]
        },
        .fn("mode", "sequence", "The most frequent element; the first of several.",
            "mode([\"b\", \"a\", \"a\"])  # => \"a\"") { call in
            let elements = try call.sequence(0)
            let counts = try Library.counts(elements, call)
            guard counts.count > 0 else { throw call.invalid(0, "the mode of nothing is not defined") }
            var most = 0
            try call.vm.inParts(counts.entryCount) { part in
                for i in part where counts.entries[i].value.asInt > counts.entries[most].value.asInt { most = i }
            }
            return counts.entries[most].key
        },
        .fn("covariance", "xs, ys", "The mean product of the deviations from the means, with the divisor n - 1.",
            "covariance([1, 2, 3], [2, 4, 6])  # => 2.0") { call in
            let (xs, ys) = try pairs(call, atLeast: 2)
            return .float(Sample(xs).covariance(with: Sample(ys)))
        },
        .fn("kendall", "xs, ys, given: nil, groups: nil",
            """
            Kendall's rank correlation tau-b: 1 for the same order, -1 for the reverse order, corrected for ties. nan if a list is \
            constant. With `given`, a third list, it is the partial tau, which leaves out what both lists have in common with that: \
            (t_xy - t_xz t_yz) / sqrt((1 - t_xz²) (1 - t_yz²)). With `groups`, a list of labels, only pairs within a group count.
            """,
            """
            kendall([1, 2, 3], [10, 30, 20])  # => 0.3333333333333333
            kendall([1, 2, 3, 4], [2, 1, 4, 3], groups: ["a", "a", "b", "b"])  # => -1.0
            round(kendall([1, 2, 3, 4], [2, 1, 4, 3], given: [1, 1, 2, 2]), digits: 2)  # => -1.0
            """) { call in
            let check = call.vm.checkInterruption
            if call.isGiven(2) {
                try call.refuse(3, unless: "a tau is either partial or within groups")
                let given = try call.ordered(2)
                return .float(try correlation(call) { xs, ys in
                    try lengths(xs.count, given.count, call, argument: 2)
                    return try Correlation.kendall(xs, ys, given: given, check: check)
                })
            }
            guard call.isGiven(3) else { return .float(try correlation(call) { try Correlation.kendall($0, $1, check: check) }) }
            let groups = try groupNumbers(3, call)
            return .float(try correlation(call) { xs, ys in
                try lengths(xs.count, groups.count, call, argument: 3)
                return try Correlation.kendall(xs, ys, groups: groups, check: check)
            })
        },
        .fn("spearman", "xs, ys", "Spearman's rank correlation.", "spearman([1, 2, 3], [10, 30, 20])  # => 0.5") { call in
            .float(try correlation(call, { try Correlation.spearman($0, $1, check: call.vm.checkInterruption) }))
        },
        .fn("pearson", "xs, ys", "Pearson's linear correlation.", "pearson([1, 2, 3], [2, 4, 6])  # => 1.0") { call in
            let (xs, ys) = try pairs(call)
            return .float(Correlation.pearson(xs, ys))
        },
        .fn("linear_fit", "xs, ys",
            """
            The least-squares straight line: `slope`, `intercept`, and `r2`, the share of the variance that it explains.
            """,
            "linear_fit([0, 1, 2], [1, 3, 5])  # => {slope: 2.0, intercept: 1.0, r2: 1.0}") { call in
            let (xs, ys) = try pairs(call, atLeast: 2)
            guard let line = Sample(xs).line(to: Sample(ys)) else {
                throw call.invalid(0, "the xs are all the same: no line goes through", hint: "a line needs two different xs")
            }
            return record(["slope": line.slope, "intercept": line.intercept, "r2": line.r2], call)
        },
        .fn("ks_test", "sequence, distribution",
            """
            The Kolmogorov-Smirnov test of whether numbers come from a continuous distribution: `statistic`, the greatest distance between \
            the two cumulative distribution functions, and `p_value`, the probability of a distance at least as great by chance.
            """,
            """
            seed(0)
            ks_test(draw(normal(0, 1), 100), normal(0, 1)).p_value > 0.01  # => true
            ks_test([0.1, 0.2], uniform(0, 1)).statistic  # => 0.8
            """) { call in
            let xs = try numbers(0, call)
            guard !xs.contains(where: \.isNaN) else { throw call.invalid(0, "nan has no place among numbers in order") }
            let object = try call.numberDistribution(1)
            guard !object.distribution.isDiscrete else {
                throw call.invalid(1, "\(object.description) is discrete: its numbers come several times",
                    hint: "chi_square_test compares counts with probabilities")
            }
            let (statistic, p) = try GoodnessOfFit.kolmogorovSmirnov(xs, object.distribution, check: call.vm.checkInterruption)
            return record(["statistic": statistic, "p_value": p], call)
        },
        .fn("chi_square_test", "counts, probs: nil",
            """
            Pearson's chi-square test of whether counts come from probabilities (or numbers in proportion to them; equal unless given): \
            `statistic`, its degrees of freedom `df`, and `p_value`, the probability of a statistic at least as great by chance. Accurate \
            if at least about 5 of each outcome are expected.
            """,
            "chi_square_test([18, 22], [1, 1]).statistic  # => 0.4") { call in
            let counts = try call.doubles(0)
            guard counts.count >= 2 else { throw call.invalid(0, "a test needs the counts of at least two outcomes") }
            if let bad = counts.first(where: { !($0 >= 0 && $0.isFinite) }) {
                throw call.invalid(0, "counts must be finite numbers of at least 0, not \(bad)")
            }
            guard counts.contains(where: { $0 > 0 }) else { throw call.invalid(0, "all counts are 0: there is nothing to test") }
            let weights = call.isGiven(1) ? try call.weights(1) : counts.map { _ in 1 }
            guard weights.count == counts.count else {
                throw RuntimeError(.shape, "there are \(counts.count) counts and \(weights.count) probabilities", argument: 1)
            }
            guard weights.count(where: { $0 > 0 }) >= 2 else { throw call.invalid(1, "at least two probabilities must be positive") }
            let (statistic, freedom, p) = GoodnessOfFit.chiSquare(counts, weights: weights)
            let map = call.heap.map(capacity: 3)
            for (name, value) in [("statistic", Value.float(statistic)), ("df", .int(freedom)), ("p_value", .float(p))] {
                call.heap.set(name, to: value, in: map)
            }
            return .map(map)
        },
        .fn("ranks", "sequence: nil",
            """
            The rank of each number, from 1; equal numbers share the mean of their ranks. Without numbers, how many processes run this \
            script together: those that `mpirun` started, otherwise 1 (`rank` is the number of this process, see docs/scaling.md).
            """,
            "ranks([10, 30, 10])  # => [1.5, 3.0, 1.5]\nranks()  # => 1") { call in
            guard call.has(0) else { return .int(Ranks.all?.count ?? 1) }
            let xs = try call.ordered(0)
            guard !xs.contains(where: \.isNaN) else { throw call.invalid(0, "nan has no rank") }
            return try call.list(try Correlation.ranks(xs, check: call.vm.checkInterruption))
        },
        .fn("z_scores", "sequence", "How many standard deviations each number lies above the mean.",
            "z_scores([1, 2, 3])  # => [-1.0, 0.0, 1.0]") { call in
            guard let scores = Sample(try numbers(0, call, atLeast: 2)).zScores else {
                throw call.invalid(0, "numbers that are all the same have no z-scores")
            }
            return try call.list(scores)
        },
        .fn("moving_average", "sequence, window", "The mean of each run of `window` neighbours.",
            "moving_average([1, 2, 3, 6], 2)  # => [1.5, 2.5, 4.5]") { call in
            let xs = try call.doubles(0)
            let window = try call.int(1, atLeast: 1)
            guard window <= xs.count else { return try call.list([Double]()) }
            // A run is the end of one block of its length and the beginning of the next. Nothing is taken off, which would lose digits.
            var (heads, tails) = (xs, xs)
            for i in xs.indices where i % window > 0 { heads[i] += heads[i - 1] }
            for i in xs.indices.reversed() where i % window < window - 1 && i + 1 < xs.count { tails[i] += tails[i + 1] }
            var means: [Double] = []
            for start in 0...xs.count - window {
                let last = start + window - 1
                let sum = start % window == 0 ? heads[last] : tails[start] + heads[last]
                means.append(sum.isFinite ? sum / Double(window) : Sample(Array(xs[start...last])).mean)
                try call.vm.checkInterruption()
            }
            return try call.list(means)
        },
        .fn("histogram", "sequence, bins: 10, range: nil",
            """
            How many numbers fall into each of `bins` equal intervals, from the least to the greatest number or between the two ends in \
            `range`: a table of `low`, `high` and `count`. A number on a border belongs to the interval above it, the greatest to the \
            last. Infinite numbers and nan are left out, with a warning; numbers outside the `range` are left out without one.
            """,
            "histogram([1, 2, 2, 5], bins: 2).count  # => [3, 1]") { call in
            let all = try call.doubles(0)
            let xs = all.filter(\.isFinite)
            let bins = try call.int(1, atLeast: 1)
            guard bins <= 1 << 20 else { throw call.invalid(1, "'bins' goes up to \(1 << 20)") }
            let ends = call.isGiven(2) ? try call.doubles(2) : [xs.min() ?? .nan, xs.max() ?? .nan]
            guard ends.count == 2, ends[0] < ends[1] || (ends[0] == ends[1] && !call.isGiven(2)), ends[0].isFinite, ends[1].isFinite else {
                throw call.isGiven(2) ? call.invalid(2, "'range' must be two different finite numbers, the lower one first")
                    : call.invalid(0, "there are no finite numbers to count")
            }
            if xs.count < all.count {
                call.vm.emit(
                    .warning(
                    """
                    histogram: \(all.count - xs.count) of \(all.count) numbers \(all.count - xs.count == 1 ? "is" : "are") not finite and \
                    left out
                    """))
            }
            // Around a single number there is room for intervals above it, or below the greatest double.
            let room = max(1, ends[0].ulp)
            let bin = ends[0] < ends[1] ? EqualIntervals(ends[0], ends[1], count: bins)
                : (ends[0] + room).isFinite ? EqualIntervals(ends[0], ends[0] + room, count: bins)
                    : EqualIntervals(ends[0] - room, ends[0], count: bins)
            var counts = Array(repeating: 0, count: bins)
            for x in xs where x >= ends[0] && x <= ends[1] { counts[bin.position(of: x)] += 1 }
            let borders = (0...bins).map(bin.border)
            return call.object(TableObject(try Table(
                names: ["low", "high", "count"],
                columns: [Column(.floats(Array(borders.dropLast()))), Column(.floats(Array(borders.dropFirst()))), Column(.ints(counts))])))
        },
        .fn("cumsum", "sequence", "The sums of the first one, two, three… elements.", "cumsum([1, 2, 3])  # => [1, 3, 6]") { call in
            var sum = RunningSum(call.vm)
            func next(_ element: Value) throws -> Value {
                try sum.add(element)
                return try sum.value()
            }
            let elements = try call.sequence(0)
            let sums = try cumulative(elements, call, next)
            guard sum.isBeyondDoubles else { return sums }
            sum = RunningSum(call.vm, isWide: true)
            return try cumulative(elements, call, next)
        },
        .fn("cumprod", "sequence", "The products of the first one, two, three… elements.", "cumprod([1, 2, 3])  # => [1, 2, 6]") { call in
            var product = RunningProduct(call.vm)
            return try cumulative(call.sequence(0), call) {
                try product.multiply(by: $0)
                return try product.value()
            }
        },
        .fn("diff", "sequence", "The difference of each element from the one before.", "diff([1, 4, 9])  # => [3, 5]") { call in
            let elements = try call.sequence(0)
            return .list(
                try call.vm.list(0..<max(0, elements.count - 1)) { try call.vm.arithmetic(.subtract, elements[$0 + 1], elements[$0]) })
        },
    ]

    /// What `next` gives for the first element, then the second and so on.
    private static func cumulative(_ elements: ListRef, _ call: Call, _ next: (Value) throws -> Value) throws -> Value {
        .list(try call.vm.list(elements.indices) { try next(elements[$0]) })
    }

    /// A map of numbers under names.
    static func record(_ entries: KeyValuePairs<String, Double>, _ call: Call) -> Value {
        let map = call.heap.map(capacity: entries.count)
        for (name, number) in entries { call.heap.set(name, to: .float(number), in: map) }
        return .map(map)
    }

    /// That of the first argument, whose numbers these are. Where there are ints that doubles cannot tell apart, they are summed as ints.
    private static func mean(_ numbers: [Double], _ call: Call) throws -> Double {
        if [.list, .range].contains(call[0].tag), numbers.contains(where: { abs($0) >= 0x1p53 && $0.isFinite }) {
            let elements = try call.sequence(0, copies: false)
            var sum = RunningSum(call.vm)
            try call.vm.inParts(elements.count) { part in for i in part { try sum.add(elements[i]) } }
            if sum.float.isFinite { return sum.float / Double(numbers.count) }
        }
        return Sample(numbers).mean
    }

    private static func moments(_ call: Call) throws -> (any Moments)? {
        guard call[0].tag == .host else { return nil }
        return call[0].hostObject as? any Moments
    }

    /// A moment of a distribution; one of words has none.
    private static func moment(_ moment: Double?, _ call: Call) throws -> Value {
        guard let moment else { throw call.invalid(0, "the \(call.name) is not defined: the outcomes are not all numbers") }
        return .float(moment)
    }

    private static func vectors(_ call: Call) -> (any VectorDistribution)? {
        call[0].tag == .host ? (call[0].hostObject as? VectorDistributionObject)?.distribution : nil
    }

    private static func numbers(_ index: Int, _ call: Call, atLeast least: Int = 1) throws -> [Double] {
        let xs = try call.doubles(index)
        guard xs.count >= least else {
            throw call.invalid(index, "the \(call.name) of \(xs.isEmpty ? "no numbers" : "one number") is not defined")
        }
        return xs
    }

    static func pairs(_ call: Call, atLeast least: Int = 0) throws -> ([Double], [Double]) {
        let (xs, ys) = (try call.doubles(0), try call.doubles(1))
        try lengths(xs.count, ys.count, call, argument: 1)
        try Limit.askForWork(on: 2 * xs.count)
        guard xs.count >= least else {
            throw call.invalid(0, "\(call.name) needs at least \(least) pair\(least == 1 ? "" : "s") of numbers")
        }
        return (xs, ys)
    }

    /// Those of 'xs' and of another argument must be the same.
    private static func lengths(_ length: Int, _ other: Int, _ call: Call, argument: Int) throws {
        guard length == other else {
            let name = call.signature.parameters[argument].name
            throw RuntimeError(
                .shape, "'xs' has \(length) numbers and '\(name)' has \(other)", hint: "they must be of the same length",
                argument: argument)
        }
    }

    /// For each element a number that equal ones share.
    private static func groupNumbers(_ index: Int, _ call: Call) throws -> [Int] {
        let numbers = call.heap.map()
        call.protect(.map(numbers))
        return try call.sequence(index).map { element in
            try call.vm.checkInterruption()
            guard let hash = hashKey(element) else {
                throw RuntimeError(.type, "\(element.typePhrase) cannot be a group's label", argument: index)
            }
            let found = numbers.find(element, hash: hash)
            if found >= 0 { return found }
            call.heap.set(element, hash: hash, to: .nil, in: numbers)
            return numbers.entryCount - 1
        }
    }

    private static func correlation(_ call: Call, _ f: ([Double], [Double]) throws -> Double) throws -> Double {
        _ = try pairs(call)
        return try f(try call.ordered(0), try call.ordered(1))
    }
}
